import { primitives } from '#primitives'
import { encodeSignatureAlgorithm } from '../algorithms.ts'
import { encodeBitString, encodeSequence } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import type { SigningKey } from '../signing-key.ts'
import { type CertificateRequest, prepareCertificate } from './prepare-certificate.ts'

/**
 * Issues a certificate of a profile: checks the request, signs, and verifies the signature before handing the DER out.
 * Throws `CERTIFICATE_REFUSED`, `NAME_REFUSED`, `KEY_MALFORMED`; what the key throws passes through.
 */
export async function issueCertificate(request: CertificateRequest): Promise<Uint8Array> {
  return signStructure(await prepareCertificate(request), request.key)
}

/** SIGNED{ToBeSigned} (X.509): the structure, its algorithm, its signature; a signature that does not verify never leaves. */
export async function signStructure(tbs: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  const signature = await key.sign(tbs)
  if (!(await primitives.verify(key.signatureAlgorithm, key.publicKey, tbs, signature))) {
    throw new PkiError('CERTIFICATE_REFUSED', 'the signing key gave a signature that its public key does not verify')
  }
  return encodeSequence(tbs, encodeSignatureAlgorithm(key.signatureAlgorithm), encodeBitString(signature))
}
