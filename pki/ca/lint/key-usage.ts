import { type DerElement, malformed, readBitString, TAG } from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { type KeyUsage, keyUsageNames } from '../../x509/extensions.ts'
import { usagesOf } from './key.ts'
import type { Report } from './rules.ts'

/** Bits of a BIT STRING with named bits, whose trailing zeros DER leaves out (X.690 §11.2.2); throws `DER_MALFORMED`. */
export function readNamedBits(element: DerElement, what: string, tag: number = TAG.bitString): number[] {
  const { unusedBits, bytes } = readBitString(element, what, tag)
  const last = bytes.at(-1)
  if (last !== undefined && (last & (1 << unusedBits)) === 0)
    throw malformed(element.start, `${what}: trailing zero bits in named bits`)
  return Array.from({ length: 8 * bytes.length - unusedBits }, (_, bit) => bit).filter(
    (bit) => (bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0,
  )
}

/** The usages a value names; throws `DER_MALFORMED`. */
export function readUsages(value: DerElement): ReadonlySet<KeyUsage> {
  return new Set(
    readNamedBits(value, 'keyUsage').map((bit) => {
      const name = keyUsageNames[bit]
      if (name === undefined) throw malformed(value.start, `keyUsage: bit ${bit} has no meaning`)
      return name
    }),
  )
}

/** RFC 5280 §4.2.1.3, §4.2.1.9. */
export function checkKeyUsage(value: DerElement, isCa: boolean, keyOid: string | undefined, report: Report): void {
  const usages = readUsages(value)
  if (usages.size === 0) report('key-usage-empty', OID.keyUsage)
  if (isCa && !usages.has('keyCertSign')) report('ca-without-key-cert-sign', OID.keyUsage)
  if (!isCa && usages.has('keyCertSign')) report('key-cert-sign-without-ca', OID.keyUsage)
  if (usages.has('encipherOnly') && usages.has('decipherOnly')) report('key-usage-contradictory', OID.keyUsage)
  const suiting = keyOid === undefined ? undefined : usagesOf(keyOid)
  if (suiting === undefined) report('key-algorithm-unknown', OID.keyUsage)
  else if ([...usages].some((usage) => !suiting.includes(usage))) report('key-usage-not-for-key', OID.keyUsage)
}
