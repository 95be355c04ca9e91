import { createHash } from 'node:crypto'
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOutwardKey } from '../../../key-store/index.ts'
import type { Database } from '../../../platform/index.ts'
import { type AuditDeps, readAuditPage } from '../../../seal-service/operations/outward/audit-pages.ts'
import type { OutwardCaller } from '../../../seal-service/operations/outward/webhooks.ts'
import type { OtherRecord } from '../../../seal-service/ports/audit-source.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld, sealRequest } from '../world.ts'

interface Page {
  readonly department: string
  readonly previous: string | null
  readonly isLast: boolean
  readonly ledger: readonly {
    readonly sequence: string
    readonly table: string
    readonly row: Record<string, string> | null
    readonly isIntact: boolean
  }[]
  readonly directory: readonly { readonly sequence: string; readonly record: Record<string, unknown> }[]
}

const auditor: OutwardCaller = { id: 'auditor-1', departmentCode: market.code, roles: ['auditor'] }
const other: OutwardCaller = { id: 'auditor-2', departmentCode: civil.code, roles: ['auditor'] }

describe.each(engines)('the pages of the audit on $name', ({ open }) => {
  let database: Database
  let world: SealWorld
  let deps: AuditDeps
  const records: OtherRecord[] = []

  beforeAll(async () => {
    database = await open()
    world = await createSealWorld(database)
    const below = new Map<string, string[]>([[market.code, [market.code, civil.code]]])
    const codesWithin = async (code: string) => below.get(code) ?? [code]
    deps = {
      database,
      clock: world.pki.clock,
      keyStore: world.keyStore,
      outwardKey: createOutwardKey({ keyStore: world.keyStore, clock: world.pki.clock }),
      baseUrl: 'https://seals.example.test',
      departments: { codesWithin, isWithin: async (above, code) => (await codesWithin(above)).includes(code) },
      sources: [
        {
          name: 'directory',
          read: async (codes, after, most) =>
            records
              .filter(({ sequence, departmentCode }) => sequence > after && codes.includes(departmentCode))
              .slice(0, most),
        },
      ],
    }
    await link()
  })
  afterAll(() => world?.close())

  const link = () => world.another().ledger.link()
  const payloadOf = async (jws: string): Promise<{ readonly page: Page; readonly text: string }> => {
    const { payload, protectedHeader } = await compactVerify(
      jws,
      createLocalJWKSet((await deps.outwardKey.jwks()) as unknown as JSONWebKeySet),
    )
    expect(protectedHeader['typ']).toBe('seal-audit-page+jws')
    const text = new TextDecoder().decode(payload)
    return { page: JSON.parse(text) as Page, text }
  }
  const readAll = async (caller = auditor, most = 7) => {
    const pages: { readonly page: Page; readonly text: string }[] = []
    let after: string | undefined
    for (;;) {
      const { jws, next } = await readAuditPage(deps, caller, { after, most })
      pages.push(await payloadOf(jws))
      after = next
      if (pages.at(-1)!.page.isLast) return { pages, after }
    }
  }

  it('show every linked row once, in the order of the chain, each page with the digest of the one before', async () => {
    await world.seals.sealDocuments(clerk, [sealRequest(world, 1), sealRequest(world, 2)])
    await link()
    const { pages } = await readAll()
    const rows = pages.flatMap(({ page }) => page.ledger)
    const [{ count }] = (await database.query<{ count: bigint }>(
      'select count(*) as count from seal.ledger_links',
    )) as [{ count: bigint }]
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(
      Array.from({ length: Number(count) }, (_, at) => at + 1),
    )
    expect(rows.every(({ isIntact }) => isIntact)).toBe(true)
    expect(new Set(rows.map(({ table }) => table))).toContain('seal_uses')
    expect(pages.length).toBeGreaterThan(3)
    pages.forEach(({ page }, at) => {
      const before = pages[at - 1]
      expect(page.previous).toBe(before ? createHash('sha256').update(before.text).digest('hex') : null)
    })
  })

  it('go on where a reader stopped, with what came meanwhile, also in another process', async () => {
    const { after } = await readAll()
    await world.seals.sealDocuments(clerk, [sealRequest(world, 3)])
    const unlinked = await readAuditPage(deps, auditor, { after, most: 50 })
    expect((await payloadOf(unlinked.jws)).page.ledger).toEqual([])
    await link()
    const another = { ...deps, outwardKey: createOutwardKey({ keyStore: world.keyStore, clock: world.pki.clock }) }
    const { jws } = await readAuditPage(another, auditor, { after: unlinked.next, most: 50 })
    const { ledger } = (await payloadOf(jws)).page
    expect(ledger.map(({ row }) => row!['phase']).sort()).toEqual(['intended', 'sealed'])
  })

  it('show departments in the range of who asks, and nobody else’s', async () => {
    const rows = (await readAll(other)).pages.flatMap(({ page }) => page.ledger)
    const [seal] = await world.seals.seals(civil.code)
    const sealIds = new Set(rows.flatMap(({ row }) => row?.['seal_id'] ?? []))
    expect([...sealIds]).toEqual([seal!.id])
    expect(rows.length).toBeGreaterThan(0)
  })

  it('hold what other rooms recorded, from where they were read last', async () => {
    const add = (departmentCode: string) =>
      records.push({
        sequence: BigInt(records.length + 1),
        at: world.pki.clock.now(),
        departmentCode,
        record: { action: 'account made' },
      })
    add(market.code)
    add(civil.code)
    const { pages, after } = await readAll(auditor, 500)
    expect(pages.flatMap(({ page }) => page.directory).map(({ sequence }) => sequence)).toEqual(['1', '2'])
    add(market.code)
    const { jws } = await readAuditPage(deps, auditor, { after, most: 10 })
    expect((await payloadOf(jws)).page.directory).toMatchObject([{ sequence: '3', record: { action: 'account made' } }])
    expect((await readAll(other, 500)).pages.flatMap(({ page }) => page.directory)).toMatchObject([{ sequence: '2' }])
  })

  it('tell a row that was changed after it was linked', async () => {
    await database.script('alter table seal.seal_events disable trigger seal_events_append_only')
    await database.query(
      `update seal.seal_events set reason = 'another' where id = (select min(id) from seal.seal_events)`,
    )
    await database.script('alter table seal.seal_events enable trigger seal_events_append_only')
    const rows = (await readAll()).pages.flatMap(({ page }) => page.ledger)
    expect(rows.filter(({ isIntact }) => !isIntact)).toMatchObject([
      { table: 'seal_events', row: { reason: 'another' } },
    ])
  })

  it.each([
    ['of another department', async () => (await readAuditPage(deps, other, { after: undefined, most: 1 })).next],
    ['that was changed', async () => `x${(await readAuditPage(deps, auditor, { after: undefined, most: 1 })).next}`],
    ['that is none', async () => 'tomorrow'],
    ['with an empty word', async () => '.'],
  ])('are refused from a position %s', async (_, position) => {
    await rejectsWithCode(readAuditPage(deps, auditor, { after: await position(), most: 1 }), 'AUDIT_POSITION_UNKNOWN')
  })
})
