import { primitives } from '#primitives'
import { findAlgorithmFault, termsOf } from '../algorithm-terms.ts'
import { toScheme } from '../algorithms.ts'
import { contextTag, parseDer, readSequence } from '../asn1/index.ts'
import { ecdsaFromRaw } from '../ecdsa-signature.ts'
import { PkiError } from '../errors.ts'
import { OID } from '../oids.ts'
import { parsePublicKey } from '../public-key.ts'
import { judgeToken, type TokenJudgement } from '../tsp/judge-token.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { type PastPathResult, validatePastPath } from '../x509/past-path.ts'
import type { Purpose } from '../x509/purpose.ts'
import type { PathRequest } from '../x509/validate-path.ts'

/** Whom to trust and as of when; certificates and revocation data as `x509.validatePath` takes them. */
export interface SesTrust extends Pick<PathRequest, 'anchors' | 'crls' | 'ocsps' | 'algorithms'> {
  readonly intermediates?: PathRequest['intermediates']
  /** the time of the judgement; what was right at the time of making or signing is judged by what is known now */
  readonly at: Date
  /** anchors of time-stamp authorities; default `anchors` */
  readonly timeStampAnchors?: PathRequest['anchors']
  /** whether a trusted certificate is one of a seal maker; any of the anchors' is unless this is given */
  readonly isMaker?: (certificate: Certificate) => boolean
}

/** `noted`: passed, though something is to be said. `undecided`: could not be checked. */
export type SesOutcome = 'passed' | 'noted' | 'failed' | 'undecided'

/** One check by the letter of its step in the standard. `reason` is null when it passed. */
export interface SesStep<Step extends string, Reason extends string> {
  readonly step: Step
  readonly outcome: SesOutcome
  readonly reason: Reason | null
  readonly detail: string
}

export type SesVerdict = 'valid' | 'invalid' | 'undecided'

/** A failure outweighs what is undecided; among equals the first is told. Notes change nothing. */
export function concludeSteps<Reason extends string>(
  steps: readonly SesStep<string, Reason>[],
): { readonly verdict: SesVerdict; readonly reason: Reason | null } {
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  const undecided = steps.find(({ outcome }) => outcome === 'undecided')
  if (failed !== undefined) return { verdict: 'invalid', reason: failed.reason }
  return undecided === undefined
    ? { verdict: 'valid', reason: null }
    : { verdict: 'undecided', reason: undecided.reason }
}

export function parseCertificateOrNothing(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

/**
 * The key of a certificate, also of one that the strict parser refuses for its names, times or extensions: the value of a signature can
 * be checked with it, though its owner then counts for nothing. `undefined` where there is no SM2 key in it.
 */
export function findSm2Key(certificate: Uint8Array): Uint8Array | undefined {
  try {
    const tbs = readSequence(readSequence(parseDer(certificate), 'Certificate', 3, 3)[0], 'TBSCertificate', 6, 10)
    const key = tbs[tbs[0]!.tag === contextTag(0, true) ? 6 : 5]
    return key !== undefined && parsePublicKey(key.raw).kind === 'sm2' ? key.raw : undefined
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

/** SM2 with SM3 and nothing else; "SM2 signature" alone means the same here. */
export const isSealAlgorithm = (oid: string): boolean => oid === OID.sm2WithSm3 || oid === OID.sm2Sign

/** A signature value over the bytes as they came: DER, or r ‖ s as some vendors write it. */
export async function verifyValue(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const verify = (value: Uint8Array): Promise<boolean> => primitives.verify('SM2-with-SM3', key, data, value)
  if (await verify(signature)) return true
  return signature.length === 64 && verify(ecdsaFromRaw(signature))
}

/** Why SM2 with SM3 does not count for a value that is proven to be from a time, else as of now; `null` when it does. */
export function findValueFault({ at, algorithms = 'current' }: SesTrust, provenAt: Date | undefined): string | null {
  const terms = termsOf(algorithms)
  return terms && findAlgorithmFault(toScheme('SM2-with-SM3'), { kind: 'sm2', bits: 256 }, provenAt ?? at, terms)
}

/** Judges a path as of a moment that may lie before the judgement: then revocation data made since then count. */
export const judgePath = (
  leaf: Certificate,
  moment: Date,
  trust: SesTrust,
  purpose: Purpose = 'document',
): Promise<PastPathResult> =>
  validatePastPath({ ...toldTo(trust), anchors: trust.anchors, leaf, asOf: moment, at: trust.at, purpose })

/** What a token over a signature value says, and how far it can be relied on. */
export type StampVerdict = TokenJudgement

/** Judges a time-stamp token (GB/T 20520, RFC 3161) over some octets. `existedAt`: when something else proves that it was there. */
export async function judgeTimeStamp(
  token: Uint8Array,
  data: Uint8Array,
  trust: SesTrust | undefined,
  existedAt?: Date,
): Promise<StampVerdict> {
  const known = trust && {
    ...toldTo(trust),
    anchors: trust.timeStampAnchors ?? trust.anchors,
    at: trust.at,
    ...(existedAt && { existedAt }),
  }
  const judged = await judgeToken(token, { data }, known, { allowBer: true, allowGm: true })
  return judged.outcome === 'proven' ? judged : { ...judged, detail: `time stamp: ${judged.detail}` }
}

const toldTo = ({ intermediates = [], crls, ocsps, algorithms }: SesTrust) => ({
  intermediates,
  ...(crls && { crls }),
  ...(ocsps && { ocsps }),
  ...(algorithms && { algorithms }),
})
