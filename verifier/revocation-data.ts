// Certificates, CRLs and OCSP responses, each read once; and which of them count for a proven time (EN 319 102-1 §5.2.5.4).
import { createKnownBytes, crl, ocsp, PkiError, primitives, x509 } from '../pki/index.ts'
import { CLOCK_TOLERANCE_MS } from './policy.ts'

const MOST_KEPT = 256
const MOST_KEPT_OCTETS = 32 << 20
const LARGEST_KEPT = 64 * 1024
/** An answer of a document beyond these is not read: real ones have 0.3 to 10 KiB and speak of one certificate. */
const LARGEST_ANSWER = 64 * 1024
const MOST_SINGLES = 64
const SECOND_MS = 1000
const HOUR_MS = 3_600_000

/** Something parsed. */
export interface Read<T> {
  /** the same for the same bytes, as long as they are kept */
  readonly id: number
  /** whether `value` holds on to nothing but its own bytes */
  readonly isKept: boolean
  readonly value: T
}
export type ReadCertificate = Read<x509.Certificate>
export type ReadCrl = Read<crl.Crl>
export type ReadOcsp = Read<ocsp.OcspResponse>

/** `outside`: gathered by whoever verifies, and kept whatever its size. */
type Origin = 'outside' | 'document'
type Reader<T> = (ders: readonly Uint8Array[], origin: Origin) => Read<T>[]

/** What cannot be parsed is left out, as are answers of a document that no responder would make; nothing is given twice. */
export interface DataReader {
  readonly certificates: Reader<x509.Certificate>
  readonly crls: Reader<crl.Crl>
  readonly ocsps: Reader<ocsp.OcspResponse>
}

/** Parses the same bytes once: a source hands over a fresh copy each time, and licences of a batch share theirs. */
export function createDataReader(): DataReader {
  let count = 0
  const readerOf = <T>(parse: (der: Uint8Array) => T): Reader<T> => {
    const byArray = new WeakMap<Uint8Array, Read<T> | null>()
    const known = createKnownBytes<Read<T> | null>(MOST_KEPT, MOST_KEPT_OCTETS, primitives.sameBytes)
    const readAnew = (der: Uint8Array, isKept: boolean): Read<T> | null => {
      const value = parseOrNull(parse, der)
      return value && { id: ++count, isKept, value }
    }
    const readKept = (der: Uint8Array, origin: Origin): Read<T> | null => {
      const same = known.find(der)
      if (same) return same.value
      // What is kept must not hold on to the document in which it came.
      const own = origin === 'outside' ? der : new Uint8Array(der)
      const read = readAnew(own, true)
      known.add(own, read)
      return read
    }
    return (ders, origin) => {
      const found = new Set<Read<T>>()
      for (const der of ders) {
        let read = byArray.get(der)
        if (read === undefined) {
          const isKept = origin === 'outside' || der.length <= LARGEST_KEPT
          read = isKept ? readKept(der, origin) : readAnew(der, false)
          // Small parts of a document are found by their octets as quickly, and each document has its own arrays.
          if (origin === 'outside' || !isKept) byArray.set(der, read)
        }
        if (read) found.add(read)
      }
      return [...found]
    }
  }
  return {
    certificates: readerOf(x509.parseCertificate),
    crls: readerOf(crl.parseCrl),
    ocsps: ocspReader(readerOf(ocsp.parseResponse)),
  }
}

const ocspReader =
  (read: Reader<ocsp.OcspResponse>): Reader<ocsp.OcspResponse> =>
  (ders, origin) => {
    if (origin === 'outside') return read(ders, origin)
    const small = ders.filter(({ length }) => length <= LARGEST_ANSWER)
    return read(small, origin).filter(({ value }) => value.single.length <= MOST_SINGLES)
  }

function parseOrNull<T>(parse: (der: Uint8Array) => T, der: Uint8Array): T | null {
  try {
    return parse(der)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

export interface RevocationData {
  readonly crls: readonly ReadCrl[]
  readonly ocsps: readonly ReadOcsp[]
}

/** What is asked about one path. */
export interface AskedData extends RevocationData {
  /** too old to call anything good; what they revoke counts all the same */
  readonly runOut: RevocationData
  /** of both what the document brought along, where anybody may have put it */
  readonly brought: RevocationData
}

export const NO_DATA: RevocationData = { crls: [], ocsps: [] }

/** `after-signature`: not older than what is proven; `current-at-signature`: current at that time is enough. */
export type FreshnessRule = 'after-signature' | 'current-at-signature'

/** What decides whether a list or response may speak about something proven at a time. */
export interface Freshness {
  /** the proven time */
  readonly provenAt: Date
  /** the validation time */
  readonly at: Date
  readonly rule: FreshnessRule
}

/**
 * Lists and responses that count for something proven at a time. Data from the document must not be older than the proven time (or be
 * current then, by the rule): whoever sealed with a stolen key could put in answers from before the theft. Data from outside may also be
 * current now. Who was revoked for good stays revoked, so of what is too old that counts which revokes.
 */
export function selectFresh(data: RevocationData, origin: Origin, freshness: Freshness): Omit<AskedData, 'brought'> {
  const isOfTime = (span: Span) => isFresh(span, origin, freshness)
  // All that a response says must count: it was made at once.
  const [ocsps, oldOcsps] = parted(data.ocsps, ({ single }) => single.every(isOfTime))
  const [crls, oldCrls] = parted(data.crls, isOfTime)
  const isPast = ({ thisUpdate }: Span) => !isFromLater(thisUpdate, freshness.at)
  return {
    crls,
    ocsps,
    runOut: revoking({
      crls: oldCrls.filter(({ value }) => isPast(value)),
      ocsps: oldOcsps.filter(({ value }) => value.single.every(isPast)),
    }),
  }
}

/** Of lists and responses those that revoke anything. */
export function revoking({ crls, ocsps }: RevocationData): RevocationData {
  return {
    crls: crls.filter(({ value }) => value.entries.size > 0),
    ocsps: ocsps.filter(({ value }) => value.single.some(({ status }) => status === 'revoked')),
  }
}

function parted<T>(items: readonly Read<T>[], isOne: (value: T) => boolean): [Read<T>[], Read<T>[]] {
  const [ones, others]: [Read<T>[], Read<T>[]] = [[], []]
  for (const item of items) (isOne(item.value) ? ones : others).push(item)
  return [ones, others]
}

interface Span {
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

function isFresh({ thisUpdate, nextUpdate }: Span, origin: Origin, { provenAt, at, rule }: Freshness): boolean {
  const made = thisUpdate.getTime()
  if (isFromLater(thisUpdate, at)) return false
  if (made >= Math.floor(provenAt.getTime() / SECOND_MS) * SECOND_MS) return true
  const end = nextUpdate?.getTime() ?? made + HOUR_MS
  return (rule === 'current-at-signature' && provenAt.getTime() < end) || (origin === 'outside' && at.getTime() < end)
}

const isFromLater = (thisUpdate: Date, at: Date): boolean => thisUpdate.getTime() > at.getTime() + CLOCK_TOLERANCE_MS
