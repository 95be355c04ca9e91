// Does a licence call its type and its issuer what the trust list calls them? People read names, the other checks compare codes.
import type { LicenceData, TrustedEntity, TrustIndex } from '../../licence-format/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

/**
 * Compares the names in the data with the listed ones of the same codes (TS 119 602 TEName, and the name of the entitlement). Lists carry the
 * names of today and licences those of their day: types and departments are renamed, so another name is told and weighs nothing. The name
 * under which another type or department was listed already when the licence was issued keeps it from being accepted.
 */
export function checkListedNames(data: LicenceData, issuedAt: Date, index: TrustIndex): Finding[] {
  const entity = index.findEntity(data.issuer.code)
  return entity === undefined
    ? []
    : [...checkType(data, entity, issuedAt, index), ...checkName(data, entity, issuedAt, index)]
}

function checkType({ typeCode, typeName }: LicenceData, entity: TrustedEntity, issuedAt: Date, { list }: TrustIndex) {
  const names = entity.entitlements.filter((item) => item.typeCode === typeCode).map(({ name }) => name)
  const listed = names.at(-1)
  if (listed === undefined || names.some(({ zh }) => zh === typeName)) return []
  const isOfOther = list.entities.some(({ entitlements }) =>
    entitlements.some(
      (item) => item.typeCode !== typeCode && looksAlike(item.name.zh, typeName) && item.from <= issuedAt,
    ),
  )
  const facts = { stated: typeName, listed }
  return [
    isOfOther
      ? finding('issuer', 'undecided', 'TYPE_NAME_OF_OTHER', facts)
      : finding('issuer', 'info', 'TYPE_NAME_DIFFERS', facts),
  ]
}

function checkName({ issuer }: LicenceData, entity: TrustedEntity, issuedAt: Date, { list }: TrustIndex) {
  if (entity.name.zh === issuer.name) return []
  const isOfOther = list.entities.some(
    (other) => other !== entity && looksAlike(other.name.zh, issuer.name) && isKnownAt(other, issuedAt),
  )
  const facts = { stated: issuer.name, listed: entity.name }
  return [
    isOfOther
      ? finding('issuer', 'undecided', 'ISSUER_NAME_OF_OTHER', facts)
      : finding('issuer', 'info', 'ISSUER_NAME_DIFFERS', facts),
  ]
}

/** Whether people read the same: without what is not seen, and in one form of what is written in several (UAX #15, NFKC). */
const looksAlike = (one: string, other: string): boolean => seen(one) === seen(other)
const seen = (name: string): string =>
  name.normalize('NFKC').replaceAll(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Control}\p{Format}]/gu, '')

/** Whether it could sign or issue anything by then: a department that is newer may have been given the name that another gave up. */
const isKnownAt = ({ services, entitlements }: TrustedEntity, at: Date): boolean =>
  services.some(({ states }) => states[0] !== undefined && states[0].since <= at) ||
  entitlements.some(({ from }) => from <= at)
