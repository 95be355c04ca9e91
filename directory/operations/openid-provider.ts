// The one place that knows the OpenID library. It is loaded when someone first logs in by the provider.
import { createPrivateKey } from 'node:crypto'
import type * as Openid from 'openid-client'
import { DirectoryError } from '../errors.ts'

/** A provider that says who people are, and how it knows us. */
export interface OidcOptions {
  readonly issuer: string
  readonly clientId: string
  /** One of the two: a shared secret, or a private key (PEM, PKCS #8) of which the provider has the public part. */
  readonly clientSecret?: string | undefined
  readonly clientKeyPem?: string | undefined
  /** A claim of the ID token that holds the user name here; left out: only accounts that an administrator linked log in. */
  readonly usernameClaim?: string | undefined
  /** What the login page calls it. */
  readonly label?: string | undefined
}

export interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly username: string | undefined
  /** All that the ID token says; it may name people, so none of it is kept. */
  readonly claims: Readonly<Record<string, unknown>>
}

export interface OpenidProvider {
  readonly options: OidcOptions
  /** Where to send the browser. Throws OIDC_UNAVAILABLE. */
  authorizationUrl(request: { state: string; nonce: string; codeVerifier: string; redirectUri: string }): Promise<URL>
  /** Who came back with this address. Throws OIDC_LOGIN_REFUSED, OIDC_UNAVAILABLE. */
  identify(callback: URL, expected: { state: string; nonce: string; codeVerifier: string }): Promise<Identity>
}

const TIMEOUT_SECONDS = 10
const DISCOVERY_KEPT_MS = 3_600_000

export function createOpenidProvider(
  options: OidcOptions,
  { now, isProduction }: { readonly now: () => Date; readonly isProduction: boolean },
): OpenidProvider {
  let known: { readonly config: Promise<Openid.Configuration>; readonly at: number } | undefined

  const discover = async (openid: typeof Openid): Promise<Openid.Configuration> => {
    const issuer = new URL(options.issuer)
    const isPlain = issuer.protocol === 'http:' && !isProduction
    return openid.discovery(issuer, options.clientId, undefined, await authenticationOf(openid, options), {
      timeout: TIMEOUT_SECONDS,
      // The token's signature is checked although it comes over TLS: whoever stands in between cannot invent people.
      execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
    })
  }
  const configuration = async (openid: typeof Openid): Promise<Openid.Configuration> => {
    const at = now().getTime()
    if (!known || at - known.at > DISCOVERY_KEPT_MS) known = { config: discover(openid), at }
    try {
      return await known.config
    } catch (cause) {
      known = undefined
      throw new DirectoryError('OIDC_UNAVAILABLE', 'the login provider does not answer', { cause })
    }
  }

  return {
    options,
    async authorizationUrl({ state, nonce, codeVerifier, redirectUri }) {
      const openid = await import('openid-client')
      const config = await configuration(openid)
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
    },
    async identify(callback, { state, nonce, codeVerifier }) {
      const openid = await import('openid-client')
      const config = await configuration(openid)
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier }
      const tokens = await openid.authorizationCodeGrant(config, callback, checks).catch((cause: unknown) => {
        throw failureOf(openid, cause)
      })
      const claims = tokens.claims()
      if (!claims) throw new DirectoryError('OIDC_LOGIN_REFUSED', 'the login provider named nobody')
      const username = options.usernameClaim === undefined ? undefined : claims[options.usernameClaim]
      return {
        issuer: claims.iss,
        subject: claims.sub,
        username: typeof username === 'string' ? username.trim().toLowerCase() : undefined,
        claims,
      }
    },
  }
}

async function authenticationOf(openid: typeof Openid, options: OidcOptions): Promise<Openid.ClientAuth> {
  if (options.clientKeyPem === undefined) return openid.ClientSecretBasic(options.clientSecret)
  const key = createPrivateKey(options.clientKeyPem)
  const algorithm =
    key.asymmetricKeyType === 'rsa' ? { name: 'RSA-PSS', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const clientKey = key.toCryptoKey(algorithm, false, ['sign']) as Parameters<typeof openid.PrivateKeyJwt>[0]
  return openid.PrivateKeyJwt(clientKey)
}

/** What a provider said no to is a refusal; what it did not answer is not. */
function failureOf(openid: typeof Openid, cause: unknown): DirectoryError {
  const { code } = cause as { code?: unknown }
  const isSilent = cause instanceof TypeError || code === 'OAUTH_TIMEOUT' || isServerFault(cause)
  if (isSilent && !(cause instanceof openid.ClientError))
    return new DirectoryError('OIDC_UNAVAILABLE', 'the login provider does not answer', { cause })
  return new DirectoryError('OIDC_LOGIN_REFUSED', 'the login provider did not let you in, or its answer does not fit', {
    cause,
  })
}

const isServerFault = (cause: unknown): boolean => Number((cause as { status?: unknown }).status) >= 500
