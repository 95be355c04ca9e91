import { primitives } from '#primitives'
import { encodeSignatureAlgorithm } from '../algorithms.ts'
import { encodeBitString, encodeSequence } from '../asn1/index.ts'
import { PkiError } from '../errors.ts'
import type { SigningKey } from '../signing-key.ts'
import type { LintFinding } from './lint/index.ts'

/** Throws `LINT_FAILED` when there are errors among the findings; warnings and notices do not stop a signature. */
export function refuseFaults(findings: readonly LintFinding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const list = errors.map(({ code, where, clause }) => `${code} at ${where} (${clause})`)
  throw new PkiError('LINT_FAILED', `refused to sign: ${list.join(', ')}`)
}

/** SIGNED{ToBeSigned} (X.509): the structure, its algorithm, its signature; a signature that does not verify never leaves. */
export async function signStructure(tbs: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  const signature = await key.sign(tbs)
  if (!(await primitives.verify(key.signatureAlgorithm, key.publicKey, tbs, signature))) {
    throw new PkiError('CERTIFICATE_REFUSED', 'the signing key gave a signature that its public key does not verify')
  }
  return encodeSequence(tbs, encodeSignatureAlgorithm(key.signatureAlgorithm), encodeBitString(signature))
}
