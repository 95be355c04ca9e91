import { type DerElement, malformed, readSmallInteger, TAG } from '../asn1/index.ts'

/** CRLReason (RFC 5280 §5.3.1); 7 is not used. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const
export type RevocationReason = keyof typeof revocationReasons

const reasonByCode = new Map<number, RevocationReason>(
  (Object.keys(revocationReasons) as RevocationReason[]).map((name) => [revocationReasons[name], name]),
)

/** Parses CRLReason; throws `DER_MALFORMED` for a code that is none. */
export function parseReason(element: DerElement): RevocationReason {
  const code = readSmallInteger(element, 'reasonCode', TAG.enumerated)
  const name = reasonByCode.get(code)
  if (name === undefined) throw malformed(element.start, `reason code ${code}`)
  return name
}
