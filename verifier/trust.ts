// The signed lists behind a verdict: parsed and verified once per text, their signers validated as of the time of each verification.
import {
  indexTrustList,
  LicenceFormatError,
  type ParsedJws,
  type ParsedStatusList,
  parseStatusList,
  parseTrustList,
  serviceStateAt,
  type TrustIndex,
  verifyJwsSignature,
} from '../licence-format/index.ts'
import { x509 } from '../pki/index.ts'
import type { Evidence } from './evidence.ts'
import { finding } from './messages.ts'
import { createPathCache, type PathCache } from './path-cache.ts'
import { CLOCK_TOLERANCE_MS, requires, type ValidationPolicy } from './policy.ts'
import type { Finding } from './report.ts'
import {
  createDataReader,
  type DataReader,
  type FreshnessRule,
  type ReadCertificate,
  type RevocationData,
  selectFresh,
} from './revocation-data.ts'

const MOST_TEXTS = 64

interface Prepared {
  readonly reader: DataReader
  /** To the anchors that may stand above a purpose. */
  pathFor(purpose: x509.Purpose): PathCache
  readonly trustLists: Map<string, Promise<Read<{ index: TrustIndex; jws: ParsedJws }>>>
  readonly statusLists: Map<string, Promise<Read<ParsedStatusList>>>
}

/** A list whose own signature holds, or why it is refused. */
type Read<T> = { readonly value: T } | { readonly fault: string }

const LISTS: ReadonlySet<x509.Purpose> = new Set(['trust-list', 'status-list'])

const preparedByPolicy = new WeakMap<ValidationPolicy, Prepared>()

/** A path as of a time that a time stamp proves, with the data that the document brings along. */
export interface PastPathQuestion {
  readonly leaf: x509.Certificate
  readonly data: DocumentData
  readonly purpose: x509.Purpose
  readonly provenAt: Date
  readonly rule: FreshnessRule
  /** whether data from outside may speak too */
  readonly asksOutside: boolean
}

/** Certificates and revocation data that came with a document. */
export interface DocumentData extends RevocationData {
  readonly certificates: readonly ReadCertificate[]
}

export interface Trust {
  readonly policy: ValidationPolicy
  readonly evidence: Evidence
  readonly at: Date
  readonly reader: DataReader
  /** As of the validation time, by revocation data from outside and, where given, by others. */
  validatePath(
    leaf: Uint8Array,
    intermediates: readonly Uint8Array[],
    purpose: x509.Purpose,
    inside?: RevocationData,
  ): Promise<x509.PathResult>
  /** As of a proven time (EN 319 102-1 §5.6.2). */
  validatePastPath(question: PastPathQuestion): Promise<x509.PathResult>
  /** The trust list if it may be used, with the finding that says so or why not. */
  trustList(): Promise<{ index: TrustIndex | null; finding: Finding }>
  /** The status list at an address if it may be used, else the finding that says why not. */
  statusList(address: string): Promise<ParsedStatusList | Finding>
}

/** Joins policy, evidence and time into what the checks ask. */
export function createTrust(evidence: Evidence, policy: ValidationPolicy, at: Date): Trust {
  const prepared = preparedByPolicy.get(policy) ?? prepare(policy)
  const { reader } = prepared
  const asksRevocation = requires(policy, 'revocation')
  const outside: RevocationData = asksRevocation
    ? { crls: reader.crls(evidence.crls, 'outside'), ocsps: reader.ocsps(evidence.ocsps ?? [], 'outside') }
    : { crls: [], ocsps: [] }
  const readOne = (leaf: Uint8Array) => reader.certificates([leaf], 'document')[0]
  const validatePath: Trust['validatePath'] = async (leaf, intermediates, purpose, inside) => {
    const read = readOne(leaf)
    if (!read) return x509.validatePath({ leaf, intermediates: [], anchors: [], at })
    return prepared.pathFor(purpose)({
      leaf: read,
      intermediates: reader.certificates(intermediates, 'document'),
      purpose,
      revocation: asksRevocation ? join(outside, inside) : undefined,
      tense: 'present',
      at,
    })
  }
  const signerFault = async (jws: ParsedJws, purpose: 'status-list' | 'trust-list') => {
    const { valid, reason } = await validatePath(jws.chain[0]!, jws.chain.slice(1), purpose)
    return valid ? null : `signer not trusted: ${reason}`
  }
  let listed: ReturnType<Trust['trustList']> | undefined
  const trust: Trust = {
    policy,
    evidence,
    at,
    reader,
    validatePath,
    validatePastPath: ({ leaf, data, purpose, provenAt, rule, asksOutside }) =>
      prepared.pathFor(purpose)({
        leaf: readOne(leaf.raw)!,
        intermediates: data.certificates,
        purpose,
        revocation: asksRevocation
          ? join(
              selectFresh(data, 'document', { provenAt, at, rule }),
              asksOutside ? selectFresh(outside, 'outside', { provenAt, at, rule }) : undefined,
            )
          : undefined,
        tense: 'past',
        at: provenAt,
      }),
    trustList: () => (listed ??= openTrustList(evidence.trustList, prepared, at, signerFault)),
    statusList: async (address) => openStatusList(address, trust, prepared, signerFault),
  }
  return trust
}

function prepare(policy: ValidationPolicy): Prepared {
  const cacheOf = (anchors: readonly Uint8Array[]) => createPathCache(anchors)
  const seals = cacheOf(policy.trustAnchors)
  const lists = policy.listAnchors ? cacheOf(policy.listAnchors) : seals
  const stamps = policy.timeStampAnchors ? cacheOf(policy.timeStampAnchors) : seals
  const prepared: Prepared = {
    reader: createDataReader(),
    pathFor: (purpose) => (LISTS.has(purpose) ? lists : purpose === 'time-stamp' ? stamps : seals),
    trustLists: new Map(),
    statusLists: new Map(),
  }
  preparedByPolicy.set(policy, prepared)
  return prepared
}

function join(a: RevocationData, b: RevocationData | undefined): RevocationData {
  return b ? { crls: [...a.crls, ...b.crls], ocsps: [...a.ocsps, ...b.ocsps] } : a
}

type SignerFault = (jws: ParsedJws, purpose: 'status-list' | 'trust-list') => Promise<string | null>

async function openTrustList(text: string | null, { trustLists }: Prepared, at: Date, signerFault: SignerFault) {
  if (text === null) return { index: null, finding: finding('trust-list', 'undecided', 'TRUST_LIST_MISSING') }
  const read = await remember(trustLists, text, () =>
    readSigned(async () => {
      const { list, jws } = parseTrustList(text)
      return { value: { index: await indexTrustList(list), jws }, jws }
    }),
  )
  const fault = 'fault' in read ? read.fault : await signerFault(read.value.jws, 'trust-list')
  if ('fault' in read || fault !== null) {
    return { index: null, finding: finding('trust-list', 'undecided', 'TRUST_LIST_REFUSED', { detail: fault! }) }
  }
  const { index } = read.value
  const { issuedAt, nextUpdate, sequenceNumber } = index.list
  if (at >= nextUpdate) return { index: null, finding: finding('trust-list', 'undecided', 'TRUST_LIST_EXPIRED') }
  if (isFromLater(issuedAt, at))
    return { index: null, finding: finding('trust-list', 'undecided', 'TRUST_LIST_FROM_LATER') }
  return { index, finding: finding('trust-list', 'passed', 'TRUST_LIST_USED', { sequence: sequenceNumber }) }
}

async function openStatusList(
  address: string,
  trust: Trust,
  { statusLists }: Prepared,
  signerFault: SignerFault,
): Promise<ParsedStatusList | Finding> {
  const text = trust.evidence.statusLists.get(address)
  if (text === undefined) return finding('licence-status', 'undecided', 'STATUS_LIST_MISSING')
  const read = await remember(statusLists, text, () =>
    readSigned(async () => {
      const list = await parseStatusList(text)
      return { value: list, jws: list.jws }
    }),
  )
  const refuse = (detail: string) => finding('licence-status', 'undecided', 'STATUS_LIST_REFUSED', { detail })
  if ('fault' in read) return refuse(read.fault)
  const list = read.value
  if (list.address !== address) return refuse('it is another list')
  if (list.list.bits !== 4) return refuse('its places are not of 4 bits')
  const fault = (await signerFault(list.jws, 'status-list')) ?? (await unlistedSigner(list, trust))
  if (fault !== null) return refuse(fault)
  if (isFromLater(list.issuedAt, trust.at)) return finding('licence-status', 'undecided', 'STATUS_LIST_FROM_LATER')
  if (list.expiresAt !== null && trust.at >= list.expiresAt)
    return finding('licence-status', 'undecided', 'STATUS_LIST_EXPIRED')
  return list
}

/** A status list counts only from a signer that the trust list names. */
async function unlistedSigner(list: ParsedStatusList, trust: Trust): Promise<string | null> {
  const { index } = await trust.trustList()
  const listed = index?.findCertificate('status-list', list.jws.chain[0]!)
  if (!listed) return 'its signer is not in the trust list'
  return serviceStateAt(listed.service, list.issuedAt) === 'granted' ? null : 'its signer was not in use'
}

function isFromLater(issuedAt: Date, at: Date): boolean {
  return issuedAt.getTime() > at.getTime() + CLOCK_TOLERANCE_MS
}

async function readSigned<T>(read: () => Promise<{ value: T; jws: ParsedJws }>): Promise<Read<T>> {
  try {
    const { value, jws } = await read()
    return (await verifyJwsSignature(jws)) ? { value } : { fault: 'its signature is wrong' }
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
