import { findAlgorithmEnd, parsePublicKey, x509 } from '../../pki/index.ts'

/** How long an archive time stamp lasts. */
export interface ArchiveStamp {
  /** End of the certificate of whoever stamped. */
  readonly until: Date
  /** Key and digest in one word, such as `ec-256`: what `endOfScheme` is asked by, now and in later releases. */
  readonly scheme: string
}

/** Describes a time stamp over a SHA-256 digest by the certificate of whoever made it, DER. */
export function describeArchiveStamp(certificate: Uint8Array): ArchiveStamp {
  const { notAfter, subjectPublicKeyInfo } = x509.parseCertificate(certificate)
  const { kind, bits } = parsePublicKey(subjectPublicKeyInfo)
  return { until: notAfter, scheme: `${kind}-${bits}` }
}

const SCHEME = /^(rsa|ec|ed25519)-(\d{1,5})$/

/** Until when the algorithms of an archive time stamp count, by the table of `pki`; what is not in it counts no longer. */
export function endOfScheme(scheme: string): Date {
  const [, kind, bits] = SCHEME.exec(scheme) ?? []
  if (kind === undefined) return new Date(0)
  return findAlgorithmEnd('SHA-256', { kind: kind as 'rsa' | 'ec' | 'ed25519', bits: Number(bits) })
}
