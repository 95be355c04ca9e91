import { constants, createHash, createPublicKey, createVerify, hash, type KeyObject, verify } from 'node:crypto'
import type { DigestAlgorithm, RareDigest } from './algorithms.ts'
import { toScheme } from './algorithms.ts'
import { verifyDsa } from './dsa.ts'
import { ecdsaFromRaw } from './ecdsa-signature.ts'
import { createKnownBytes } from './known-bytes.ts'
import { checkSignature, type Primitives, sm2NotOffered } from './primitives.ts'
import { subjectPublicKeyBits } from './public-key.ts'
import { encodeSm2Identity, encodeSm2PublicKey, passesSm2SelfTest } from './sm2.ts'

const nodeName: Readonly<Record<DigestAlgorithm | RareDigest, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  SM3: 'sm3',
  'SHA-224': 'sha224',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
}

/** A digest is a view into no pool, so it may be handed on. */
const asView = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length)

/** A one-shot `hash` is quicker for short data. */
function digestSync(algorithm: DigestAlgorithm | RareDigest, data: Uint8Array): Uint8Array {
  const isShort = data.length < 4096
  return asView(
    isShort ? hash(nodeName[algorithm], data, 'buffer') : createHash(nodeName[algorithm]).update(data).digest(),
  )
}

/** Importing a key costs as much as a third of verifying with it, and issuers repeat. Keys are public; the oldest goes first. */
const importedKeys = createKnownBytes<KeyObject>(256, 1 << 20)

function importKey(spki: Uint8Array): KeyObject | null {
  const known = importedKeys.find(spki)
  if (known !== undefined) return known.value
  try {
    // The buffer is copied by OpenSSL; the view only spares a copy of ours.
    const key = createPublicKey({
      key: Buffer.from(spki.buffer, spki.byteOffset, spki.length),
      format: 'der',
      type: 'spki',
    })
    importedKeys.add(new Uint8Array(spki), key)
    return key
  } catch {
    return null
  }
}

/**
 * SM2 by way of `createVerify`, which hands OpenSSL a finished digest: Z is put before the message here. (`crypto.verify` would take an
 * empty identifier.) None of it is documented by Node, hence the self-test.
 */
function verifySm2(spki: Uint8Array, id: string, data: Uint8Array, raw: Uint8Array): boolean {
  // Under the one algorithm name that OpenSSL takes for sure.
  const key = importKey(encodeSm2PublicKey(subjectPublicKeyBits(spki)))
  if (key === null) return false
  const z = digestSync('SM3', encodeSm2Identity(spki, id))
  try {
    return createVerify('sm3').update(z).update(data).verify(key, ecdsaFromRaw(raw))
  } catch {
    return false
  }
}

const selfTests = new Map<'sm2', boolean>()

function offersSm2(): boolean {
  const known = selfTests.get('sm2')
  if (known !== undefined) return known
  const passed = passesSm2SelfTest({ digest: (data) => digestSync('SM3', data), verify: verifySm2 })
  selfTests.set('sm2', passed)
  return passed
}

/** `Primitives` on `node:crypto`. */
export const primitives: Primitives = {
  async digest(algorithm, data) {
    return digestSync(algorithm, data)
  },
  async digestParts(algorithm, parts) {
    const hashing = createHash(nodeName[algorithm])
    for (const part of parts) hashing.update(part)
    return asView(hashing.digest())
  },
  digestSync,
  sameBytes: (a, b) => a.length === b.length && Buffer.compare(a, b) === 0,
  // Node's TextDecoder reads single-byte encodings character by character: ten times slower.
  mapKey: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
  async verify(algorithm, publicKeySpki, data, signature) {
    const scheme = toScheme(algorithm)
    if (scheme.kind === 'sm2' && !offersSm2()) throw sm2NotOffered()
    if (scheme.kind === 'dsa') return verifyDsa(publicKeySpki, digestSync(scheme.digest, data), signature)
    const checked = checkSignature(scheme, publicKeySpki, signature)
    if (checked === null) return false
    if (checked.kind === 'sm2') return verifySm2(publicKeySpki, checked.id, data, checked.raw)
    const key = importKey(publicKeySpki)
    if (key === null) return false
    const digest = nodeName[scheme.digest]
    try {
      if (checked.kind === 'ed25519') return verify(null, data, key, signature)
      // The key by itself: Node takes half as long again for an object of options. PKCS #1 v1.5 and DER are its defaults.
      if (checked.kind === 'ecdsa' || checked.kind === 'rsa-pkcs1') return verify(digest, data, key, signature)
      return verify(
        digest,
        data,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: checked.saltLength },
        signature,
      )
    } catch {
      return false
    }
  },
  async offersSm2() {
    return offersSm2()
  },
}
