// verifyDocument: every check is made, none stops the others but where there is nothing left to ask.
import {
  type LicenceData,
  type ParsedStatement,
  parseIdentifier,
  type StatementClaims,
  startOfDay,
  type TrustIndex,
} from '../licence-format/index.ts'
import { readSignedPdf, type SignedPdf, type UnreadablePdf } from '../pades/read/index.ts'
import { checkBody } from './checks/body.ts'
import { checkContentRisks } from './checks/content-risks.ts'
import { copyInData, tellCopy } from './checks/copy.ts'
import { checkIssuer, type TimeOfIssue } from './checks/issuer.ts'
import { type AskRevocation, askRevocationBy } from './checks/key-revocation.ts'
import { type CarriedLicence, checkLicenceData } from './checks/licence-data.ts'
import { checkLicenceStatus } from './checks/licence-status.ts'
import { checkListedNames } from './checks/listed-names.ts'
import { checkRegister, type RegisterAnswer } from './checks/register.ts'
import { checkEmptyFields, checkSeals, findSealOutOfUse, type SealOnLicence } from './checks/seal.ts'
import {
  checkScanned,
  checkStatement,
  compareStatement,
  compareTimes,
  readStatement,
  type StatementProof,
} from './checks/statement.ts'
import { conclude, type Subject, worstIndication } from './conclude.ts'
import { describeStatement } from './describe-statement.ts'
import type { Evidence } from './evidence.ts'
import { findSeal } from './find-seal.ts'
import type { Indication } from './indications.ts'
import { type JudgedSignature, judgeSignatures } from './judge-signatures.ts'
import { finding } from './messages.ts'
import { requires, type ValidationPolicy } from './policy.ts'
import { namePolicy } from './policy-file.ts'
import { type Question, repeatQuestion } from './question.ts'
import type { Finding, LicenceReport, SignatureReport, StatementReport, VerificationReport } from './report.ts'
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
  question: Question = {},
): Promise<VerificationReport> {
  const base = createTrust(evidence, policy, at)
  const report: Report = (...parts) => assemble({ file: input.name, question }, ...parts)
  const pdf = readSignedPdf(input.bytes)
  if (!pdf.ok) {
    const { found, indication } = unreadable(pdf)
    return report(base, 'document', [found], [], { indication, subIndication: 'FORMAT_FAILURE' })
  }
  const seal = findSeal(pdf)
  const carried = await checkLicenceData(pdf.embeddedFiles(seal))
  // What the data say of themselves chooses the list by which they are judged, and no more: all must then stand in that list.
  const trust = carried.data ? base.forDepartment(parseIdentifier(carried.data.identifier).issuerCode) : base
  const judged = await judgeSignatures(pdf, carried.isLicence, trust)
  const formatFindings = [formatFinding(pdf, carried), ...judged.flatMap(({ findings }) => findings)]
  const seals = judged.map(({ report }) => report)
  const worst = worstIndication(seals.filter(({ type }) => type === 'signature'))
  const sealJudged = judged.find(({ signature }) => signature === seal)
  if (!sealJudged || !carried.isLicence) {
    const risks = carried.isLicence ? [] : checkContentRisks(pdf, seal)
    const unanswered = carried.isLicence ? [] : questionsOfNoLicence(question)
    const findings = [
      ...formatFindings,
      ...risks,
      carried.finding,
      ...(await sealsOutOfUse(judged, trust)),
      ...unanswered,
    ]
    return report(trust, carried.isLicence ? 'licence' : 'document', findings, seals, worst)
  }
  const licence = await judgeLicence(carried, judged, sealJudged, { trust, base, question })
  const findings = [
    ...formatFindings,
    carried.finding,
    ...(await checkBody(input.bytes, carried.data, () => checkContentRisks(pdf, seal))),
    ...checkEmptyFields(pdf.emptyFields()),
    ...licence.findings,
  ]
  return report(trust, 'licence', findings, seals, worst, licence)
}

/** What is no PDF fails; what cannot be read for certain is not judged (EN 319 102-1 §5.2.2), yet nobody should rely on it. */
function unreadable(pdf: UnreadablePdf): { found: Finding; indication: Indication } {
  if (pdf.code === 'PADES_NOT_A_PDF')
    return { found: finding('format', 'failed', 'NOT_A_PDF'), indication: 'TOTAL-FAILED' }
  if (pdf.code === 'PADES_ENCRYPTED')
    return {
      found: finding('format', 'undecided', 'PDF_ENCRYPTED', { detail: pdf.detail }),
      indication: 'INDETERMINATE',
    }
  const { detail, lastReadable } = pdf
  const found =
    lastReadable === null
      ? finding('format', 'failed', 'PDF_UNREADABLE', { detail })
      : finding('format', 'failed', 'LAST_REVISION_BROKEN', {
          detail,
          end: lastReadable.end,
          fields: lastReadable.signatures.slice(0, 10).join(', '),
        })
  return { found, indication: 'INDETERMINATE' }
}

function formatFinding(pdf: SignedPdf, carried: CarriedLicence): Finding {
  if (pdf.signatures.some(({ type }) => type === 'signature')) {
    return finding('format', 'passed', 'PDF_READ', { count: pdf.signatures.length })
  }
  return carried.isLicence
    ? finding('format', 'failed', 'UNSEALED_LICENCE')
    : finding('format', 'undecided', 'UNSIGNED')
}

/** What was asked and a document without licence data cannot answer is not passed over: its acceptance would stand for a yes. */
function questionsOfNoLicence({ inForceAt, scannedStatement }: Question): Finding[] {
  return [
    ...(scannedStatement === undefined ? [] : [finding('statement', 'failed', 'SCANNED_CODE_OF_NO_LICENCE')]),
    ...(inForceAt === undefined ? [] : [finding('licence-status', 'undecided', 'STATUS_OF_NO_LICENCE')]),
  ]
}

async function sealsOutOfUse(judged: readonly JudgedSignature[], trust: Trust): Promise<Finding[]> {
  const { index } = requires(trust.policy, 'trustList') ? await trust.trustList() : { index: null }
  return judged.flatMap(({ signature, integrity: { signer }, provenAt }) =>
    index && signer && signature.type === 'signature' ? findSealOutOfUse(signer, provenAt, trust.at, index) : [],
  )
}

interface JudgedLicence {
  readonly findings: readonly Finding[]
  readonly licence: LicenceReport | null
  readonly statement: StatementReport | null
}

async function judgeLicence(
  carried: CarriedLicence,
  judged: readonly JudgedSignature[],
  seal: JudgedSignature,
  { trust, base, question }: { readonly trust: Trust; readonly base: Trust; readonly question: Question },
): Promise<JudgedLicence> {
  const { data, dataDigest, statementText } = carried
  if (data === null || dataDigest === null) return { findings: [], licence: null, statement: null }
  const identifier = parseIdentifier(data.identifier)
  const sealedDigest = await seal.digests.digest('SHA-256')
  const copy = copyInData(data)
  const copyId = copy?.copyId ?? null
  const register = checkRegister(trust.evidence.live, data.identifier, dataDigest, sealedDigest, copyId)
  const {
    index,
    chain,
    finding: listFinding,
  } = requires(trust.policy, 'trustList')
    ? await trust.trustList()
    : { index: null, chain: [], finding: finding('issuer', 'info', 'ISSUER_NOT_CHECKED') }
  const askRevocation = askRevocationBy(trust, chain)
  const proof = { confirmed: register.confirmed, provenAt: seal.provenAt }
  const seals = sealsOf(judged)
  const provenAts = seals.flatMap(({ provenAt }) => provenAt ?? [])
  const stated = await judgeStatement(statementText, data, dataDigest, index, trust, {
    ...proof,
    provenAts,
    askRevocation,
  })
  const issuedAt = stated.claims?.issuedAt ?? startOfDay(data.issuedOn)
  const listed = index
    ? [
        ...checkSeals(seals, identifier.issuerCode, issuedAt, trust.at, index, register.confirmed),
        ...(await checkIssuer(identifier, timesOfIssue(issuedAt, data), index, base)),
        ...checkListedNames(data, issuedAt, index),
      ]
    : []
  const issuer = index?.findEntity(identifier.issuerCode) ?? null
  const told = isFromIssuer(seal, stated.claims, listed, trust) ? register : withhold(register)
  const status = await checkLicenceStatus(data, copy, stated.claims, issuer, told.live, trust, question.inForceAt)
  const { scannedStatement } = question
  const { confirmed } = register
  const against = { embedded: statementText, data, dataDigest, index, at: trust.at, confirmed, askRevocation }
  const scanned = scannedStatement === undefined ? [] : await checkScanned(scannedStatement, against)
  const entitled = listed.find(({ check, outcome }) => check === 'issuer' && outcome !== 'info')
  return {
    findings: [
      listFinding,
      ...stated.findings,
      ...scanned,
      ...listed,
      told.finding,
      ...tellCopy(copy),
      ...status.findings,
    ],
    licence: {
      identifier: data.identifier,
      ...(copy && { copy }),
      status: status.status,
      asOf: status.asOf?.toISOString() ?? null,
      issuerEntitled: entitled ? entitled.outcome === 'passed' : null,
      replacedBy: status.replacedBy,
    },
    statement: stated.claims && describeStatement(stated.claims, index),
  }
}

/**
 * When the issuer must have been entitled: at the time of its statement, and on the day that the licence names where that is a later one.
 * A department may enter a day long past (paper stock, a licence sealed anew), on which the type need not have been its own. A copy is
 * stated when it is made, and its original may have been issued at any time before, from the day that it names on.
 */
function timesOfIssue(issuedAt: Date, { issuedOn, copy }: LicenceData): TimeOfIssue[] {
  const dayOfIssue = startOfDay(issuedOn)
  if (dayOfIssue > issuedAt) return [{ at: issuedAt }, { at: dayOfIssue }]
  return [copy ? { at: issuedAt, since: dayOfIssue } : { at: issuedAt }]
}

/** Whether something shows that the data are the issuer's: its statement about them, or a listed seal whose signature holds. */
function isFromIssuer(
  { report }: JudgedSignature,
  claims: StatementClaims | null,
  listed: readonly Finding[],
  trust: Trust,
): boolean {
  if (claims !== null || !requires(trust.policy, 'trustList')) return true
  return report.integrity === 'intact' && listed.some(({ code }) => code === 'SEAL_LISTED')
}

/** Whoever makes a document up and puts somebody's identifier in it is not told whether such a licence exists. */
function withhold({ live }: RegisterAnswer): Pick<RegisterAnswer, 'live' | 'finding'> {
  return { live: null, finding: finding('register', 'info', live ? 'REGISTER_NOT_TOLD' : 'REGISTER_NOT_ASKED') }
}

function sealsOf(judged: readonly JudgedSignature[]): SealOnLicence[] {
  return judged.flatMap(({ signature, integrity: { signer }, provenAt }) =>
    signature.type === 'signature' && signer ? [{ signer, provenAt }] : [],
  )
}

/** Statement of the document: there, readable, genuine, agreeing with the data. `claims` only of one that agrees. */
async function judgeStatement(
  text: string | null,
  data: LicenceData,
  dataDigest: Uint8Array,
  index: TrustIndex | null,
  trust: Trust,
  {
    provenAts,
    askRevocation,
    ...proof
  }: StatementProof & {
    readonly provenAts: readonly Date[]
    readonly askRevocation: AskRevocation
  },
): Promise<{ findings: Finding[]; claims: StatementClaims | null }> {
  if (text === null) return { findings: [finding('statement', 'failed', 'STATEMENT_MISSING')], claims: null }
  const read: ParsedStatement | Finding = readStatement(text)
  if ('code' in read) return { findings: [read], claims: null }
  const differences = [...compareStatement(read, data, dataDigest), ...compareTimes(read.claims, provenAts)]
  const signed = index
    ? await checkStatement(read, index, trust.at, proof, askRevocation)
    : [finding('statement', 'info', 'STATEMENT_NOT_CHECKED')]
  const findings = [...signed, ...differences]
  return { findings, claims: findings.some(({ outcome }) => outcome === 'failed') ? null : read.claims }
}

type Report = (
  ...parts: Parameters<typeof assemble> extends [unknown, ...infer Rest] ? Rest : never
) => Promise<VerificationReport>

async function assemble(
  { file, question }: { readonly file: string; readonly question: Question },
  trust: Trust,
  subject: Subject,
  findings: readonly Finding[],
  signatures: readonly SignatureReport[],
  worst: Pick<VerificationReport, 'indication' | 'subIndication'>,
  judged: Omit<JudgedLicence, 'findings'> = { licence: null, statement: null },
): Promise<VerificationReport> {
  const { verdict, reason, explanation } = conclude(findings, subject, judged.licence?.status ?? null, {
    signers: signatures.flatMap(({ type, signedBy }) => (type === 'signature' && signedBy ? [signedBy] : [])),
    inForceAt: question.inForceAt,
  })
  return {
    file,
    verdict,
    reason,
    ...worst,
    validationTime: trust.at.toISOString(),
    ...repeatQuestion(question),
    policy: await namePolicy(trust.policy),
    documentChangedAfterSeal: signatures.some(
      ({ laterChanges }) => laterChanges === 'not-permitted' || laterChanges === 'undecided',
    ),
    signatures,
    licence: judged.licence,
    statement: judged.statement,
    findings,
    explanation,
    lists: trust.lists(),
  }
}
