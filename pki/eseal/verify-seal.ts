import type { Certificate } from '../x509/certificate.ts'
import { isCurable, type PastPathResult } from '../x509/past-path.ts'
import type { PathResult } from '../x509/validate-path.ts'
import {
  concludeSteps,
  findSm2Key,
  findValueFault,
  isSealAlgorithm,
  judgePath,
  judgeTimeStamp,
  parseCertificateOrNothing,
  type SesStep,
  type SesTrust,
  type SesVerdict,
  type StampVerdict,
  verifyValue,
} from './checks.ts'
import type { SesSeal } from './types.ts'

/**
 * Steps of seal verification: (a) form, (b) signature value, (c) maker's certificate, (d) validity, as GM/T 0031-2014 §6.1.2 letters
 * them. GM/T 0031-2025 adds `made`: the seal held when it was made, and `stamp`: its time stamp is right and not before it was made.
 */
export type SealStepName = 'a' | 'b' | 'made' | 'c' | 'd' | 'stamp'

export type SealReason =
  | 'HEADER_UNKNOWN'
  | 'MAKER_CERTIFICATE_MALFORMED'
  | 'SIGNATURE_ALGORITHM_UNKNOWN'
  | 'ALGORITHM_UNACCEPTABLE'
  | 'SIGNATURE_INVALID'
  | 'NOT_VALID_WHEN_MADE'
  | 'TRUST_NOT_GIVEN'
  | 'MAKER_NOT_TRUSTED'
  | 'MAKER_NOT_A_MAKER'
  | 'MAKER_CERTIFICATE_INVALID'
  | 'MAKER_EXPIRED'
  | 'MAKER_REVOKED'
  | 'MAKER_EXPIRED_SINCE'
  | 'MAKER_REVOKED_SINCE'
  | 'MAKING_TIME_UNPROVEN'
  | 'SEAL_NOT_YET_VALID'
  | 'SEAL_EXPIRED'
  | 'TIME_STAMP_INVALID'
  | 'TIME_STAMP_UNDECIDED'
  | 'TIME_STAMP_BEFORE_MAKING'

export type SealStep = SesStep<SealStepName, SealReason>

export interface SealVerification {
  readonly verdict: SesVerdict
  readonly reason: SealReason | null
  /** the maker's signature over the seal as it came; `null` when it could not be checked */
  readonly signatureValid: boolean | null
  readonly maker: Certificate | undefined
  /** `undefined` without trust */
  readonly makerPath: PathResult | undefined
  /** when it existed, by a valid stamp of its own */
  readonly stampedAt?: Date
  readonly steps: readonly SealStep[]
  /** critical extensions: none is known here. Genuine seals carry vendors' own, so they are told and do not fail it */
  readonly criticalExtensions: readonly string[]
}

/** As of when a seal is to hold, and what is known of its age. */
export interface SealMoment {
  /** by what is known at `trust.at`; that itself unless given */
  readonly asOf?: Date | undefined
  /** a valid stamp over something that holds the seal says that it existed then */
  readonly provenAt?: Date | undefined
}

/**
 * Verifies a seal by the steps of its layout, all of them, without stopping at a failure. Without `trust` the maker is not judged: the
 * verdict is then `undecided` at best, and `signatureValid` the answer. Stricter than the standards in one point: a maker that was revoked
 * counts only for a seal that a stamp proves to be older, since a stolen key can claim any time.
 */
export async function verifySeal(
  seal: SesSeal,
  trust?: SesTrust,
  { asOf, provenAt }: SealMoment = {},
): Promise<SealVerification> {
  const maker = parseCertificateOrNothing(seal.makerCertificate)
  const made = seal.layout === 'V5' ? [checkMade(seal)] : []
  const moment = asOf ?? trust?.at
  const stamp = seal.timeStamp && (await judgeTimeStamp(seal.timeStamp, seal.signature, trust, provenAt))
  const existed = earliest(provenAt, stamp?.outcome === 'proven' ? stamp.provenAt : undefined)
  const { step: signature, valid } = await checkSignature(seal, trust && findValueFault(trust, existed))
  const { step: certificate, path } = await checkMaker(seal, maker, trust, moment, existed)
  const validity = moment === undefined ? [] : [checkValidity(seal, moment)]
  const steps = [
    checkForm(seal),
    signature,
    ...made,
    certificate,
    ...validity,
    ...(stamp === undefined ? [] : [checkStamp(seal, stamp)]),
  ]
  return {
    ...concludeSteps(steps),
    signatureValid: valid,
    maker,
    makerPath: path,
    ...(stamp?.outcome === 'proven' && { stampedAt: stamp.provenAt }),
    steps,
    criticalExtensions: seal.info.extensions.filter(({ critical }) => critical).map(({ oid }) => oid),
  }
}

const earliest = (a: Date | undefined, b: Date | undefined): Date | undefined =>
  a === undefined || b === undefined ? (a ?? b) : a < b ? a : b

const passed = (step: SealStepName): SealStep => ({ step, outcome: 'passed', reason: null, detail: '' })
const failed = (step: SealStepName, reason: SealReason, detail: string): SealStep => ({
  step,
  outcome: 'failed',
  reason,
  detail,
})

/** The parser has taken it; what is left is whether it calls itself a seal. */
const checkForm = ({ info }: SesSeal): SealStep =>
  info.headerId === 'ES' ? passed('a') : failed('a', 'HEADER_UNKNOWN', 'the header does not say ES')

async function checkSignature(
  seal: SesSeal,
  weakness: string | null | undefined,
): Promise<{ step: SealStep; valid: boolean | null }> {
  const key = findSm2Key(seal.makerCertificate)
  if (key === undefined) {
    const detail = 'there is no SM2 key in the certificate of the maker'
    return { step: failed('b', 'MAKER_CERTIFICATE_MALFORMED', detail), valid: null }
  }
  if (!isSealAlgorithm(seal.signatureAlgorithm)) {
    const detail = `signed by algorithm ${seal.signatureAlgorithm}`
    return { step: failed('b', 'SIGNATURE_ALGORITHM_UNKNOWN', detail), valid: null }
  }
  const valid = await verifyValue(key, seal.signedBytes, seal.signature)
  if (!valid) return { step: failed('b', 'SIGNATURE_INVALID', 'the seal is not what its maker signed'), valid }
  return weakness
    ? { step: { step: 'b', outcome: 'undecided', reason: 'ALGORITHM_UNACCEPTABLE', detail: weakness }, valid }
    : { step: passed('b'), valid }
}

function checkMade({ info }: SesSeal): SealStep {
  const { createDate, validStart, validEnd } = info.property
  return createDate >= validStart && createDate <= validEnd
    ? passed('made')
    : failed('made', 'NOT_VALID_WHEN_MADE', `made ${createDate.toISOString()}, outside the validity of the seal`)
}

const MAKING = 'seal-making'

async function checkMaker(
  seal: SesSeal,
  maker: Certificate | undefined,
  trust: SesTrust | undefined,
  moment: Date | undefined,
  existed: Date | undefined,
): Promise<{ step: SealStep; path: PathResult | undefined }> {
  if (maker === undefined) {
    const detail = 'the certificate of the maker cannot be read'
    return { step: failed('c', 'MAKER_CERTIFICATE_MALFORMED', detail), path: undefined }
  }
  if (trust === undefined || moment === undefined) {
    const detail = 'no one to trust was given'
    return { step: { step: 'c', outcome: 'undecided', reason: 'TRUST_NOT_GIVEN', detail }, path: undefined }
  }
  const path = await judgePath(maker, moment, trust, MAKING)
  if (path.valid && trust.isMaker?.(maker) === false)
    return { step: failed('c', 'MAKER_NOT_A_MAKER', 'the certificate is not for making seals'), path }
  if (path.valid) return { step: checkAge(path, existed) ?? passed('c'), path }
  const isPast = path.reason === 'EXPIRED' || path.reason === 'REVOKED'
  // V5: ended since, but good when the seal was made.
  if (isPast && seal.layout === 'V5' && trust.isMaker?.(maker) !== false) {
    const { createDate } = seal.info.property
    const then = createDate < moment ? await judgePath(maker, createDate, trust, MAKING) : path
    if (then.valid) return { step: checkAge(then, existed) ?? noted('MAKER_EXPIRED_SINCE', path.detail), path }
    // Revocation data of that time may be missing by now.
    if (isCurable(then)) return { step: toMakerFault(then), path }
  }
  return { step: toMakerFault(path), path }
}

const noted = (reason: SealReason, detail: string): SealStep => ({ step: 'c', outcome: 'noted', reason, detail })

/** Of a maker that was revoked, whenever: `createDate` and the signer's time are the word of whoever has the key since. */
function checkAge({ revokedFrom }: PastPathResult, existed: Date | undefined): SealStep | null {
  if (revokedFrom === null) return null
  const detail = `revoked as of ${revokedFrom.toISOString()}`
  if (existed !== undefined && existed < revokedFrom) return noted('MAKER_REVOKED_SINCE', detail)
  const unproven = `${detail}; no stamp says that the seal was made before`
  return { step: 'c', outcome: 'undecided', reason: 'MAKING_TIME_UNPROVEN', detail: unproven }
}

function toMakerFault(path: PathResult): SealStep {
  const detail = `${path.reason}: ${path.detail}`
  if (isCurable(path)) return { step: 'c', outcome: 'undecided', reason: 'MAKER_NOT_TRUSTED', detail }
  if (path.reason === 'EXPIRED') return failed('c', 'MAKER_EXPIRED', detail)
  return failed('c', path.reason === 'REVOKED' ? 'MAKER_REVOKED' : 'MAKER_CERTIFICATE_INVALID', detail)
}

function checkValidity({ info }: SesSeal, at: Date): SealStep {
  const { validStart, validEnd } = info.property
  if (at < validStart) return failed('d', 'SEAL_NOT_YET_VALID', `valid from ${validStart.toISOString()}`)
  // The last second counts, all of it.
  return at.getTime() >= validEnd.getTime() + 1000
    ? failed('d', 'SEAL_EXPIRED', `valid until ${validEnd.toISOString()}`)
    : passed('d')
}

function checkStamp({ info }: SesSeal, stamp: StampVerdict): SealStep {
  if (stamp.outcome === 'failed') return failed('stamp', 'TIME_STAMP_INVALID', stamp.detail)
  if (stamp.outcome === 'undecided')
    return { step: 'stamp', outcome: 'undecided', reason: 'TIME_STAMP_UNDECIDED', detail: stamp.detail }
  return info.property.createDate <= stamp.provenAt
    ? passed('stamp')
    : failed('stamp', 'TIME_STAMP_BEFORE_MAKING', `stamped ${stamp.provenAt.toISOString()}, before it was made`)
}
