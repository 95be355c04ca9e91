import { encodeContext, encodeInteger, encodeSequence, parseDer, readSequence } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import type { SigningKey } from '../signing-key.ts'
import { encodeName, type NameEntry } from '../x509/name.ts'
import { signStructure } from './sign-structure.ts'

/** What a key of ours asks of a CA that is elsewhere. */
export interface CsrContent {
  /** Name, DER, or its entries */
  readonly subject: Uint8Array | readonly NameEntry[]
  readonly key: SigningKey
}

/**
 * Encodes and signs a CertificationRequest (RFC 2986) for one of our own keys, without attributes: usages and extensions are what the
 * CA's profile gives. Throws `NAME_REFUSED`, `CERTIFICATE_REFUSED` for an empty subject; what the key throws passes through.
 */
export async function encodeCsr({ subject, key }: CsrContent): Promise<Uint8Array> {
  const name = encodeSubject(subject)
  return signStructure(encodeSequence(encodeInteger(0), name, key.publicKey, encodeContext(0)), key)
}

/** A subject's Name, DER; throws `NAME_REFUSED`, or `CERTIFICATE_REFUSED` when it is empty. */
export function encodeSubject(subject: CsrContent['subject']): Uint8Array {
  const encoded = subject instanceof Uint8Array ? subject : encodeName(subject)
  if (readSequence(parseDer(encoded), 'subject').length === 0)
    throw new PkiError('CERTIFICATE_REFUSED', 'the subject is empty')
  return encoded
}
