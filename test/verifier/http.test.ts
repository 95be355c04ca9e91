import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { createVerifierRoutes } from '../../verifier/http/index.ts'
import type { EvidenceSource, StatementVerification, VerificationReport } from '../../verifier/index.ts'
import { evidence, IDENTIFIER, NOW, page, policy, sealedLicence, statementText } from './world.ts'

const good = await evidence()
const bytes = await sealedLicence()
const logLines: string[] = []
const source: EvidenceSource = {
  crls: async () => good.crls,
  trustList: async () => good.trustList,
  statusList: async (address) => good.statusLists.get(address) ?? null,
  licenceStatus: async () => null,
}

const serve = (limits: object, from = source): Promise<Listening> => {
  const routes = createVerifierRoutes({ policy, source: from, clock: { now: () => NOW }, ids: systemIds, limits })
  const log = createLog({ level: 'debug', write: (line: string) => logLines.push(line) })
  const app = createApp({ routeSets: [routes], ids: systemIds, log, baseUrl: 'http://127.0.0.1', isProduction: false })
  return listen(app, { host: '127.0.0.1', port: 0 })
}

let server: Listening
beforeAll(async () => {
  server = await serve({ burst: 1000 })
})
afterAll(() => server.stop())

const post = (url: string, body: string | Uint8Array, type: string) =>
  fetch(`${url}/api/verifications`, { method: 'POST', body: body as BodyInit, headers: { 'content-type': type } })

describe('POST /api/verifications', () => {
  it('answers a PDF with its report', async () => {
    const response = await post(server.url, bytes, 'application/pdf')
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect((await response.json()) as VerificationReport).toMatchObject({
      verdict: 'accepted',
      licence: { identifier: IDENTIFIER },
    })
  })

  it('answers the text of a QR code with its report', async () => {
    const response = await post(server.url, JSON.stringify({ statement: statementText() }), 'application/json')
    expect((await response.json()) as StatementVerification).toMatchObject({
      verdict: 'accepted',
      identifier: IDENTIFIER,
      status: 'in force',
    })
  })

  it('answers 200 for any bad document: it is a verdict', async () => {
    const verdicts = []
    for (const body of [new TextEncoder().encode('no pdf'), bytes.slice(0, 500), await page()]) {
      const response = await post(server.url, body, 'application/pdf')
      expect(response.status).toBe(200)
      verdicts.push(((await response.json()) as VerificationReport).verdict)
    }
    expect(verdicts).toEqual(['refused', 'refused', 'undecided'])
  })

  it.each([
    ['no JSON', '{', 'application/json', 400, 'REQUEST_BODY_NOT_JSON'],
    ['JSON of another shape', '{"statement":1}', 'application/json', 422, 'REQUEST_INVALID'],
    ['an unknown member', '{"statement":"x","more":1}', 'application/json', 422, 'REQUEST_INVALID'],
    ['a text without end', JSON.stringify({ statement: 'A'.repeat(5000) }), 'application/json', 422, 'REQUEST_INVALID'],
    ['another media type', 'x', 'text/html', 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED'],
  ])('refuses %s', async (_, body, type, status, code) => {
    const response = await post(server.url, body, type)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code })
  })

  it('throttles an address that asks too often', async () => {
    const throttled = await serve({ burst: 3, perSecond: 0.1 })
    const statuses = []
    for (let i = 0; i < 5; i++)
      statuses.push((await post(throttled.url, '{"statement":"x"}', 'application/json')).status)
    await throttled.stop()
    expect(statuses).toEqual([200, 200, 200, 429, 429])
  })

  it('lets whoever sends documents that take long send the less', async () => {
    const costly = await serve({ burst: 8, perSecond: 0.001, paidMs: 0 })
    const fields = Array.from({ length: 60_000 }, (_, i) => `${4 + i} 0 R`).join(' ')
    const objects = [
      `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${fields}] >> >>`,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      '<< /Type /Page /Parent 2 0 R >>',
      ...Array.from({ length: 60_000 }, (_, i) => `<< /T (k${i}) /FT /Sig >>`),
    ]
    let text = '%PDF-1.7\n'
    const offsets = objects.map((object, i) => {
      const at = text.length
      text += `${i + 1} 0 obj\n${object}\nendobj\n`
      return `${String(at).padStart(10, '0')} 00000 n \n`
    })
    const table = `xref\n1 ${objects.length}\n${offsets.join('')}trailer\n<< /Root 1 0 R >>\n`
    const slow = new TextEncoder().encode(`${text}${table}startxref\n${text.length}\n%%EOF\n`)
    expect((await post(costly.url, slow, 'application/pdf')).status).toBe(200)
    const statuses: number[] = []
    for (let i = 0; i < 8; i++) statuses.push((await post(costly.url, '{"statement":"x"}', 'application/json')).status)
    await costly.stop()
    expect(statuses.at(-1)).toBe(429)
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(7)
  })

  it('says when too many are under way', async () => {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const busy = await serve({ concurrent: 1, waiting: 0, burst: 100 }, { ...source, trustList: () => promise })
    const first = post(busy.url, JSON.stringify({ statement: statementText() }), 'application/json')
    const late = Array.from({ length: 10 }, () => post(busy.url, bytes, 'application/pdf'))
    const statuses = await Promise.all(late.map(async (response) => (await response).status))
    resolve(good.trustList)
    expect([...statuses, (await first).status].filter((status) => status === 200)).toHaveLength(1)
    expect(statuses).toContain(503)
    await busy.stop()
  })

  it('logs neither statements nor names', () => {
    expect(logLines.length).toBeGreaterThan(0)
    const logged = logLines.join('\n')
    for (const secret of [statementText().slice(40, 80), '张', 'MA2AXXXX']) expect(logged).not.toContain(secret)
  })
})
