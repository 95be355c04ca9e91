// A small OpenID provider on loopback (OpenID Connect Core 1.0 §3.1, RFC 7636) that logs in whom it is told, and can be told to lie.
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'

export interface Lies {
  nonce?: string
  issuer?: string
  audience?: string
  ended?: boolean
  foreignKey?: boolean
  error?: string
  state?: string
  silent?: boolean
}

export interface TestProvider {
  readonly issuer: string
  /** Whom the next login is about, and what else its ID token says. */
  person: { sub: string; [claim: string]: unknown }
  lies: Lies
  /** Codes given out and not yet taken. */
  readonly codes: Map<string, { challenge: string; nonce: string; redirectUri: string; sub: object }>
  readonly asked: string[]
  close(): Promise<void>
}

export async function startOpenidProvider(client: {
  id: string
  secret?: string
  publicJwk?: JWK
}): Promise<TestProvider> {
  const keys = await generateKeyPair('RS256', { extractable: true })
  const foreign = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  const provider: Omit<TestProvider, 'issuer' | 'close'> & { issuer: string } = {
    issuer: '',
    person: { sub: 'nobody' },
    lies: {},
    codes: new Map(),
    asked: [],
  }
  const json = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }
  const isOurClient = async (request: IncomingMessage, form: URLSearchParams): Promise<boolean> => {
    if (client.publicJwk) {
      const assertion = form.get('client_assertion') ?? ''
      const set = createLocalJWKSet({ keys: [client.publicJwk] })
      const options = { issuer: client.id, subject: client.id, audience: provider.issuer }
      return jwtVerify(assertion, set, options).then(
        ({ payload }) => payload.jti !== undefined && decodeJwt(assertion).exp !== undefined,
        () => false,
      )
    }
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const [id, secret] = Buffer.from(basic, 'base64').toString().split(':')
    // Both are form-encoded before they are joined (RFC 6749 §2.3.1).
    const decode = (text = '') => decodeURIComponent(text.replaceAll('+', ' '))
    return decode(id) === client.id && decode(secret) === client.secret
  }
  const authorize = (query: URLSearchParams, response: ServerResponse) => {
    const back = new URL(query.get('redirect_uri')!)
    back.searchParams.set('state', provider.lies.state ?? query.get('state')!)
    back.searchParams.set('iss', provider.issuer)
    if (provider.lies.error) back.searchParams.set('error', provider.lies.error)
    else {
      const code = randomUUID()
      provider.codes.set(code, {
        challenge: query.get('code_challenge')!,
        nonce: query.get('nonce')!,
        redirectUri: query.get('redirect_uri')!,
        sub: provider.person,
      })
      back.searchParams.set('code', code)
    }
    response.writeHead(302, { location: back.href }).end()
  }
  const token = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const piece of request) body += piece
    const form = new URLSearchParams(body)
    if (!(await isOurClient(request, form))) return json(response, 401, { error: 'invalid_client' })
    const known = provider.codes.get(form.get('code') ?? '')
    provider.codes.delete(form.get('code') ?? '')
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (!known || known.challenge !== verifier || known.redirectUri !== form.get('redirect_uri'))
      return json(response, 400, { error: 'invalid_grant' })
    const { lies } = provider
    const now = Math.floor(Date.now() / 1000)
    const idToken = await new SignJWT({ ...known.sub, nonce: lies.nonce ?? known.nonce })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(lies.issuer ?? provider.issuer)
      .setAudience(lies.audience ?? client.id)
      .setIssuedAt(lies.ended ? now - 900 : now)
      .setExpirationTime(lies.ended ? now - 600 : now + 300)
      .sign(lies.foreignKey ? foreign.privateKey : keys.privateKey)
    return json(response, 200, { access_token: 'x', token_type: 'Bearer', id_token: idToken })
  }
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, provider.issuer)
    provider.asked.push(pathname)
    if (provider.lies.silent) return void request.socket.destroy()
    if (pathname === '/.well-known/openid-configuration')
      return json(response, 200, {
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      })
    if (pathname === '/keys') return json(response, 200, { keys: [jwk] })
    if (pathname === '/authorize') return authorize(searchParams, response)
    if (pathname === '/token') return void token(request, response)
    return json(response, 404, {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(provider, {
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}
