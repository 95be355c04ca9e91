import { type SignatureScheme, toScheme } from './algorithms.ts'
import { encodeNull, encodeOid, encodeSequence, parseDer, readSequence } from './asn1/index.ts'
import { OID } from './oids.ts'
import { type CheckedSignature, checkSignature, type Primitives } from './primitives.ts'

/** WebCrypto takes no shared memory; a view on an ordinary buffer is all we ever hold. */
const source = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>

/** WebCrypto knows RSA keys by `rsaEncryption` only: the same key under that name, whatever it was bound to. */
function underRsaEncryption(spki: Uint8Array): Uint8Array {
  const key = readSequence(parseDer(spki), 'SubjectPublicKeyInfo', 2, 2)[1]!
  return encodeSequence(encodeSequence(encodeOid(OID.rsaEncryption), encodeNull()), key.raw)
}

async function verifyChecked(
  scheme: SignatureScheme,
  checked: CheckedSignature,
  spki: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { subtle } = globalThis.crypto
  if (checked.kind === 'ecdsa') {
    const key = await subtle.importKey('spki', source(spki), { name: 'ECDSA', namedCurve: checked.curve }, false, [
      'verify',
    ])
    return subtle.verify({ name: 'ECDSA', hash: scheme.digest }, key, source(checked.raw), source(data))
  }
  if (checked.kind === 'ed25519') {
    const key = await subtle.importKey('spki', source(spki), { name: 'Ed25519' }, false, ['verify'])
    return subtle.verify({ name: 'Ed25519' }, key, source(signature), source(data))
  }
  const name = checked.kind === 'rsa-pkcs1' ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS'
  const key = await subtle.importKey('spki', source(underRsaEncryption(spki)), { name, hash: scheme.digest }, false, [
    'verify',
  ])
  return subtle.verify({ name, saltLength: checked.saltLength }, key, source(signature), source(data))
}

/** `Primitives` on WebCrypto. */
export const primitives: Primitives = {
  async digest(algorithm, data) {
    return new Uint8Array(await globalThis.crypto.subtle.digest(algorithm, source(data)))
  },
  digestSync() {
    throw new TypeError('WebCrypto has no synchronous digest')
  },
  async verify(algorithm, publicKeySpki, data, signature) {
    const scheme = toScheme(algorithm)
    const checked = checkSignature(scheme, publicKeySpki, signature)
    if (checked === null) return false
    try {
      return await verifyChecked(scheme, checked, publicKeySpki, data, signature)
    } catch {
      return false
    }
  },
}
