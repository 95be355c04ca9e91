// A database with the ledger, a seal put there by hand, a sequencer whose heads are signed by a test PKI, and a superuser's hand to tamper.
import { randomUUID } from 'node:crypto'
import type { JwsSigner } from '../../../licence-format/index.ts'
import { type Database, migrate, packagePath, systemIds, type Transaction } from '../../../platform/index.ts'
import { checkLedger, type LedgerReport } from '../../../seal-service/operations/ledger/check-ledger.ts'
import type { SequencerNeeds } from '../../../seal-service/operations/ledger/heads.ts'
import { createSequencer, type Sequencer } from '../../../seal-service/operations/ledger/link-rows.ts'
import type { KeptWitness } from '../../../seal-service/operations/ledger/testimony.ts'
import type { LedgerWitness } from '../../../seal-service/ports/ledger-witness.ts'
import { createTestPki, type TestPki, testTimes } from '../../fixtures/pki.ts'
import { type TestClock, testClock } from '../../support/clock.ts'

type Names = 'root' | 'ca' | 'ledger' | 'otherRoot' | 'stranger'

export const createLedgerPki = (): Promise<TestPki<Names>> =>
  createTestPki<Names>({
    root: {},
    ca: { under: 'root' },
    ledger: { under: 'ca', profile: 'ledger-signer' },
    otherRoot: {},
    stranger: { under: 'otherRoot', profile: 'ledger-signer' },
  })

export const sealId = '33019900000001'
export const department = '11330199MB0000001X'

/** A witness in memory. */
export interface TestWitness extends LedgerWitness {
  head: string | null
  readonly setAside: string[]
  readonly checkpoints: string[]
}

function createTestWitness(): TestWitness {
  const witness: TestWitness = {
    head: null,
    setAside: [],
    checkpoints: [],
    readHead: async () => witness.head,
    async writeHead(head) {
      witness.head = head
    },
    async keepCheckpoint(_number, statement) {
      witness.checkpoints.push(statement)
    },
    async setHeadAside() {
      if (witness.head !== null) witness.setAside.push(witness.head)
      witness.head = null
    },
  }
  return witness
}

export interface LedgerWorld {
  readonly database: Database
  readonly clock: TestClock
  readonly witness: TestWitness
  readonly sequencer: Sequencer
  readonly logged: string[]
  readonly pki: TestPki<Names>
  /** Another sequencer on the same database: another process, or the same one started again. */
  another(changed?: Partial<SequencerNeeds>): Sequencer
  signer(name: Names): () => Promise<JwsSigner>
  check(witness?: KeptWitness): Promise<LedgerReport>
}

async function migrateSeal(database: Database): Promise<void> {
  await migrate(database, { schema: 'seal', folder: packagePath('seal-service', 'store', 'migrations') })
}

export async function createLedgerWorld(
  database: Database,
  pki: TestPki<Names>,
  changed: Partial<SequencerNeeds> = {},
): Promise<LedgerWorld> {
  await migrateSeal(database)
  await empty(database)
  await putSeal(database)
  const clock = testClock(testTimes.now)
  const witness = createTestWitness()
  const logged: string[] = []
  const note = (message: string) => void logged.push(message)
  const signer = (name: Names) => async (): Promise<JwsSigner> => {
    const { key, certificate, chain } = pki.get(name)
    return { key, chain: [certificate, ...chain.slice(0, -1)] }
  }
  const shop: SequencerNeeds = {
    database,
    clock,
    ids: systemIds,
    log: { debug: note, info: note, warn: note, error: note },
    ledgerSigner: signer('ledger'),
    ledgerWitness: witness,
    ...changed,
  }
  return {
    database,
    clock,
    witness,
    logged,
    pki,
    sequencer: createSequencer(shop),
    another: (other = {}) => createSequencer({ ...shop, ...other }),
    signer,
    check: (kept = witness) =>
      checkLedger(database, { trust: { anchors: [pki.get('root').certificate] }, witness: kept }),
  }
}

/** What a superuser may do: no trigger is asked. */
export async function tamper(database: Database, work: (tx: Transaction) => Promise<unknown>): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = 'replica'`)
    await work(tx)
  })
}

/** Opening a database costs seconds: the tests of a file share one. */
async function empty(database: Database): Promise<void> {
  await tamper(database, async (tx) => {
    await tx.script(`drop table if exists seal.other_uses; drop function if exists seal.note_other_uses;
      delete from seal.ledger_tables where table_name = 'other_uses'`)
    await tx.script(`truncate seal.ledger_links, seal.ledger_chain, seal.ledger_pending, seal.ledger_checkpoints, seal.ledger_reads,
      seal.stamp_times, seal.stamps_unread, seal.seals cascade`)
  })
}

export async function putSeal(database: Database): Promise<void> {
  await tamper(database, (tx) =>
    tx.query(
      `insert into seal.seals (id, department_code, name, key_name, key_algorithm, type_codes, state, state_changed_at, created_at, picture_spec,
         picture_content, picture_resources, picture_svg, picture_digest)
       values ($1, $2, '云汀市市场监督管理局', 'seal-' || $1, 'ec-p256', '{}', 'approved', $3, $3, '{}', '\\x00', '', '', sha256('')) on conflict do nothing`,
      [sealId, department, testTimes.now],
    ),
  )
}

/** Records uses of the seal as sealing does: intended, then sealed, each a transaction; returns their ids. */
export async function recordUses(database: Database, count: number, at: Date): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID()).sort()
  for (const phase of ['intended', 'sealed']) {
    await database.query(
      `insert into seal.seal_uses (phase, at, use_id, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id, caller_department)
       select $1, $2, use_id, $3, 'licence ' || number, 'type', sha256(use_id::text::bytea),
         case when $1 = 'sealed' then sha256(use_id::text::bytea) end, 'clerk-1', $4
       from unnest($5::uuid[]) with ordinality u(use_id, number)`,
      [phase, at, sealId, department, ids],
    )
  }
  return ids
}

export const keyOfUse = (useId: string, phase = 'sealed'): string => `["${useId}", "${phase}"]`

/** Id of a use of a seeded history. */
export const useOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`

/**
 * So many uses, one a minute from the present of the test PKI on: every other one stamped at its time, every tenth never finished. The
 * ledger reaches all of them; its only checkpoint is of the time of use `atCheckpoint`.
 */
export async function seedHistory(database: Database, count: number, atCheckpoint: number): Promise<void> {
  await database.query(
    `insert into seal.seal_uses (phase, at, use_id, seal_id, identifier, type_code, unsigned_digest, signed_digest, caller_id, caller_department)
     select p.phase, $2::timestamptz + n * interval '1 minute', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, 'licence ' || n, 'type',
       sha256(n::text::bytea), case when p.phase = 'sealed' then sha256(n::text::bytea) end, 'clerk-1', $4
     from generate_series(0, $3 - 1) n, (values ('intended'), ('sealed')) p(phase)
     where p.phase = 'intended' or n % 10 <> 9`,
    [sealId, testTimes.now, count, department],
  )
  await database.query(
    `insert into seal.stamp_times (use_id, stamped_at)
     select use_id, case when right(identifier, 1)::integer % 2 = 0 then at + interval '1 second' end from seal.seal_uses where phase = 'sealed'`,
  )
  await database.script(
    `insert into seal.ledger_chain values (true, sha256('c'), ${count * 2}, sha256('e'), now());
     insert into seal.ledger_links select row_number() over (order by at, use_id, phase), 'seal_uses',
       jsonb_build_array(use_id::text, phase)::text, sha256('a'), sha256('b'), sha256('c'), at from seal.seal_uses;
     insert into seal.ledger_checkpoints
       select 1, max(l.sequence), sha256('x'), 'daily', max(u.at), 'signed', null from seal.ledger_links l
       join seal.seal_uses u on u.use_id = (l.entry_key::jsonb ->> 0)::uuid and u.phase = l.entry_key::jsonb ->> 1
       where u.at <= (select at from seal.seal_uses where use_id = '${useOf(atCheckpoint)}' and phase = 'intended');
     analyze seal.seal_uses; analyze seal.ledger_links; analyze seal.stamp_times`,
  )
}
