// verifyStatementText: the QR of a licence alone, on paper or screen, online or offline.
import { parseIdentifier, type StatementClaims } from '../licence-format/index.ts'
import { copyInStatement, tellCopy } from './checks/copy.ts'
import { checkIssuer, type TimeOfIssue } from './checks/issuer.ts'
import { askRevocationBy } from './checks/key-revocation.ts'
import { checkLicenceStatus } from './checks/licence-status.ts'
import { checkRegister } from './checks/register.ts'
import { checkStatement, readStatement } from './checks/statement.ts'
import { conclude } from './conclude.ts'
import { describeStatement } from './describe-statement.ts'
import type { Evidence } from './evidence.ts'
import type { ValidationPolicy } from './policy.ts'
import { namePolicy } from './policy-file.ts'
import { type Question, repeatQuestion } from './question.ts'
import type { LicenceReport, StatementVerification } from './report.ts'
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
  const judged = await judge(text, evidence, policy, at, question)
  const { inForceAt } = question
  return {
    text,
    ...conclude(judged.findings, 'statement', judged.licence?.status ?? null, { inForceAt }),
    identifier: judged.licence?.identifier ?? null,
    status: judged.licence?.status ?? null,
    asOf: judged.licence?.asOf ?? null,
    validationTime: at.toISOString(),
    ...repeatQuestion(inForceAt ? { inForceAt } : {}),
    ...judged,
    policy: await namePolicy(policy),
  }
}

type Judged = Pick<StatementVerification, 'findings' | 'licence' | 'statement' | 'lists'>

async function judge(
  text: string,
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
  { inForceAt }: Pick<Question, 'inForceAt'>,
): Promise<Judged> {
  const read = readStatement(text)
  if ('code' in read) return { findings: [read], ...NOTHING, lists: [] }
  const { claims } = read
  const identifier = parseIdentifier(claims.identifier)
  const base = createTrust(evidence, policy, at)
  const trust = base.forDepartment(identifier.issuerCode)
  const { index, chain, finding: listFinding } = await trust.trustList()
  if (!index) return { findings: [listFinding], ...NOTHING, lists: trust.lists() }
  const copy = copyInStatement(claims.copy)
  const register = checkRegister(evidence.live, claims.identifier, claims.dataDigest, null, copy?.copyId ?? null)
  const proof = { confirmed: register.confirmed, provenAt: null }
  const stated = await checkStatement(read, index, at, proof, askRevocationBy(trust, chain))
  const isSigned = !stated.some(({ code }) => code === 'STATEMENT_FORGED' || code === 'STATEMENT_KEY_UNKNOWN')
  const issuer = await checkIssuer(identifier, [timeOfIssue(claims)], index, base)
  if (!isSigned) {
    const known = issuer.filter(({ outcome }) => outcome === 'failed')
    return { findings: [...stated, ...known], ...NOTHING, lists: trust.lists() }
  }
  const status = await checkLicenceStatus(
    claims,
    copy,
    claims,
    index.findEntity(identifier.issuerCode) ?? null,
    register.live,
    trust,
    inForceAt,
  )
  const findings = [listFinding, ...stated, register.finding, ...issuer, ...tellCopy(copy), ...status.findings]
  const licence: LicenceReport = {
    identifier: claims.identifier,
    ...(copy && { copy }),
    status: status.status,
    asOf: status.asOf?.toISOString() ?? null,
    issuerEntitled: issuer.some(({ outcome }) => outcome === 'passed'),
    replacedBy: status.replacedBy,
  }
  return { findings, licence, statement: describeStatement(claims, index), lists: trust.lists() }
}

/** A copy's statement says when the copy was made: its original was issued before, and on what day only the document says. */
const timeOfIssue = ({ issuedAt, copy }: StatementClaims): TimeOfIssue =>
  copy ? { at: issuedAt, since: new Date(0) } : { at: issuedAt }

const NOTHING = { licence: null, statement: null } as const
