// What authorities outside say of certificates, when somebody else says it, too late, of another, or from a place that may not be asked.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHttpRevocationSource } from '../../seal-service/index.ts'
import { makeOcsp } from '../fixtures/levels.ts'
import { createTestPki, type EntitySpec, testTimes } from '../fixtures/pki.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const hour = 3_600_000
const now = testTimes.now
const ago = (hours: number) => new Date(now.getTime() - hours * hour)

describe('an authority outside', () => {
  let server: Server
  let base: string
  let answers: Record<string, RequestListener>
  let asked: string[]
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url!)
      const answer = answers[request.url!]
      if (answer) answer(request, response)
      else response.writeHead(404).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  beforeEach(() => {
    answers = {}
    asked = []
  })

  const say =
    (bytes: Uint8Array): RequestListener =>
    (_request, response) =>
      void response.end(bytes)
  const ocspUrl = () => `${base}/ocsp`
  const crlUrl = () => `${base}/ca.crl`
  /** Two calls make two authorities of the same names and serial numbers, with other keys. */
  const makePki = (leaf: Partial<EntitySpec> = {}) =>
    createTestPki({
      root: {},
      ca: { under: 'root' },
      otherCa: { under: 'root' },
      seal: { under: 'ca', ocspUrl: ocspUrl(), crlUrl: crlUrl(), ...leaf },
      sibling: { under: 'ca' },
      responderOfOther: { under: 'otherCa', profile: 'ocsp-responder' },
    })
  type Pki = Awaited<ReturnType<typeof makePki>>
  const clock = { now: () => now }
  const create = (timeoutMs = 2000) => createHttpRevocationSource({ clock, privateAddresses: 'loopback', timeoutMs })
  const ask = (pki: Pki, { source = create(), notBefore = ago(24 * 30) } = {}) =>
    source.answers([pki.get('seal').certificate], notBefore, [
      pki.get('ca').certificate,
      pki.get('otherCa').certificate,
      pki.get('root').certificate,
    ])
  const ocspOf = (pki: Pki, changed: Partial<Parameters<typeof makeOcsp>[0]> = {}) =>
    makeOcsp({ about: pki.get('seal'), by: pki.get('ca'), thisUpdate: ago(1), nextUpdate: ago(-23), ...changed })

  it('is believed when its responder answers, or its list does in place of a responder that is away', async () => {
    const pki = await makePki()
    answers['/ocsp'] = say(await ocspOf(pki))
    expect(await ask(pki)).toMatchObject([{ kind: 'ocsp' }])
    delete answers['/ocsp']
    answers['/ca.crl'] = say(await pki.crl('ca'))
    expect(await ask(pki)).toMatchObject([{ kind: 'crl' }])
  })

  it.each<[string, (pki: Pki, stranger: Pki) => Promise<Uint8Array>]>([
    ['signed by an authority of the same name', (pki, stranger) => ocspOf(pki, { by: stranger.get('ca') })],
    ['signed by the responder of another authority', (pki) => ocspOf(pki, { by: pki.get('responderOfOther') })],
    ['about another certificate', (pki) => ocspOf(pki, { about: pki.get('sibling') })],
    ['that has ended', (pki) => ocspOf(pki, { thisUpdate: ago(48), nextUpdate: ago(24) })],
    ['from tomorrow', (pki) => ocspOf(pki, { thisUpdate: ago(-24), nextUpdate: ago(-48) })],
    ['that is no answer', async () => new TextEncoder().encode('<html>sign in</html>')],
    ['that was cut short', async (pki) => (await ocspOf(pki)).slice(0, -1)],
  ])('is not believed by an OCSP answer %s', async (_what, forge) => {
    const [pki, stranger] = [await makePki(), await makePki()]
    answers['/ocsp'] = say(await forge(pki, stranger))
    await expect(ask(pki)).rejects.toThrowError()
    expect(asked).toEqual(['/ocsp', '/ca.crl'])
  })

  it.each<[string, (pki: Pki, stranger: Pki) => Promise<Uint8Array>]>([
    ['signed by an authority of the same name', (_pki, stranger) => stranger.crl('ca')],
    ['of another authority', (pki) => pki.crl('otherCa')],
    ['that has ended', (pki) => pki.crl('ca', { thisUpdate: ago(48), nextUpdate: ago(24) })],
    ['from tomorrow', (pki) => pki.crl('ca', { thisUpdate: ago(-24), nextUpdate: ago(-48) })],
    ['that was cut short', async (pki) => (await pki.crl('ca')).slice(0, -1)],
  ])('is not believed by a list %s', async (_what, forge) => {
    const [pki, stranger] = [await makePki({ revokedAt: ago(72) }), await makePki()]
    answers['/ca.crl'] = say(await forge(pki, stranger))
    const source = create()
    await expect(ask(pki, { source })).rejects.toThrowError()
    const issuers = [pki.get('ca').certificate, pki.get('root').certificate]
    expect(await source.lists([pki.get('seal').certificate], issuers)).toEqual([])
  })

  it('is heard when it says revoked, by the list where the good answer is older than asked for', async () => {
    const pki = await makePki({ revokedAt: ago(1) })
    answers['/ocsp'] = say(await ocspOf(pki, { thisUpdate: ago(5) }))
    const revoked = await pki.crl('ca', { thisUpdate: ago(1), nextUpdate: ago(-24) })
    answers['/ca.crl'] = say(revoked)
    expect(await ask(pki, { notBefore: ago(2) })).toEqual([{ kind: 'crl', der: revoked }])
  })

  it('is asked under no address but by http, and never elsewhere than where the certificate says', async () => {
    for (const scheme of ['ftp', 'ldap', 'ldaps']) {
      const pki = await makePki({ ocspUrl: `${scheme}://127.0.0.1/ocsp`, crlUrl: 'ldap://127.0.0.1/cn=ca' })
      await rejectsWithCode(ask(pki), 'SEAL_REVOCATION_DATA_MISSING')
    }
    const pki = await makePki()
    answers['/elsewhere'] = say(await ocspOf(pki))
    for (const path of ['/ocsp', '/ca.crl'])
      answers[path] = (_request, response) => void response.writeHead(307, { Location: `${base}/elsewhere` }).end()
    await rejectsWithCode(ask(pki), 'UPSTREAM_UNAVAILABLE')
    expect(asked).toEqual(['/ocsp', '/ca.crl'])
  })

  it('is not asked at an address of this machine or its network, unless that is allowed', async () => {
    const pki = await makePki()
    answers['/ocsp'] = say(await ocspOf(pki))
    await rejectsWithCode(ask(pki, { source: createHttpRevocationSource({ clock }) }), 'UPSTREAM_UNAVAILABLE')
    for (const host of ['169.254.169.254', '10.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', 'localhost']) {
      const inside = await makePki({ ocspUrl: `http://${host}/ocsp`, crlUrl: `http://${host}/ca.crl` })
      await rejectsWithCode(ask(inside, { source: createHttpRevocationSource({ clock }) }), 'UPSTREAM_UNAVAILABLE')
    }
    expect(asked).toEqual([])
  })

  it('that answers too slowly, or too much, is left alone for a minute, and its list serves', async () => {
    const pki = await makePki()
    let at = now
    const source = createHttpRevocationSource({
      clock: { now: () => at },
      privateAddresses: 'loopback',
      timeoutMs: 1000,
    })
    answers['/ca.crl'] = say(await pki.crl('ca'))
    answers['/ocsp'] = (_request, response) => {
      const drip = setInterval(() => response.write('0'), 20)
      response.on('close', () => clearInterval(drip))
    }
    for (let turn = 0; turn < 3; turn++) expect(await ask(pki, { source })).toMatchObject([{ kind: 'crl' }])
    expect(asked.filter((path) => path === '/ocsp')).toHaveLength(1)
    at = new Date(now.getTime() + 61_000)
    answers['/ocsp'] = say(new Uint8Array(1 << 20).fill(0x30))
    expect(await ask(pki, { source })).toMatchObject([{ kind: 'crl' }])
    at = new Date(now.getTime() + 122_000)
    answers['/ocsp'] = say(await ocspOf(pki))
    expect(await ask(pki, { source })).toMatchObject([{ kind: 'ocsp' }])
  })
})
