// What a genuine statement says, for people: its claims with the names the trust list gives to type and issuer.
import { parseIdentifier, type StatementClaims, type TrustIndex, toShanghaiTime } from '../licence-format/index.ts'
import type { StatementReport } from './report.ts'

/** Call it for statements whose signature holds only. */
export function describeStatement(claims: StatementClaims, index: TrustIndex | null): StatementReport {
  const { issuerCode, typeCode } = parseIdentifier(claims.identifier)
  const { holder, number, validFrom, validUntil } = claims
  return {
    holder,
    number,
    validFrom,
    validUntil,
    issuedAt: toShanghaiTime(claims.issuedAt),
    typeName: index?.typeName(typeCode) ?? null,
    issuerName: index?.findEntity(issuerCode)?.name ?? null,
  }
}
