// The one place that knows the WebAuthn library. It is loaded when someone first uses a security key.
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { DirectoryError } from '../errors.ts'
import type { SecurityKey } from '../store/security-keys.ts'

export type { AuthenticationResponseJSON, RegistrationResponseJSON }

/** Whom keys are made for: the host of the house's own address, and its pages alone. */
export interface RelyingParty {
  readonly id: string
  readonly origin: string
}

const webauthn = () => import('@simplewebauthn/server')
const TIMEOUT_MS = 120_000
/** EdDSA, ES256, RS256 (COSE, RFC 9053). */
const ALGORITHMS = [-8, -7, -257]

const describe = ({ credentialId, transports }: SecurityKey) => ({ id: credentialId, transports: [...transports] })

export async function creationOptions(
  party: RelyingParty,
  person: { readonly id: string; readonly name: string },
  known: readonly SecurityKey[],
  challenge: Uint8Array,
): Promise<object & { readonly challenge: string }> {
  const { generateRegistrationOptions } = await webauthn()
  return generateRegistrationOptions({
    rpName: 'Zhengyin 证印',
    rpID: party.id,
    userName: person.name,
    userDisplayName: person.name,
    userID: new TextEncoder().encode(person.id),
    challenge: new Uint8Array(challenge),
    timeout: TIMEOUT_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(describe),
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'required' },
  })
}

export async function requestOptions(
  party: RelyingParty,
  known: readonly SecurityKey[],
  challenge: Uint8Array,
): Promise<object & { readonly challenge: string }> {
  const { generateAuthenticationOptions } = await webauthn()
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(challenge),
    timeout: TIMEOUT_MS,
    allowCredentials: known.map(describe),
    userVerification: 'required',
  })
}

/** Whatever the library finds wrong is one refusal: its words tell a stranger how far they came. */
async function refusing<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (cause) {
    if (cause instanceof DirectoryError) throw cause
    throw new DirectoryError('SECURITY_KEY_REFUSED', 'the answer of the security key does not fit', { cause })
  }
}

/** The credential of a right answer (WebAuthn §7.1). Throws SECURITY_KEY_REFUSED. */
export function verifyCreation(
  party: RelyingParty,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<{ readonly id: string; readonly publicKey: Uint8Array; readonly counter: number }> {
  return refusing(async () => {
    const { verifyRegistrationResponse } = await webauthn()
    const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers')
    // None was asked for; of the others some would have the library ask servers that the sender names.
    const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject))
    if (attestation.get('fmt') !== 'none') throw new TypeError('an attestation that was not asked for')
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified || !registrationInfo) throw new TypeError('not verified')
    return registrationInfo.credential
  })
}

/** The count that the key told with a right answer (WebAuthn §7.2). Throws SECURITY_KEY_REFUSED. */
export function verifyAssertion(
  party: RelyingParty,
  challenge: string,
  response: AuthenticationResponseJSON,
  key: SecurityKey,
): Promise<number> {
  return refusing(async () => {
    const { verifyAuthenticationResponse } = await webauthn()
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential: { id: key.credentialId, publicKey: new Uint8Array(key.publicKey), counter: key.counter },
      requireUserVerification: true,
    })
    if (!verified) throw new TypeError('not verified')
    return authenticationInfo.newCounter
  })
}
