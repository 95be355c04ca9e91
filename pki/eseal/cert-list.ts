import { primitives } from '#primitives'
import { equalBytes } from '../asn1/index.ts'
import { OID } from '../oids.ts'
import type { SesCertDigest, SesCertList } from './types.ts'

const sm3Names: ReadonlySet<string> = new Set(['SM3', OID.sm3])

/** CertDigestObj of a certificate, by SM3 over its DER. */
export async function makeCertDigest(certificate: Uint8Array): Promise<SesCertDigest> {
  return { type: 'SM3', value: await primitives.digest('SM3', certificate) }
}

/**
 * Whether the seal may be used by whoever holds this certificate: octet for octet, or by its SM3 digest. `null` when it is not found but
 * the list holds digests of an unknown kind.
 */
export async function isInCertList(certList: SesCertList, certificate: Uint8Array): Promise<boolean | null> {
  if (certList.kind === 'certificates') return certList.certificates.some((listed) => equalBytes(listed, certificate))
  const { value } = await makeCertDigest(certificate)
  const known = certList.digests.filter(({ type }) => sm3Names.has(type.toUpperCase()))
  if (known.some((listed) => equalBytes(listed.value, value))) return true
  return known.length === certList.digests.length ? false : null
}
