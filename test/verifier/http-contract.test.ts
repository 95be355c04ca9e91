import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { createReportWriters } from '../../bin/report-writers.ts'
import { createFonts } from '../../templates/index.ts'
import { digestSchema, jobSchema, reportSchema } from '../../verifier/http/report-schema.ts'
import { serveVerifier, type VerifierServer, worldSource } from './http-server.ts'
import { IDENTIFIER, page, sealedLicence, statementText } from './world.ts'

const bytes = await sealedLicence()
const statement = statementText()
const sealedDigest = 'ab'.repeat(32)
const licenceStatus = async () => ({
  identifier: IDENTIFIER,
  status: 'in force' as const,
  asOf: '2026-11-21T08:00:00Z',
  sealedDigest,
})

let server: VerifierServer
let withoutRegister: VerifierServer
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
let api: any
beforeAll(async () => {
  const writers = createReportWriters(createFonts(), undefined)
  server = await serveVerifier({ writers, source: { ...worldSource, licenceStatus } })
  withoutRegister = await serveVerifier({ writers })
  api = await (await server.get('/openapi.json')).json()
})
afterAll(() => Promise.all([server.stop(), withoutRegister.stop()]))

const fits = (schema: z.ZodType, value: unknown) => {
  const result = schema.safeParse(value)
  expect(result.error?.issues ?? []).toEqual([])
}

describe('the description of the API', () => {
  it('names every way to send something, every answer and every problem', () => {
    const { post } = api.paths['/api/verifications']
    expect(Object.keys(post.requestBody.content).sort()).toEqual([
      'application/json',
      'application/octet-stream',
      'application/pdf',
      'multipart/form-data',
    ])
    expect(Object.keys(post.responses)).toEqual(['200', '202', 'default'])
    expect(post.parameters).toMatchObject([
      { name: 'format', in: 'query' },
      { name: 'inForceAt', in: 'query' },
    ])
    expect(post['x-problems']).toEqual(expect.arrayContaining(['VERIFICATION_BUSY', 'VERIFICATION_QUOTA_SPENT']))
    const body = post.requestBody.content['application/json'].schema
    expect(Object.keys(body.properties)).toEqual(['statement', 'sealedDigest', 'identifier', 'inForceAt', 'items'])
    expect(body.properties.items).toMatchObject({ minItems: 1, maxItems: 1000 })
    expect(Object.keys(api.paths['/api/verifications/{id}'])).toEqual(['get', 'delete'])
  })

  it('is kept by the answers about documents, statements, digests and batches', async () => {
    for (const document of [bytes, await page(), new TextEncoder().encode('no pdf'), bytes.slice(0, 900)])
      fits(reportSchema, await (await server.post(document)).json())
    for (const text of [statement, 'nonsense'])
      fits(reportSchema, await (await server.post({ statement: text })).json())
    for (const digest of [sealedDigest, 'cd'.repeat(32)])
      fits(digestSchema, await (await server.post({ sealedDigest: digest, identifier: IDENTIFIER })).json())
    const accepted = await server.post({
      items: [{ statement }, { sealedDigest, identifier: IDENTIFIER }, { sealedDigest }],
    })
    const path = accepted.headers.get('location')!
    const results = await server.results(accepted)
    expect(results.map((result) => result.report?.verdict ?? result.problem.code)).toEqual([
      expect.any(String),
      'accepted',
      'VERIFICATION_REGISTER_UNAVAILABLE',
    ])
    fits(jobSchema, await (await server.get(path)).json())
  })
})

describe('a report', () => {
  it.each([
    ['html', 'text/html; charset=utf-8', '<!doctype html'],
    ['pdf', 'application/pdf', '%PDF-'],
    ['xml', 'application/xml; charset=utf-8', '<?xml'],
    ['bundle', 'application/json; charset=utf-8', '{'],
  ])('comes as %s, named in the query', async (format, type, begin) => {
    for (const body of [bytes, { statement }]) {
      const answer = await withoutRegister.post(body, {}, `?format=${format}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type])
      expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="verification\./)
      expect((await answer.text()).toLowerCase().startsWith(begin.toLowerCase())).toBe(true)
    }
  })

  it('comes by what Accept names first, and as JSON to whoever takes anything', async () => {
    const typeFor = async (accept: string) => (await server.post({ statement }, { accept })).headers.get('content-type')
    expect(await typeFor('text/html,application/xhtml+xml;q=0.9')).toBe('text/html; charset=utf-8')
    expect(await typeFor('image/png, application/pdf;q=0.1')).toBe('application/pdf')
    for (const any of ['*/*', 'application/json, text/plain', 'image/png', 'constructor, __proto__'])
      expect(await typeFor(any)).toBe('application/json; charset=utf-8')
  })

  it('does not come in a format that the server does not write, nor a batch in any but JSON', async () => {
    const codeOf = async (body: unknown, query: string) => {
      const answer = await server.post(body, {}, query)
      return [answer.status, (await answer.json()).code]
    }
    expect(await codeOf({ statement }, '?format=receipt')).toEqual([406, 'VERIFICATION_FORMAT_UNAVAILABLE'])
    expect(await codeOf({ items: [{ statement }] }, '?format=pdf')).toEqual([406, 'VERIFICATION_FORMAT_UNAVAILABLE'])
    expect(await codeOf({ statement }, '?format=docx')).toEqual([422, 'REQUEST_INVALID'])
    expect(await codeOf({ statement }, '?more=1')).toEqual([422, 'REQUEST_INVALID'])
  })
})
