// The report for reading and filing: HTML, PDF and TS 119 102-2 XML. What others wrote is content and never markup.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFonts } from '../../templates/index.ts'
import { outlineReport, renderReportHtml, renderReportXml } from '../../verifier/formats/index.ts'
import { renderReportPdf } from '../../verifier/http/index.ts'
import type { VerificationReport } from '../../verifier/index.ts'
import { isMissing, run } from '../support/tools.ts'
import { accepted, facts, hostile, reports } from './made-reports.ts'
import { sealedLicence, verify } from './world.ts'

const fonts = createFonts()

describe('renderReportHtml', () => {
  it.each(reports)('makes one page of %s that loads and runs nothing', (_what, report) => {
    const html = renderReportHtml(report, facts)
    expect(renderReportHtml(report, facts)).toBe(html)
    expect(html).toMatch(/^<!doctype html>\n<html lang="zh-CN">/)
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/<(script|img|link|iframe|object|embed|form|a|svg)\b/i)
    expect(html).not.toMatch(/\s(on\w+|src|href|style)=/i)
    expect(html).not.toContain('url(')
    const tags = [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name)
    const ours =
      'html head meta title style body main header h1 h2 p bdi span div strong section table tbody tr th td footer doctype'
    expect(new Set(tags)).toEqual(new Set(tags.filter((name) => ours.split(' ').includes(name!))))
  })

  it('says everything in both languages, with headings that name their tables', () => {
    const html = renderReportHtml(accepted, facts)
    for (const told of ['真实有效', 'Genuine, in force', '印章是否真实', 'Is the seal genuine?', facts.subjectDigest]) {
      expect(html).toContain(told)
    }
    const ids = [...html.matchAll(/aria-labelledby="(s\d+)"/g)].map(([, id]) => id!)
    for (const id of ids) expect(html).toContain(`<h2 id="${id}">`)
    expect(ids.length).toBeGreaterThan(4)
  })

  it('shows hostile words as words, on one line, without what turns the text around', () => {
    const html = renderReportHtml(hostile, facts)
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;')
    for (const unseen of ['\u202e', '\u0000', '\u0007']) expect(html).not.toContain(unseen)
    expect(html.isWellFormed()).toBe(true)
  })

  it('stays readable for ten thousand seals', () => {
    const many = { ...accepted, signatures: Array.from({ length: 10_000 }, () => accepted.signatures[0]!) }
    const html = renderReportHtml(many, facts)
    expect(html.length).toBeLessThan(1_000_000)
    expect(html).toContain('9900 more, see the JSON report')
  })
})

/** Reads the XML that is written here: elements, quoted attributes, the five entities. Throws where it is not well-formed. */
function readElements(xml: string): string[] {
  const names: string[] = []
  const open: string[] = []
  const rest = xml
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
    .replace(
      /<(\/?)([A-Za-z]+:[A-Za-z0-9]+)((?: [\w:]+="[^"<>]*")*)(\/?)>/g,
      (_, closes: string, name: string, _attributes: string, isEmpty: string) => {
        if (closes) expect(open.pop()).toBe(name)
        else {
          names.push(name)
          if (!isEmpty) open.push(name)
        }
        return ''
      },
    )
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#39);)/)
  expect(rest.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\ufffe\uffff]/u)
  return names
}

describe('renderReportXml', () => {
  it.each(reports)('is well-formed for %s, whatever was written into it', (_what, report) => {
    const xml = renderReportXml(report, facts)
    const names = readElements(xml)
    const seals = 'signatures' in report ? report.signatures.filter(({ type }) => type === 'signature').length : 0
    expect(names.filter((name) => name === 'vr:SignatureValidationReport')).toHaveLength(Math.max(1, seals))
    expect(xml.isWellFormed()).toBe(true)
  })

  it('says the indication in the URNs of the standard', async () => {
    const changed = Uint8Array.from(await sealedLicence())
    changed[changed.length >> 2]! ^= 1
    const failed = await verify(changed)
    expect(renderReportXml(accepted)).toContain('>urn:etsi:019102:mainindication:total-passed<')
    expect(renderReportXml(failed)).toContain(
      `>urn:etsi:019102:mainindication:${failed.indication.toLowerCase()}</vr:MainIndication><vr:SubIndication>urn:etsi:019102:subindication:${failed.subIndication}<`,
    )
  })

  it('names a signing time only where it is one', () => {
    expect(renderReportXml(accepted)).toContain('<vr:SigningTime>')
    expect(renderReportXml(hostile)).not.toContain('<vr:SigningTime>')
  })
})

describe('a report as people read it', () => {
  const rowsOf = (report: VerificationReport) => outlineReport(report, facts).sections.flatMap(({ rows }) => rows)
  const told = (report: VerificationReport, label: string) =>
    rowsOf(report).find((row) => row.label.en === label)?.value

  it('tells status, changes and levels in both languages', () => {
    const [seal] = accepted.signatures
    const change = {
      verdict: 'permitted' as const,
      kind: 'evidence-added',
      object: null,
      page: null,
      rect: null,
      detail: 'A DSS.',
    }
    const report: VerificationReport = {
      ...accepted,
      licence: { ...accepted.licence!, status: 'superseded' },
      signatures: [{ ...seal!, level: 'not-pades', changes: [change] }],
    }
    expect(told(report, 'Status')).toMatchObject({ zh: '已换发新证', en: 'superseded' })
    expect(told(report, 'Change')).toEqual({ zh: '加了长期验证资料', en: 'A DSS.' })
    expect(told(report, 'Level')).toEqual({ zh: '不属于 PAdES', en: 'not a PAdES seal' })
  })

  it('has one clock in its rows, that of Beijing, and leaves alone what is no time', () => {
    const report = { ...accepted, validationTime: '2026-11-23T00:49:27.203Z' }
    expect(told(report, 'As of')).toBe('2026-11-23T08:49:27+08:00')
    const signatures = [{ ...accepted.signatures[0]!, claimedSigningTime: 'yesterday' }]
    expect(told({ ...report, signatures }, 'Claimed time')).toBe('yesterday')
  })
})

describe('a report of which others made the words', () => {
  it('is set as far as it is short, and the rest is counted', () => {
    const long = '\ue000'.repeat(1000)
    const [finding] = accepted.findings
    const report: VerificationReport = {
      ...accepted,
      findings: Array.from({ length: 300 }, () => ({ ...finding!, message: { zh: long, en: long } })),
      signatures: Array.from({ length: 80 }, () => ({ ...accepted.signatures[0]!, field: long, signedBy: long })),
    }
    const html = renderReportHtml(report, facts)
    expect(html.length).toBeLessThan(400_000)
    expect(html).toContain('270 more, see the JSON report')
    expect(html).toContain('其余签章')
    expect(html).toContain('What it rests on')
  })
})

describe('renderReportPdf', () => {
  it.each(reports)('draws %s, the same bytes each time', (_what, report) => {
    const pdf = renderReportPdf(report, facts, fonts)
    expect(renderReportPdf(report, facts, fonts)).toEqual(pdf)
    expect(new TextDecoder('latin1').decode(pdf.subarray(0, 8))).toBe('%PDF-1.7')
    expect(new TextDecoder('latin1').decode(pdf)).not.toMatch(
      /\/(JavaScript|JS|OpenAction|AA|URI|Launch|EmbeddedFile)\b/,
    )
  })

  it.skipIf(isMissing('pdftotext'))('holds its words as text, and names the characters that no face has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhengyin-report-'))
    try {
      const file = join(folder, 'report.pdf')
      writeFileSync(file, renderReportPdf(hostile, facts, fonts))
      const { stdout } = run('pdftotext', ['-layout', file, '-'])
      for (const told of ['电子证照核验报告', '真实有效 Genuine, in force', '[U+1F600]', '逐项检查'])
        expect(stdout).toContain(told)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
