// Assertions by which machines prove who they are with a private key (RFC 7523 §3), and the public keys they are checked with.
import type { JWK } from 'jose'

/** `jose` is loaded when the first machine asks: most processes never need it. */
const jose = () => import('jose')

const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256']
/** How far an assertion's end may lie ahead, and how far two clocks may differ. */
const LONGEST_SECONDS = 300
const SKEW_SECONDS = 10
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const SHORTEST_RSA_BYTES = 256

export type PublicJwk = Readonly<Record<string, unknown>>

/** Why a JWK is no public key that assertions may be signed with; undefined when it is one. */
export async function faultOfPublicKey(jwk: PublicJwk): Promise<string | undefined> {
  if (PRIVATE_MEMBERS.some((member) => jwk[member] !== undefined))
    return 'this holds a private or secret key: keep it, make a new one, and send its public part alone'
  const isCurve =
    (jwk['kty'] === 'EC' && (jwk['crv'] === 'P-256' || jwk['crv'] === 'P-384')) ||
    (jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519')
  const modulus = typeof jwk['n'] === 'string' ? Buffer.from(jwk['n'], 'base64url').length : 0
  if (!isCurve && !(jwk['kty'] === 'RSA' && modulus >= SHORTEST_RSA_BYTES))
    return 'expected a key of P-256, P-384, Ed25519, or RSA with 2048 bits or more (RFC 7517)'
  try {
    await (await jose()).importJWK(jwk as JWK, algorithmOf(jwk))
    return undefined
  } catch {
    return 'this is no key of its kind'
  }
}

function algorithmOf(jwk: PublicJwk): string {
  if (jwk['kty'] === 'RSA') return 'PS256'
  if (jwk['kty'] === 'OKP') return 'EdDSA'
  return jwk['crv'] === 'P-384' ? 'ES384' : 'ES256'
}

/** Who an assertion says that it comes from, before anything is believed; undefined where it says nothing readable. */
export async function issuerOf(assertion: string): Promise<string | undefined> {
  try {
    return (await jose()).decodeJwt(assertion).iss
  } catch {
    return undefined
  }
}

export interface CheckedAssertion {
  readonly jti: string
  /** Until when its `jti` must be remembered. */
  readonly endsAt: Date
}

/**
 * The assertion's `jti` and end when one of the client's keys signed it, for us, not long ago (RFC 7523 §3); undefined otherwise. Whether
 * the `jti` was seen before is the caller's to know.
 */
export async function checkClientAssertion(
  assertion: string,
  expected: {
    readonly clientId: string
    readonly keys: readonly PublicJwk[]
    readonly audiences: readonly string[]
    readonly now: Date
  },
): Promise<CheckedAssertion | undefined> {
  const { decodeProtectedHeader, importJWK, jwtVerify } = await jose()
  try {
    const { alg, kid } = decodeProtectedHeader(assertion)
    const candidates = expected.keys.filter(
      (key) => kid === undefined || key['kid'] === undefined || key['kid'] === kid,
    )
    for (const key of candidates) {
      const checked = await importJWK(key as JWK, alg)
        .then((imported) =>
          jwtVerify(assertion, imported, {
            algorithms: ALGORITHMS,
            issuer: expected.clientId,
            subject: expected.clientId,
            audience: [...expected.audiences],
            requiredClaims: ['jti', 'exp'],
            currentDate: expected.now,
            clockTolerance: SKEW_SECONDS,
          }),
        )
        .catch(() => undefined)
      const { jti, exp } = checked?.payload ?? {}
      if (jti === undefined || exp === undefined) continue
      const isShort = exp * 1000 <= expected.now.getTime() + (LONGEST_SECONDS + SKEW_SECONDS) * 1000
      if (isShort && jti.length > 0 && jti.length <= 200)
        return { jti, endsAt: new Date((exp + SKEW_SECONDS + 1) * 1000) }
    }
    return undefined
  } catch {
    return undefined
  }
}
