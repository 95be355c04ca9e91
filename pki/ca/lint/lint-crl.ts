import {
  contextTag,
  DerCursor,
  type DerElement,
  type DerLimits,
  equalBytes,
  expectTag,
  latin1,
  malformed,
  parseDer,
  readExplicit,
  readIntegerBytes,
  readSequence,
  readSmallInteger,
  readTime,
  TAG,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { checkPointName, isSerialSized } from './extensions.ts'
import { checkSignatureAlgorithm } from './key.ts'
import { readNamedBits } from './key-usage.ts'
import { checkTime } from './lint.ts'
import { checkName } from './names.ts'
import { type LintedExtension, readLintedExtensions, succeeds } from './read.ts'
import { collectFindings, type LintFinding, type Report } from './rules.ts'

/** Everything but the entries is small. */
const partLimits: DerLimits = { maxSize: 256 * 1024, maxDepth: 20, maxElements: 20_000 }

/**
 * Looks for the faults of a TBSCertList, DER, before it is signed (RFC 5280 §5). Never throws for any bytes; synchronous, some microseconds
 * an entry, whose octets are walked through without making a tree of them.
 */
export function lintCrl(tbs: Uint8Array): LintFinding[] {
  return collectFindings((report) => {
    if (!succeeds(() => checkList(tbs, report))) report('structure-malformed', 'TBSCertList')
  })
}

/** A field not yet parsed: the entries may be a million. */
interface Field {
  readonly tag: number
  readonly raw: Uint8Array
  readonly content: Uint8Array
}

function splitFields(tbs: Uint8Array): Field[] {
  const cursor = new DerCursor(tbs)
  cursor.read(0, tbs.length)
  const { end } = cursor
  if (cursor.tag !== TAG.sequence || end !== tbs.length) throw malformed(0, 'TBSCertList: expected one SEQUENCE')
  const fields: Field[] = []
  for (let at = cursor.contentStart; at < end; at = cursor.end) {
    cursor.read(at, end)
    fields.push({ tag: cursor.tag, raw: cursor.raw, content: tbs.subarray(cursor.contentStart, cursor.end) })
    if (fields.length > 7) throw malformed(at, 'TBSCertList: unexpected field')
  }
  if (fields.length < 3) throw malformed(0, 'TBSCertList: fields are missing')
  return fields
}

function checkList(tbs: Uint8Array, report: Report): void {
  const fields = splitFields(tbs)
  const next = (): DerElement => parseDer(fields.shift()?.raw ?? new Uint8Array(0), partLimits)
  const version = fields[0]?.tag === TAG.integer ? readSmallInteger(next(), 'version') : 0
  if (version !== 1) report('crl-version-not-2', 'version')
  checkSignatureAlgorithm(next(), report)
  const issuer = expectTag(next(), TAG.sequence, 'issuer')
  checkName(issuer, 'issuer', true, report)
  if (issuer.children.length === 0) report('issuer-empty', 'issuer')
  const thisUpdate = checkTime(next(), 'thisUpdate', report)
  const hasNext = fields[0]?.tag === TAG.utcTime || fields[0]?.tag === TAG.generalizedTime
  if (!hasNext) report('crl-next-update-absent', 'nextUpdate')
  else if (checkTime(next(), 'nextUpdate', report) <= thisUpdate) report('validity-negative', 'nextUpdate')
  if (fields[0]?.tag === TAG.sequence) checkEntries(fields.shift()!.content, thisUpdate, report)
  const wrapped = fields.length > 0 ? next() : undefined
  if (fields.length > 0) throw malformed(0, 'TBSCertList: unexpected field')
  checkExtensions(wrapped === undefined ? [] : readLintedExtensions(readExplicit(wrapped, 0, 'crlExtensions')), report)
}

/** Dates and extensions repeat from entry to entry: the same octets as last time are not looked at again. */
function checkEntries(list: Uint8Array, thisUpdate: Date, report: Report): void {
  const seen = new Set<string>()
  const cursor = new DerCursor(list)
  const none = new Uint8Array(0)
  let lastDate: Uint8Array = none
  let lastExtensions: Uint8Array = none
  if (list.length === 0) report('crl-list-empty', 'revokedCertificates')
  for (let at = 0; at < list.length; ) {
    cursor.read(at, list.length)
    const { end, tag } = cursor
    if (tag !== TAG.sequence) throw malformed(at, 'revokedCertificate: expected a SEQUENCE')
    cursor.read(cursor.contentStart, end)
    const serialNumber = latin1(readIntegerBytes(parseDer(cursor.raw), 'userCertificate'))
    if (seen.has(serialNumber)) report('crl-entry-repeated', 'revokedCertificates')
    seen.add(serialNumber)
    cursor.read(cursor.end, end)
    if (!equalBytes(cursor.raw, lastDate)) {
      lastDate = cursor.raw
      if (checkTime(parseDer(lastDate), 'revocationDate', report) > thisUpdate)
        report('crl-entry-in-future', 'revocationDate')
    }
    if (cursor.end < end) {
      cursor.read(cursor.end, end)
      if (cursor.end !== end) throw malformed(at, 'revokedCertificate: unexpected field')
      if (!equalBytes(cursor.raw, lastExtensions)) {
        lastExtensions = cursor.raw
        checkEntryExtensions(readLintedExtensions(parseDer(lastExtensions, partLimits)), report)
      }
    }
    at = end
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
