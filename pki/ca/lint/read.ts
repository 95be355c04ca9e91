import {
  contextTag,
  type DerElement,
  malformed,
  parseDer,
  readBoolean,
  readExplicit,
  readOctetString,
  readOid,
  readSequence,
} from '../../asn1/index.ts'
import { PkiError } from '../../errors.ts'

/** One extension; `value` is `undefined` when its octets are no DER at all. */
export interface LintedExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: DerElement | undefined
}

/** TBSCertificate taken apart, and no further: what is inside the fields is for the checks to find out. */
export interface LintedCertificate {
  readonly version: DerElement | undefined
  readonly serialNumber: DerElement
  readonly signature: DerElement
  readonly issuer: DerElement
  readonly validity: DerElement
  readonly subject: DerElement
  readonly key: DerElement
  readonly hasUniqueIdentifier: boolean
  readonly extensions: readonly LintedExtension[]
  readonly isCa: boolean
  find(oid: string): LintedExtension | undefined
}

/** Runs a part that may meet malformed DER; `false` when it did. */
export function succeeds(part: () => void): boolean {
  try {
    part()
    return true
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

/** Takes a TBSCertificate apart; throws `DER_MALFORMED`. */
export function readTbsCertificate(element: DerElement): LintedCertificate {
  const fields = [...readSequence(element, 'TBSCertificate', 6, 10)]
  const version = fields[0]?.tag === contextTag(0, true) ? readExplicit(fields.shift()!, 0, 'version') : undefined
  const [serialNumber, signature, issuer, validity, subject, key, ...rest] = fields
  if (key === undefined) throw malformed(element.start, 'TBSCertificate: fields are missing')
  const wrapped = rest.find(({ tag }) => tag === contextTag(3, true))
  const extensions = wrapped === undefined ? [] : readLintedExtensions(readExplicit(wrapped, 3, 'extensions'))
  const find = (oid: string): LintedExtension | undefined => extensions.find((extension) => extension.oid === oid)
  return {
    version,
    serialNumber: serialNumber!,
    signature: signature!,
    issuer: issuer!,
    validity: validity!,
    subject: subject!,
    key,
    hasUniqueIdentifier: rest.some(({ tag }) => tag === contextTag(1, false) || tag === contextTag(2, false)),
    extensions,
    isCa: readCa(find('2.5.29.19')?.value),
    find,
  }
}

/** Extensions of a certificate, a CRL or an entry, repetitions included; throws `DER_MALFORMED`. */
export function readLintedExtensions(element: DerElement): LintedExtension[] {
  return readSequence(element, 'extensions').map((item) => {
    const fields = readSequence(item, 'extension', 2, 3)
    const octets = readOctetString(fields.at(-1), 'extnValue')
    let value: DerElement | undefined
    succeeds(() => {
      value = parseDer(octets)
    })
    return {
      oid: readOid(fields[0], 'extnID'),
      critical: fields.length === 3 && readBoolean(fields[1], 'critical'),
      value,
    }
  })
}

function readCa(value: DerElement | undefined): boolean {
  let isCa = false
  succeeds(() => {
    const first = value === undefined ? undefined : readSequence(value, 'basicConstraints')[0]
    isCa = first !== undefined && first.tag === 0x01 && readBoolean(first, 'cA')
  })
  return isCa
}
