// Which digests and keys count, and until when. One table, which whoever validates may exchange for a stricter or a laxer one.
import type { DigestAlgorithm, RareDigest, SignatureScheme } from './algorithms.ts'

/** Until when (exclusive) something counts; `null`: no end is known. What is not named never counts. */
export interface AlgorithmTerms {
  readonly digests: Readonly<Partial<Record<DigestAlgorithm | RareDigest, Date | null>>>
  /** By the least bits of an RSA modulus that the term is for. */
  readonly rsa: Readonly<Record<number, Date | null>>
  /** By the least bits of the order of an elliptic curve. */
  readonly ec: Readonly<Record<number, Date | null>>
  readonly ed25519: Date | null
  readonly sm2: Date | null
}

/** `current`: the table below; `any`: everything counts. */
export type AlgorithmRule = 'current' | 'any' | AlgorithmTerms

/**
 * The table where nobody gives another. Digests: SHA-1 collisions are practical since 2017-02-23 (shattered.io); SOG-IS Agreed Cryptographic
 * Mechanisms 1.3 sets no end for SHA-2; GB/T 32905 none for SM3, which ISO/IEC 10118-3 lists beside SHA-256; 112 bits of strength by
 * NIST SP 800-131A through 2030. RSA: SOG-IS 1.3 for 1900 bits and more, NIST SP 800-131A for 1024.
 */
export const currentTerms: AlgorithmTerms = {
  digests: {
    'SHA-1': new Date(Date.UTC(2017, 1, 23)),
    'SHA-256': null,
    'SHA-384': null,
    'SHA-512': null,
    SM3: null,
    'SHA-224': new Date(Date.UTC(2031, 0, 1)),
    'SHA3-224': new Date(Date.UTC(2031, 0, 1)),
    'SHA3-256': null,
    'SHA3-384': null,
    'SHA3-512': null,
  },
  rsa: { 1024: new Date(Date.UTC(2014, 0, 1)), 2000: new Date(Date.UTC(2031, 0, 1)), 3000: null },
  ec: { 256: null },
  ed25519: null,
  sm2: null,
}

export interface KeyStrength {
  readonly kind: 'rsa' | 'ec' | 'ed25519' | 'sm2'
  readonly bits: number
}

const NEVER = new Date(Date.UTC(9999, 11, 31))
const ALWAYS_OVER = new Date(0)

function keyTerm(terms: AlgorithmTerms, { kind, bits }: KeyStrength): Date | null {
  if (kind === 'ed25519' || kind === 'sm2') return terms[kind]
  let step = Number.NEGATIVE_INFINITY
  for (const key of Object.keys(terms[kind])) {
    const least = Number(key)
    if (bits >= least && least > step) step = least
  }
  const term = terms[kind][step]
  return term === undefined ? ALWAYS_OVER : term
}

const digestTerm = ({ digests }: AlgorithmTerms, digest: DigestAlgorithm | RareDigest): Date | null => {
  const term = digests[digest]
  return term === undefined ? ALWAYS_OVER : term
}

function faultOf(what: string, term: Date | null, at: Date): string | null {
  if (term === null || at < term) return null
  return term === ALWAYS_OVER ? `${what} never counts` : `${what} counts until ${term.toISOString().slice(0, 10)}`
}

const nameOf = ({ kind, bits }: KeyStrength): string =>
  kind === 'rsa' ? `RSA of ${bits} bits` : kind === 'ec' ? `an elliptic curve of ${bits} bits` : kind.toUpperCase()

/** Why a digest does not count at a time, or `null` when it does. */
export const findDigestFault = (
  digest: DigestAlgorithm | RareDigest,
  at: Date,
  terms: AlgorithmTerms = currentTerms,
): string | null => faultOf(digest, digestTerm(terms, digest), at)

/** Why a key does not count at a time, or `null` when it does. */
export const findKeyFault = (key: KeyStrength, at: Date, terms: AlgorithmTerms = currentTerms): string | null =>
  faultOf(nameOf(key), keyTerm(terms, key), at)

/** Why an algorithm does not count at a time, or `null` when it does. */
export function findAlgorithmFault(
  scheme: SignatureScheme,
  key: KeyStrength,
  at: Date,
  terms: AlgorithmTerms = currentTerms,
): string | null {
  if (scheme.kind === 'dsa') return 'DSA never counts'
  return findDigestFault(scheme.digest, at, terms) ?? findKeyFault(key, at, terms)
}

/** Until when a digest under a key counts: the earlier of the two terms; the epoch for a key that never counts. */
export function findAlgorithmEnd(
  digest: DigestAlgorithm,
  key: KeyStrength,
  terms: AlgorithmTerms = currentTerms,
): Date {
  const digestEnd = digestTerm(terms, digest) ?? NEVER
  const keyEnd = keyTerm(terms, key) ?? NEVER
  return keyEnd < digestEnd ? keyEnd : digestEnd
}

/** The table that a rule means; `null` when everything counts. */
export function termsOf(rule: AlgorithmRule): AlgorithmTerms | null {
  if (rule === 'any') return null
  return rule === 'current' ? currentTerms : rule
}
