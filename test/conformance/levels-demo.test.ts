// The demonstration's own licences at every level under judges that we did not write, now and when the seal has long expired.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { x509 } from '../../pki/index.ts'
import { listTemplates } from '../../templates/index.ts'
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
/** Judged a day after the seal's certificate ended, with nothing known but the root. */
let later: Question[]

beforeAll(() => {
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
const all = <T>(value: T): T[] => listTemplates().map(() => value)

describe.skipIf(isMissing(...javaJudges))('EU DSS', () => {
  it('reports the level of every demo licence and passes it', () => {
    const verdicts = askDss(now)
    expect(perLevel(verdicts, indication)).toEqual(Object.fromEntries(levels.map((level) => [level, all('PASSED')])))
    expect(perLevel(verdicts, ({ signatures }) => signatures[0]!.level)).toEqual(
      Object.fromEntries(levels.map((level) => [level, all(`PAdES-BASELINE-${level.slice(2)}`)])),
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
    expect(perLevel(askPyhanko(now), indication)).toEqual(
      Object.fromEntries(levels.map((level) => [level, all('PASSED')])),
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
  it('passes every demo licence at B-LTA as PDF/A-3b', () => {
    const failed = askVerapdf('3b', pdfsAt('B-LTA')).flatMap((verdict) => verdict.failed)
    expect(failed).toEqual([])
  })
})
