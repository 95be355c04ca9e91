// Was the issuer entitled to the type when it issued the licence?
import { entitlementAt, type LicenceIdentifier, type TrustIndex } from '../../licence-format/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'
import type { Trust } from '../trust.ts'

/** Judges by the trust list, at the time the statement names; tells what lists of others say that may not speak for the issuer. */
export async function checkIssuer(
  identifier: LicenceIdentifier,
  issuedAt: Date,
  index: TrustIndex,
  trust: Trust,
): Promise<Finding[]> {
  const judged = judgeIssuer(identifier, issuedAt, index)
  if (judged.outcome === 'passed') return [judged]
  const usurpers = await trust.usurpersOf(identifier.issuerCode)
  return [judged, ...usurpers.map((name) => finding('issuer', 'info', 'TRUST_LIST_MAY_NOT_SPEAK', { name }))]
}

function judgeIssuer(identifier: LicenceIdentifier, issuedAt: Date, index: TrustIndex): Finding {
  const entity = index.findEntity(identifier.issuerCode)
  if (!entity) return finding('issuer', 'failed', 'ISSUER_UNKNOWN', { code: identifier.issuerCode })
  const issuer = entity.name
  switch (entitlementAt(entity, identifier.typeCode, issuedAt)) {
    case 'entitled': {
      const type = entity.entitlements.find(({ typeCode }) => typeCode === identifier.typeCode)!.name
      return finding('issuer', 'passed', 'ISSUER_ENTITLED', { issuer, type })
    }
    case 'never':
      return finding('issuer', 'failed', 'ISSUER_NOT_ENTITLED', { issuer })
    case 'not yet':
      return finding('issuer', 'failed', 'ISSUER_NOT_YET_ENTITLED', { issuer })
    default:
      return finding('issuer', 'failed', 'ISSUER_NO_LONGER_ENTITLED', { issuer })
  }
}
