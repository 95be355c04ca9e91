import {
  type DerElement,
  equalBytes,
  latin1,
  parseDer,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { checkExtensions } from './extensions.ts'
import { checkKey, checkSignatureAlgorithm } from './key.ts'
import { checkLegalPerson } from './legal-person.ts'
import { checkName, type LintedAttribute } from './names.ts'
import { type LintedCertificate, readTbsCertificate, succeeds } from './read.ts'
import { collectFindings, type LintFinding, type Report } from './rules.ts'

/** `legal-person` adds EN 319 412-3 to RFC 5280. */
export type LintProfile = 'pkix' | 'legal-person'

export interface LintOptions {
  readonly profile?: LintProfile
  /** whether the certificate's own key signs it; taken from its names when left out */
  readonly selfSigned?: boolean
}

const limits = { maxSize: 256 * 1024, maxDepth: 30, maxElements: 20_000 }

/**
 * Looks for the faults of a TBSCertificate, DER, before it is signed (RFC 5280 §4; EN 319 412-2 and -3). Reads with readers of its own
 * besides those of `asn1`, so that what the encoder does wrong is not read wrong alike. Never throws for any bytes; synchronous.
 */
export function lint(tbs: Uint8Array, options: LintOptions = {}): LintFinding[] {
  return collectFindings((report) => {
    const isWell = succeeds(() => checkCertificate(readTbsCertificate(parseDer(tbs, limits)), options, report))
    if (!isWell) report('structure-malformed', 'TBSCertificate')
  })
}

function checkCertificate(certificate: LintedCertificate, options: LintOptions, report: Report): void {
  const isLegalPerson = options.profile === 'legal-person'
  checkVersion(certificate, report)
  checkSerialNumber(certificate.serialNumber, report)
  checkSignatureAlgorithm(certificate.signature, report)
  checkValidity(certificate.validity, report)
  if (certificate.hasUniqueIdentifier) report('unique-identifier-present', 'TBSCertificate')
  checkName(certificate.issuer, 'issuer', !isLegalPerson, report)
  if (certificate.issuer.children.length === 0) report('issuer-empty', 'issuer')
  const subject = checkName(certificate.subject, 'subject', !isLegalPerson, report)
  checkSubject(certificate, subject, report)
  const keyOid = checkKey(certificate, report)
  checkPresence(certificate, options, report)
  checkExtensions(certificate, keyOid, report)
  if (isLegalPerson) checkLegalPerson(certificate, subject, report)
}

function checkVersion({ version }: LintedCertificate, report: Report): void {
  let number = 0
  const isWell = succeeds(() => {
    if (version !== undefined) number = readSmallInteger(version, 'version')
  })
  if (!isWell || number !== 2) report('version-not-3', 'version')
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function checkSerialNumber(element: DerElement, report: Report): void {
  const isWell = succeeds(() => {
    const octets = readIntegerBytes(element, 'serialNumber')
    if (octets.length > 20 || octets[0]! >= 0x80 || octets.every((octet) => octet === 0))
      report('serial-number-out-of-range', 'serialNumber')
  })
  if (!isWell) report('serial-number-out-of-range', 'serialNumber')
}

function checkValidity(element: DerElement, report: Report): void {
  const isWell = succeeds(() => {
    const [from, to] = readSequence(element, 'validity', 2, 2).map((time) => checkTime(time, 'validity', report))
    if (from! > to!) report('validity-negative', 'validity')
  })
  if (!isWell) report('time-malformed', 'validity')
}

/** A time, which through 2049 is a UTCTime and from 2050 on a GeneralizedTime; throws `DER_MALFORMED`. */
export function checkTime(element: DerElement, where: string, report: Report): Date {
  const time = readTime(element, where)
  const isUtc = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050
  if ((element.tag === TAG.utcTime) !== isUtc) report('time-encoding-wrong', where)
  return time
}

/** RFC 5280 §4.1.2.6, §4.2.1.6: an empty subject needs alternative names, critical; an address in it stands among them as well. */
function checkSubject(certificate: LintedCertificate, subject: readonly LintedAttribute[], report: Report): void {
  const alternative = certificate.find(OID.subjectAltName)
  const isEmpty = certificate.subject.children.length === 0
  if (isEmpty && (certificate.isCa || alternative === undefined)) report('subject-empty', 'subject')
  if (alternative !== undefined && isEmpty && !alternative.critical)
    report('extension-must-be-critical', OID.subjectAltName)
  if (alternative?.critical === true && !isEmpty) report('extension-should-not-be-critical', OID.subjectAltName)
  const mailboxes = (alternative?.value?.children ?? [])
    .filter(({ tag }) => tag === 0x81)
    .map(({ content }) => latin1(content).toLowerCase())
  for (const { type, text } of subject) {
    if (type === OID.emailAddress && !mailboxes.includes(text.toLowerCase()))
      report('subject-email-not-in-alternative-names', 'subject')
  }
}

/** The extensions that must be there (RFC 5280 §4.2.1.1 to §4.2.1.3). */
function checkPresence(certificate: LintedCertificate, { selfSigned }: LintOptions, report: Report): void {
  const { isCa, find } = certificate
  const isSelfSigned = selfSigned ?? equalBytes(certificate.issuer.raw, certificate.subject.raw)
  if (find(OID.authorityKeyIdentifier) === undefined && !(isCa && isSelfSigned))
    report('authority-key-identifier-absent', OID.authorityKeyIdentifier)
  if (find(OID.subjectKeyIdentifier) === undefined)
    report(isCa ? 'subject-key-identifier-absent-in-ca' : 'subject-key-identifier-absent', OID.subjectKeyIdentifier)
  if (isCa && find(OID.keyUsage) === undefined) report('key-usage-absent-in-ca', OID.keyUsage)
}
