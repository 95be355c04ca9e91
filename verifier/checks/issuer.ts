// Was the issuer entitled to the type when it issued the licence?
import { entitlementAt, type LicenceIdentifier, type TrustIndex } from '../../licence-format/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'
import type { Trust } from '../trust.ts'

/** When an issuer must have been entitled: at an instant; with `since`, at any from that one on. */
export interface TimeOfIssue {
  readonly at: Date
  readonly since?: Date
}

/** Judges by the trust list, at each of the times, of which all must hold; tells what lists of others say that may not speak for the issuer. */
export async function checkIssuer(
  identifier: LicenceIdentifier,
  times: readonly TimeOfIssue[],
  index: TrustIndex,
  trust: Trust,
): Promise<Finding[]> {
  const answers = times.map((time) => judgeIssuer(identifier, time, index))
  const judged = answers.find(({ outcome }) => outcome !== 'passed') ?? answers[0]!
  if (judged.outcome === 'passed') return [judged]
  const usurpers = await trust.usurpersOf(identifier.issuerCode)
  return [judged, ...usurpers.map((name) => finding('issuer', 'info', 'TRUST_LIST_MAY_NOT_SPEAK', { name }))]
}

function judgeIssuer(identifier: LicenceIdentifier, { at, since }: TimeOfIssue, index: TrustIndex): Finding {
  const entity = index.findEntity(identifier.issuerCode)
  if (!entity) return finding('issuer', 'failed', 'ISSUER_UNKNOWN', { code: identifier.issuerCode })
  const issuer = entity.name
  switch (entitlementAt(entity, identifier.typeCode, at, since)) {
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
