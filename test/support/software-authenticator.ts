// A security key in software (WebAuthn level 2: ES256, attestation none) that can be told to answer wrongly.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest()
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

/** CBOR of what WebAuthn needs: small integers, byte and text strings, maps. */
function cbor(value: number | string | Uint8Array | Map<number | string, unknown>): Buffer {
  const head = (major: number, n: number) => {
    if (n < 24) return Buffer.from([(major << 5) | n])
    if (n < 256) return Buffer.from([(major << 5) | 24, n])
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255])
  }
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  const pairs = [...value].flatMap(([key, inner]) => [cbor(key), cbor(inner as Uint8Array)])
  return Buffer.concat([head(5, value.size), ...pairs])
}

/** What an answer may say otherwise than it should. */
export interface Wrong {
  readonly origin?: string
  readonly challenge?: string
  readonly rpId?: string
  readonly type?: string
  readonly fmt?: string
  readonly withoutUser?: boolean
  readonly counter?: number
  readonly breakSignature?: boolean
}

export interface SoftwareAuthenticator {
  readonly id: string
  counter: number
  create(options: { challenge: string; rp: { id: string } }, origin: string, wrong?: Wrong): object
  get(options: { challenge: string; rpId: string }, origin: string, wrong?: Wrong): object
}

export function softwareAuthenticator({ counts = true } = {}): SoftwareAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const credentialId = randomBytes(32)
  const id = b64(credentialId)
  const clientData = (type: string, challenge: string, origin: string, wrong: Wrong) =>
    Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? origin,
        crossOrigin: false,
      }),
    )
  const authenticatorData = (rpId: string, flags: number, counter: number) => {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count])
  }
  const USER = 0x05
  const ATTESTED = 0x40
  const envelope = { id, rawId: id, type: 'public-key', clientExtensionResults: {} }
  return {
    id,
    counter: 0,
    create({ challenge, rp }, origin, wrong = {}) {
      const cose = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(jwk.x!, 'base64url')],
          [-3, Buffer.from(jwk.y!, 'base64url')],
        ]),
      )
      const length = Buffer.from([0, credentialId.length])
      const user = wrong.withoutUser ? 0x01 : USER
      const data = Buffer.concat([
        authenticatorData(wrong.rpId ?? rp.id, user | ATTESTED, this.counter),
        Buffer.alloc(16),
        length,
        credentialId,
        cose,
      ])
      const attestation = new Map<string, unknown>([
        ['fmt', wrong.fmt ?? 'none'],
        ['attStmt', new Map()],
        ['authData', data],
      ])
      return {
        ...envelope,
        response: {
          clientDataJSON: b64(clientData('webauthn.create', challenge, origin, wrong)),
          attestationObject: b64(cbor(attestation)),
          transports: ['usb'],
        },
      }
    },
    get({ challenge, rpId }, origin, wrong = {}) {
      if (counts) this.counter++
      const user = wrong.withoutUser ? 0x01 : USER
      const data = authenticatorData(wrong.rpId ?? rpId, user, wrong.counter ?? this.counter)
      const client = clientData('webauthn.get', challenge, origin, wrong)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)
      if (wrong.breakSignature) signature[signature.length - 1]! ^= 1
      return {
        ...envelope,
        response: { clientDataJSON: b64(client), authenticatorData: b64(data), signature: b64(signature) },
      }
    },
  }
}
