import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, ca, ocsp, x509 } from '../../pki/index.ts'
import { createMetrics } from '../../platform/http/index.ts'
import type { Database } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { isMissing } from '../support/tools.ts'
import { manyAtOnce, runBeside, serve } from './server.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const department = { organisation: '云汀市民政局', organisationCode: '11330199MB0000001X', commonName: '云汀市民政局' }
const requestType = { 'Content-Type': 'application/ocsp-request' }

describe.each(engines)('the OCSP responder on $name', ({ open }) => {
  let world: PkiWorld
  let server: Awaited<ReturnType<typeof serve>>
  let database: Database
  let isDown = false
  let made = 0
  const metrics = createMetrics()

  beforeAll(async () => {
    database = await open()
    // Stands before the database like a cable that can be pulled.
    const cable: Database = {
      engine: database.engine,
      script: (sql) => database.script(sql),
      transaction: (work, options) => database.transaction(work, options),
      close: () => database.close(),
      query: (sql, params) => (isDown ? Promise.reject(new Error('database down')) : database.query(sql, params)),
    }
    world = await createPkiWorld(database)
    const pki = world.another({ database: cable, metrics })
    await pki.start()
    world = { ...world, pki }
    server = await serve(pki, metrics)
  })
  afterAll(async () => {
    await server.stop()
    await world.close()
  })

  const certifySeal = async () => {
    const { publicKey } = await world.keyStore.generate(`seal-${++made}`, 'ec-p256')
    const { certificate, chain } = await world.pki.certify({ profile: 'seal', subject: department, publicKey })
    const { serialNumber, serialNumberHex } = x509.parseCertificate(certificate)
    return { certificate, chain, issuer: chain[0]!, serialNumber, serialNumberHex }
  }
  const idOf = (issuer: Uint8Array, serialNumber: Uint8Array) => ca.createCertId(issuer, serialNumber)
  const requestFor = async (issuer: Uint8Array, serialNumber: Uint8Array, nonce?: Uint8Array) =>
    ca.encodeOcspRequest({ certIds: [await idOf(issuer, serialNumber)], ...(nonce && { nonce }) })
  const post = (body: Uint8Array, headers: Record<string, string> = requestType) =>
    fetch(`${server.url}/pki/ocsp`, { method: 'POST', headers, body: Buffer.from(body) })
  const get = (text: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/pki/ocsp/${text}`, { headers, cache: 'force-cache' })
  const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const errorOf = async (response: Response) => {
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/ocsp-response')
    expect(response.headers.get('cache-control')).toBe('no-store')
    return Buffer.from(await bytesOf(response)).toString('hex')
  }
  const [malformed, tryLater, unauthorized] = ['30030a0101', '30030a0103', '30030a0106']

  it('answers a GET for everybody to keep for minutes, and 304 to whoever has it', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const text = encodeURIComponent(base64(await requestFor(issuer, serialNumber)))
    const first = await get(text)
    expect(first.status).toBe(200)
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'content-type': 'application/ocsp-response',
      'cache-control': 'public, max-age=300, no-transform, must-revalidate',
      'last-modified': 'Sat, 21 Nov 2026 08:00:00 GMT',
      expires: 'Sun, 22 Nov 2026 08:00:00 GMT',
      etag: expect.stringMatching(/^"[\w-]{43}"$/),
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(ocsp.parseResponse(await bytesOf(first)).single[0]!.status).toBe('good')
    const again = await get(text, { 'If-None-Match': first.headers.get('etag')! })
    expect(again.status).toBe(304)
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'))
    expect((await get(text, { 'If-None-Match': '"other"' })).status).toBe(200)
  })

  it('takes base64 in a path with its slashes and pluses escaped or not, and with a slash of the client before it', async () => {
    const { issuer } = await certifySeal()
    let text = ''
    let serial = 0
    while (!(text.includes('/') && text.includes('+'))) {
      const serialNumber = Buffer.from((++serial).toString(16).padStart(32, '4'), 'hex')
      text = base64(await requestFor(issuer, serialNumber))
    }
    for (const path of [
      text,
      encodeURIComponent(text),
      text.replaceAll('+', '%2b'),
      `/${text}`,
      text.replace(/=+$/, ''),
    ]) {
      const response = ocsp.parseResponse(await bytesOf(await get(path)))
      expect(response.single[0]!.status).toBe('unknown')
    }
  })

  it('gives the same held answer to GET and POST, and one signed afresh with the nonce for each nonce', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const plain = await requestFor(issuer, serialNumber)
    const posted = await bytesOf(await post(plain))
    expect(await bytesOf(await get(base64(plain)))).toEqual(posted)
    expect(await bytesOf(await post(plain))).toEqual(posted)
    const nonces = [Buffer.alloc(32, 7), Buffer.alloc(1, 1), Buffer.alloc(128, 9)]
    for (const nonce of nonces) {
      const response = await post(await requestFor(issuer, serialNumber, nonce))
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(response.headers.get('etag')).toBeNull()
      const parsed = ocsp.parseResponse(await bytesOf(response))
      expect(Buffer.from(parsed.nonce!).subarray(-nonce.length)).toEqual(nonce)
      expect(parsed.single[0]!.status).toBe('good')
    }
  })

  it('answers several questions of one authority in one response, in their order', async () => {
    const seals = [await certifySeal(), await certifySeal(), await certifySeal()]
    await world.pki.revokeCertificate(seals[1]!.serialNumberHex, 'superseded', world.clock.now())
    const certIds = await Promise.all(seals.map(({ issuer, serialNumber }) => idOf(issuer, serialNumber)))
    const response = ocsp.parseResponse(await bytesOf(await post(ca.encodeOcspRequest({ certIds }))))
    expect(response.single.map(({ status }) => status)).toEqual(['good', 'revoked', 'good'])
  })

  it('refuses, unsigned, questions about several authorities at once or about one that is not ours', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const root = world.pki.anchors()[0]!
    const mixed = [await idOf(issuer, serialNumber), await idOf(root, serialNumber)]
    expect(await errorOf(await post(ca.encodeOcspRequest({ certIds: mixed })))).toBe(unauthorized)
    const foreign = await createPkiWorld(await open())
    await foreign.pki.start()
    expect(await errorOf(await post(await requestFor(foreign.pki.anchors()[0]!, serialNumber)))).toBe(unauthorized)
    await foreign.close()
  })

  it('says unknown, signed, of a serial number that it never gave or that another of our authorities gave', async () => {
    const { issuer, chain, serialNumber, serialNumberHex } = await certifySeal()
    const root = chain[1]!
    for (const [authority, serial] of [
      [issuer, Buffer.alloc(16, 0x55)],
      [root, serialNumber],
      [issuer, Buffer.of(1)],
    ] as const) {
      const response = await post(await requestFor(authority, serial))
      expect(response.headers.get('cache-control')).toBe('no-store')
      expect(ocsp.parseResponse(await bytesOf(response)).single[0]!.status).toBe('unknown')
    }
    expect((await world.pki.certificateStatus(serialNumberHex))!.state).toBe('active')
  })

  it('stops to sign “unknown” for whoever counts through serial numbers, and goes on for the certificates that exist', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const random = (n: number) => Buffer.from((0x5000_0000 + n).toString(16).padStart(32, '5'), 'hex')
    const answers = await Promise.all(
      Array.from({ length: 130 }, async (_, n) =>
        Buffer.from(await bytesOf(await post(await requestFor(issuer, random(n))))),
      ),
    )
    const refused = answers.filter((answer) => answer.toString('hex') === tryLater)
    expect(refused.length).toBeGreaterThanOrEqual(30)
    expect(
      ocsp.parseResponse(await bytesOf(await post(await requestFor(issuer, serialNumber)))).single[0]!.status,
    ).toBe('good')
    const nonce = await requestFor(issuer, serialNumber, Buffer.alloc(16, 3))
    expect(ocsp.parseResponse(await bytesOf(await post(nonce))).single[0]!.status).toBe('good')
    world.clock.advance(60_000)
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no DER', Buffer.from('hello')],
    ['a length bomb', Buffer.from('3084ffffffff', 'hex')],
    ['deep nesting', Buffer.from('3080'.repeat(100), 'hex')],
    ['octets after the request', undefined],
    ['an empty list of questions', Buffer.from('300430023000', 'hex')],
    ['a nonce of 200 octets', Buffer.from('x')],
  ])('tells a malformed request unsigned: %s', async (what, body) => {
    const { issuer, serialNumber } = await certifySeal()
    const whole = await requestFor(issuer, serialNumber)
    const sent = what === 'octets after the request' ? Buffer.concat([whole, Buffer.of(0)]) : body!
    if (what !== 'nothing') expect(await errorOf(await post(sent))).toBe(malformed)
    expect(await errorOf(await get(sent.length ? encodeURIComponent(base64(sent)) : '%20'))).toBe(malformed)
  })

  it('refuses other methods, other media types and bodies that no request needs, like every address here', async () => {
    expect((await post(Buffer.alloc(10), { 'Content-Type': 'text/plain' })).status).toBe(415)
    expect((await post(Buffer.alloc(16 * 1024 + 1))).status).toBe(413)
    expect((await fetch(`${server.url}/pki/ocsp`, { method: 'PUT' })).status).toBe(405)
    expect((await fetch(`${server.url}/pki/ocsp/MEow`, { method: 'DELETE' })).status).toBe(405)
    expect((await get('%ff')).status).toBe(400)
    // A query is none of ours: the common way finds the same route and leaves it aside.
    expect(await errorOf(await get('abc?x=1'))).toBe(malformed)
    const chunked = await fetch(`${server.url}/pki/ocsp`, {
      method: 'POST',
      headers: requestType,
      body: new Blob([new Uint8Array(5)]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(await errorOf(chunked)).toBe(malformed)
  })

  it('replaces the answer at once when the certificate is revoked', async () => {
    const { issuer, serialNumber, serialNumberHex } = await certifySeal()
    const text = base64(await requestFor(issuer, serialNumber))
    const before = await get(text)
    expect(ocsp.parseResponse(await bytesOf(before)).single[0]!.status).toBe('good')
    await world.pki.revokeCertificate(serialNumberHex, 'keyCompromise', world.clock.now())
    const after = await get(text, { 'If-None-Match': before.headers.get('etag')! })
    expect(after.status).toBe(200)
    expect(ocsp.parseResponse(await bytesOf(after)).single[0]).toMatchObject({
      status: 'revoked',
      reason: 'keyCompromise',
    })
  })

  it('never lets “good” leave after a revocation, however many ask while it happens', async () => {
    const seal = await certifySeal()
    const text = base64(await requestFor(seal.issuer, seal.serialNumber))
    let isRevoked = false
    const statuses: boolean[] = []
    const ask = async () => {
      for (let n = 0; n < 40; n++) {
        const wasRevoked = isRevoked
        const { status } = ocsp.parseResponse(await bytesOf(await get(text))).single[0]!
        if (wasRevoked) statuses.push(status === 'revoked')
      }
    }
    const asking = Promise.all(Array.from({ length: 8 }, ask))
    await world.pki.revokeCertificate(seal.serialNumberHex, 'keyCompromise', world.clock.now())
    isRevoked = true
    await asking
    expect(statuses.length).toBeGreaterThan(50)
    expect(statuses.every(Boolean)).toBe(true)
  })

  it('makes answers anew before they age, and counts a thousand at once without losing one', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const text = base64(await requestFor(issuer, serialNumber))
    const first = await bytesOf(await get(text))
    world.clock.advance(11 * 3_600_000)
    await world.pki.refreshAnswers()
    expect(await bytesOf(await get(text))).toEqual(first)
    world.clock.advance(3_600_000 + 1000)
    await world.pki.refreshAnswers()
    const second = await get(text)
    expect(second.headers.get('last-modified')).toBe(
      new Date(Math.floor(world.clock.now().getTime() / 1000) * 1000).toUTCString(),
    )
    expect(await server.figure('pki_ocsp_oldest_answer_age_seconds')).toBeLessThan(12 * 3600)

    await world.pki.close()
    const before = await countOf('seal-ca-ocsp')
    const requests = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => requestFor(issuer, serialNumber, Buffer.alloc(16, n % 256 || 1))),
    )
    const answers = await manyAtOnce(1000, async (n) => (await post(requests[n]!)).status)
    expect(answers.every((status) => status === 200)).toBe(true)
    await world.pki.close()
    expect((await countOf('seal-ca-ocsp')) - before).toBe(1000n)
  })
  const countOf = async (keyName: string) => {
    const rows = await database.query<{ count: bigint }>(
      'select coalesce(sum(count), 0)::bigint as count from pki.key_use_hours where key_name = $1',
      [keyName],
    )
    return rows[0]!.count
  }

  it('gives what it holds while the database is down, puts off everything else, and goes on afterwards', async () => {
    const { issuer, serialNumber } = await certifySeal()
    const text = base64(await requestFor(issuer, serialNumber))
    const held = await bytesOf(await get(text))
    isDown = true
    try {
      expect(await bytesOf(await get(text))).toEqual(held)
      expect(await errorOf(await post(await requestFor(issuer, serialNumber, Buffer.alloc(16, 5))))).toBe(tryLater)
      expect(await errorOf(await post(await requestFor(issuer, Buffer.alloc(16, 0x61))))).toBe(tryLater)
    } finally {
      isDown = false
    }
    const fresh = await post(await requestFor(issuer, serialNumber, Buffer.alloc(16, 5)))
    expect(ocsp.parseResponse(await bytesOf(fresh)).single[0]!.status).toBe('good')
    expect(await server.figure('pki_ocsp_answers_total{outcome="tryLater"}')).toBeGreaterThanOrEqual(2)
  })

  it.skipIf(isMissing('openssl'))(
    'satisfies openssl ocsp: good, revoked, unknown, with nonce and without, for seal and root',
    async () => {
      const seal = await certifySeal()
      const revoked = await certifySeal()
      await world.pki.revokeCertificate(revoked.serialNumberHex, 'keyCompromise', world.clock.now())
      const folder = makeFolder()
      const pem = (name: string, ...ders: Uint8Array[]) => {
        const file = join(folder, `${name}.pem`)
        writeFileSync(file, ders.map((der) => x509.encodePem(der, 'CERTIFICATE')).join(''))
        return file
      }
      const root = pem('root', seal.chain[1]!)
      const issuer = pem('issuer', seal.issuer)
      const at = String(Math.floor(world.clock.now().getTime() / 1000))
      const ask = async (issuerFile: string, args: string[]) => {
        const chain = ['-CAfile', root, '-verify_other', issuer, '-attime', at, '-validity_period', '5000000000']
        return runBeside('openssl', [
          'ocsp',
          '-issuer',
          issuerFile,
          '-url',
          `${server.url}/pki/ocsp`,
          ...chain,
          ...args,
        ])
      }
      for (const nonce of ['-nonce', '-no_nonce']) {
        const good = await ask(issuer, [nonce, '-cert', pem('seal', seal.certificate)])
        expect(good.output).toContain('Response verify OK')
        expect(good.output).toMatch(/seal\.pem: good/)
        expect((await ask(issuer, [nonce, '-cert', pem('revoked', revoked.certificate)])).output).toMatch(
          /revoked\.pem: revoked[\s\S]*keyCompromise/,
        )
        expect((await ask(issuer, [nonce, '-serial', '0x5511'])).output).toMatch(/0x5511: unknown/)
        const ofRoot = await ask(root, [nonce, '-cert', issuer])
        expect(ofRoot.output).toContain('Response verify OK')
        expect(ofRoot.output).toMatch(/issuer\.pem: good/)
      }
    },
  )

  it.skipIf(isMissing('openssl'))(
    'has the answer to openssl’s usual question before it is asked for the first time',
    async () => {
      const seal = await certifySeal()
      world.clock.advance(3_600_000)
      await world.pki.refreshAnswers()
      const folder = makeFolder()
      const [issuer, leaf, query] = ['issuer.pem', 'leaf.pem', 'query'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ]
      writeFileSync(issuer, x509.encodePem(seal.issuer, 'CERTIFICATE'))
      writeFileSync(leaf, x509.encodePem(seal.certificate, 'CERTIFICATE'))
      await runBeside('openssl', ['ocsp', '-issuer', issuer, '-cert', leaf, '-no_nonce', '-reqout', query])
      isDown = true
      try {
        const response = ocsp.parseResponse(await bytesOf(await post(readFileSync(query))))
        expect(response.single[0]!.status).toBe('good')
      } finally {
        isDown = false
      }
    },
  )

  it('knows an issuer by SHA-256 too, and gives the question back as it was asked', async () => {
    const { issuer, serialNumber } = await certifySeal()
    for (const digest of ['SHA-1', 'SHA-256'] as const) {
      const certId = await ca.createCertId(issuer, serialNumber, digest)
      const response = ocsp.parseResponse(await bytesOf(await post(ca.encodeOcspRequest({ certIds: [certId] }))))
      expect(asn1.toHex(response.single[0]!.certId.raw)).toBe(asn1.toHex(certId.raw))
    }
  })
})
