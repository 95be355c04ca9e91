// The signed lists behind a verdict: parsed and verified once per text, their signers validated as of the time of each verification.
import {
  indexTrustList,
  isCompromised,
  LicenceFormatError,
  type ParsedJws,
  type ParsedStatusList,
  parseStatusList,
  parseTrustList,
  serviceStateAt,
  type TrustIndex,
  type TrustList,
  verifyJwsSignature,
} from '../licence-format/index.ts'
import { asn1, primitives, x509 } from '../pki/index.ts'
import type { Evidence } from './evidence.ts'
import { isRolledBack, type UsedList } from './list-memory.ts'
import { finding } from './messages.ts'
import type { PinnedTrustList } from './pinned-trust-list.ts'
import { CLOCK_TOLERANCE_MS, type ValidationPolicy } from './policy.ts'
import type { Finding } from './report.ts'
import { findScheme, maySpeakFor } from './trust-scheme.ts'

const MOST_TEXTS = 64

/** A list whose own signature holds, or why it is refused. */
type Read<T> = { readonly value: T; readonly jws: ParsedJws; readonly digest: string } | { readonly fault: string }

interface Listed {
  readonly index: TrustIndex
  readonly outside: ReadonlySet<string>
}

/** Lists that were read before, by their text: those of one policy. */
export interface KnownLists {
  readonly trustLists: Map<string, Promise<Read<Listed>>>
  readonly statusLists: Map<string, Promise<Read<ParsedStatusList>>>
}

export const createKnownLists = (): KnownLists => ({ trustLists: new Map(), statusLists: new Map() })

/** What lists are opened with. */
export interface Opening {
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
  /** Whose list it is; null: the own one. */
  readonly pin: PinnedTrustList | null
  readonly known: KnownLists
  /** Lists that were believed, by their key. */
  readonly used: Map<string, UsedList>
  validatePath(leaf: Uint8Array, intermediates: readonly Uint8Array[], purpose: x509.Purpose): Promise<x509.PathResult>
}

export interface OpenedTrustList {
  /** What it says of the departments for which it may speak; null where it may not be used. */
  readonly index: TrustIndex | null
  readonly finding: Finding
  /** Departments that it names and may not speak for. */
  readonly outside: ReadonlySet<string>
  /** Key of the list in the memory, once it is believed. */
  readonly key: string | null
  /** Certificates that came with it, its signer's first, DER. */
  readonly chain: readonly Uint8Array[]
}

const undecided = (found: Finding): OpenedTrustList => ({
  index: null,
  finding: found,
  outside: new Set(),
  key: null,
  chain: [],
})

/** In place of a list, for a department whose place is nobody's. */
export const nobodySpeaksFor = (code: string): OpenedTrustList =>
  undecided(finding('trust-list', 'undecided', 'TRUST_LIST_NOBODY_SPEAKS', { code }))

/** Opens the trust list of the evidence: refuses one that is damaged, not of its pinned signer, expired, of the future or rolled back. */
export async function openTrustList(opening: Opening): Promise<OpenedTrustList> {
  const { evidence, policy, at, pin, known, used } = opening
  const text = evidence.trustList
  if (text === null) return undecided(finding('trust-list', 'undecided', 'TRUST_LIST_MISSING'))
  const read = await remember(known.trustLists, text, () =>
    readSigned(text, async () => {
      const { list, jws } = parseTrustList(text)
      return { value: await restrict(list, policy, pin), jws }
    }),
  )
  if ('fault' in read) {
    return undecided(finding('trust-list', 'undecided', 'TRUST_LIST_REFUSED', { detail: read.fault }))
  }
  const signer = await judgeSigner(read.jws, 'trust-list', opening)
  if ('fault' in signer) return undecided(signer.fault)
  const { index, outside } = read.value
  const { issuedAt, nextUpdate, sequenceNumber } = index.list
  if (at >= nextUpdate) return undecided(finding('trust-list', 'undecided', 'TRUST_LIST_EXPIRED'))
  if (isFromLater(issuedAt, at)) return undecided(finding('trust-list', 'undecided', 'TRUST_LIST_FROM_LATER'))
  const key = pin === null ? `own ${await shortDigest(signer.anchor.raw)}` : `pinned ${pin.name}`
  const seen = { sequence: sequenceNumber, issuedAt: issuedAt.toISOString() }
  if (isRolledBack(seen, key, evidence.memory, at))
    return undecided(finding('trust-list', 'undecided', 'TRUST_LIST_ROLLED_BACK', { sequence: sequenceNumber }))
  const name = pin?.name ?? null
  used.set(key, { kind: 'trust-list', key, name, ...seen, validUntil: nextUpdate.toISOString(), digest: read.digest })
  const told = { sequence: sequenceNumber, name }
  const { chain } = read.jws
  return { index, outside, key, chain, finding: finding('trust-list', 'passed', 'TRUST_LIST_USED', told) }
}

/** What a list says, without the departments for which another speaks. */
async function restrict(list: TrustList, policy: ValidationPolicy, pin: PinnedTrustList | null): Promise<Listed> {
  const speaksFor = (code: string) => (pin === null ? findScheme(policy, code) === 'own' : maySpeakFor(pin, code))
  const entities = list.entities.filter(({ code }) => code === null || speaksFor(code))
  const outside = list.entities.flatMap(({ code }) => (code !== null && !speaksFor(code) ? [code] : []))
  return { index: await indexTrustList({ ...list, entities }), outside: new Set(outside) }
}

/**
 * Opens the status list at an address of an issuer, of the scheme whose trust list was opened: its signer must stand there. Of several at hand that
 * are signed so the newest alone, also once it has run out: an older one never takes back what it said. What nobody signed stands in the way of none.
 */
export async function openStatusList(
  address: string,
  issuerCode: string,
  opening: Opening,
  trustList: OpenedTrustList,
): Promise<ParsedStatusList | Finding> {
  const { statusLists, keptStatusLists } = opening.evidence
  const texts = [statusLists.get(address), keptStatusLists?.get(address)].filter((text) => text !== undefined)
  const opened: (SignedList | Finding)[] = []
  for (const text of texts) opened.push(await openOne(text, { address, issuerCode }, opening, trustList))
  const signed = opened.filter((one): one is SignedList => 'list' in one)
  const [newest] = signed.sort((a, b) => b.list.issuedAt.getTime() - a.list.issuedAt.getTime())
  if (newest === undefined)
    return (opened[0] as Finding | undefined) ?? finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
  if (isRunOut(newest.list, opening.at)) return finding('licence-status', 'undecided', 'STATUS_LIST_EXPIRED')
  opening.used.set(newest.used.key, newest.used)
  return newest.list
}

const isRunOut = ({ expiresAt }: ParsedStatusList, at: Date): boolean => expiresAt !== null && at >= expiresAt

/** Rightly signed, and not rolled back. */
interface SignedList {
  readonly list: ParsedStatusList
  readonly used: UsedList
}

async function openOne(
  text: string,
  { address, issuerCode }: { readonly address: string; readonly issuerCode: string },
  opening: Opening,
  trustList: OpenedTrustList,
): Promise<SignedList | Finding> {
  const { evidence, at, known } = opening
  const read = await remember(known.statusLists, text, () =>
    readSigned(text, async () => {
      const list = await parseStatusList(text)
      return { value: list, jws: list.jws }
    }),
  )
  const refuse = (detail: string) => finding('licence-status', 'undecided', 'STATUS_LIST_REFUSED', { detail })
  if ('fault' in read) return refuse(read.fault)
  const list = read.value
  if (list.address !== address) return refuse('it is another list')
  if (list.list.bits !== 4) return refuse('its places are not of 4 bits')
  const signer = await judgeSigner(list.jws, 'status-list', opening)
  if ('fault' in signer) return signer.fault
  const unlisted = findUnlistedSigner(list, issuerCode, trustList.index)
  if (unlisted !== null) return refuse(unlisted)
  if (isFromLater(list.issuedAt, at)) return finding('licence-status', 'undecided', 'STATUS_LIST_FROM_LATER')
  const key = `${trustList.key} ${address}`
  const seen = { sequence: null, issuedAt: list.issuedAt.toISOString() }
  if (isRolledBack(seen, key, evidence.memory, at))
    return finding('licence-status', 'undecided', 'STATUS_LIST_ROLLED_BACK')
  const validUntil = list.expiresAt?.toISOString() ?? null
  return { list, used: { kind: 'status-list', key, name: address, ...seen, validUntil, digest: read.digest } }
}

/**
 * A status list counts only from a signer that the trust list names under the issuer of the licences or under the operator: whose list
 * it is, is else the word of whoever signs it.
 */
function findUnlistedSigner(list: ParsedStatusList, issuerCode: string, index: TrustIndex | null): string | null {
  const listed = index?.findCertificate('status-list', list.jws.chain[0]!)
  if (!listed) return 'its signer is not in the trust list'
  const { code } = listed.entity
  if (code !== null && code !== issuerCode) return 'its signer is that of another department'
  // When it was made is the word of whoever has the key.
  if (isCompromised(listed.service)) return 'its signer is compromised'
  return serviceStateAt(listed.service, list.issuedAt) === 'granted' ? null : 'its signer was not in use'
}

type ListKind = 'status-list' | 'trust-list'

/** Judges who signed a list: a key made for such lists, of the pinned signers where there are some, leading to an anchor. */
async function judgeSigner(
  jws: ParsedJws,
  kind: ListKind,
  opening: Opening,
): Promise<{ readonly anchor: x509.Certificate } | { readonly fault: Finding }> {
  const [leaf, ...intermediates] = jws.chain
  const signers = kind === 'trust-list' ? (opening.pin?.signers ?? []) : []
  if (signers.length > 0 && !(await isPinned(leaf!, signers)))
    return { fault: finding('trust-list', 'undecided', 'TRUST_LIST_NOT_PINNED') }
  // A pinned signer without a root is an anchor of its own: its dates and its purpose are asked all the same.
  const standsAlone = signers.length > 0 && opening.pin?.anchors.length === 0
  const result = standsAlone
    ? await x509.validatePath({ leaf: leaf!, intermediates: [], anchors: [leaf!], purpose: kind, at: opening.at })
    : await opening.validatePath(leaf!, intermediates, kind)
  if (result.valid) return { anchor: result.path.at(-1)! }
  const isMadeForOther = result.faultIndex === 0 && MADE_FOR_OTHER.has(result.reason ?? '')
  return { fault: isMadeForOther ? explainOtherKey(kind) : explainUntrusted(kind, result.reason) }
}

const MADE_FOR_OTHER: ReadonlySet<string> = new Set(['KEY_USAGE', 'EXTENDED_KEY_USAGE'])

function explainOtherKey(kind: ListKind): Finding {
  return kind === 'trust-list'
    ? finding('trust-list', 'undecided', 'TRUST_LIST_SIGNED_BY_OTHER_KEY')
    : finding('licence-status', 'undecided', 'STATUS_LIST_SIGNED_BY_OTHER_KEY')
}

function explainUntrusted(kind: ListKind, reason: string | null): Finding {
  const detail = `signer not trusted: ${reason}`
  return kind === 'trust-list'
    ? finding('trust-list', 'undecided', 'TRUST_LIST_REFUSED', { detail })
    : finding('licence-status', 'undecided', 'STATUS_LIST_REFUSED', { detail })
}

async function isPinned(leaf: Uint8Array, signers: readonly string[]): Promise<boolean> {
  const key = x509.parseCertificate(leaf).subjectPublicKeyInfo
  const digests = await Promise.all([leaf, key].map((bytes) => primitives.digest('SHA-256', bytes)))
  return digests.some((digest) => signers.includes(asn1.toHex(digest)))
}

async function shortDigest(bytes: Uint8Array): Promise<string> {
  return asn1.toHex((await primitives.digest('SHA-256', bytes)).subarray(0, 16))
}

function isFromLater(issuedAt: Date, at: Date): boolean {
  return issuedAt.getTime() > at.getTime() + CLOCK_TOLERANCE_MS
}

const encoder = new TextEncoder()

async function readSigned<T>(text: string, read: () => Promise<{ value: T; jws: ParsedJws }>): Promise<Read<T>> {
  try {
    const { value, jws } = await read()
    if (!(await verifyJwsSignature(jws))) return { fault: 'its signature is wrong' }
    return { value, jws, digest: asn1.toHex(await primitives.digest('SHA-256', encoder.encode(text))) }
  } catch (error) {
    if (error instanceof LicenceFormatError) return { fault: error.message }
    throw error
  }
}

/** The newest texts are kept; a text already read is not read again. */
function remember<T>(known: Map<string, Promise<T>>, text: string, read: () => Promise<T>): Promise<T> {
  const reading = known.get(text) ?? read()
  known.delete(text)
  known.set(text, reading)
  if (known.size > MOST_TEXTS) known.delete(known.keys().next().value!)
  return reading
}
