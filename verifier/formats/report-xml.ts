// The report as ETSI TS 119 102-2 V1.4.1 has it: one SignatureValidationReport for each seal, document time stamps as validation objects.
import { toBase64 } from '../../licence-format/index.ts'
import { asn1 } from '../../pki/index.ts'
import { indicationUrn, subIndicationUrn } from '../indications.ts'
import type { CheckName, Finding, Indication, SignatureReport, SubIndication, Verdict } from '../report.ts'
import { escapeMarkup } from './escape.ts'
import type { AnyReport, ReportFacts } from './facts.ts'

const NAMESPACES =
  'xmlns:vr="http://uri.etsi.org/19102/v1.4.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:XAdES="http://uri.etsi.org/01903/v1.3.2#"'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/** What XML 1.0 has no place for, and the controls it would let a document smuggle along (§2.2). */
const UNWRITABLE = /[\p{Cc}\ufffe\uffff]/gu

/** A text as content or quoted attribute of XML 1.0. */
function escapeXml(text: string): string {
  const writable = text.toWellFormed().replace(UNWRITABLE, '\ufffd')
  return escapeMarkup(writable)
}

/** An element with content that is XML already. */
function element(name: string, ...content: readonly string[]): string {
  return `<vr:${name}>${content.join('')}</vr:${name}>`
}

/** An element with a text. */
const textElement = (name: string, text: string): string => element(name, escapeXml(text))

/**
 * A whole XML document in UTF-8, valid under the schema of TS 119 102-2 V1.4.1. Checks that are about the licence and not about one seal
 * are constraints of its first report. Of a QR text the one report is about its statement's signature.
 */
export function renderReportXml(report: AnyReport, facts: ReportFacts = {}): string {
  const seals = 'signatures' in report ? report.signatures.filter(({ type }) => type === 'signature') : []
  const stamps = 'signatures' in report ? report.signatures.filter(({ type }) => type !== 'signature') : []
  const reports = seals.map((seal, index) => sealReport(seal, index, report, facts))
  const all = reports.length > 0 ? reports : [bareReport(report, facts)]
  return `<?xml version="1.0" encoding="UTF-8"?>
<vr:ValidationReport ${NAMESPACES}>${all.join('')}${stampObjects(stamps, report)}</vr:ValidationReport>
`
}

function sealReport(seal: SignatureReport, index: number, report: AnyReport, facts: ReportFacts): string {
  const isOf = ({ field }: Finding) => field === seal.field || (index === 0 && field === undefined)
  return element(
    'SignatureValidationReport',
    identifier(seal, `S-${index + 1}`),
    constraints(report.findings.filter(isOf), report),
    times(report.validationTime, seal),
    signersDocument(seal.signedDigest ?? facts.subjectDigest),
    seal.claimedSigningTime === null ? '' : attributes(seal.claimedSigningTime),
    process(),
    status('SignatureValidationStatus', seal),
    others(seal, index, report),
  )
}

/** Where there is no signature to report about: a file that is none, or a QR text. */
function bareReport(report: AnyReport, facts: ReportFacts): string {
  const said = 'indication' in report ? report : { indication: ofStatement(report.findings), subIndication: null }
  return element(
    'SignatureValidationReport',
    constraints(report.findings, report),
    signersDocument(facts.subjectDigest),
    process(),
    status('SignatureValidationStatus', said),
    element('OtherInformation', verdictOf(report)),
  )
}

/** A statement's own signature; what it says of the licence is not about the signature. */
function ofStatement(findings: readonly Finding[]): Indication {
  const about = findings.filter(({ check }) => check === 'statement')
  if (about.some(({ outcome }) => outcome === 'failed')) return 'TOTAL-FAILED'
  return about.some(({ outcome }) => outcome === 'passed') ? 'TOTAL-PASSED' : 'INDETERMINATE'
}

function digest(hex: string): string {
  const value = toBase64(asn1.fromHex(hex))
  return element(
    'DigestAlgAndValue',
    `<ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue>${value}</ds:DigestValue>`,
  )
}

const isDigest = (hex: string | null | undefined): hex is string => /^[0-9a-f]{64}$/.test(hex ?? '')

/** Its field names a signature within its document. */
function identifier({ field }: SignatureReport, id: string): string {
  const content = ['HashOnly', 'DocHashOnly'].map((name) => element(name, 'false')).join('')
  return `<vr:SignatureIdentifier id="${id}">${content}${textElement('DAIdentifier', field)}</vr:SignatureIdentifier>`
}

function signersDocument(hex: string | null | undefined): string {
  return isDigest(hex) ? element('SignersDocument', digest(hex)) : ''
}

const CONSTRAINT: Readonly<Record<Finding['outcome'], string>> = {
  passed: 'applied',
  failed: 'applied',
  undecided: 'applied',
  info: 'disabled',
}

function constraints(findings: readonly Finding[], report: AnyReport): string {
  return element('ValidationConstraintsEvaluationReport', policy(report), ...findings.map(constraint))
}

function policy({ policy: { id, digest: hex } }: AnyReport): string {
  const hash = `<XAdES:SigPolicyHash><ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue>${toBase64(asn1.fromHex(hex))}</ds:DigestValue></XAdES:SigPolicyHash>`
  const name = `<XAdES:SigPolicyId><XAdES:Identifier>${escapeXml(id)}</XAdES:Identifier></XAdES:SigPolicyId>`
  const named = `<XAdES:SignaturePolicyId>${name}${hash}</XAdES:SignaturePolicyId>`
  return element('SignatureValidationPolicy', element('SignaturePolicyIdentifier', named))
}

const BLOCK: Readonly<Record<Exclude<Finding['outcome'], 'info'>, Parameters<typeof indicationUrn>[0]>> = {
  passed: 'PASSED',
  failed: 'FAILED',
  undecided: 'INDETERMINATE',
}

/** One check of ours as one constraint; its sentence goes along as a parameter. */
function constraint({ check, code, outcome, message }: Finding): string {
  const said =
    outcome === 'info' ? '' : element('ValidationStatus', element('MainIndication', indicationUrn(BLOCK[outcome])))
  return element(
    'ValidationConstraint',
    textElement('ValidationConstraintIdentifier', urnOf(check, code)),
    element(
      'ValidationConstraintParameter',
      textElement('Type', 'urn:zhengyin:sentence:zh'),
      textElement('Value', message.zh),
    ),
    element(
      'ValidationConstraintParameter',
      textElement('Type', 'urn:zhengyin:sentence:en'),
      textElement('Value', message.en),
    ),
    element('ConstraintStatus', element('Status', `urn:etsi:019102:constraintStatus:${CONSTRAINT[outcome]}`)),
    said,
  )
}

const urnOf = (check: CheckName, code: string): string => `urn:zhengyin:check:${check}:${code}`

function times(validationTime: string, { bestSignatureTime }: SignatureReport): string {
  const isProven = bestSignatureTime !== validationTime
  return element(
    'ValidationTimeInfo',
    textElement('ValidationTime', validationTime),
    element(
      'BestSignatureTime',
      textElement('POETime', bestSignatureTime),
      textElement('TypeOfProof', `urn:etsi:019102:poetype:${isProven ? 'validation' : 'provided'}`),
    ),
  )
}

/** Only what is a time as XML Schema has it: a signer may claim anything. */
function attributes(claimedSigningTime: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(claimedSigningTime)
  if (!isTime) return ''
  return element('SignatureAttributes', element('SigningTime', textElement('Time', claimedSigningTime)))
}

/** EN 319 102-1 §5.6: validation of signatures with archival data. */
const process = (): string =>
  element(
    'SignatureValidationProcess',
    textElement('SignatureValidationProcessID', 'urn:etsi:019102:validationprocess:LTA'),
  )

function status(
  name: string,
  { indication, subIndication }: { readonly indication: Indication; readonly subIndication: SubIndication | null },
): string {
  return element(
    name,
    textElement('MainIndication', indicationUrn(indication)),
    subIndication === null ? '' : textElement('SubIndication', subIndicationUrn(subIndication)),
  )
}

/** What the schema has no element for, in the order of our report. */
function others(seal: SignatureReport, index: number, report: AnyReport): string {
  const lines = [`level: ${seal.level}`, `integrity: ${seal.integrity}`, `later changes: ${seal.laterChanges}`]
  if (seal.signedBy !== null) lines.unshift(`signed by: ${seal.signedBy}`)
  return element('OtherInformation', index === 0 ? `${verdictOf(report)}; ` : '', escapeXml(lines.join('; ')))
}

const WORDS: Readonly<Record<Verdict, string>> = { accepted: 'accepted', refused: 'refused', undecided: 'undecided' }

/** Seal, licence and issuer together. */
const verdictOf = ({ verdict, reason }: AnyReport): string => escapeXml(`verdict: ${WORDS[verdict]}; reason: ${reason}`)

function stampObjects(stamps: readonly SignatureReport[], report: AnyReport): string {
  if (stamps.length === 0) return ''
  return element('SignatureValidationObjects', ...stamps.map((stamp, index) => stampObject(stamp, index, report)))
}

function stampObject(stamp: SignatureReport, index: number, report: AnyReport): string {
  const represented = isDigest(stamp.signedDigest)
    ? digest(stamp.signedDigest)
    : textElement('URI', `urn:zhengyin:field:${encodeURIComponent(stamp.field.toWellFormed())}`)
  const content = [
    textElement('ObjectType', 'urn:etsi:019102:validationObject:timestamp'),
    element('ValidationObjectRepresentation', represented),
    element(
      'ValidationReport',
      identifier(stamp, `T-${index + 1}`),
      constraints(
        report.findings.filter(({ field }) => field === stamp.field),
        report,
      ),
      status('SignatureValidationStatus', stamp),
    ),
  ]
  return `<vr:ValidationObject id="V-${index + 1}">${content.join('')}</vr:ValidationObject>`
}
