// verifyDocument: every check is made, none stops the others but where there is nothing left to ask.
import {
  type LicenceData,
  type ParsedStatement,
  parseIdentifier,
  type StatementClaims,
  startOfDay,
  type TrustIndex,
} from '../licence-format/index.ts'
import { type PdfSignature, readSignedPdf, type SignedPdf } from '../pades/read/index.ts'
import { asn1 } from '../pki/index.ts'
import { checkCoverage, checkLaterChanges } from './checks/coverage.ts'
import { checkIntegrity, digestsOf, type Integrity, nameOf, type SignedDigests } from './checks/integrity.ts'
import { checkIssuer } from './checks/issuer.ts'
import { type CarriedLicence, checkLicenceData } from './checks/licence-data.ts'
import { checkLicenceStatus } from './checks/licence-status.ts'
import { checkPath } from './checks/path.ts'
import { checkRegister } from './checks/register.ts'
import { checkSeal, findSealOutOfUse } from './checks/seal.ts'
import { checkStatement, compareStatement, readStatement } from './checks/statement.ts'
import { conclude, type Subject, worstIndication } from './conclude.ts'
import { describeStatement } from './describe-statement.ts'
import type { Evidence } from './evidence.ts'
import { finding } from './messages.ts'
import { requires, type ValidationPolicy } from './policy.ts'
import type { Finding, LicenceReport, SignatureReport, StatementReport, VerificationReport } from './report.ts'
import { shown } from './shown.ts'
import { createTrust, type Trust } from './trust.ts'

/**
 * Judges a document (EN 319 102-1 for its seals; product rules for the licence it carries). Pure: the same input gives the same
 * report. `at` is the validation time. A bad document is a verdict, never an exception.
 */
export async function verifyDocument(
  input: { readonly name: string; readonly bytes: Uint8Array },
  evidence: Evidence,
  policy: ValidationPolicy,
  at: Date,
): Promise<VerificationReport> {
  const trust = createTrust(evidence, policy, at)
  const pdf = readSignedPdf(input.bytes)
  if (!pdf.ok) {
    const isPdf = pdf.code !== 'PADES_NOT_A_PDF'
    const found = isPdf
      ? finding('format', 'failed', 'PDF_UNREADABLE', { detail: pdf.detail })
      : finding('format', 'failed', 'NOT_A_PDF')
    const failure = { indication: 'TOTAL-FAILED', subIndication: 'FORMAT_FAILURE' } as const
    return assemble(input.name, trust, 'document', [found], [], failure)
  }
  const seal = pdf.signatures.find(({ type, byteRange }) => type === 'signature' && byteRange === 'ok')
  const carried = await checkLicenceData(pdf.embeddedFiles(seal))
  const judged: JudgedSignature[] = []
  for (const signature of pdf.signatures) judged.push(await judgeSignature(signature, carried.isLicence, trust))
  const formatFindings = [formatFinding(pdf, carried), ...judged.flatMap(({ findings }) => findings)]
  const seals = judged.map(({ report }) => report)
  const worst = worstIndication(seals.filter(({ type }) => type === 'signature'))
  const sealJudged = judged.find(({ signature }) => signature === seal)
  if (!sealJudged || !carried.isLicence) {
    const findings = [...formatFindings, carried.finding, ...(await sealsOutOfUse(judged, trust))]
    return assemble(input.name, trust, carried.isLicence ? 'licence' : 'document', findings, seals, worst)
  }
  const licence = await judgeLicence(carried, sealJudged, trust)
  const findings = [...formatFindings, carried.finding, ...licence.findings]
  return assemble(input.name, trust, 'licence', findings, seals, worst, licence)
}

function formatFinding(pdf: SignedPdf, carried: CarriedLicence): Finding {
  if (pdf.signatures.some(({ type }) => type === 'signature')) {
    return finding('format', 'passed', 'PDF_READ', { count: pdf.signatures.length })
  }
  return carried.isLicence
    ? finding('format', 'failed', 'UNSEALED_LICENCE')
    : finding('format', 'undecided', 'UNSIGNED')
}

async function sealsOutOfUse(judged: readonly JudgedSignature[], trust: Trust): Promise<Finding[]> {
  const { index } = requires(trust.policy, 'trustList') ? await trust.trustList() : { index: null }
  return judged.flatMap(({ signature, integrity: { signer } }) =>
    index && signer && signature.type === 'signature' ? findSealOutOfUse(signer, trust.at, index) : [],
  )
}

interface JudgedSignature {
  readonly signature: PdfSignature
  readonly integrity: Integrity
  readonly digests: SignedDigests
  readonly report: SignatureReport
  readonly findings: readonly Finding[]
}

async function judgeSignature(signature: PdfSignature, isLicence: boolean, trust: Trust): Promise<JudgedSignature> {
  const digests = digestsOf(signature)
  const integrity = await checkIntegrity(signature, digests, trust.at)
  const later = checkLaterChanges(signature)
  const isSeal = signature.type === 'signature'
  const path =
    isSeal && integrity.signer && integrity.integrity === 'intact'
      ? await checkPath(integrity.signer, integrity.certificates, isLicence ? 'seal' : 'document', trust)
      : null
  const parts = [
    { indication: integrity.indication, subIndication: integrity.subIndication },
    ...(later.outcome === 'passed'
      ? []
      : [{ indication: 'INDETERMINATE', subIndication: 'SIG_CONSTRAINTS_FAILURE' } as const]),
    ...(path?.subIndication ? [{ indication: 'INDETERMINATE', subIndication: path.subIndication } as const] : []),
  ]
  const findings = [...checkCoverage(signature), integrity.finding, later, ...(path ? [path.finding] : [])]
  return {
    signature,
    integrity,
    digests,
    findings: findings.map((found) => ({ ...found, field: shown(signature.field) })),
    report: {
      field: shown(signature.field),
      type: signature.type,
      integrity: integrity.integrity,
      byteRange: signature.byteRange,
      coversWholeFile: signature.coversWholeFile,
      laterChanges: signature.laterChanges,
      level: integrity.level,
      ...worstIndication(parts),
      signedBy: integrity.signer && nameOf(integrity.signer),
      bestSignatureTime: trust.at.toISOString(),
      claimedSigningTime: integrity.claimedSigningTime?.toISOString() ?? null,
      signedDigest: signature.byteRange === 'ok' ? asn1.toHex(await digests.digest('SHA-256')) : null,
    },
  }
}

interface JudgedLicence {
  readonly findings: readonly Finding[]
  readonly licence: LicenceReport | null
  readonly statement: StatementReport | null
}

async function judgeLicence(carried: CarriedLicence, seal: JudgedSignature, trust: Trust): Promise<JudgedLicence> {
  const { data, dataDigest, statementText } = carried
  if (data === null || dataDigest === null) return { findings: [], licence: null, statement: null }
  const identifier = parseIdentifier(data.identifier)
  const sealedDigest = await seal.digests.digest('SHA-256')
  const register = checkRegister(trust.evidence.live, data.identifier, dataDigest, sealedDigest)
  const { index, finding: listFinding } = requires(trust.policy, 'trustList')
    ? await trust.trustList()
    : { index: null, finding: finding('issuer', 'info', 'ISSUER_NOT_CHECKED') }
  const stated = await judgeStatement(statementText, data, dataDigest, index, trust, register.confirmed)
  const issuedAt = stated.claims?.issuedAt ?? startOfDay(data.issuedOn)
  const listed = index ? judgeByTrustList(identifier, seal.integrity, issuedAt, index, register.confirmed) : []
  const issuer = index?.findEntity(identifier.issuerCode) ?? null
  const status = await checkLicenceStatus(data, stated.claims, issuer, register.live, trust)
  const entitled = listed.find(({ check }) => check === 'issuer')
  return {
    findings: [listFinding, ...stated.findings, ...listed, register.finding, ...status.findings],
    licence: {
      identifier: data.identifier,
      status: status.status,
      asOf: status.asOf?.toISOString() ?? null,
      issuerEntitled: entitled ? entitled.outcome === 'passed' : null,
      replacedBy: status.replacedBy,
    },
    statement: stated.claims && describeStatement(stated.claims, index),
  }
}

function judgeByTrustList(
  identifier: ReturnType<typeof parseIdentifier>,
  { signer }: Integrity,
  issuedAt: Date,
  index: TrustIndex,
  confirmed: boolean,
): Finding[] {
  const seal = signer ? [checkSeal(signer, identifier.issuerCode, issuedAt, index, confirmed)] : []
  return [...seal, checkIssuer(identifier, issuedAt, index)]
}

/** Statement of the document: there, readable, genuine, agreeing with the data. `claims` only of one that agrees. */
async function judgeStatement(
  text: string | null,
  data: LicenceData,
  dataDigest: Uint8Array,
  index: TrustIndex | null,
  trust: Trust,
  confirmed: boolean,
): Promise<{ findings: Finding[]; claims: StatementClaims | null }> {
  if (text === null) return { findings: [finding('statement', 'failed', 'STATEMENT_MISSING')], claims: null }
  const read: ParsedStatement | Finding = readStatement(text)
  if ('code' in read) return { findings: [read], claims: null }
  const differences = compareStatement(read, data, dataDigest)
  const signed = index
    ? await checkStatement(read, index, trust.at, confirmed)
    : [finding('statement', 'info', 'STATEMENT_NOT_CHECKED')]
  const findings = [...signed, ...differences]
  return { findings, claims: findings.some(({ outcome }) => outcome === 'failed') ? null : read.claims }
}

function assemble(
  file: string,
  trust: Trust,
  subject: Subject,
  findings: readonly Finding[],
  signatures: readonly SignatureReport[],
  worst: Pick<VerificationReport, 'indication' | 'subIndication'>,
  judged: Omit<JudgedLicence, 'findings'> = { licence: null, statement: null },
): VerificationReport {
  const { verdict, reason, explanation } = conclude(
    findings,
    subject,
    judged.licence?.status ?? null,
    signatures.flatMap(({ type, signedBy }) => (type === 'signature' && signedBy ? [signedBy] : [])),
  )
  return {
    file,
    verdict,
    reason,
    ...worst,
    validationTime: trust.at.toISOString(),
    documentChangedAfterSeal: signatures.some(
      ({ laterChanges }) => laterChanges === 'not-permitted' || laterChanges === 'undecided',
    ),
    signatures,
    licence: judged.licence,
    statement: judged.statement,
    findings,
    explanation,
  }
}
