import { OID } from '../oids.ts'
import { type Certificate, isSelfIssued } from './certificate.ts'
import { isHostName } from './subtree.ts'

/**
 * Where one certificate of a path strays from the profile of RFC 5280 §4 though path processing (§6) would not mind; `null` when it does not.
 * Let pass: basicConstraints that are not critical in an intermediate, and constraints on names and policies that are not: they are
 * honoured all the same.
 */
export function findProfileFault(path: readonly Certificate[], index: number): string | null {
  const certificate = path[index]!
  const isAnchor = index === path.length - 1
  return (
    findCriticalityFault(certificate, isAnchor && index > 0) ??
    (isAnchor ? null : findKeyIdentifierFault(certificate, path[index + 1]!)) ??
    findUsageFault(certificate, isAnchor) ??
    findNameFault(certificate) ??
    (isAnchor && index > 0 ? null : findSerialNumberFault(certificate))
  )
}

/** §4.1.2.2: positive, of at most 20 octets. */
function findSerialNumberFault({ serialNumber }: Certificate): string | null {
  if (serialNumber.length > 20) return 'serialNumber of more than 20 octets'
  return serialNumber[0]! >= 0x80 || serialNumber.every((octet) => octet === 0) ? 'serialNumber is not positive' : null
}

const neverCritical = [OID.subjectKeyIdentifier, OID.authorityKeyIdentifier, OID.freshestCRL]

function findCriticalityFault({ extensions, subject }: Certificate, isAuthorityAnchor: boolean): string | null {
  const critical = (oid: string): boolean | undefined => extensions.get(oid)?.critical
  const wrong = neverCritical.find((oid) => critical(oid) === true)
  if (wrong !== undefined) return `extension ${wrong} must not be critical`
  if (isAuthorityAnchor && critical(OID.basicConstraints) === false)
    return 'basicConstraints of the root are not critical'
  return subject.attributes.length === 0 && critical(OID.subjectAltName) === false
    ? 'subjectAltName is not critical though the subject is empty (§4.2.1.6)'
    : null
}

/** §4.2.1.1, §4.2.1.2: an issuer that identifies its key is named by it, and one that is named by its key identifies it. */
function findKeyIdentifierFault(certificate: Certificate, issuer: Certificate): string | null {
  const { authorityKeyIdentifier, basicConstraints, subjectKeyIdentifier } = certificate
  const isNamed = authorityKeyIdentifier?.keyIdentifier !== undefined
  if (!isNamed && issuer.subjectKeyIdentifier !== undefined && !isSelfIssued(certificate))
    return 'no key identifier of its issuer'
  if (isNamed && issuer.subjectKeyIdentifier === undefined) return 'no subjectKeyIdentifier in its issuer'
  return basicConstraints?.cA === true && subjectKeyIdentifier === undefined ? 'no subjectKeyIdentifier' : null
}

function findUsageFault({ keyUsage, basicConstraints }: Certificate, isAnchor: boolean): string | null {
  if (keyUsage?.size === 0) return 'keyUsage without any usage (§4.2.1.3)'
  return !isAnchor && keyUsage?.has('keyCertSign') === true && basicConstraints?.cA !== true
    ? 'keyCertSign without cA (§4.2.1.9)'
    : null
}

const IPV4 = /^\d+(\.\d+){3}$/

/** §4.2.1.6: DNS names in preferred syntax, addresses of four or sixteen octets. */
function findNameFault({ subjectAltName = [] }: Certificate): string | null {
  for (const { kind, value } of subjectAltName) {
    if (kind === 'ip' && value.length !== 8 && value.length !== 32) return 'iPAddress of another length than 4 or 16'
    if (kind !== 'dns') continue
    const name = (value.startsWith('*.') ? value.slice(2) : value).toLowerCase()
    if (!isHostName(name) || name.includes('_') || IPV4.test(name)) return 'dNSName is not a DNS name'
  }
  return null
}
