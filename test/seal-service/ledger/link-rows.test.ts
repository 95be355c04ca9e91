import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseLedgerHead, verifyLedgerHead } from '../../../licence-format/index.ts'
import type { Database } from '../../../platform/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { engines } from '../../support/engines.ts'
import { createLedgerPki, createLedgerWorld, department, type LedgerWorld, recordUses } from './world.ts'

const { now } = testTimes
let pki: Awaited<ReturnType<typeof createLedgerPki>>
beforeAll(async () => {
  pki = await createLedgerPki()
})

const count = async (database: Database, table: string): Promise<number> =>
  Number((await database.query<{ n: bigint }>(`select count(*) as n from seal.${table}`))[0]!.n)

describe.each(engines)('the sequencer ($name)', ({ open }) => {
  let database: Database
  let world: LedgerWorld
  beforeAll(async () => {
    database = await open()
    return () => database.close()
  })
  beforeEach(async () => {
    world = await createLedgerWorld(database, pki)
  })

  it('links every committed row once, in the order of writing, and signs where the chain ends', async () => {
    const [first, second] = await recordUses(database, 2, now)
    expect(await world.sequencer.link()).toMatchObject({ linked: 4 })
    const links = await database.query(`select sequence, entry_key from seal.ledger_links order by sequence`)
    expect(links).toEqual([
      { sequence: 1n, entry_key: `["${first}", "intended"]` },
      { sequence: 2n, entry_key: `["${second}", "intended"]` },
      { sequence: 3n, entry_key: `["${first}", "sealed"]` },
      { sequence: 4n, entry_key: `["${second}", "sealed"]` },
    ])
    expect(await count(database, 'ledger_pending')).toBe(0)
    const trust = { anchors: [pki.get('root').certificate], at: now }
    const { payload } = await verifyLedgerHead(world.witness.head!, trust)
    expect(payload).toMatchObject({ sequence: 4, kind: 'head' })
    expect(await world.check()).toMatchObject({
      sound: true,
      links: 4,
      head: { sequence: 4, signed: true, outside: true },
    })
  })

  it('notes nothing of what was rolled back', async () => {
    await database
      .transaction(async (tx) => {
        await tx.query(
          `insert into seal.ledger_reads values (gen_random_uuid(), 'search', null, '{}', 'me', $1, now())`,
          [department],
        )
        throw new Error('no')
      })
      .catch(() => {})
    expect(await world.sequencer.link()).toMatchObject({ linked: 0 })
    expect(await world.check()).toMatchObject({ sound: true, waiting: 0 })
  })

  it('links in slices what many rows wait for, and what comes next behind it', async () => {
    await recordUses(database, 1300, now)
    expect(await world.sequencer.link()).toMatchObject({ linked: 2600 })
    await recordUses(database, 1, now)
    expect(await world.sequencer.link()).toMatchObject({ linked: 2 })
    expect(await world.check()).toMatchObject({ sound: true, links: 2602 })
  })

  it('gives each row one link when several sequencers are at it', async () => {
    await recordUses(database, 300, now)
    const others = [world.sequencer, world.another(), world.another()]
    await Promise.all(others.map((sequencer) => sequencer.link()))
    await world.sequencer.link()
    expect(await count(database, 'ledger_links')).toBe(600)
    expect(await world.check()).toMatchObject({ sound: true, links: 600 })
  })

  it('goes on after a restart, and signs what the process before it linked without signing', async () => {
    await recordUses(database, 1, now)
    const silent = world.another({
      ledgerSigner: async () => {
        throw new Error('the key store is closed')
      },
    })
    await expect(silent.link()).rejects.toThrow('the key store is closed')
    expect(world.witness.head).toBe(null)
    expect(await world.another().link()).toMatchObject({ linked: 0 })
    expect(parseLedgerHead(world.witness.head!).payload.sequence).toBe(2)
    expect(await world.check()).toMatchObject({ sound: true })
  })

  it('makes a checkpoint on the first day, then on the next one, and at a stop where something was linked', async () => {
    await recordUses(database, 1, now)
    expect((await world.sequencer.link()).checkpoint).toMatchObject({ number: 1, sequence: 2, cause: 'daily' })
    await recordUses(database, 1, now)
    expect((await world.sequencer.link()).checkpoint).toBe(null)
    world.clock.advance(86_400_000)
    expect((await world.sequencer.link()).checkpoint).toMatchObject({ number: 2, sequence: 4, cause: 'daily' })
    expect((await world.sequencer.stop()).checkpoint).toBe(null)
    await recordUses(database, 1, now)
    expect(await world.sequencer.stop()).toMatchObject({
      linked: 2,
      checkpoint: { number: 3, sequence: 6, cause: 'stop' },
    })
    expect(world.witness.checkpoints.map((text) => parseLedgerHead(text).payload.checkpoints)).toEqual([1, 2, 3])
    expect(await world.check()).toMatchObject({ sound: true, checkpoints: { signed: 3, unsigned: 0 } })
  })

  it('goes on without a signer, and says so', async () => {
    const unsigned = world.another({ ledgerSigner: undefined as never })
    await recordUses(database, 1, now)
    expect((await unsigned.link()).checkpoint).toMatchObject({ statement: null })
    expect(await world.check()).toMatchObject({
      sound: true,
      checkpoints: { signed: 0, unsigned: 1 },
      head: { sequence: 2, signed: false, outside: true },
    })
  })

  it('takes a table of another part with the rows it has, and keeps both from change', async () => {
    await database.script(
      `create table seal.other_uses (number integer primary key, what text not null, at timestamptz not null);
       insert into seal.other_uses values (2, 'b', now()), (1, 'a', now() - interval '1 day');
       select seal.keep_in_ledger('other_uses');
       insert into seal.other_uses values (3, 'c', now())`,
    )
    await world.sequencer.link()
    const links = await database.query(`select table_name, entry_key from seal.ledger_links order by sequence`)
    expect(links).toEqual(['["1"]', '["2"]', '["3"]'].map((entry_key) => ({ table_name: 'other_uses', entry_key })))
    await expect(database.query(`update seal.other_uses set what = 'z'`)).rejects.toThrow('append-only')
    expect(await world.check()).toMatchObject({ sound: true })
    // A column that is added later and is null there changes no digest.
    await database.script(`alter table seal.other_uses add column more text`)
    expect(await world.check()).toMatchObject({ sound: true })
  })

  it('refuses changes of links and checkpoints', async () => {
    await recordUses(database, 1, now)
    await world.sequencer.link()
    for (const sql of [
      `update seal.ledger_links set linked_at = now()`,
      `delete from seal.ledger_links`,
      `truncate seal.ledger_links`,
      `delete from seal.ledger_checkpoints`,
    ])
      await expect(database.query(sql)).rejects.toThrow('append-only')
  })

  it('tells when the chain contradicts the head that was told before, and keeps that head', async () => {
    await recordUses(database, 2, now)
    await world.sequencer.link()
    const told = world.witness.head!
    await database.script(
      `set session_replication_role = 'replica'; delete from seal.ledger_links where sequence > 2;
       delete from seal.seal_uses where phase = 'sealed';
       update seal.ledger_chain set sequence = 2, link_digest = (select link_digest from seal.ledger_links where sequence = 2),
         signed_sequence = null, signed_head = null;
       set session_replication_role = 'origin'`,
    )
    await recordUses(database, 1, now)
    await world.sequencer.link()
    expect(world.witness.setAside).toEqual([told])
    expect(world.logged).toContain('the ledger contradicts its own signed head: run check-ledger')
    expect((await world.check()).faultsByCode).toMatchObject({ HEAD_CONTRADICTED: 1 })
  })
})
