import { primitives } from '#primitives'
import { equalBytes } from '../asn1/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { isCurable, type PastPathResult } from '../x509/past-path.ts'
import type { PathResult } from '../x509/validate-path.ts'
import { isInCertList } from './cert-list.ts'
import {
  concludeSteps,
  findSm2Key,
  findValueFault,
  isSealAlgorithm,
  judgePath,
  judgeTimeStamp,
  parseCertificateOrNothing,
  type SesOutcome,
  type SesStep,
  type SesTrust,
  type SesVerdict,
  type StampVerdict,
  verifyValue,
} from './checks.ts'
import type { SesSignature } from './types.ts'
import { type SealVerification, verifySeal } from './verify-seal.ts'

/**
 * Steps of GM/T 0031-2014 §6.2.3: (a) form, (b) signature value, (c) signer's certificate, (d) signing time, (e) hash, (f) the seal.
 * `list`: the signer is one of the seal's; `stamp`: the time stamp over the signature, both of GB/T 38540. `order`: what lies inside the signature,
 * the seal, is no younger.
 */
export type SignatureStepName = 'a' | 'b' | 'list' | 'stamp' | 'c' | 'd' | 'e' | 'f' | 'order'

export type SignatureReason =
  | 'SIGNER_CERTIFICATE_MALFORMED'
  | 'SIGNATURE_ALGORITHM_UNKNOWN'
  | 'ALGORITHM_UNACCEPTABLE'
  | 'SIGNATURE_INVALID'
  | 'SIGNER_NOT_IN_SEAL'
  | 'SIGNER_LIST_UNKNOWN'
  | 'TIME_STAMP_INVALID'
  | 'TIME_STAMP_UNDECIDED'
  | 'TIME_STAMP_BEFORE_SIGNING'
  | 'TRUST_NOT_GIVEN'
  | 'SIGNER_NOT_TRUSTED'
  | 'SIGNER_CERTIFICATE_INVALID'
  | 'SIGNING_TIME_UNKNOWN'
  | 'SIGNED_AFTER_JUDGEMENT'
  | 'SIGNED_OUTSIDE_CERTIFICATE_VALIDITY'
  | 'SIGNER_REVOKED_BEFORE_SIGNING'
  | 'SIGNER_EXPIRED_SINCE'
  | 'SIGNER_REVOKED_SINCE'
  | 'SIGNING_TIME_UNPROVEN'
  | 'DATA_NOT_GIVEN'
  | 'DATA_HASH_MISMATCH'
  | 'SEAL_INVALID'
  | 'SEAL_UNDECIDED'
  | 'SIGNED_BEFORE_SEAL'

export type SignatureStep = SesStep<SignatureStepName, SignatureReason>

export interface SignatureVerification {
  readonly verdict: SesVerdict
  readonly reason: SignatureReason | null
  /** the signer's signature over TBS_Sign as it came; `null` when it could not be checked */
  readonly signatureValid: boolean | null
  /** dataHash is that of the protected data; `null` when they were not given */
  readonly dataHashMatches: boolean | null
  readonly signer: Certificate | undefined
  /** at the time of the judgement; `undefined` without trust */
  readonly signerPath: PathResult | undefined
  /** the time of the stamp over the value when that holds, otherwise what the signer names */
  readonly signingTime: Date | undefined
  /** a valid stamp over the signature's value says that it is no younger */
  readonly isSigningTimeProven: boolean
  readonly seal: SealVerification
  readonly steps: readonly SignatureStep[]
  /** critical extensions of TBS_Sign: told, see `SealVerification.criticalExtensions` */
  readonly criticalExtensions: readonly string[]
}

/**
 * Verifies a signature with its seal, all steps, without stopping at a failure. `protectedData`: what propertyInfo names (in OFD the
 * octets of Signature.xml). The seal is judged as of the signing time. Stricter than the standard in one point: a certificate revoked
 * after the time that only the signer claims leaves the verdict undecided, since a stolen key can claim any time.
 */
export async function verifySignature(
  signature: SesSignature,
  protectedData: Uint8Array | undefined,
  trust?: SesTrust,
): Promise<SignatureVerification> {
  const signer = parseCertificateOrNothing(signature.certificate)
  const { inside, over } = await judgeStamps(signature, trust)
  const isProven = over?.outcome === 'proven'
  const named = inside?.outcome === 'proven' ? inside.madeAfter : signature.time
  const time = isProven ? over.provenAt : named
  const { step: value, valid } = await checkValue(
    signature,
    trust && findValueFault(trust, isProven ? time : undefined),
  )
  const certificate = await checkSigner(signer, time, isProven, trust)
  const { step: data, matches } = await checkData(signature, protectedData)
  const seal = await verifySeal(signature.seal, trust, {
    asOf: trust && time,
    provenAt: isProven ? time : undefined,
  })
  const steps: SignatureStep[] = [
    passed('a'),
    value,
    await checkList(signature),
    ...(inside === undefined ? [] : [checkStamp(undefined, inside)]),
    ...(over === undefined ? [] : [checkStamp(named, over)]),
    ...certificate.steps,
    data,
    checkSeal(seal),
    checkOrder(signature.seal.info.property.createDate, seal.stampedAt, time),
  ]
  return {
    ...concludeSteps(steps),
    signatureValid: valid,
    dataHashMatches: matches,
    signer,
    signerPath: certificate.path,
    signingTime: time,
    isSigningTimeProven: isProven,
    seal,
    steps,
    criticalExtensions: signature.extensions.filter(({ critical }) => critical).map(({ oid }) => oid),
  }
}

const result = (
  step: SignatureStepName,
  outcome: SesOutcome,
  reason: SignatureReason | null = null,
  detail = '',
): SignatureStep => ({ step, outcome, reason, detail })
const passed = (step: SignatureStepName): SignatureStep => result(step, 'passed')

async function checkValue(
  { certificate, signatureAlgorithm, signedBytes, signature }: SesSignature,
  weakness: string | null | undefined,
): Promise<{ step: SignatureStep; valid: boolean | null }> {
  const key = findSm2Key(certificate)
  if (key === undefined) {
    const detail = 'there is no SM2 key in the certificate of the signer'
    return { step: result('b', 'failed', 'SIGNER_CERTIFICATE_MALFORMED', detail), valid: null }
  }
  if (!isSealAlgorithm(signatureAlgorithm)) {
    const detail = `signed by algorithm ${signatureAlgorithm}`
    return { step: result('b', 'failed', 'SIGNATURE_ALGORITHM_UNKNOWN', detail), valid: null }
  }
  const valid = await verifyValue(key, signedBytes, signature)
  if (!valid) return { step: result('b', 'failed', 'SIGNATURE_INVALID'), valid }
  return { step: weakness ? result('b', 'undecided', 'ALGORITHM_UNACCEPTABLE', weakness) : passed('b'), valid }
}

async function checkList({ seal, certificate }: SesSignature): Promise<SignatureStep> {
  const isListed = await isInCertList(seal.info.property.certList, certificate)
  if (isListed === null) return result('list', 'undecided', 'SIGNER_LIST_UNKNOWN', 'digests of an unknown kind')
  return isListed ? passed('list') : result('list', 'failed', 'SIGNER_NOT_IN_SEAL', 'not a signer of this seal')
}

interface Stamps {
  readonly inside: StampVerdict | undefined
  readonly over: StampVerdict | undefined
}

/**
 * The token over the signature's value, and the one that stands for the time within what is signed. That one was there before the signature:
 * it shows that this is no older, and never that it is no younger (a content time stamp, EN 319 102-1 §5.5.4).
 */
async function judgeStamps(
  { timeStamp, timeToken, signature, dataHash }: SesSignature,
  trust: SesTrust | undefined,
): Promise<Stamps> {
  return {
    inside: timeToken && (await judgeTimeStamp(timeToken, dataHash, trust)),
    over: timeStamp && (await judgeTimeStamp(timeStamp, signature, trust)),
  }
}

/** `named`: the time that the signature itself names. */
function checkStamp(named: Date | undefined, stamp: StampVerdict): SignatureStep {
  if (stamp.outcome === 'failed') return result('stamp', 'failed', 'TIME_STAMP_INVALID', stamp.detail)
  if (stamp.outcome === 'undecided') return result('stamp', 'undecided', 'TIME_STAMP_UNDECIDED', stamp.detail)
  return named !== undefined && named > stamp.provenAt
    ? result('stamp', 'failed', 'TIME_STAMP_BEFORE_SIGNING', 'stamped before the time that the signature names')
    : passed('stamp')
}

/** Steps (c) and (d): chain and key usage as of now; what ended since then, as of the signing time. */
async function checkSigner(
  signer: Certificate | undefined,
  time: Date | undefined,
  isProven: boolean,
  trust: SesTrust | undefined,
): Promise<{ steps: SignatureStep[]; path: PathResult | undefined }> {
  if (signer === undefined) {
    const detail = 'the certificate of the signer cannot be read'
    return { steps: [result('c', 'failed', 'SIGNER_CERTIFICATE_MALFORMED', detail)], path: undefined }
  }
  if (trust === undefined)
    return { steps: [result('c', 'undecided', 'TRUST_NOT_GIVEN', 'no one to trust was given')], path: undefined }
  const path = await judgePath(signer, trust.at, trust)
  const detail = `${path.reason}: ${path.detail}`
  const isPast = path.reason === 'EXPIRED' || path.reason === 'REVOKED'
  if (!path.valid && !isPast) {
    const step = isCurable(path)
      ? result('c', 'undecided', 'SIGNER_NOT_TRUSTED', detail)
      : result('c', 'failed', 'SIGNER_CERTIFICATE_INVALID', detail)
    return { steps: [step], path }
  }
  if (time === undefined) return { steps: [passed('c'), result('d', 'undecided', 'SIGNING_TIME_UNKNOWN')], path }
  if (time > trust.at) return { steps: [passed('c'), result('d', 'failed', 'SIGNED_AFTER_JUDGEMENT')], path }
  const then = time.getTime() === trust.at.getTime() ? path : await judgePath(signer, time, trust)
  return { steps: [passed('c'), checkTime(path, then, isProven)], path }
}

function checkTime(now: PathResult, then: PastPathResult, isProven: boolean): SignatureStep {
  const detail = `${then.reason ?? now.reason}: ${then.valid ? now.detail : then.detail}`
  if (!then.valid) {
    if (then.reason === 'REVOKED') return result('d', 'failed', 'SIGNER_REVOKED_BEFORE_SIGNING', detail)
    return isCurable(then)
      ? result('d', 'undecided', 'SIGNER_NOT_TRUSTED', detail)
      : result('d', 'failed', 'SIGNED_OUTSIDE_CERTIFICATE_VALIDITY', detail)
  }
  if (now.valid) return passed('d')
  // What was revoked before it expired was revoked.
  const isRevoked = now.reason === 'REVOKED' || then.revokedFrom !== null
  if (!isRevoked) return result('d', 'noted', 'SIGNER_EXPIRED_SINCE', detail)
  return isProven
    ? result('d', 'noted', 'SIGNER_REVOKED_SINCE', detail)
    : result('d', 'undecided', 'SIGNING_TIME_UNPROVEN', `${detail}; only the signer says that it signed before`)
}

async function checkData(
  { dataHash }: SesSignature,
  protectedData: Uint8Array | undefined,
): Promise<{ step: SignatureStep; matches: boolean | null }> {
  if (protectedData === undefined)
    return { step: result('e', 'undecided', 'DATA_NOT_GIVEN', 'the protected data were not given'), matches: null }
  const matches = equalBytes(dataHash, await primitives.digest('SM3', protectedData))
  return { step: matches ? passed('e') : result('e', 'failed', 'DATA_HASH_MISMATCH'), matches }
}

function checkSeal(seal: SealVerification): SignatureStep {
  if (seal.verdict === 'valid') return passed('f')
  const outcome = seal.verdict === 'invalid' ? 'failed' : 'undecided'
  const told = seal.steps.find((step) => step.outcome === outcome)
  return result(
    'f',
    outcome,
    outcome === 'failed' ? 'SEAL_INVALID' : 'SEAL_UNDECIDED',
    `${told?.reason}: ${told?.detail}`,
  )
}

/** Clocks of maker, signer and authorities may differ by so much. */
const SKEW_MS = 5 * 60_000

/** Of times that contradict each other one is wrong; which, nobody can say. */
function checkOrder(madeAt: Date, stampedAt: Date | undefined, signedAt: Date | undefined): SignatureStep {
  const latest = stampedAt !== undefined && stampedAt > madeAt ? stampedAt : madeAt
  return signedAt === undefined || latest.getTime() <= signedAt.getTime() + SKEW_MS
    ? passed('order')
    : result(
        'order',
        'undecided',
        'SIGNED_BEFORE_SEAL',
        `signed ${signedAt.toISOString()} with a seal of ${latest.toISOString()}`,
      )
}
