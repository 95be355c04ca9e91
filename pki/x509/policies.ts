import { contextTag, malformed, parseDer, readOid, readSequence, readSmallInteger } from '../asn1/index.ts'
import { OID } from '../oids.ts'
import { type Certificate, memoise } from './certificate.ts'

export const ANY_POLICY = '2.5.29.32.0'

/** What the four policy extensions of a certificate say (RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14). */
export interface CertificatePolicies {
  /** dotted OIDs, each once; `undefined` without the extension */
  readonly policies: ReadonlySet<string> | undefined
  /** policies of the subject's domain by policy of the issuer's */
  readonly mappings: ReadonlyMap<string, ReadonlySet<string>>
  readonly requireExplicitPolicy: number | undefined
  readonly inhibitPolicyMapping: number | undefined
  readonly inhibitAnyPolicy: number | undefined
}

/** The policy extensions of a certificate, parsed once; throws `DER_MALFORMED`. */
export const policiesOf = memoise((certificate: Certificate): CertificatePolicies => {
  const value = (oid: string): Uint8Array | undefined => certificate.extensions.get(oid)?.value
  const inhibitAny = value(OID.inhibitAnyPolicy)
  return {
    policies: parsePolicies(value(OID.certificatePolicies)),
    mappings: parseMappings(value(OID.policyMappings)),
    ...parseConstraints(value(OID.policyConstraints)),
    inhibitAnyPolicy: inhibitAny === undefined ? undefined : readSmallInteger(parseDer(inhibitAny), 'inhibitAnyPolicy'),
  }
})

/** Qualifiers restrict nothing (RFC 5280 §4.2.1.4), so they are passed over. */
function parsePolicies(der: Uint8Array | undefined): ReadonlySet<string> | undefined {
  if (der === undefined) return undefined
  const policies = new Set<string>()
  for (const information of readSequence(parseDer(der), 'certificatePolicies', 1)) {
    const [identifier] = readSequence(information, 'PolicyInformation', 1, 2)
    const policy = readOid(identifier, 'policyIdentifier')
    if (policies.has(policy)) throw malformed(information.start, `certificatePolicies: ${policy} occurs twice`)
    policies.add(policy)
  }
  return policies
}

function parseMappings(der: Uint8Array | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const mappings = new Map<string, Set<string>>()
  if (der === undefined) return mappings
  for (const pair of readSequence(parseDer(der), 'policyMappings', 1)) {
    const [issuer, subject] = readSequence(pair, 'policyMapping', 2, 2)
    const from = readOid(issuer, 'issuerDomainPolicy')
    const to = readOid(subject, 'subjectDomainPolicy')
    const known = mappings.get(from)
    if (known === undefined) mappings.set(from, new Set([to]))
    else known.add(to)
  }
  return mappings
}

function parseConstraints(
  der: Uint8Array | undefined,
): Pick<CertificatePolicies, 'requireExplicitPolicy' | 'inhibitPolicyMapping'> {
  const skips: [number | undefined, number | undefined] = [undefined, undefined]
  if (der === undefined) return { requireExplicitPolicy: undefined, inhibitPolicyMapping: undefined }
  let last = -1
  for (const field of readSequence(parseDer(der), 'policyConstraints', 1, 2)) {
    const number = field.tag & 0x1f
    if (number <= last || number > 1 || field.tag !== contextTag(number, false))
      throw malformed(field.start, 'policyConstraints: unexpected field')
    last = number
    skips[number] = readSmallInteger(field, 'policyConstraints', field.tag)
  }
  return { requireExplicitPolicy: skips[0], inhibitPolicyMapping: skips[1] }
}
