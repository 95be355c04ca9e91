import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Handle, PKCS11, Template } from 'pkcs11js'
import { asn1, ecdsaFromRaw, parsePublicKey } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import { WrongSignature } from './pkcs11-faults.ts'
import type { Library } from './pkcs11-library.ts'
import type { TokenKeyKind } from './pkcs11-protocol.ts'

const OID_EC_PUBLIC_KEY = '1.2.840.10045.2.1'
const OID_P256 = '1.2.840.10045.3.1.7'
const OID_RSA = '1.2.840.113549.1.1.1'

/** Handles of the objects of a class with this CKA_ID, at most two: more than one is as wrong as many. */
export function findObjects(library: Library, session: Handle, objectClass: number, id: Uint8Array): Handle[] {
  const { functions, constants } = library
  functions.C_FindObjectsInit(session, [
    { type: constants.CKA_CLASS, value: objectClass },
    { type: constants.CKA_ID, value: Buffer.from(id) },
  ])
  try {
    return functions.C_FindObjects(session, 2)
  } finally {
    functions.C_FindObjectsFinal(session)
  }
}

/** The one object of a class with this CKA_ID. Throws `KEY_NOT_FOUND`, and `KEY_TOKEN_UNUSABLE` when there are two: which is meant? */
export function findObject(library: Library, session: Handle, objectClass: number, id: Uint8Array): Handle {
  const [handle, second] = findObjects(library, session, objectClass, id)
  const hex = Buffer.from(id).toString('hex')
  if (handle === undefined) throw new KeyStoreError('KEY_NOT_FOUND', `the token holds no key with CKA_ID ${hex}`)
  if (second !== undefined)
    throw new KeyStoreError('KEY_TOKEN_UNUSABLE', `the token holds several keys with CKA_ID ${hex}`)
  return handle
}

/** Makes a key pair that stays in the token: sensitive, not extractable, for signing alone. */
export async function generatePair(
  library: Library,
  session: Handle,
  { id, name, kind }: { id: Uint8Array; name: string; kind: TokenKeyKind },
): Promise<void> {
  const { constants: c, functions } = library
  const common: Template = [
    { type: c.CKA_TOKEN, value: true },
    { type: c.CKA_ID, value: Buffer.from(id) },
    { type: c.CKA_LABEL, value: name },
  ]
  const publicTemplate: Template = [
    ...common,
    { type: c.CKA_VERIFY, value: true },
    ...(kind === 'ec-p256'
      ? [{ type: c.CKA_EC_PARAMS, value: Buffer.from(asn1.encodeOid(OID_P256)) }]
      : [
          { type: c.CKA_MODULUS_BITS, value: kind === 'rsa-2048' ? 2048 : 3072 },
          { type: c.CKA_PUBLIC_EXPONENT, value: Buffer.of(1, 0, 1) },
        ]),
  ]
  const privateTemplate: Template = [
    ...common,
    { type: c.CKA_PRIVATE, value: true },
    { type: c.CKA_SENSITIVE, value: true },
    { type: c.CKA_EXTRACTABLE, value: false },
    { type: c.CKA_SIGN, value: true },
  ]
  const mechanism = kind === 'ec-p256' ? c.CKM_EC_KEY_PAIR_GEN : c.CKM_RSA_PKCS_KEY_PAIR_GEN
  await functions.C_GenerateKeyPairAsync(session, { mechanism }, publicTemplate, privateTemplate)
}

/** Throws `KEY_TOKEN_UNUSABLE` unless the private key was made in this token and can never leave it. */
export function checkNeverLeaves(library: Library, session: Handle, privateKey: Handle): void {
  const { constants: c, functions } = library
  const expected: readonly [number, boolean][] = [
    [c.CKA_SENSITIVE, true],
    [c.CKA_EXTRACTABLE, false],
    [c.CKA_ALWAYS_SENSITIVE, true],
    [c.CKA_NEVER_EXTRACTABLE, true],
    [c.CKA_LOCAL, true],
  ]
  const values = functions.C_GetAttributeValue(
    session,
    privateKey,
    expected.map(([type]) => ({ type })),
  )
  const told = (index: number) => Buffer.from((values[index]?.value as Buffer | undefined) ?? [])[0]
  if (expected.some(([, is], index) => told(index) !== Number(is)))
    throw new KeyStoreError('KEY_TOKEN_UNUSABLE', 'the token made a key that could leave it')
}

/** SubjectPublicKeyInfo of a public key object. Throws `KEY_TOKEN_UNUSABLE` when it is of no kind we sign with. */
export function readPublicKey(library: Library, session: Handle, publicKey: Handle): Uint8Array {
  const { constants: c, functions } = library
  const spki = (): Uint8Array => {
    const type = readAttribute(functions, session, publicKey, c.CKA_KEY_TYPE).readUInt8(0)
    if (type === c.CKK_EC) {
      const point = readAttribute(functions, session, publicKey, c.CKA_EC_POINT)
      // Some tokens give the point itself where the standard asks for a DER OCTET STRING around it.
      const bits = point.length === 65 ? point : asn1.readOctetString(asn1.parseDer(point), 'CKA_EC_POINT')
      const parameters = readAttribute(functions, session, publicKey, c.CKA_EC_PARAMS)
      return encodeSpki([asn1.encodeOid(OID_EC_PUBLIC_KEY), parameters], bits)
    }
    const [modulus, exponent] = [c.CKA_MODULUS, c.CKA_PUBLIC_EXPONENT].map((attribute) =>
      asn1.encodeInteger(readAttribute(functions, session, publicKey, attribute)),
    )
    return encodeSpki([asn1.encodeOid(OID_RSA), asn1.encodeNull()], asn1.encodeSequence(modulus!, exponent!))
  }
  try {
    const encoded = spki()
    const key = parsePublicKey(encoded)
    if ((key.kind === 'ec' && key.curve === 'P-256') || (key.kind === 'rsa' && key.bits >= 2048)) return encoded
  } catch (cause) {
    if (!(cause instanceof Error && cause.name === 'PkiError')) throw cause
  }
  throw new KeyStoreError('KEY_TOKEN_UNUSABLE', 'the key in the token is neither P-256 nor RSA of 2048 bits or more')
}

const encodeSpki = (algorithm: Uint8Array[], bits: Uint8Array): Uint8Array =>
  asn1.encodeSequence(asn1.encodeSequence(...algorithm), asn1.encodeBitString(bits))

const readAttribute = (functions: PKCS11, session: Handle, object: Handle, type: number): Buffer =>
  functions.C_GetAttributeValue(session, object, [{ type }])[0]!.value as Buffer

/** DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2 note 1). */
const SHA256_DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')

/**
 * Signs SHA-256 of `data` and verifies what comes back by the public key on record: after a token was lost and found, a handle may mean
 * another key. Throws `WrongSignature`.
 */
export async function signWith(
  library: Library,
  session: Handle,
  privateKey: Handle,
  { publicKey, data }: { publicKey: Uint8Array; data: Uint8Array },
): Promise<Uint8Array> {
  const { constants: c, functions } = library
  const digest = createHash('sha256').update(data).digest()
  const { key, isRsa } = openPublicKey(publicKey)
  functions.C_SignInit(session, { mechanism: isRsa ? c.CKM_RSA_PKCS : c.CKM_ECDSA }, privateKey)
  const input = isRsa ? Buffer.concat([SHA256_DIGEST_INFO, digest]) : digest
  const raw = await functions.C_SignAsync(session, input, Buffer.alloc(isRsa ? 2048 : 64))
  const signature = isRsa ? raw : encodeRaw(raw)
  if (!verify('sha256', data, key, signature)) throw new WrongSignature()
  return Uint8Array.from(signature)
}

const publicKeys = new Map<string, { readonly key: KeyObject; readonly isRsa: boolean }>()

/** The few keys that sign here stay open: opening one takes as long as verifying with it. */
function openPublicKey(spki: Uint8Array): { readonly key: KeyObject; readonly isRsa: boolean } {
  const name = Buffer.from(spki).toString('latin1')
  let opened = publicKeys.get(name)
  if (opened === undefined) {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    publicKeys.set(name, (opened = { key, isRsa: parsePublicKey(spki).kind === 'rsa' }))
  }
  return opened
}

function encodeRaw(raw: Uint8Array): Uint8Array {
  if (raw.length !== 64) throw new WrongSignature()
  return ecdsaFromRaw(raw)
}
