// A clerk at the counter of a running house who sends good and bad input, and what every answer to bad input must be.
import { expect } from 'vitest'
import {
  businessLicence,
  exampleOf,
  marriageCertificate,
  type Reply,
  type RunningHouse,
  type Send,
} from './running-house.ts'

/** Texts of made-up people that were sent; none may turn up in a problem or in the log. */
const personal = new Set<string>()

/** Valid data of a made-up holder with changes. */
export function holderData(changes: Record<string, unknown> = {}, typeCode = marriageCertificate) {
  const data = { ...exampleOf(typeCode), ...changes }
  for (const [name, value] of Object.entries(data))
    if (/name|idnumber|address/i.test(name) && typeof value === 'string' && value.length > 2)
      personal.add(value.slice(0, 40))
  return data
}

let keys = 0
export const newKey = () => `desk-${++keys}`

/** Asks the department that issues the type for a licence. */
export function mint(running: RunningHouse, data: unknown, options: Send & { typeCode?: string } = {}): Promise<Reply> {
  const { typeCode = marriageCertificate, ...rest } = options
  const stem = typeCode === businessLicence ? 'market' : typeCode === marriageCertificate ? 'civil' : 'land'
  return running.call('/api/licences', {
    key: running.issuers[stem],
    once: newKey(),
    body: { typeCode, data },
    ...rest,
  })
}

/** A problem as RFC 9457 wants it, without stack and without a word of a holder. */
export function expectProblem(reply: Reply, status: number, code: string): void {
  expect({ status: reply.status, code: reply.json?.code }).toEqual({ status, code })
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(reply.json.type).toBe(`http://licences.example.test/problems/${code.toLowerCase().replaceAll('_', '-')}`)
  expect(reply.json.status).toBe(status)
  expect(reply.json.instance).toMatch(/^urn:uuid:/)
  expect(reply.json.title).toMatch(/^[A-Z][^\n]{3,100}$/)
  expect(reply.text).not.toMatch(/\n\s+at |node_modules|\.ts:\d/)
  for (const text of personal) expect(reply.text).not.toContain(text)
}

/** Faults as `pointer code`, sorted. */
export const faultsOf = ({ json }: Reply): string[] =>
  ((json.errors ?? []) as { pointer: string; code: string }[]).map(({ pointer, code }) => `${pointer} ${code}`).sort()

/** Nothing half done: not a row more than before. */
export async function expectNothingRecorded(running: RunningHouse, work: () => Promise<void>): Promise<void> {
  const count = async () =>
    running.house.database.query(
      `select (select count(*) from licence.licences) as licences, (select count(*) from licence.idempotency_keys) as keys,
         (select count(*) from licence.register_entries) as entries, (select count(*) from licence.audit_records) as audits`,
    )
  const before = await count()
  await work()
  expect(await count()).toEqual(before)
}

/** No holder, no key and no failure of ours in the log. */
export function expectQuietLog({ logLines, issuers, viewers }: RunningHouse): void {
  const log = logLines.join('\n')
  expect(logLines.length).toBeGreaterThan(20)
  for (const text of [...personal, ...Object.values(issuers), ...Object.values(viewers)])
    expect(log.includes(text)).toBe(false)
  expect(log).not.toMatch(/330199199506143717|Bearer|etc%2fpasswd|etc\/passwd/)
  expect(logLines.filter((line) => /"level":"(error|warn)"/.test(line))).toEqual([])
}
