import { type DerElement, readBitString } from '../asn1/index.ts'

/** Set of ReasonFlags (RFC 5280 §4.2.1.13) as bits: bit n of the mask is bit n of the BIT STRING. */
export type ReasonMask = number

/** keyCompromise (1) to aACompromise (8): bit 0 is not used. */
export const ALL_REASONS: ReasonMask = 0b1_1111_1110

/** Parses ReasonFlags under an IMPLICIT tag; throws `DER_MALFORMED`. */
export function parseReasons(element: DerElement): ReasonMask {
  const { bytes } = readBitString(element, 'ReasonFlags', element.tag)
  let mask = 0
  for (let bit = 1; bit <= 8; bit++) if (((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) mask |= 1 << bit
  return mask
}
