// Our reports before readers that we did not write: the XML of TS 119 102-2 before EU DSS, the PDF before veraPDF.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFonts } from '../../templates/index.ts'
import { renderReportXml } from '../../verifier/formats/index.ts'
import { renderReportPdf } from '../../verifier/http/index.ts'
import { askAboutReports, javaJudges } from '../support/judges.ts'
import { isMissing } from '../support/tools.ts'
import { facts, reports } from '../verifier/made-reports.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-reports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(isMissing(...javaJudges))('readers that we did not write', () => {
  let answers: ReturnType<typeof askAboutReports>
  beforeAll(() => {
    const fonts = createFonts()
    const write = (name: string, content: Uint8Array | string): string => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const xml = reports.map(([, report], index) => write(`${index}.xml`, renderReportXml(report, facts)))
    const broken = write('broken.xml', renderReportXml(reports[0]![1], facts).replaceAll('MainIndication', 'Verdict'))
    const pdf = reports.map(([, report], index) => write(`${index}.pdf`, renderReportPdf(report, facts, fonts)))
    answers = askAboutReports([...xml, broken], pdf, '2b')
  }, 300_000)

  it.each(reports.map(([name], index) => [name, index] as const))('EU DSS reads the XML report of %s', (_, index) => {
    const report = reports[index]![1]
    const { refused, reports: read, objects } = answers.xml[index]!
    expect(refused).toBeUndefined()
    const signatures = 'signatures' in report ? report.signatures : []
    const seals = signatures.filter(({ type }) => type === 'signature')
    expect(objects).toBe(signatures.length - seals.length)
    if (seals.length > 0)
      expect(read).toEqual(
        seals.map(({ indication, subIndication }) => ({
          indication: indication.replace('-', '_'),
          subIndications: subIndication === null ? [] : [subIndication],
        })),
      )
    else expect(read).toHaveLength(1)
  })

  it('EU DSS refuses what is no such report', () => {
    expect(answers.xml.at(-1)!.refused).toContain('Verdict')
  })

  it.each(reports.map(([name], index) => [name, index] as const))(
    'veraPDF takes the printed report of %s for PDF/A-2b',
    (_, index) => {
      expect(answers.pdf[index]).toMatchObject({ conformant: true, failed: [] })
    },
  )
})
