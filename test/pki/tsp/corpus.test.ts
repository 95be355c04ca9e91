import { describe, expect, it } from 'vitest'
import { primitives, tsp, x509 } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

interface Case {
  readonly tsr: string
  readonly tsq?: string
  readonly message?: string
  readonly chain: string
  readonly expect: 'ACCEPT' | 'REJECT'
  readonly why: string
}

const knownFields = new Set(['tsr', 'tsq', 'message', 'chain', 'expect', 'why'])
const corpus = openCorpus('rfc3161')
const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []

/** Everything a requester checks: status, imprint, nonce, signature, certificate, path at genTime. */
async function accepts({ tsr, tsq, message, chain }: Case): Promise<boolean> {
  const { status, token: der } = tsp.parseResponse(corpus!.read(tsr))
  if ((status !== 'granted' && status !== 'grantedWithMods') || der === null) return false
  const token = tsp.parseToken(der)
  const request = tsq === undefined ? undefined : tsp.parseRequest(corpus!.read(tsq))
  const { algorithm } = token.messageImprint
  if (request !== undefined && request.messageImprint.algorithmOid !== token.messageImprint.algorithmOid) return false
  const digest =
    request?.messageImprint.digest ?? (await primitives.digest(algorithm!, new TextEncoder().encode(message!)))
  const certificates = x509.decodePem(new TextDecoder().decode(corpus!.read(chain)))
  const { valid, certificate } = await tsp.verifyToken(token, {
    digest,
    certificates,
    ...(request?.nonce === undefined ? {} : { nonce: request.nonce }),
  })
  if (!valid) return false
  const path = await x509.validatePath({
    leaf: certificate!.raw,
    intermediates: [...token.certificates, ...certificates.slice(0, -1)],
    anchors: [certificates.at(-1)!],
    at: token.genTime,
    purpose: 'time-stamp',
  })
  return path.valid
}

describe('time-stamp responses of others', () => {
  it.skipIf(corpus === undefined).each(cases)('$tsr, $why: $expect', async (one) => {
    for (const field of Object.keys(one)) expect(knownFields).toContain(field)
    expect(await accepts(one)).toBe(one.expect === 'ACCEPT')
  })
})
