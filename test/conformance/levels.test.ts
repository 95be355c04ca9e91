// Documents at every level, of a house with a past, under judges that we did not write.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileTemplate, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { judgedAt, type LongTermDocument, makeLongTermDocuments } from '../fixtures/long-term-documents.ts'
import {
  askDss,
  askPyhanko,
  askVerapdf,
  javaJudges,
  type Question,
  type Verdict,
  writeTrust,
} from '../support/judges.ts'
import { isMissing, judgesPython } from '../support/tools.ts'
import { madeUpLicence } from '../templates/made-up-licence.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-levels-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let documents: [name: string, document: LongTermDocument][]
let questions: Question[]

beforeAll(async () => {
  const compiled = compileTemplate(listTemplates()[0]!, await openFonts())
  const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
  const made = await makeLongTermDocuments(pdf)
  documents = Object.entries(made.documents)
  const crls = await made.house.crls(new Date('2026-06-15T00:00:00Z'))
  for (const [known, lists] of Object.entries({ lists: crls, nothing: [] })) {
    mkdirSync(join(folder, known))
    writeTrust(join(folder, known), [made.house.root], lists)
  }
  questions = documents.map(([, { bytes, known }], index) => {
    const file = join(folder, `${index}.pdf`)
    writeFileSync(file, bytes)
    return { file, trust: join(folder, known), at: judgedAt }
  })
})

const passed = (indication: string): boolean => indication.replace('TOTAL_', '') === 'PASSED'

/** Which documents pass, by name: every one of their signatures. */
const outcome = (verdicts: readonly Verdict[]) =>
  documents.map(([name], index) => [name, verdicts[index]!.signatures.every(({ indication }) => passed(indication))])
const expected = () => documents.map(([name, { passes }]) => [name, passes])
const instant = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`

describe.skipIf(isMissing(...javaJudges))('EU DSS', () => {
  let verdicts: Verdict[]
  beforeAll(() => {
    verdicts = askDss(questions)
  }, 300_000)

  it('passes what lasts, and nothing else', () => {
    expect(outcome(verdicts)).toEqual(expected())
  })

  it('reports the level of every seal', () => {
    const reported = documents.map(([name], index) => [
      name,
      ...new Set(verdicts[index]!.signatures.map((s) => s.level)),
    ])
    expect(reported).toEqual(documents.map(([name, { level }]) => [name, `PAdES-BASELINE-${level.slice(2)}`]))
  })

  it('takes the time stamp of the first seal for its time', () => {
    for (const [index, [name, { passes, bestSignatureTime }]] of documents.entries())
      if (passes) expect(verdicts[index]!.signatures[0]!.time, name).toBe(instant(bestSignatureTime))
  })

  it('has no warning of changes for a document that passes', () => {
    for (const [index, [name, { passes }]] of documents.entries()) {
      if (!passes) continue
      const warnings = verdicts[index]!.signatures.flatMap(({ warnings = [] }) => warnings)
      expect(
        warnings.filter((warning) => !warning.includes('access is not present')),
        name,
      ).toEqual([])
    }
  })
})

describe.skipIf(isMissing(judgesPython))('pyHanko', () => {
  it('passes what lasts, and nothing else', () => {
    const verdicts = askPyhanko(questions)
    expect(outcome(verdicts)).toEqual(expected())
    for (const { signatures } of verdicts) for (const { docMdpOk } of signatures) expect(docMdpOk).toBe(true)
  })
})

describe.skipIf(isMissing(...javaJudges))('veraPDF', () => {
  it('passes what was sealed, filled and stamped as PDF/A-3b', () => {
    const chosen = documents.flatMap(([name, { level }], index) =>
      level === 'B-LTA' || name.startsWith('three') ? [{ name, file: questions[index]!.file }] : [],
    )
    const verdicts = askVerapdf(
      '3b',
      chosen.map(({ file }) => file),
    )
    expect(chosen.map(({ name }, index) => [name, verdicts[index]!.failed])).toEqual(
      chosen.map(({ name }) => [name, []]),
    )
  })
})
