import { type SignatureScheme, toScheme } from './algorithms.ts'
import {
  concat,
  encodeNull,
  encodeOid,
  encodeSequence,
  equalBytes,
  fromHex,
  parseDer,
  readSequence,
  toHex,
} from './asn1/index.ts'
import { verifyDsa } from './dsa.ts'
import { OID } from './oids.ts'
import { type CheckedSignature, checkSignature, type Primitives, sm2NotOffered } from './primitives.ts'
import { subjectPublicKeyBits } from './public-key.ts'
import { encodeSm2Identity, passesSm2SelfTest, type Sm2Implementation } from './sm2.ts'

const latin1 = new TextDecoder('latin1')

/** WebCrypto takes no shared memory; a view on an ordinary buffer is all we ever hold. */
const source = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>

/** WebCrypto knows RSA keys by `rsaEncryption` only: the same key under that name, whatever it was bound to. */
function underRsaEncryption(spki: Uint8Array): Uint8Array {
  const key = readSequence(parseDer(spki), 'SubjectPublicKeyInfo', 2, 2)[1]!
  return encodeSequence(encodeSequence(encodeOid(OID.rsaEncryption), encodeNull()), key.raw)
}

async function verifyChecked(
  scheme: SignatureScheme,
  checked: Exclude<CheckedSignature, { kind: 'sm2' }>,
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

/** SM2 and SM3 in JavaScript, since WebCrypto has neither; its 22 KB come when the first Chinese seal does. */
export async function loadSm2(): Promise<
  Sm2Implementation & { verifyDigest(point: Uint8Array, e: Uint8Array, raw: Uint8Array): boolean }
> {
  const { sm2, sm3 } = await import('sm-crypto-v2')
  const digest = (data: Uint8Array): Uint8Array => fromHex(sm3(data))
  const verifyDigest = (point: Uint8Array, e: Uint8Array, raw: Uint8Array): boolean =>
    sm2.doVerifySignature(e, toHex(raw), toHex(point))
  return {
    digest,
    verifyDigest,
    verify(spki, id, data, raw) {
      const z = digest(encodeSm2Identity(spki, id))
      return verifyDigest(subjectPublicKeyBits(spki), digest(concat([z, data])), raw)
    },
  }
}

/** The library once it is loaded, or `null` when it fails the self-test. A failed download is tried again at the next call. */
const loaded = new Map<'sm2', Promise<Sm2Implementation | null>>()

function findSm2(): Promise<Sm2Implementation | null> {
  const known = loaded.get('sm2')
  if (known !== undefined) return known
  const loading = loadSm2().then((sm2) => (passesSm2SelfTest(sm2) ? sm2 : null))
  loaded.set('sm2', loading)
  loading.catch(() => loaded.delete('sm2'))
  return loading
}

async function requireSm2(): Promise<Sm2Implementation> {
  const sm2 = await findSm2()
  if (sm2 === null) throw sm2NotOffered()
  return sm2
}

/** `Primitives` on WebCrypto. */
export const primitives: Primitives = {
  async digest(algorithm, data) {
    if (algorithm === 'SM3') return (await requireSm2()).digest(data)
    return new Uint8Array(await globalThis.crypto.subtle.digest(algorithm, source(data)))
  },
  digestParts(algorithm, parts) {
    return this.digest(algorithm, concat(parts))
  },
  digestSync() {
    throw new TypeError('WebCrypto has no synchronous digest')
  },
  sameBytes: equalBytes,
  mapKey: (bytes) => latin1.decode(bytes),
  async verify(algorithm, publicKeySpki, data, signature) {
    const scheme = toScheme(algorithm)
    const sm2 = scheme.kind === 'sm2' ? await requireSm2() : null
    if (scheme.kind === 'dsa') {
      // WebCrypto has no SHA-224.
      if (scheme.digest === 'SHA-224') return false
      return verifyDsa(publicKeySpki, await this.digest(scheme.digest, data), signature)
    }
    const checked = checkSignature(scheme, publicKeySpki, signature)
    if (checked === null) return false
    try {
      if (checked.kind === 'sm2') return sm2!.verify(publicKeySpki, checked.id, data, checked.raw)
      return await verifyChecked(scheme, checked, publicKeySpki, data, signature)
    } catch {
      return false
    }
  },
  async offersSm2() {
    return (await findSm2()) !== null
  },
}
