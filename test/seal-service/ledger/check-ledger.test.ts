// What a superuser may do to the ledger past its triggers, each named by the checker with its row or link.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseLedgerHead, signLedgerHead } from '../../../licence-format/index.ts'
import type { Database } from '../../../platform/index.ts'
import { digestEntry, digestLink, type Link } from '../../../seal-service/domain/ledger.ts'
import type { LedgerFault } from '../../../seal-service/operations/ledger/ledger-faults.ts'
import { listLinks } from '../../../seal-service/store/ledger-check.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { engines } from '../../support/engines.ts'
import { createLedgerPki, createLedgerWorld, keyOfUse, type LedgerWorld, recordUses, sealId, tamper } from './world.ts'

const { now } = testTimes
const noWitness = { head: null, setAside: [], checkpoints: [] }
let pki: Awaited<ReturnType<typeof createLedgerPki>>
beforeAll(async () => {
  pki = await createLedgerPki()
})

describe.each(engines)('checkLedger ($name)', ({ open }) => {
  let database: Database
  let world: LedgerWorld
  let uses: string[]
  beforeAll(async () => {
    database = await open()
    return () => database.close()
  })
  /** Five uses: links 1 to 5 intended, 6 to 10 sealed; the checkpoint reaches 10. */
  beforeEach(async () => {
    world = await createLedgerWorld(database, pki)
    uses = await recordUses(database, 5, now)
    await world.sequencer.link()
  })

  const faults = async (...kept: Parameters<LedgerWorld['check']>): Promise<Partial<LedgerFault>[]> => {
    const report = await world.check(...kept)
    expect(report.sound).toBe(report.faults.length === 0)
    return report.faults.map(({ detail: _, ...fault }) => fault)
  }
  const sealed = (place: number) => ({ table: 'seal_uses', key: keyOfUse(uses[place]!) })
  /** Writes the chain anew from a link on, as somebody would who knows how digests are made. */
  const writeAnew = async (from: number, change: (link: Link) => Link): Promise<void> => {
    const links = await listLinks(database, 0, 100)
    let previous = links[from - 2]?.linkDigest ?? new Uint8Array(32)
    await tamper(database, async (tx) => {
      for (const link of links.filter(({ sequence }) => sequence >= from)) {
        const facts = { ...change(link), previousDigest: previous }
        previous = digestLink(facts)
        await tx.query(
          `update seal.ledger_links set entry_digest = $2, previous_digest = $3, link_digest = $4 where sequence = $1`,
          [facts.sequence, facts.entryDigest, facts.previousDigest, previous],
        )
      }
      await tx.query(`update seal.ledger_chain set link_digest = $1`, [previous])
    })
  }

  it('finds nothing where nothing was done', async () => {
    expect(await faults()).toEqual([])
  })

  it('names a row that was changed', async () => {
    await tamper(database, (tx) =>
      tx.query(`update seal.seal_uses set caller_id = 'somebody else' where use_id = $1 and phase = 'sealed'`, [
        uses[2],
      ]),
    )
    expect(await faults()).toEqual([{ code: 'ROW_CHANGED', sequence: 8, ...sealed(2) }])
  })

  it('names a row whose time was moved by a microsecond', async () => {
    await tamper(database, (tx) =>
      tx.query(`update seal.seal_uses set at = at + interval '1 microsecond' where use_id = $1 and phase = 'sealed'`, [
        uses[0],
      ]),
    )
    expect(await faults()).toEqual([{ code: 'ROW_CHANGED', sequence: 6, ...sealed(0) }])
  })

  it('names a row that was removed', async () => {
    await tamper(database, (tx) =>
      tx.query(`delete from seal.seal_uses where use_id = $1 and phase = 'sealed'`, [uses[4]]),
    )
    expect(await faults()).toEqual([{ code: 'ROW_REMOVED', sequence: 10, ...sealed(4) }])
  })

  it('names a row that was put in without a link', async () => {
    const [stranger] = uses
    await tamper(database, (tx) =>
      tx.query(
        `insert into seal.seal_uses (use_id, phase, seal_id, identifier, type_code, unsigned_digest, caller_id, caller_department, at, refusal)
         select use_id, 'refused', seal_id, identifier, type_code, unsigned_digest, caller_id, caller_department, at, 'made up'
         from seal.seal_uses where use_id = $1 and phase = 'sealed'`,
        [stranger],
      ),
    )
    expect(await faults()).toEqual([
      { code: 'ROW_NOT_LINKED', table: 'seal_uses', key: keyOfUse(stranger!, 'refused') },
    ])
  })

  it('names both of two links that changed places', async () => {
    await tamper(database, (tx) =>
      tx.script(`update seal.ledger_links set sequence = 1000 where sequence = 7;
        update seal.ledger_links set sequence = 7 where sequence = 8;
        update seal.ledger_links set sequence = 8 where sequence = 1000`),
    )
    expect(await faults()).toEqual([
      { code: 'LINK_MOVED', sequence: 7, ...sealed(2) },
      { code: 'LINK_MOVED', sequence: 8, ...sealed(1) },
    ])
  })

  it('names a link that was changed with its row', async () => {
    await tamper(database, async (tx) => {
      await tx.query(`update seal.seal_uses set identifier = 'other' where use_id = $1 and phase = 'sealed'`, [uses[1]])
      await tx.query(`update seal.ledger_links set entry_digest = $1 where sequence = 7`, [digestEntry('x', {})])
    })
    expect(await faults()).toEqual([
      { code: 'LINK_CHANGED', sequence: 7, ...sealed(1) },
      { code: 'ROW_CHANGED', sequence: 7, ...sealed(1) },
    ])
  })

  it('names the place where a link was replaced by one that is right in itself', async () => {
    const [, , link] = await listLinks(database, 4, 3)
    const facts = { ...link!, linkedAt: new Date(0) }
    await tamper(database, (tx) =>
      tx.query(`update seal.ledger_links set linked_at = $1, link_digest = $2 where sequence = 7`, [
        facts.linkedAt,
        digestLink(facts),
      ]),
    )
    expect(await faults()).toEqual([{ code: 'CHAIN_BROKEN', sequence: 8, ...sealed(2) }])
  })

  it('names links that were removed in the middle, and the rows that lost them', async () => {
    await tamper(database, (tx) => tx.query(`delete from seal.ledger_links where sequence in (6, 7)`))
    expect(await faults()).toEqual([
      { code: 'LINK_REMOVED', sequence: 6 },
      { code: 'ROW_NOT_LINKED', ...sealed(0) },
      { code: 'ROW_NOT_LINKED', ...sealed(1) },
    ])
  })

  it('finds a chain that was written anew: its checkpoint and its head name another link', async () => {
    await tamper(database, (tx) =>
      tx.query(`update seal.seal_uses set identifier = 'other' where use_id = $1 and phase = 'sealed'`, [uses[1]]),
    )
    await world.sequencer.link()
    const [row] = await database.query<{ entry: string }>(
      `select (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t)) where value is not null)::text as entry
       from seal.seal_uses t where use_id = $1 and phase = 'sealed'`,
      [uses[1]],
    )
    const entry = JSON.parse(row!.entry) as Record<string, string>
    // The database's session writes times in its own zone; the ledger in UTC.
    const entryDigest = digestEntry('seal_uses', { ...entry, at: '2026-06-15T12:00:00+00:00' })
    await writeAnew(7, (link) => (link.sequence === 7 ? { ...link, entryDigest } : link))
    expect(await faults()).toEqual([
      { code: 'CHECKPOINT_CONTRADICTED', sequence: 10 },
      { code: 'CHECKPOINT_CONTRADICTED', sequence: 10 },
      { code: 'HEAD_CONTRADICTED', sequence: 10 },
      { code: 'HEAD_CONTRADICTED', sequence: 10 },
    ])
  })

  describe('where the end is cut off together with its rows', () => {
    const cut = (also = '') =>
      tamper(database, async (tx) => {
        await tx.script(`delete from seal.seal_uses where phase = 'sealed'; delete from seal.ledger_links where sequence > 5;
          update seal.ledger_chain set sequence = 5, signed_sequence = 5, link_digest = (select link_digest from seal.ledger_links where sequence = 5); ${also}`)
      })

    it('finds it by the head in the database', async () => {
      await cut(`delete from seal.ledger_checkpoints`)
      expect(await faults(noWitness)).toContainEqual({ code: 'CHAIN_CUT', sequence: 6 })
    })

    it('finds it by the checkpoint in the database', async () => {
      await cut(`update seal.ledger_chain set signed_head = null, signed_sequence = null`)
      expect(await faults(noWitness)).toContainEqual({ code: 'CHAIN_CUT', sequence: 6 })
    })

    it('finds it by the head in the file where the database knows nothing of it any more', async () => {
      await cut(
        `delete from seal.ledger_checkpoints; update seal.ledger_chain set signed_head = null, signed_sequence = null`,
      )
      const { head } = world.witness
      expect(await faults({ ...noWitness, head })).toContainEqual({ code: 'CHAIN_CUT', sequence: 6 })
      expect((await world.check({ ...noWitness, head })).faultsByCode).toMatchObject({ CHAIN_CUT: 5 })
    })

    it('finds it later too, when other rows have been linked since', async () => {
      await cut(
        `delete from seal.ledger_checkpoints; update seal.ledger_chain set signed_head = null, signed_sequence = null`,
      )
      await recordUses(database, 5, now)
      await world.another().link()
      expect((await world.check()).faultsByCode).toMatchObject({ HEAD_CONTRADICTED: 1, CHECKPOINT_CONTRADICTED: 1 })
    })

    it('leaves a hole that is found where the chain still knows its end', async () => {
      await tamper(database, (tx) =>
        tx.script(
          `delete from seal.seal_uses where phase = 'sealed'; delete from seal.ledger_links where sequence > 5`,
        ),
      )
      await recordUses(database, 1, now)
      await world.sequencer.link()
      expect((await world.check()).faultsByCode).toMatchObject({ LINK_REMOVED: 5 })
    })
  })

  it('finds a checkpoint that somebody else signed, that says something else, or that is of another chain', async () => {
    const [{ statement }] = (await database.query<{ statement: string }>(
      `select statement from seal.ledger_checkpoints`,
    )) as [{ statement: string }]
    const { payload } = parseLedgerHead(statement)
    const put = (text: string) =>
      tamper(database, (tx) => tx.query(`update seal.ledger_checkpoints set statement = $1`, [text]))
    await put(await signLedgerHead(payload, await world.signer('stranger')()))
    expect(await faults(noWitness)).toEqual([{ code: 'CHECKPOINT_FORGED' }])
    await put(await signLedgerHead({ ...payload, sequence: 9 }, await world.signer('ledger')()))
    expect(await faults(noWitness)).toEqual([{ code: 'CHECKPOINT_FORGED' }])
    await put(await signLedgerHead({ ...payload, chain: 'ff'.repeat(32) }, await world.signer('ledger')()))
    expect(await faults(noWitness)).toEqual([{ code: 'CHECKPOINT_OF_ANOTHER_CHAIN' }])
    await put('not a head at all')
    expect(await faults(noWitness)).toEqual([{ code: 'CHECKPOINT_FORGED' }])
  })

  it('finds checkpoints that were taken away, even the last one', async () => {
    await tamper(database, (tx) => tx.query(`delete from seal.ledger_checkpoints`))
    expect(await faults()).toEqual([{ code: 'CHECKPOINT_REMOVED' }])
    await recordUses(database, 1, now)
    await world.sequencer.link()
    expect((await world.check(noWitness)).faultsByCode).toEqual({})
  })

  it('finds a head of another installation in the file', async () => {
    const { payload } = parseLedgerHead(world.witness.head!)
    const head = await signLedgerHead({ ...payload, chain: '01'.repeat(32) }, await world.signer('ledger')())
    expect(await faults({ ...noWitness, head })).toEqual([{ code: 'HEAD_OF_ANOTHER_CHAIN' }])
    expect(await faults({ ...noWitness, head: 'x' })).toEqual([{ code: 'HEAD_FORGED' }])
  })

  it('names rows that wait for more than ten seconds, and not those that were written just now', async () => {
    await recordUses(database, 1, now)
    expect(await world.check()).toMatchObject({ sound: true, waiting: 2 })
    await database.query(
      `update seal.ledger_pending set noted_at = noted_at - interval '11 seconds' where entry_key like '%sealed%'`,
    )
    expect(await faults()).toMatchObject([{ code: 'ROW_OVERDUE', table: 'seal_uses' }])
  })

  it('finds a row whose note was removed before it was linked', async () => {
    const [use] = await recordUses(database, 1, now)
    await database.query(`delete from seal.ledger_pending`)
    expect(await faults()).toEqual([
      { code: 'ROW_NOT_LINKED', table: 'seal_uses', key: keyOfUse(use!, 'intended') },
      { code: 'ROW_NOT_LINKED', table: 'seal_uses', key: keyOfUse(use!) },
    ])
  })

  it('finds a seal whose state was changed past its events', async () => {
    await database.query(
      `insert into seal.seal_events (seal_id, action, state, caller_id, at) values ($1, 'approve', 'approved', 'reviewer-1', $2)`,
      [sealId, now],
    )
    await world.sequencer.link()
    expect(await faults()).toEqual([])
    await tamper(database, (tx) => tx.query(`update seal.seals set state = 'rejected' where id = $1`, [sealId]))
    expect(await faults()).toEqual([{ code: 'STATE_CHANGED', table: 'seals', key: JSON.stringify([sealId]) }])
  })

  it('finds triggers that are off or gone', async () => {
    await database.script(`alter table seal.seal_uses disable trigger seal_uses_in_ledger`)
    expect(await faults()).toEqual([{ code: 'GUARD_OFF', table: 'seal_uses' }])
    await database.script(`alter table seal.seal_uses enable trigger seal_uses_in_ledger`)
    expect(await faults()).toEqual([])
  })

  it('is not stopped by a link whose key nobody could read', async () => {
    await tamper(database, (tx) =>
      tx.script(`update seal.ledger_links set entry_key = 'nonsense' where sequence = 1;
        update seal.ledger_links set entry_key = '["x", "sealed"]' where sequence = 2;
        update seal.ledger_links set table_name = 'no_such_table' where sequence = 3`),
    )
    expect((await world.check()).faultsByCode).toEqual({ LINK_CHANGED: 3, ROW_REMOVED: 3, ROW_NOT_LINKED: 3 })
  })

  it('tells of an empty database that there is no chain', async () => {
    await createLedgerWorld(database, pki)
    expect(await world.check(noWitness)).toMatchObject({ sound: true, chain: null, links: 0, head: null })
    expect(await faults({ ...noWitness, head: world.witness.head })).toEqual([{ code: 'HEAD_OF_ANOTHER_CHAIN' }])
  })
})
