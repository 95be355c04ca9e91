// verifyStatementText: the QR of a licence alone, on paper or screen, online or offline.
import { parseIdentifier } from '../licence-format/index.ts'
import { checkIssuer } from './checks/issuer.ts'
import { checkLicenceStatus } from './checks/licence-status.ts'
import { checkRegister } from './checks/register.ts'
import { checkStatement, readStatement } from './checks/statement.ts'
import { conclude } from './conclude.ts'
import { describeStatement } from './describe-statement.ts'
import type { Evidence } from './evidence.ts'
import type { UsedList } from './list-memory.ts'
import type { ValidationPolicy } from './policy.ts'
import { namePolicy } from './policy-file.ts'
import type { Question } from './question.ts'
import type { Finding, LicenceReport, StatementReport, StatementVerification } from './report.ts'
import { createTrust } from './trust.ts'

/**
 * Judges the text of a QR code by the trust list and the status: pure, as `verifyDocument`. What the statement says is in the report
 * only where its signature holds. A statement is nothing without a trust list: the policy cannot leave that out.
 */
export async function verifyStatementText(
  text: string,
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
  question: Pick<Question, 'inForceAt'> = {},
): Promise<StatementVerification> {
  return { ...(await judge(text, evidence, policy, at, question)), policy: await namePolicy(policy) }
}

type Judged = Omit<StatementVerification, 'policy'>

async function judge(
  text: string,
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
  { inForceAt }: Pick<Question, 'inForceAt'>,
): Promise<Judged> {
  const read = readStatement(text)
  if ('code' in read) return assemble(text, at, [read], null, null, [])
  const { claims } = read
  const identifier = parseIdentifier(claims.identifier)
  const base = createTrust(evidence, policy, at)
  const trust = base.forDepartment(identifier.issuerCode)
  const { index, finding: listFinding } = await trust.trustList()
  if (!index) return assemble(text, at, [listFinding], null, null, trust.lists())
  const register = checkRegister(evidence.live, claims.identifier, claims.dataDigest, null)
  const stated = await checkStatement(read, index, at, { confirmed: register.confirmed, provenAt: null })
  const isSigned = !stated.some(({ code }) => code === 'STATEMENT_FORGED' || code === 'STATEMENT_KEY_UNKNOWN')
  const issuer = await checkIssuer(identifier, claims.issuedAt, index, base)
  if (!isSigned) {
    const known = issuer.filter(({ outcome }) => outcome === 'failed')
    return assemble(text, at, [...stated, ...known], null, null, trust.lists())
  }
  const status = await checkLicenceStatus(
    claims,
    claims,
    index.findEntity(identifier.issuerCode) ?? null,
    register.live,
    trust,
    inForceAt,
  )
  const findings = [listFinding, ...stated, register.finding, ...issuer, ...status.findings]
  const licence: LicenceReport = {
    identifier: claims.identifier,
    status: status.status,
    asOf: status.asOf?.toISOString() ?? null,
    issuerEntitled: issuer.some(({ outcome }) => outcome === 'passed'),
    replacedBy: status.replacedBy,
  }
  return assemble(text, at, findings, licence, describeStatement(claims, index), trust.lists())
}

function assemble(
  text: string,
  at: Date,
  findings: readonly Finding[],
  licence: LicenceReport | null,
  statement: StatementReport | null,
  lists: readonly UsedList[],
): Judged {
  return {
    text,
    ...conclude(findings, 'statement', licence?.status ?? null),
    identifier: licence?.identifier ?? null,
    status: licence?.status ?? null,
    asOf: licence?.asOf ?? null,
    validationTime: at.toISOString(),
    licence,
    statement,
    findings,
    lists,
  }
}
