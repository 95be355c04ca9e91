import { contextTag, type DerElement, latin1, readOid, readSequence, TAG } from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import type { KeyUsage } from '../../x509/extensions.ts'
import { countries } from './countries.ts'
import { checkDiscouraged } from './key.ts'
import { readUsages } from './key-usage.ts'
import type { LintedAttribute } from './names.ts'
import { type LintedCertificate, succeeds } from './read.ts'
import type { Report } from './rules.ts'

const QC_STATEMENTS = '1.3.6.1.5.5.7.1.3'

/** Checks what EN 319 412-3 demands of a legal person's certificate, with EN 319 412-2 whose clauses it takes over. */
export function checkLegalPerson(
  certificate: LintedCertificate,
  subject: readonly LintedAttribute[],
  report: Report,
): void {
  checkSubject(certificate, subject, report)
  checkDiscouraged(certificate, report)
  if (certificate.extensions.length === 0) report('extensions-absent', 'extensions')
  else {
    checkPresence(certificate, report)
    checkSetting(certificate, report)
    checkAddresses(certificate, report)
  }
}

/** EN 319 412-3 §4.2.1. */
function checkSubject(certificate: LintedCertificate, subject: readonly LintedAttribute[], report: Report): void {
  const valuesOf = (type: string): string[] => subject.filter((one) => one.type === type).map(({ text }) => text)
  for (const type of [OID.countryName, OID.organizationName, OID.organizationIdentifier, OID.commonName]) {
    const { length } = valuesOf(type)
    if (length === 0) report('legal-subject-attribute-absent', type)
    if (length > 1) report('legal-subject-attribute-repeated', type)
  }
  if (valuesOf(OID.countryName).some((code) => !countries.has(code.toUpperCase())))
    report('legal-country-unknown', OID.countryName)
  const [identifier] = valuesOf(OID.organizationIdentifier)
  const [organisation] = valuesOf(OID.organizationName)
  if (identifier === undefined) return
  if (identifier.toLowerCase() === organisation?.toLowerCase())
    report('legal-identifier-is-name', OID.organizationIdentifier)
  if (!fitsSemantics(identifier, readSemantics(certificate)))
    report('legal-identifier-syntax', OID.organizationIdentifier)
}

const SEMANTICS_LEGAL = '0.4.0.194121.1.2'
const SEMANTICS_EIDAS_LEGAL = '0.4.0.194121.1.4'

/** EN 319 412-1 §5.1.4 and §5.1.6, which bind where a statement in the certificate claims them. */
function fitsSemantics(identifier: string, semantics: string | undefined): boolean {
  if (semantics === SEMANTICS_LEGAL) return /^([A-Z]{3}|[A-Za-z]{2}:)[A-Z]{2}-./.test(identifier)
  if (semantics === SEMANTICS_EIDAS_LEGAL) return !/\s/.test(identifier) && [...identifier].length <= 256
  return true
}

/** The semantics identifier of the statement id-qcs-pkixQCSyntax-v2 (RFC 3739 §3.2.6.1), if there is one. */
function readSemantics(certificate: LintedCertificate): string | undefined {
  let semantics: string | undefined
  succeeds(() => {
    for (const statement of certificate.find(QC_STATEMENTS)?.value?.children ?? []) {
      const [id, information] = readSequence(statement, 'qcStatement', 1, 2)
      if (readOid(id, 'statementId') === '1.3.6.1.5.5.7.11.2' && information?.children[0]?.tag === TAG.oid)
        semantics = readOid(information.children[0], 'semanticsIdentifier')
    }
  })
  return semantics
}

/** EN 319 412-2 §4.3, §4.4: what must, must not be there, and must not be critical. */
function checkPresence(certificate: LintedCertificate, report: Report): void {
  for (const oid of [OID.keyUsage, OID.certificatePolicies, OID.authorityInfoAccess])
    if (certificate.find(oid) === undefined) report('legal-extension-absent', oid)
  for (const oid of [OID.policyMappings, OID.nameConstraints, OID.policyConstraints, OID.inhibitAnyPolicy])
    if (certificate.find(oid) !== undefined) report('legal-extension-prohibited', oid)
  for (const oid of [OID.subjectAltName, OID.issuerAltName, OID.extKeyUsage, OID.cRLDistributionPoints])
    if (certificate.find(oid)?.critical === true) report('legal-extension-critical', oid)
  if (certificate.find(OID.certificatePolicies)?.critical === true)
    report('legal-policies-critical', OID.certificatePolicies)
}

/** The settings of table 1, C for "keyEncipherment or keyAgreement". Mixed are those of more than one letter. */
const settings = ['N', 'DN', 'D', 'CD', 'C', 'CDN']

const letters: Readonly<Partial<Record<KeyUsage, string>>> = {
  contentCommitment: 'N',
  digitalSignature: 'D',
  keyEncipherment: 'C',
  keyAgreement: 'C',
}

function checkSetting(certificate: LintedCertificate, report: Report): void {
  const value = certificate.find(OID.keyUsage)?.value
  if (value === undefined) return
  succeeds(() => {
    const usages = [...readUsages(value)].map((usage) => letters[usage] ?? '?')
    const setting = [...usages].sort().join('')
    if (!settings.includes(setting)) report('legal-key-usage-setting', OID.keyUsage)
    else if (setting.length > 1) report('legal-key-usage-mixed', OID.keyUsage)
  })
}

const isUri = (name: DerElement, ...schemes: readonly string[]): boolean =>
  name.tag === contextTag(6, false) &&
  schemes.some((scheme) => latin1(name.content).toLowerCase().startsWith(`${scheme}://`))

/** EN 319 412-2 §4.3.11, §4.4.1: where revocation is to be learnt and where the issuer's certificate is. */
function checkAddresses(certificate: LintedCertificate, report: Report): void {
  const access = readAccess(certificate.find(OID.authorityInfoAccess)?.value)
  const points = certificate.find(OID.cRLDistributionPoints)
  const ocsp = access.filter(({ method }) => method === OID.ocsp)
  const issuers = access.filter(({ method }) => method === OID.caIssuers)
  const isHttp = ({ location }: { location: DerElement }): boolean => isUri(location, 'http', 'https')
  if (points === undefined) {
    if (!ocsp.some(isHttp)) report('legal-crl-address-absent', OID.cRLDistributionPoints)
    if (access.length > 0 && ocsp.length === 0) report('legal-ocsp-address-absent', OID.authorityInfoAccess)
    else if (ocsp.length > 0 && !ocsp.some(isHttp)) report('legal-ocsp-address-scheme', OID.authorityInfoAccess)
  } else if (!readPointNames(points.value).some((name) => isUri(name, 'http', 'ldap')))
    report('legal-crl-address-scheme', OID.cRLDistributionPoints)
  if (certificate.find(OID.authorityInfoAccess) === undefined) return
  if (issuers.length === 0) report('legal-issuer-address-absent', OID.authorityInfoAccess)
  else if (!issuers.some(isHttp)) report('legal-issuer-address-scheme', OID.authorityInfoAccess)
}

function readAccess(value: DerElement | undefined): { method: string; location: DerElement }[] {
  const found: { method: string; location: DerElement }[] = []
  if (value !== undefined)
    succeeds(() => {
      for (const description of readSequence(value, 'authorityInfoAccess')) {
        const [method, location] = readSequence(description, 'accessDescription', 2, 2)
        found.push({ method: readOid(method, 'accessMethod'), location: location! })
      }
    })
  return found
}

/** Every name in the fullName of every point. */
function readPointNames(value: DerElement | undefined): DerElement[] {
  const points = value?.children ?? []
  return points.flatMap((point) =>
    point.children
      .filter(({ tag }) => tag === contextTag(0, true))
      .flatMap((name) =>
        name.children.filter(({ tag }) => tag === contextTag(0, true)).flatMap((full) => full.children),
      ),
  )
}
