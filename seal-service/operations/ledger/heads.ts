// What is signed about the chain: a head after each round, checkpoints that stay.
import { createHash } from 'node:crypto'
import {
  canonicalJson,
  dayOf,
  type LedgerHeadPayload,
  LicenceFormatError,
  parseLedgerHead,
  parseUnsignedLedgerHead,
  signLedgerHead,
} from '../../../licence-format/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { toHex } from '../../domain/ledger.ts'
import { type Chain, type Checkpoint, findLastCheckpoint, insertCheckpoint, recordHead } from '../../store/ledger.ts'

/** What linking and signing the chain works with. */
export type SequencerNeeds = Pick<
  Dependencies,
  'database' | 'clock' | 'ids' | 'log' | 'ledgerSigner' | 'ledgerWitness' | 'timestamper'
>

/** A head or checkpoint in words, and in the form in which it is kept. */
interface Told {
  readonly payload: LedgerHeadPayload
  readonly text: string
  readonly isSigned: boolean
}

/** Signs what the chain has come to; in plain canonical JSON where nobody certifies a key for it. */
async function tell(
  { ledgerSigner }: SequencerNeeds,
  chain: Chain,
  kind: LedgerHeadPayload['kind'],
  checkpoints: number,
  signedAt: Date,
): Promise<Told> {
  const payload: LedgerHeadPayload = {
    format: 'zhengyin-ledger-head',
    version: 1,
    chain: toHex(chain.chainId),
    sequence: chain.sequence,
    digest: toHex(chain.linkDigest),
    checkpoints,
    kind,
    signedAt: signedAt.toISOString(),
  }
  if (ledgerSigner === undefined)
    return { payload, text: new TextDecoder().decode(canonicalJson(payload)), isSigned: false }
  return { payload, text: await signLedgerHead(payload, await ledgerSigner()), isSigned: true }
}

/** Signs the chain's end and puts it on record, outside the database first. */
export async function publishHead(shop: SequencerNeeds, chain: Chain): Promise<void> {
  const checkpoints = (await findLastCheckpoint(shop.database))?.number ?? 0
  const { text } = await tell(shop, chain, 'head', checkpoints, shop.clock.now())
  await shop.ledgerWitness?.writeHead(text)
  await recordHead(shop.database, chain.sequence, text)
}

/**
 * Makes a checkpoint of the chain's end where something was linked since the last one: at a stop always, otherwise once a day (in
 * Shanghai). A time stamp goes with it where one can be had. Returns it, or null where none was due.
 */
export async function makeCheckpoint(
  shop: SequencerNeeds,
  chain: Chain,
  cause: Checkpoint['cause'],
): Promise<Checkpoint | null> {
  const last = await findLastCheckpoint(shop.database)
  const signedAt = shop.clock.now()
  const isDue = cause === 'stop' || last === undefined || dayOf(signedAt) !== dayOf(last.signedAt)
  if (!isDue || chain.sequence <= (last?.sequence ?? 0)) return null
  const number = (last?.number ?? 0) + 1
  const { text, isSigned } = await tell(shop, chain, 'checkpoint', number, signedAt)
  const checkpoint: Checkpoint = {
    number,
    sequence: chain.sequence,
    linkDigest: chain.linkDigest,
    cause,
    signedAt,
    statement: isSigned ? text : null,
    timeStamp: isSigned ? await stamp(shop, text) : null,
  }
  if (!(await insertCheckpoint(shop.database, checkpoint))) return null
  await shop.ledgerWitness?.keepCheckpoint(number, text)
  return checkpoint
}

async function stamp({ timestamper, log }: SequencerNeeds, text: string): Promise<Uint8Array | null> {
  if (timestamper === undefined) return null
  try {
    const { tokens } = await timestamper.stamp([createHash('sha256').update(text).digest()])
    return tokens[0] ?? null
  } catch (error) {
    log?.warn('a checkpoint of the ledger has no time stamp', { error })
    return null
  }
}

/** A head as it was kept. */
export interface KeptHead {
  readonly payload: LedgerHeadPayload
  readonly isSigned: boolean
}

/** Reads a head, signed or not, from hostile text; undefined where it is none. Believes nothing. */
export function findHead(text: string | null): KeptHead | undefined {
  if (text === null) return undefined
  try {
    if (text.startsWith('{')) return { payload: parseUnsignedLedgerHead(text), isSigned: false }
    return { payload: parseLedgerHead(text).payload, isSigned: true }
  } catch (error) {
    if (error instanceof LicenceFormatError) return undefined
    throw error
  }
}
