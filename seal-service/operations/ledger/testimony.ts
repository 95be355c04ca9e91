// What bears witness of the chain: checkpoints and the head in the database, and what was kept outside it. Each is judged by itself, then
// held against the links.
import {
  type LedgerHeadPayload,
  LicenceFormatError,
  type ParsedLedgerHead,
  parseLedgerHead,
  parseUnsignedLedgerHead,
  verifyJwsSignature,
  verifyLedgerHead,
} from '../../../licence-format/index.ts'
import type { Queryable } from '../../../platform/index.ts'
import { type Link, toHex } from '../../domain/ledger.ts'
import { type Chain, type Checkpoint, listCheckpoints } from '../../store/ledger.ts'
import type { Faults, LedgerFaultCode } from './ledger-faults.ts'

/** Roots (DER) above whoever signs heads, judged as of the time a head names; lists of revocation where they are to be asked. */
export interface HeadTrust {
  readonly anchors: readonly Uint8Array[]
}

/** What a `LedgerWitness` kept, read back. */
export interface KeptWitness {
  readonly head: string | null
  readonly setAside: readonly string[]
  readonly checkpoints: readonly string[]
}

export interface Testimony {
  /** Holds the heads that end at this link against it. */
  compare(link: Pick<Link, 'sequence' | 'linkDigest'>, faults: Faults): void
  /** The one that says the chain reaches furthest. */
  furthest(): { readonly sequence: number; readonly where: string } | undefined
  readonly summary: {
    readonly checkpoints: { readonly signed: number; readonly unsigned: number; readonly timeStamped: number }
    readonly head: { readonly sequence: number; readonly signed: boolean; readonly outside: boolean } | null
  }
}

/** One witness that can be believed to be of this chain. */
interface Witness {
  readonly where: string
  readonly what: 'HEAD' | 'CHECKPOINT'
  readonly payload: LedgerHeadPayload
  readonly isSigned: boolean
}

const SLICE = 500

/** Reads and judges all witnesses; what is wrong with one of them is a fault at once. */
export async function readTestimony(
  db: Queryable,
  chain: Chain | undefined,
  { trust, witness }: { readonly trust: HeadTrust | null; readonly witness: KeptWitness },
  faults: Faults,
): Promise<Testimony> {
  const name = chain === undefined ? null : toHex(chain.chainId)
  const judge = (text: string, what: Witness['what'], where: string) =>
    judgeHead(text, what, where, { chain: name, trust, faults })
  const recorded = await readRecorded(db, judge, faults)
  const kept: Witness[] = []
  for (const text of witness.checkpoints) {
    const one = await judge(text, 'CHECKPOINT', 'a checkpoint in the files beside the database')
    if (one) kept.push(one)
  }
  const inside = chain?.signedHead ? await judge(chain.signedHead, 'HEAD', 'the head in the database') : undefined
  if (inside && !inside.isSigned && recorded.signed > 0)
    faults.add({ code: 'HEAD_FORGED', detail: 'the head in the database is not signed, checkpoints before it are' })
  if (chain && chain.sequence > 0 && chain.signedHead === null)
    faults.add({ code: 'HEAD_MISSING', detail: 'the database holds no head of the chain' })
  const outside = witness.head === null ? undefined : await judge(witness.head, 'HEAD', 'the head in the file')
  for (const text of witness.setAside) {
    const one = await judge(text, 'HEAD', 'a head that was set aside')
    if (one) kept.push(one)
  }
  const witnesses = [...recorded.witnesses, ...kept, ...[inside, outside].filter((one) => one !== undefined)]
  tellMissing(witnesses, recorded.numbers, faults)
  const head = outside ?? inside
  return {
    ...holding(witnesses),
    summary: {
      checkpoints: { signed: recorded.signed, unsigned: recorded.unsigned, timeStamped: recorded.timeStamped },
      head: head ? { sequence: head.payload.sequence, signed: head.isSigned, outside: outside !== undefined } : null,
    },
  }
}

function holding(witnesses: readonly Witness[]): Pick<Testimony, 'compare' | 'furthest'> {
  const bySequence = Map.groupBy(witnesses, ({ payload }) => payload.sequence)
  const last = [...witnesses].sort((a, b) => b.payload.sequence - a.payload.sequence)[0]
  return {
    compare({ sequence, linkDigest }, faults) {
      for (const { what, where, payload } of bySequence.get(sequence) ?? []) {
        if (payload.digest === toHex(linkDigest)) continue
        const detail = `${where} names another link with this number: the chain was written anew up to here`
        faults.add({ code: `${what}_CONTRADICTED`, sequence, detail })
      }
    },
    furthest: () => last && { sequence: last.payload.sequence, where: last.where },
  }
}

/** Heads count the checkpoints before them: those at the end cannot be taken away unseen. */
function tellMissing(witnesses: readonly Witness[], numbers: ReadonlySet<number>, faults: Faults): void {
  const counted = Math.max(0, ...witnesses.map(({ payload }) => payload.checkpoints))
  for (let number = 1; number <= counted; number++) {
    if (!numbers.has(number))
      faults.add({ code: 'CHECKPOINT_REMOVED', detail: `checkpoint ${number} of ${counted} is not in the database` })
  }
}

interface Recorded {
  readonly witnesses: readonly Witness[]
  readonly numbers: ReadonlySet<number>
  readonly signed: number
  readonly unsigned: number
  readonly timeStamped: number
}

type Judge = (text: string, what: Witness['what'], where: string) => Promise<Witness | undefined>

async function readRecorded(db: Queryable, judge: Judge, faults: Faults): Promise<Recorded> {
  const witnesses: Witness[] = []
  const numbers = new Set<number>()
  let [signed, unsigned, timeStamped] = [0, 0, 0]
  for (let from = 1; ; ) {
    const slice = await listCheckpoints(db, from, SLICE)
    for (const checkpoint of slice) {
      numbers.add(checkpoint.number)
      const where = `checkpoint ${checkpoint.number} in the database`
      if (checkpoint.timeStamp) timeStamped++
      if (checkpoint.statement === null) {
        unsigned++
        if (signed > 0) faults.add({ code: 'CHECKPOINT_FORGED', detail: `${where} is not signed, those before it are` })
        continue
      }
      signed++
      const one = await judge(checkpoint.statement, 'CHECKPOINT', where)
      if (one && isOf(checkpoint, one.payload)) witnesses.push(one)
      else if (one) faults.add({ code: 'CHECKPOINT_FORGED', detail: `${where} says something else than was signed` })
    }
    if (slice.length < SLICE) return { witnesses, numbers, signed, unsigned, timeStamped }
    from = slice.at(-1)!.number + 1
  }
}

function isOf({ number, sequence, linkDigest, signedAt }: Checkpoint, payload: LedgerHeadPayload): boolean {
  return (
    payload.kind === 'checkpoint' &&
    payload.checkpoints === number &&
    payload.sequence === sequence &&
    payload.digest === toHex(linkDigest) &&
    payload.signedAt === signedAt.toISOString()
  )
}

interface Judging {
  readonly chain: string | null
  readonly trust: HeadTrust | null
  readonly faults: Faults
}

/** Whether a head is genuine and of this chain; else a fault is told. */
async function judgeHead(
  text: string,
  what: Witness['what'],
  where: string,
  { chain, trust, faults }: Judging,
): Promise<Witness | undefined> {
  const refuse = (code: LedgerFaultCode, detail: string) => {
    faults.add({ code, detail: `${where}: ${detail}` })
    return undefined
  }
  try {
    const isSigned = !text.startsWith('{')
    const payload = isSigned ? (await believe(text, trust)).payload : parseUnsignedLedgerHead(text)
    if (payload.chain !== chain) return refuse(`${what}_OF_ANOTHER_CHAIN`, `it is of the chain ${payload.chain}`)
    return { where, what, payload, isSigned }
  } catch (error) {
    if (error instanceof LicenceFormatError) return refuse(`${what}_FORGED`, `${error.code}: ${error.message}`)
    throw error
  }
}

/** The signer's certificate must have been good when the head was signed. */
async function believe(text: string, trust: HeadTrust | null): Promise<ParsedLedgerHead> {
  const parsed = parseLedgerHead(text)
  if (trust !== null) return verifyLedgerHead(text, { ...trust, at: new Date(parsed.payload.signedAt) })
  if (await verifyJwsSignature(parsed.jws)) return parsed
  throw new LicenceFormatError('JWS_SIGNATURE_WRONG', 'the signature does not fit the head and its signer')
}
