import {
  contextTag,
  type DerElement,
  type DerLimits,
  expectTag,
  malformed,
  parseDer,
  readExplicit,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
  toHex,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { checkPointName, isSerialSized } from './extensions.ts'
import { checkSignatureAlgorithm } from './key.ts'
import { readNamedBits } from './key-usage.ts'
import { checkTime } from './lint.ts'
import { checkName } from './names.ts'
import { type LintedExtension, readLintedExtensions, succeeds } from './read.ts'
import { collectFindings, type LintFinding, type Report } from './rules.ts'

const limits: DerLimits = { maxSize: 64 * 1024 * 1024, maxDepth: 20, maxElements: 6_000_000 }

/** Looks for the faults of a TBSCertList, DER, before it is signed (RFC 5280 §5). Never throws for any bytes; synchronous. */
export function lintCrl(tbs: Uint8Array): LintFinding[] {
  return collectFindings((report) => {
    if (!succeeds(() => checkList(parseDer(tbs, limits), report))) report('structure-malformed', 'TBSCertList')
  })
}

function checkList(element: DerElement, report: Report): void {
  const fields = [...readSequence(element, 'TBSCertList', 3, 7)]
  const version = fields[0]?.tag === TAG.integer ? readSmallInteger(fields.shift(), 'version') : 0
  if (version !== 1) report('crl-version-not-2', 'version')
  checkSignatureAlgorithm(fields.shift()!, report)
  const issuer = expectTag(fields.shift(), TAG.sequence, 'issuer')
  checkName(issuer, 'issuer', true, report)
  if (issuer.children.length === 0) report('issuer-empty', 'issuer')
  const thisUpdate = checkTime(fields.shift()!, 'thisUpdate', report)
  const hasNext = fields[0]?.tag === TAG.utcTime || fields[0]?.tag === TAG.generalizedTime
  if (!hasNext) report('crl-next-update-absent', 'nextUpdate')
  else if (checkTime(fields.shift()!, 'nextUpdate', report) <= thisUpdate) report('validity-negative', 'nextUpdate')
  if (fields[0]?.tag === TAG.sequence) checkEntries(fields.shift()!, thisUpdate, report)
  const wrapped = fields.shift()
  if (fields.length > 0) throw malformed(element.start, 'TBSCertList: unexpected field')
  checkExtensions(wrapped === undefined ? [] : readLintedExtensions(readExplicit(wrapped, 0, 'crlExtensions')), report)
}

function checkEntries(list: DerElement, thisUpdate: Date, report: Report): void {
  const seen = new Set<string>()
  if (list.children.length === 0) report('crl-list-empty', 'revokedCertificates')
  for (const entry of list.children) {
    const [serial, date, extensions] = readSequence(entry, 'revokedCertificate', 2, 3)
    const name = toHex(readIntegerBytes(serial, 'userCertificate'))
    if (seen.has(name)) report('crl-entry-repeated', 'revokedCertificates')
    seen.add(name)
    if (checkTime(date!, 'revocationDate', report) > thisUpdate) report('crl-entry-in-future', 'revocationDate')
    if (extensions !== undefined) checkEntryExtensions(readLintedExtensions(extensions), report)
  }
}

function checkEntryExtensions(extensions: readonly LintedExtension[], report: Report): void {
  checkRepetition(extensions, report)
  for (const { oid, critical, value } of extensions) {
    const isOurs = oid === OID.reasonCode || oid === OID.invalidityDate
    if (isOurs && critical) report('extension-must-not-be-critical', oid)
    const isWell = succeeds(() => {
      if (value === undefined) throw malformed(0, 'not DER')
      if (oid === OID.invalidityDate) readTime(value, 'invalidityDate')
      if (oid === OID.reasonCode && readSmallInteger(value, 'reasonCode', TAG.enumerated) === 0)
        report('crl-reason-unspecified', oid)
    })
    if (!isWell) report('extension-malformed', oid)
  }
}

function checkRepetition(extensions: readonly LintedExtension[], report: Report): void {
  const seen = new Set<string>()
  for (const { oid } of extensions) {
    if (seen.has(oid)) report('extension-repeated', oid)
    seen.add(oid)
  }
}

const mustBeCritical: Readonly<Record<string, boolean>> = {
  [OID.authorityKeyIdentifier]: false,
  [OID.cRLNumber]: false,
  [OID.issuingDistributionPoint]: true,
  [OID.deltaCRLIndicator]: true,
}

function checkExtensions(extensions: readonly LintedExtension[], report: Report): void {
  checkRepetition(extensions, report)
  const has = (oid: string): boolean => extensions.some((extension) => extension.oid === oid)
  if (!has(OID.authorityKeyIdentifier)) report('authority-key-identifier-absent', OID.authorityKeyIdentifier)
  if (!has(OID.cRLNumber)) report('crl-number-absent', OID.cRLNumber)
  for (const { oid, critical, value } of extensions) {
    const wanted = mustBeCritical[oid]
    if (wanted !== undefined && wanted !== critical)
      report(wanted ? 'extension-must-be-critical' : 'extension-must-not-be-critical', oid)
    const isWell = succeeds(() => {
      if (value === undefined) throw malformed(0, 'not DER')
      if (oid === OID.issuingDistributionPoint) checkPoint(value, report)
      if ((oid === OID.cRLNumber || oid === OID.deltaCRLIndicator) && !isSerialSized(value, 'cRLNumber'))
        report('crl-number-out-of-range', oid)
    })
    if (!isWell) report('extension-malformed', oid)
  }
}

/** issuingDistributionPoint (RFC 5280 §5.2.5): says something, and at most one of "only user", "only CA", "only attribute". */
function checkPoint(value: DerElement, report: Report): void {
  const fields = readSequence(value, 'issuingDistributionPoint', 0, 6)
  if (fields.length === 0) report('crl-point-empty', OID.issuingDistributionPoint)
  let only = 0
  let last = -1
  for (const field of fields) {
    const number = field.tag & 0x1f
    if (number <= last || number > 5) throw malformed(field.start, 'issuingDistributionPoint: unexpected field')
    last = number
    if (number === 0) checkPointName(readExplicit(field, 0, 'distributionPoint'), report)
    else if (number === 3) readNamedBits(field, 'onlySomeReasons', contextTag(3, false))
    else {
      // A FALSE would be the DEFAULT, which DER leaves out.
      if (field.content.length !== 1 || field.content[0] !== 0xff) throw malformed(field.start, 'not a DER TRUE')
      if (number !== 4) only += 1
    }
  }
  if (only > 1) report('crl-point-contradictory', OID.issuingDistributionPoint)
}
