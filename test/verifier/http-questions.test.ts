// What may be asked beside: in force at a day of the past, and is this the code of this very document.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createReportWriters } from '../../bin/report-writers.ts'
import { createFonts } from '../../templates/index.ts'
import { replayBundle } from '../../verifier/bundle/index.ts'
import type { EvidenceSource } from '../../verifier/index.ts'
import { serveVerifier, type VerifierServer, worldSource } from './http-server.ts'
import { claimsOf, fromNow, IDENTIFIER, licence, live, sealedLicence, statementText } from './world.ts'

const statement = statementText()
const bytes = await sealedLicence({ statement })
const other = statementText(claimsOf(licence({ salt: 'AQECAwQFBgcICQoLDA0ODw' })))
const suspended = {
  ...live(),
  status: 'suspended',
  history: [
    { status: 'in force', from: fromNow(-3_600_000).toISOString() },
    { status: 'suspended', from: fromNow(-600_000).toISOString() },
  ],
} as const
const source: EvidenceSource = { ...worldSource, licenceStatus: async () => suspended }
const THEN = fromNow(-1_800_000).toISOString()

let server: VerifierServer
beforeAll(async () => {
  server = await serveVerifier({
    source,
    limits: { burst: 1000 },
    writers: createReportWriters(createFonts(), undefined),
  })
})
afterAll(() => server.stop())

const form = (fields: Readonly<Record<string, string | Uint8Array>>): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') data.append(name, value)
    else data.append(name, new Blob([value as Uint8Array<ArrayBuffer>]), 'a.pdf')
  }
  return data
}

describe('inForceAt', () => {
  it('is asked of a PDF, of a form and of a QR text, and the answer says that it is not about now', async () => {
    const now = await (await server.post(bytes)).json()
    expect(now).toMatchObject({ verdict: 'refused', licence: { status: 'suspended' } })
    expect(now).not.toHaveProperty('question')
    const asked = [
      await server.post(bytes, {}, `?inForceAt=${THEN}`),
      await server.post(form({ file: bytes, inForceAt: THEN })),
      await server.post({ statement, inForceAt: THEN }),
    ]
    for (const response of asked) {
      expect(response.status).toBe(200)
      const report = await response.json()
      expect(report).toMatchObject({
        verdict: 'accepted',
        question: { inForceAt: THEN },
        licence: { identifier: IDENTIFIER, status: 'in force', asOf: THEN },
        explanation: { word: { zh: '真实，所问时间有效', en: 'Genuine, in force at the time asked' } },
      })
      expect(report.reason).toContain('at the time asked about')
      expect(report.findings.map(({ code }: { code: string }) => code)).toContain('STATUS_CHANGED_SINCE')
    }
  })

  it('goes into the items of a batch of texts, each its own', async () => {
    const items = [{ statement, inForceAt: THEN }, { statement }]
    const results = await server.results(await server.post({ items }))
    expect(results.map(({ report }) => report.verdict)).toEqual(['accepted', 'refused'])
  })

  it.each([
    ['that is no time', { statement, inForceAt: 'yesterday' }, '', 'REQUEST_INVALID'],
    ['without a zone', { statement, inForceAt: '2026-11-20T08:00:00' }, '', 'REQUEST_INVALID'],
    ['of a digest', { sealedDigest: 'ab'.repeat(32), inForceAt: THEN }, '', 'REQUEST_INVALID'],
    ['in the query beside JSON', { statement }, `?inForceAt=${THEN}`, 'VERIFICATION_QUESTION_INVALID'],
  ])('%s is refused', async (_, body, query, code) => {
    const response = await server.post(body, {}, query)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code })
  })
})

describe('scannedStatement', () => {
  const ask = async (text: string) =>
    (await server.post(form({ file: bytes, inForceAt: THEN, scannedStatement: text }))).json()

  it('must be the code of the document beside it', async () => {
    expect(await ask(statement)).toMatchObject({ verdict: 'accepted', question: { scannedStatement: statement } })
    const refused = await ask(other)
    expect(refused).toMatchObject({ verdict: 'refused', question: { scannedStatement: other } })
    expect(refused.findings.map(({ code }: { code: string }) => code)).toContain('STATEMENT_DISAGREES')
  })

  it.each([
    ['two documents', { file: bytes, statement, scannedStatement: statement }],
    ['a text', { statement, scannedStatement: statement }],
    ['a text that is too long', { file: bytes, scannedStatement: 'A'.repeat(5000) }],
    ['a time that is none', { file: bytes, scannedStatement: statement, inForceAt: '2026-02-31T00:00:00Z' }],
  ])('is refused beside %s', async (_, fields) => {
    const response = await server.post(form(fields))
    expect(response.status).toBe(422)
    expect((await response.json()).code).toMatch(/^VERIFICATION_(QUESTION|BATCH)_INVALID$/)
  })

  it('asked twice is refused', async () => {
    const twice = form({ file: bytes, scannedStatement: statement })
    twice.append('scannedStatement', other)
    expect(await (await server.post(twice)).json()).toMatchObject({ code: 'VERIFICATION_QUESTION_INVALID' })
  })
})

describe('a bundle', () => {
  it('holds what was asked beside, and judges it again', async () => {
    const fields = { file: bytes, inForceAt: THEN, scannedStatement: statement }
    const response = await server.post(form(fields), {}, '?format=bundle')
    const bundle = new Uint8Array(await response.arrayBuffer())
    const { report, same, differences } = await replayBundle(bundle)
    expect(differences).toEqual([])
    expect(same).toBe(true)
    expect(report).toMatchObject({
      verdict: 'accepted',
      question: { inForceAt: THEN, scannedStatement: statement },
      licence: { status: 'in force' },
    })
  })
})
