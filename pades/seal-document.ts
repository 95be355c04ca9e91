import type { cms, SigningKey } from '../pki/index.ts'
import { prepareSeal } from './prepare-seal.ts'
import { embedCms } from './reserve-contents.ts'
import type { SealOptions } from './seal-options.ts'

/**
 * Seals a PDF: `prepareSeal`, sign, `embedCms`. Baseline level B-B (ETSI EN 319 142-1, 6).
 *
 * @param signer the compiled CMS of the seal's certificate and chain
 * @param key the certificate's private key
 * @throws PadesError as `prepareSeal`; what `key.sign` throws
 */
export async function sealDocument(
  pdf: Uint8Array,
  options: SealOptions,
  signer: cms.CmsSigner,
  key: SigningKey,
): Promise<Uint8Array> {
  const prepared = prepareSeal(pdf, { ...options, contentsLength: signer.maxLength })
  const digest = prepared.digest()
  const signature = await key.sign(signer.attributesToSign(digest))
  return embedCms(prepared, signer.assemble(digest, signature))
}

/** The same without a promise, for a key held in memory; `TypeError` for any other key. */
export function sealDocumentSync(
  pdf: Uint8Array,
  options: SealOptions,
  signer: cms.CmsSigner,
  key: SigningKey,
): Uint8Array {
  if (key.signSync === undefined) throw new TypeError('sealDocumentSync needs a key with signSync')
  const prepared = prepareSeal(pdf, { ...options, contentsLength: signer.maxLength })
  const digest = prepared.digest()
  const signature = key.signSync(signer.attributesToSign(digest))
  return embedCms(prepared, signer.assemble(digest, signature))
}
