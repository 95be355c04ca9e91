// The sequencer: links what writers have committed, one round at a time, whichever process is first.
import { digestEntry, type EntryKey, linkAll, toHex } from '../../domain/ledger.ts'
import {
  appendLinks,
  beginChain,
  type Chain,
  type Checkpoint,
  findChain,
  findLinkedKeys,
  fixTextForms,
  listNotes,
  lockChain,
  type Note,
  readEntries,
  readKeys,
} from '../../store/ledger.ts'
import { findLinkDigest } from '../../store/ledger-check.ts'
import { findHead, makeCheckpoint, publishHead, type SequencerNeeds } from './heads.ts'

/** Rows of one transaction: memory stays flat however many wait. */
const SLICE = 1000
/** A stop does not wait until a backlog is linked: the next start goes on with it. */
const SLICES_AT_STOP = 20

/** What one call linked. */
export interface LinkedRows {
  readonly linked: number
  readonly checkpoint: Checkpoint | null
}

export interface Sequencer {
  /**
   * Links all rows that wait, signs the chain's end, and makes the day's checkpoint where it is due. While another process is at it
   * nothing is done. Calls while one runs share it.
   */
  link(): Promise<LinkedRows>
  /** The last round, with a checkpoint of where the chain ends. */
  stop(): Promise<LinkedRows>
}

export function createSequencer(shop: SequencerNeeds): Sequencer {
  let told: { readonly sequence: number; readonly digest: string } | undefined
  let running: Promise<LinkedRows> | undefined
  let isStopping = false
  const watch = async (chain: Chain) => {
    told ??= await readTold(shop)
    if (told !== undefined && !(await holds(shop, chain, told))) {
      shop.log?.error('the ledger contradicts its own signed head: run check-ledger', { sequence: told.sequence })
      await shop.ledgerWitness?.setHeadAside()
      told = undefined
    }
  }
  const round = async (cause: Checkpoint['cause']): Promise<LinkedRows> => {
    let chain = await findChain(shop.database)
    if (chain === undefined) {
      await beginChain(shop.database, shop.ids.bytes(32), shop.clock.now())
      chain = (await findChain(shop.database))!
    }
    await watch(chain)
    let linked = 0
    for (let slices = 1; ; slices++) {
      const slice = await linkSlice(shop)
      if (slice === undefined) break
      linked += slice.links
      chain = slice.chain
      if (slice.notes < SLICE || (isStopping && (cause === 'daily' || slices === SLICES_AT_STOP))) break
    }
    if (chain.sequence > (chain.signedSequence ?? 0)) {
      await publishHead(shop, chain)
      told = { sequence: chain.sequence, digest: toHex(chain.linkDigest) }
    }
    return { linked, checkpoint: await makeCheckpoint(shop, chain, cause) }
  }
  const run = (cause: Checkpoint['cause']): Promise<LinkedRows> => {
    const started = round(cause).finally(() => {
      if (running === started) running = undefined
    })
    running = started
    return started
  }
  return {
    link: () => running ?? run('daily'),
    async stop() {
      isStopping = true
      // Its failure was told to whoever began it; what it left is linked by the last round.
      await running?.catch(() => {})
      return run('stop')
    },
  }
}

/** What was told outside the database last. */
async function readTold({ ledgerWitness }: SequencerNeeds) {
  const head = findHead((await ledgerWitness?.readHead()) ?? null)
  return head && { sequence: head.payload.sequence, digest: head.payload.digest, chain: head.payload.chain }
}

async function holds(
  { database }: SequencerNeeds,
  chain: Chain,
  told: { readonly sequence: number; readonly digest: string; readonly chain?: string },
): Promise<boolean> {
  if (told.chain !== undefined && told.chain !== toHex(chain.chainId)) return false
  if (told.sequence === 0) return true
  const digest = await findLinkDigest(database, told.sequence)
  return chain.sequence >= told.sequence && digest !== undefined && toHex(digest) === told.digest
}

/** One transaction: undefined while another process holds the chain. */
function linkSlice(shop: SequencerNeeds): Promise<{ links: number; notes: number; chain: Chain } | undefined> {
  const linkedAt = shop.clock.now()
  return shop.database.transaction(async (tx) => {
    const chain = await lockChain(tx)
    if (chain === undefined) return undefined
    const notes = await listNotes(tx, SLICE)
    if (notes.length === 0) return { links: 0, notes: 0, chain }
    await fixTextForms(tx)
    const fresh = await digestNotes(tx, notes)
    const links = linkAll(chain, fresh, linkedAt)
    await appendLinks(tx, links, notes)
    const { sequence, linkDigest } = links.at(-1) ?? chain
    return { links: links.length, notes: notes.length, chain: { ...chain, sequence, linkDigest } }
  })
}

/** Digests of the rows that the notes speak of, in their order, each row once. */
async function digestNotes(
  tx: Parameters<typeof readEntries>[0],
  notes: readonly Note[],
): Promise<(EntryKey & { entryDigest: Uint8Array })[]> {
  const byTable = Map.groupBy(notes, ({ table }) => table)
  const columns = await readKeys(tx, [...byTable.keys()])
  const digests = new Map<string, Uint8Array>()
  for (const [table, ofTable] of byTable) {
    const keys = [...new Set(ofTable.map(({ key }) => key))]
    const linked = await findLinkedKeys(tx, table, keys)
    const due = keys.filter((key) => !linked.has(key))
    const known = columns.get(table)
    const rows = known === undefined ? undefined : await readEntries(tx, table, known, due)
    for (const key of due) digests.set(`${table} ${key}`, digestEntry(table, rows?.get(key)))
  }
  return notes.flatMap(({ table, key }) => {
    const entryDigest = digests.get(`${table} ${key}`)
    digests.delete(`${table} ${key}`)
    return entryDigest === undefined ? [] : [{ table, key, entryDigest }]
  })
}
