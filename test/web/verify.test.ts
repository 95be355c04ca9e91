import { describe, expect, it } from 'vitest'
import type { Outcome, VerificationReport } from '../../web/kit/api-types.ts'
import { looksLikePdf, statementFrom, statementOfPage, verdictTone } from '../../web/verify/verdict.ts'

const text = { zh: '词', en: 'word' }
const report = (
  verdict: VerificationReport['verdict'],
  seal: Outcome,
  licence: Outcome,
  issuer: Outcome,
): VerificationReport => ({
  verdict,
  reason: '',
  explanation: {
    word: text,
    sentence: text,
    answers: [
      { question: 'seal', outcome: seal, sentence: text },
      { question: 'licence', outcome: licence, sentence: text },
      { question: 'issuer', outcome: issuer, sentence: text },
    ],
  },
})

describe('verdictTone', () => {
  it('shows a genuine document of an ended licence unlike a forged one', () => {
    expect(verdictTone(report('refused', 'yes', 'no', 'yes'))).toBe('ended')
    expect(verdictTone(report('refused', 'yes', 'no', 'unknown'))).toBe('ended')
    expect(verdictTone(report('refused', 'no', 'yes', 'yes'))).toBe('forged')
  })

  it('shows a document of an issuer without entitlement as forged, whatever its seal', () => {
    expect(verdictTone(report('refused', 'yes', 'yes', 'no'))).toBe('forged')
    expect(verdictTone(report('refused', 'yes', 'no', 'no'))).toBe('forged')
  })

  it('never shows green but for an accepted document', () => {
    const outcomes: Outcome[] = ['yes', 'no', 'unknown']
    const all = outcomes.flatMap((s) => outcomes.flatMap((l) => outcomes.map((i) => [s, l, i] as const)))
    for (const verdict of ['refused', 'undecided'] as const) {
      expect(all.map(([s, l, i]) => verdictTone(report(verdict, s, l, i)))).not.toContain('genuine')
    }
    expect(verdictTone(report('accepted', 'yes', 'yes', 'yes'))).toBe('genuine')
  })

  it('shows what cannot be decided as unsure', () => {
    expect(verdictTone(report('undecided', 'yes', 'unknown', 'yes'))).toBe('unsure')
  })
})

describe('statementFrom', () => {
  const code = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGH'

  it('takes a statement in either case, broken over lines, or as a bare path', () => {
    expect(statementFrom(`HTTPS://EXAMPLE.CN/Q/${code}`)).toBe(`HTTPS://EXAMPLE.CN/Q/${code}`)
    expect(statementFrom(`https://example.cn/q/${code.slice(0, 20)}\n ${code.slice(20)} `)).toBe(
      `https://example.cn/q/${code}`,
    )
    expect(statementFrom(`/Q/${code}`)).toBe(`/Q/${code}`)
  })

  it('refuses other texts', () => {
    for (const other of [
      '',
      'https://example.cn/',
      `https://example.cn/Q/${code}?x`,
      '/Q/ABC',
      `/X/${code}`,
      `/Q/${code}1`,
    ]) {
      expect(statementFrom(other)).toBeUndefined()
    }
  })
})

describe('statementOfPage', () => {
  it('has the written form of a statement, whatever scheme led to the page, and asks about damaged ones too', () => {
    expect(statementOfPage({ host: 'localhost:8080', pathname: '/Q/ABC' })).toBe('https://localhost:8080/Q/ABC')
    expect(statementOfPage({ host: 'example.cn', pathname: '/verify' })).toBeUndefined()
  })
})

describe('looksLikePdf', () => {
  const bytes = (content: string) => new TextEncoder().encode(content)

  it('finds the header within the first kilobyte, as readers do', () => {
    expect(looksLikePdf(bytes('%PDF-1.7\n'))).toBe(true)
    expect(looksLikePdf(bytes(`${' '.repeat(900)}%PDF-1.4`))).toBe(true)
  })

  it('refuses pictures, empty files and headers further in', () => {
    expect([bytes(''), bytes('\x89PNG'), bytes(`${' '.repeat(1100)}%PDF-1.4`)].map(looksLikePdf)).toEqual([
      false,
      false,
      false,
    ])
  })
})
