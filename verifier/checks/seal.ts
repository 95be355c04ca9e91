// Is the seal one of the issuer's, by the trust list, and was it in use when the licence was issued?
import { isCompromised, type ListedService, serviceStateAt, type TrustIndex } from '../../licence-format/index.ts'
import type { x509 } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

/**
 * Of a document that is no licence: a listed seal must be in use at the time that is proven, or now where none is. Signers that are no
 * listed seals are left to their path.
 */
export function findSealOutOfUse(
  signer: x509.Certificate,
  provenAt: Date | null,
  at: Date,
  index: TrustIndex,
): Finding[] {
  const listed = index.findCertificate('seal', signer.raw)
  if (!listed) return []
  if (isCompromised(listed.service, provenAt)) return [finding('seal', 'undecided', 'SEAL_COMPROMISED')]
  const isInUse = serviceStateAt(listed.service, provenAt ?? at) === 'granted'
  return isInUse ? [] : [finding('seal', 'undecided', 'SEAL_OUT_OF_USE')]
}

/** A seal on a licence, and when it is proven to have been there. */
export interface SealOnLicence {
  readonly signer: x509.Certificate
  readonly provenAt: Date | null
}

/**
 * Every seal must be a listed one that was in use at issue, and one of them the issuer's own: the others are those of departments that
 * issue jointly. `at`: the validation time; `confirmed`: the register says that it holds this very document, which outweighs a compromised
 * key, and a seal that ended.
 */
export function checkSeals(
  seals: readonly SealOnLicence[],
  issuerCode: string,
  issuedAt: Date,
  at: Date,
  index: TrustIndex,
  confirmed: boolean,
): Finding[] {
  const listed = seals.map(({ signer }) => index.findCertificate('seal', signer.raw))
  const hasOwn = listed.some((service) => service?.entity.code === issuerCode)
  return seals.map(({ provenAt }, i) => {
    const service = listed[i]
    if (!service) return finding('seal', 'failed', 'SEAL_NOT_LISTED')
    if (!hasOwn) return finding('seal', 'failed', 'SEAL_OF_OTHER_DEPARTMENT', { department: service.entity.name })
    return checkUse(service, issuedAt, { provenAt, at }, confirmed)
  })
}

function checkUse(
  { entity, service }: ListedService,
  issuedAt: Date,
  { provenAt, at }: { readonly provenAt: Date | null; readonly at: Date },
  confirmed: boolean,
): Finding {
  if (isCompromised(service, provenAt) && !confirmed) return finding('seal', 'undecided', 'SEAL_COMPROMISED')
  const state = serviceStateAt(service, whenItCounts(service, issuedAt, provenAt))
  if (state !== 'granted' && !(state === 'compromised' && confirmed))
    return finding('seal', 'failed', 'SEAL_NOT_IN_USE')
  // When the licence was issued is the word of a statement that lies open in every copy of it: whoever kept an ended seal could put another
  // page around it.
  if (!confirmed && hasEnded(service, provenAt ?? at)) return finding('seal', 'undecided', 'SEAL_OUT_OF_USE')
  return finding('seal', 'passed', 'SEAL_LISTED', { department: entity.name })
}

function hasEnded(service: ListedService['service'], at: Date): boolean {
  const state = serviceStateAt(service, at)
  return state === 'retired' || state === 'withdrawn'
}

/**
 * At issue; where the seal was put into use only after that, when it is proven to have been there: a licence may wait for its seal, and that
 * be renewed meanwhile. A seal that was taken out of use is never judged by a later time.
 */
function whenItCounts(service: ListedService['service'], issuedAt: Date, provenAt: Date | null): Date {
  return provenAt !== null && serviceStateAt(service, issuedAt) === undefined ? provenAt : issuedAt
}

/** A licence of several departments is none before all have sealed: each has a field that was made for it. */
export function checkEmptyFields(fields: readonly string[]): Finding[] {
  return fields.length === 0 ? [] : [finding('seal', 'undecided', 'JOINT_SEAL_MISSING', { count: fields.length })]
}
