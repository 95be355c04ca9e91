import {
  contextTag,
  type DerElement,
  expectTag,
  malformed,
  readBoolean,
  readExplicit,
  readIntegerBytes,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  TAG,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { checkGeneralName, type NameRole } from './general-names.ts'
import { checkKeyUsage, readNamedBits } from './key-usage.ts'
import { checkPolicies, checkPolicyConstraints, checkPolicyMappings } from './policies.ts'
import type { LintedCertificate } from './read.ts'
import { succeeds } from './read.ts'
import type { Report } from './rules.ts'

interface Context {
  readonly certificate: LintedCertificate
  readonly keyOid: string | undefined
  readonly report: Report
}

/** What is demanded of one kind of extension. `check` throws `DER_MALFORMED` for a value that is not of its type. */
interface ExtensionRule {
  readonly critical?: 'must' | 'must-not' | 'should' | 'should-not'
  readonly onlyInCa?: true
  readonly check?: (value: DerElement, context: Context) => void
}

const generalNames =
  (where: string, role: NameRole = 'name') =>
  (value: DerElement, { report }: Context): void => {
    for (const name of readSequence(value, where, 1)) checkGeneralName(name, role, where, report)
  }

const extensionRules: Readonly<Record<string, ExtensionRule>> = {
  [OID.authorityKeyIdentifier]: { critical: 'must-not', check: checkAuthorityKeyIdentifier },
  [OID.subjectKeyIdentifier]: {
    critical: 'must-not',
    check: (value) => {
      if (readOctetString(value, 'subjectKeyIdentifier').length === 0) throw malformed(value.start, 'empty identifier')
    },
  },
  [OID.keyUsage]: {
    critical: 'should',
    check: (value, { certificate, keyOid, report }) => checkKeyUsage(value, certificate.isCa, keyOid, report),
  },
  [OID.privateKeyUsagePeriod]: { check: (value) => void readSequence(value, 'privateKeyUsagePeriod', 1, 2) },
  [OID.certificatePolicies]: { check: (value, { report }) => checkPolicies(value, report) },
  [OID.policyMappings]: {
    onlyInCa: true,
    check: (value, { report }) => checkPolicyMappings(value, report),
  },
  [OID.subjectAltName]: { check: generalNames('subjectAltName') },
  [OID.issuerAltName]: { critical: 'should-not', check: generalNames('issuerAltName') },
  '2.5.29.9': { critical: 'must-not', check: (value) => void readSequence(value, 'subjectDirectoryAttributes', 1) },
  [OID.basicConstraints]: { check: checkBasicConstraints },
  [OID.nameConstraints]: { critical: 'must', onlyInCa: true, check: checkNameConstraints },
  [OID.policyConstraints]: {
    critical: 'must',
    onlyInCa: true,
    check: (value, { report }) => checkPolicyConstraints(value, report),
  },
  [OID.inhibitAnyPolicy]: {
    critical: 'must',
    onlyInCa: true,
    check: (value) => void readSmallInteger(value, 'inhibitAnyPolicy'),
  },
  [OID.extKeyUsage]: { check: checkExtKeyUsage },
  [OID.cRLDistributionPoints]: { critical: 'should-not', check: checkDistributionPoints },
  [OID.freshestCRL]: { critical: 'must-not', check: checkDistributionPoints },
  [OID.authorityInfoAccess]: { critical: 'must-not', check: checkAccess },
  '1.3.6.1.5.5.7.1.11': { critical: 'must-not', check: checkAccess },
  [OID.ocspNoCheck]: {
    critical: 'should-not',
    check: (value, { certificate, report }) => {
      if (expectTag(value, TAG.null, 'ocspNoCheck').content.length > 0) throw malformed(value.start, 'not NULL')
      if (!readPurposes(certificate).includes(OID.ocspSigning)) report('ocsp-no-check-without-purpose', OID.ocspNoCheck)
    },
  },
  // S/MIME capabilities, certificate transparency, qualified statements: not ours, yet met in what others wrote
  '1.2.840.113549.1.9.15': { critical: 'must-not' },
  '1.3.6.1.4.1.11129.2.4.3': { critical: 'must' },
  '1.3.6.1.4.1.11129.2.4.2': {
    check: (value, { report }) => {
      if (readOctetString(value, 'SCT list').length <= 2) report('transparency-list-empty', 'SCT list')
    },
  },
  '1.3.6.1.5.5.7.1.3': {
    check: (value, { report }) => {
      for (const statement of readSequence(value, 'qcStatements', 1)) {
        const [id] = readSequence(statement, 'qcStatement', 1, 2)
        if (readOid(id, 'statementId') === '1.3.6.1.5.5.7.11.1') report('qualified-statement-obsolete', 'qcStatements')
      }
    },
  },
}

const criticalityCodes = {
  must: 'extension-must-be-critical',
  'must-not': 'extension-must-not-be-critical',
  should: 'extension-should-be-critical',
  'should-not': 'extension-should-not-be-critical',
} as const

/** Checks every extension by its own rules. */
export function checkExtensions(certificate: LintedCertificate, keyOid: string | undefined, report: Report): void {
  const seen = new Set<string>()
  for (const { oid, critical, value } of certificate.extensions) {
    if (seen.has(oid)) report('extension-repeated', oid)
    seen.add(oid)
    const rule = extensionRules[oid]
    if (rule === undefined) continue
    const wanted = rule.critical
    if (wanted !== undefined && critical !== (wanted === 'must' || wanted === 'should'))
      report(criticalityCodes[wanted], oid)
    if (rule.onlyInCa && !certificate.isCa) report('extension-for-ca-only', oid)
    const isWell = succeeds(() => {
      if (value === undefined) throw malformed(0, 'not DER')
      rule.check?.(value, { certificate, keyOid, report })
    })
    if (!isWell) report('extension-malformed', oid)
  }
}

function checkAuthorityKeyIdentifier(value: DerElement, { report }: Context): void {
  const tags = readSequence(value, 'authorityKeyIdentifier', 0, 3).map(({ tag }) => tag)
  const has = (number: number, constructed: boolean): boolean => tags.includes(contextTag(number, constructed))
  if (!has(0, false) || has(1, true) !== has(2, false))
    report('authority-key-identifier-incomplete', OID.authorityKeyIdentifier)
}

function checkBasicConstraints(value: DerElement, { certificate, report }: Context): void {
  const fields = [...readSequence(value, 'basicConstraints', 0, 2)]
  if (fields[0]?.tag === TAG.boolean && !readBoolean(fields.shift(), 'cA'))
    throw malformed(value.start, 'a DEFAULT is not encoded (X.690 §11.5)')
  if (fields.length > 0) readSmallInteger(fields[0], 'pathLenConstraint')
  if (fields.length > 0 && !certificate.isCa) report('path-length-without-ca', OID.basicConstraints)
  if (certificate.isCa && certificate.find(OID.basicConstraints)?.critical === false)
    report('extension-must-be-critical', OID.basicConstraints)
}

function checkNameConstraints(value: DerElement, { report }: Context): void {
  const subtrees = readSequence(value, 'nameConstraints', 0, 2)
  if (subtrees.length === 0) report('name-constraints-empty', OID.nameConstraints)
  for (const list of subtrees) {
    if (list.tag !== contextTag(0, true) && list.tag !== contextTag(1, true)) throw malformed(list.start, 'no subtrees')
    if (list.children.length === 0) throw malformed(list.start, 'no subtree')
    for (const subtree of list.children) {
      const [base, ...distances] = readSequence(subtree, 'GeneralSubtree', 1, 3)
      checkGeneralName(base!, 'constraint', 'nameConstraints', report)
      if (distances.length > 0) report('name-constraints-distance', OID.nameConstraints)
    }
  }
}

/** Purposes of a certificate that has its extension in order; none otherwise. */
function readPurposes(certificate: LintedCertificate): string[] {
  const value = certificate.find(OID.extKeyUsage)?.value
  const purposes: string[] = []
  if (value !== undefined)
    succeeds(() => purposes.push(...readSequence(value, 'extKeyUsage', 1).map((oid) => readOid(oid, 'extKeyUsage'))))
  return purposes
}

function checkExtKeyUsage(value: DerElement, { certificate, report }: Context): void {
  const purposes = readSequence(value, 'extKeyUsage', 1).map((oid) => readOid(oid, 'extKeyUsage'))
  const isCritical = certificate.find(OID.extKeyUsage)?.critical === true
  if (purposes.includes(OID.anyExtendedKeyUsage) && isCritical) report('any-purpose-critical', OID.extKeyUsage)
  const stampsTime = purposes.includes(OID.timeStamping) && !certificate.isCa
  if (stampsTime && (!isCritical || purposes.length > 1)) report('time-stamp-purpose', OID.extKeyUsage)
}

function checkDistributionPoints(value: DerElement, { report }: Context): void {
  for (const point of readSequence(value, 'cRLDistributionPoints', 1)) {
    let isNamed = false
    for (const field of readSequence(point, 'DistributionPoint', 0, 3)) {
      if (field.tag === contextTag(1, false)) readNamedBits(field, 'reasons', contextTag(1, false))
      else if (field.tag === contextTag(0, true)) checkPointName(readExplicit(field, 0, 'distributionPoint'), report)
      else if (field.tag !== contextTag(2, true)) throw malformed(field.start, 'DistributionPoint: unexpected field')
      if (field.tag !== contextTag(1, false)) isNamed = true
    }
    if (!isNamed) report('distribution-point-empty', 'cRLDistributionPoints')
  }
}

/** DistributionPointName: full names, or one relative to the issuer. */
export function checkPointName(element: DerElement, report: Report): void {
  if (element.tag === contextTag(1, true)) return
  if (element.tag !== contextTag(0, true) || element.children.length === 0)
    throw malformed(element.start, 'DistributionPointName: unexpected choice')
  for (const name of element.children) checkGeneralName(name, 'name', 'distributionPoint', report)
}

function checkAccess(value: DerElement, { report }: Context): void {
  for (const description of readSequence(value, 'infoAccess', 1)) {
    const [method, location] = readSequence(description, 'accessDescription', 2, 2)
    readOid(method, 'accessMethod')
    checkGeneralName(location!, 'name', 'accessLocation', report)
  }
}

/** CRLNumber and BaseCRLNumber: positive, at most 20 octets. */
export function isSerialSized(element: DerElement, what: string): boolean {
  const octets = readIntegerBytes(element, what)
  return octets.length <= 20 && octets[0]! < 0x80
}
