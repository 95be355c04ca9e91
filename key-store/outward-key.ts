import { createHash, createPublicKey } from 'node:crypto'
import { ecdsaToRaw, type SigningKey } from '../pki/index.ts'
import type { KeyStore } from './key-store.ts'
import { openOrGenerate } from './open-or-generate.ts'

/** A public key as RFC 7517 has it; `kid` is its thumbprint (RFC 7638). */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly alg: 'ES256'
  readonly use: 'sig'
}

/** Signs what a service tells others. `typ` tells kinds apart. */
export interface OutwardKey {
  /** Compact JWS (RFC 7515) with ES256; `header` beside alg, kid and typ. */
  sign(typ: string, payload: string, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** The same with the payload left out (RFC 7515, Appendix F). */
  signDetached(typ: string, payload: string, header?: Readonly<Record<string, unknown>>): Promise<string>
  /** All public keys that signed, or sign: for receivers. */
  jwks(): Promise<{ readonly keys: readonly PublicJwk[] }>
}

const KEY = 'outward'

/** The key `outward` of a service's own store: opened at the first use, made where there is none. */
export function createOutwardKey({
  keyStore,
  clock,
}: {
  readonly keyStore: KeyStore
  readonly clock: { now(): Date }
}): OutwardKey {
  let first: Promise<SigningKey> | undefined
  const open = async (): Promise<SigningKey> => {
    first ??= openOrGenerate(keyStore, KEY, 'ec-p256').catch((error: unknown) => {
      first = undefined
      throw error
    })
    await first
    return keyStore.signingAt(KEY, clock.now()).key
  }
  const sign: OutwardKey['sign'] = async (typ, payload, header = {}) => {
    const key = await open()
    const protectedHeader = { alg: 'ES256', typ, kid: toJwk(key).kid, ...header }
    const input = `${base64Url(JSON.stringify(protectedHeader))}.${base64Url(payload)}`
    return `${input}.${base64Url(ecdsaToRaw(await key.sign(new TextEncoder().encode(input)), 32))}`
  }
  return {
    sign,
    async signDetached(typ, payload, header) {
      const [protectedHeader, , signature] = (await sign(typ, payload, header)).split('.')
      return `${protectedHeader}..${signature}`
    },
    async jwks() {
      await open()
      return { keys: keyStore.generations(KEY).map(({ name }) => toJwk(keyStore.get(name))) }
    },
  }
}

const base64Url = (content: string | Uint8Array): string => Buffer.from(content).toString('base64url')

function toJwk({ publicKey }: SigningKey): PublicJwk {
  const { x, y } = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  }) as { x: string; y: string }
  const thumbprint = createHash('sha256').update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
  return { kty: 'EC', crv: 'P-256', x, y, kid: thumbprint.digest('base64url'), alg: 'ES256', use: 'sig' }
}
