import { generateKeyPairSync, sign } from 'node:crypto'

/** The catalogue file of a house that nobody knows yet, signed with a key made for it. */
export function signCatalogue(entries: readonly object[], issuer: string, issuedAt: Date): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' })
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url')
  const head = part({ alg: 'ES256', typ: 'licence-catalogue+jws', jwk: { kty, crv, x, y } })
  const signed = `${head}.${part({ iss: issuer, iat: Math.floor(issuedAt.getTime() / 1000), entries })}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return Buffer.from(`${signed}.${signature.toString('base64url')}`)
}
