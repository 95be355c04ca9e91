// The demonstration's own licences at every level, now and when the seal has long expired, and copies for one purpose under judges that we did not write.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { x509 } from '../../pki/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { makeCopies } from '../fixtures/copies.ts'
import { askDss, askPyhanko, askVerapdf, javaJudges, type Question, type Verdict } from '../support/judges.ts'
import { isMissing, judgesPython, run } from '../support/tools.ts'

const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const
const out = mkdtempSync(join(tmpdir(), 'zhengyin-demo-levels-'))
afterAll(() => rmSync(out, { recursive: true, force: true }))

const pdfsAt = (level: string): string[] =>
  readdirSync(join(out, level))
    .filter((name) => name.endsWith('.pdf'))
    .map((name) => join(out, level, name))

let now: Question[]
let copies: Awaited<ReturnType<typeof makeCopies>>
/** Judged a day after the seal's certificate ended, with nothing known but the root. */
let later: Question[]

beforeAll(async () => {
  copies = await makeCopies(join(out, 'copies'))
  for (const level of levels) {
    const demo = run(process.execPath, ['bin/zhengyin.ts', 'demo', '--level', level, '--out', join(out, level)])
    expect(demo.status, demo.output).toBe(0)
  }
  const questions = (trust: string, at: Date) =>
    levels.flatMap((level) => pdfsAt(level).map((file) => ({ file, trust: join(out, level, trust), at })))
  now = questions('trust', new Date())
  for (const level of levels) {
    mkdirSync(join(out, level, 'root'))
    for (const name of readdirSync(join(out, level, 'trust')))
      if (name.endsWith('.pem')) copyFileSync(join(out, level, 'trust', name), join(out, level, 'root', name))
  }
  later = questions('root', new Date(endOfSeal(pdfsAt('B-LT')[0]!).getTime() + 86_400_000))
}, 600_000)

/** notAfter of the certificate that lives shortest among those of the seal. */
function endOfSeal(file: string): Date {
  const pdf = readSignedPdf(new Uint8Array(readFileSync(file)))
  const certificates = pdf.ok ? (pdf.validationData()?.certificates ?? []) : []
  return new Date(Math.min(...certificates.map((der) => x509.parseCertificate(der).notAfter.getTime())))
}

const perLevel = <T>(verdicts: readonly Verdict[], what: (verdict: Verdict) => T): Record<string, T[]> => {
  const count = listTemplates().length
  return Object.fromEntries(
    levels.map((level, index) => [level, verdicts.slice(index * count, (index + 1) * count).map(what)]),
  )
}
const indication = ({ signatures }: Verdict): string => signatures[0]!.indication.replace('TOTAL_', '')
const copyQuestions = () => copies.map(({ question }) => question)
/** Name by name, what each copy came to. */
const perCopy = <T>(verdicts: readonly Verdict[], what: (verdict: Verdict) => T): [string, T][] =>
  copies.map(({ name }, index) => [name, what(verdicts.slice(-copies.length)[index]!)])
const allCopies = <T>(value: T): [string, T][] => copies.map(({ name }) => [name, value])
const all = <T>(value: T): T[] => listTemplates().map(() => value)

describe.skipIf(isMissing(...javaJudges))('EU DSS', () => {
  it('reports the level of every demo licence and every copy, and passes it', () => {
    const verdicts = askDss([...now, ...copyQuestions()])
    expect(perLevel(verdicts, indication)).toEqual(Object.fromEntries(levels.map((level) => [level, all('PASSED')])))
    expect(perLevel(verdicts, ({ signatures }) => signatures[0]!.level)).toEqual(
      Object.fromEntries(levels.map((level) => [level, all(`PAdES-BASELINE-${level.slice(2)}`)])),
    )
    expect(perCopy(verdicts, (verdict) => [indication(verdict), verdict.signatures[0]!.level])).toEqual(
      allCopies(['PASSED', 'PAdES-BASELINE-LT']),
    )
  })

  it('passes B-LT and B-LTA when the seal has expired and only the root is known, and neither B-B nor B-T', () => {
    expect(perLevel(askDss(later), indication)).toEqual({
      'B-B': all('INDETERMINATE'),
      'B-T': all('INDETERMINATE'),
      'B-LT': all('PASSED'),
      'B-LTA': all('PASSED'),
    })
  })
})

describe.skipIf(isMissing(judgesPython))('pyHanko', () => {
  it('agrees, now and when the seal has expired', () => {
    const verdicts = askPyhanko([...now, ...copyQuestions()])
    expect(perLevel(verdicts, indication)).toEqual(Object.fromEntries(levels.map((level) => [level, all('PASSED')])))
    expect(perCopy(verdicts, (verdict) => [indication(verdict), verdict.signatures[0]!.docMdpOk])).toEqual(
      allCopies(['PASSED', true]),
    )
    expect(perLevel(askPyhanko(later), indication)).toEqual({
      'B-B': all('INDETERMINATE'),
      'B-T': all('INDETERMINATE'),
      'B-LT': all('PASSED'),
      'B-LTA': all('PASSED'),
    })
  })
})

describe.skipIf(isMissing(...javaJudges))('veraPDF', () => {
  it('passes every demo licence at B-LTA and every copy as PDF/A-3b', () => {
    const files = [...pdfsAt('B-LTA'), ...copyQuestions().map(({ file }) => file)]
    const verdicts = askVerapdf('3b', files)
    expect(verdicts.map(({ file }) => file)).toEqual(files)
    expect(verdicts.flatMap(({ failed }) => failed)).toEqual([])
    expect(verdicts.every(({ conformant }) => conformant)).toBe(true)
  })
})

describe.skipIf(isMissing('qpdf', 'pdfsig', 'mutool'))('qpdf, mutool and poppler', () => {
  it('find every copy sound, its signature valid, and nothing changed since', () => {
    for (const { name, question } of copies) {
      const { file } = question
      expect(run('qpdf', ['--check', file]).stdout, name).toContain('No syntax or stream encoding errors')
      const { stdout } = run('pdfsig', ['-nocert', file])
      expect(stdout, name).toContain('Signature is Valid')
      expect(stdout, name).not.toMatch(/Invalid|Digest Mismatch/)
      expect(run('mutool', ['sign', '-v', file]).output, name).not.toMatch(/digest does not match|modified/i)
    }
  })

  it('find the marks of the copy in the pages of every one, and the purpose in its embedded data', () => {
    for (const { name, question } of copies) {
      const { stdout } = run('qpdf', ['--qdf', '--object-streams=disable', question.file, '-'])
      const pages = stdout.match(/\/Type \/Page\b/g)!.length
      expect(stdout.match(/\/CM gs/g)?.length, name).toBe(pages)
      expect(stdout, name).toContain('办理食品经营许可，仅此一次（𬸚、·、Ångström）')
    }
  })
})
