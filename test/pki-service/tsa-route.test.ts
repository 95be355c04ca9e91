import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tsp, x509 } from '../../pki/index.ts'
import { createMetrics } from '../../platform/http/index.ts'
import { type Database, PlatformError } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { manyAtOnce, serve } from './server.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const digestOf = (text: string) => createHash('sha256').update(text).digest()
const queryType = { 'Content-Type': 'application/timestamp-query' }

/** A clock whose two scales are set apart from each other by hand. */
function createTwoScales(start = Date.parse('2026-11-21T08:00:00.600Z')) {
  let [wall, elapsed] = [start, 1000]
  return {
    now: () => new Date(wall),
    elapsedMs: () => elapsed,
    /** Time passes. */
    pass(ms: number) {
      wall += ms
      elapsed += ms
    },
    /** Somebody sets the wall clock. */
    set(byMs: number) {
      wall += byMs
    },
  }
}

describe.each(engines)('the time-stamp authority on $name', ({ open }) => {
  let world: PkiWorld
  let pki: PkiWorld['pki']
  let clock: ReturnType<typeof createTwoScales>
  let server: Awaited<ReturnType<typeof serve>>
  let isDown: boolean

  const openWorld = async () => {
    isDown = false
    world = await createPkiWorld(await open())
    clock = createTwoScales()
    const { database } = world
    const cable: Database = {
      engine: database.engine,
      script: (sql) => database.script(sql),
      transaction: (work, options) => database.transaction(work, options),
      close: () => database.close(),
      query: (sql, params) =>
        isDown ? Promise.reject(new PlatformError('DATABASE_UNAVAILABLE', 'pulled')) : database.query(sql, params),
    }
    const metrics = createMetrics()
    pki = world.another({ clock, metrics, database: cable })
    await pki.start()
    server = await serve(pki, metrics)
  }
  const closeWorld = async () => {
    await server.stop()
    await world.close()
  }

  const post = (body: Uint8Array, headers: Record<string, string> = queryType) =>
    fetch(`${server.url}/pki/tsa`, { method: 'POST', headers, body: Buffer.from(body) })
  const answerTo = async (body: Uint8Array) => {
    const response = await post(body)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/timestamp-reply')
    expect(response.headers.get('cache-control')).toBe('no-store')
    return tsp.parseResponse(new Uint8Array(await response.arrayBuffer()))
  }
  const counted = async () => {
    const rows = await world.database.query<{ key_name: string; count: bigint; hour: Date; last_at: Date }>(
      `select key_name, count, hour, last_at from pki.key_use_hours where purpose = 'time-stamp' order by hour`,
    )
    return rows.map(({ key_name, count, hour }) => [key_name, Number(count), hour.toISOString()])
  }

  describe('its answers', () => {
    beforeAll(openWorld)
    afterAll(closeWorld)

    it('stamps a digest with nonce and certificates, and states whole seconds, accuracy and its policy', async () => {
      const nonce = randomBytes(16)
      const { status, token } = await answerTo(
        tsp.encodeRequest({ messageImprint: digestOf('licence'), nonce, certReq: true }),
      )
      expect(status).toBe('granted')
      const parsed = tsp.parseToken(token!)
      expect(parsed.genTime).toEqual(new Date('2026-11-21T08:00:00Z'))
      expect(parsed.accuracyMs).toBe(1000)
      expect(parsed.policy).toBe('1.3.6.1.4.1.99999.36901.4.1')
      expect(parsed.serialNumberHex).toMatch(/^[0-9a-f]{30,34}$/)
      expect(parsed.certificates.map((der) => Buffer.from(der).toString('hex')).sort()).toEqual(
        pki
          .timeStampChain()
          .slice(0, 2)
          .map((der) => Buffer.from(der).toString('hex'))
          .sort(),
      )
      expect(await tsp.verifyToken(parsed, { digest: digestOf('licence'), nonce })).toMatchObject({ valid: true })
    })

    it('leaves the certificates out where they were not asked for', async () => {
      const { token } = await answerTo(tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: false }))
      expect(tsp.parseToken(token!).certificates).toEqual([])
    })

    it('stamps a group at one moment, each digest with a serial number of its own, never longer than it says', async () => {
      const imprints = Array.from({ length: 300 }, (_, n) => digestOf(String(n)))
      const tokens = await pki.timeStamp(imprints)
      const parsed = tokens.map((token) => tsp.parseToken(token))
      expect(parsed.map(({ messageImprint }) => Buffer.from(messageImprint.digest))).toEqual(imprints)
      expect(new Set(parsed.map(({ serialNumberHex }) => serialNumberHex)).size).toBe(300)
      expect(new Set(parsed.map(({ genTime }) => genTime.getTime())).size).toBe(1)
      expect(Math.max(...tokens.map(({ length }) => length))).toBeLessThanOrEqual(await pki.maxTimeStampLength())
      expect(await pki.timeStamp([])).toEqual([])
    })

    it.each([
      ['no DER', 'badDataFormat', () => Buffer.from('hello')],
      ['a length bomb', 'badDataFormat', () => Buffer.from('3084ffffffff', 'hex')],
      [
        'octets after the request',
        'badDataFormat',
        () => Buffer.concat([tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: true }), Buffer.of(0)]),
      ],
      [
        'a policy of others',
        'unacceptedPolicy',
        () => tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: true, policy: '1.2.3.4' }),
      ],
      [
        'a digest by SHA-1',
        'badAlg',
        () => tsp.encodeRequest({ messageImprint: { algorithm: 'SHA-1', digest: Buffer.alloc(20, 1) }, certReq: true }),
      ],
    ] as const)('rejects %s with %s', async (_, failureInfo, body) => {
      const answer = await answerTo(body())
      expect(answer).toMatchObject({ status: 'rejection', failureInfo, token: null })
      expect(answer.texts[0]).toMatch(/\w+/)
      expect(await server.figure(`pki_time_stamps_total{outcome="${failureInfo}"}`)).toBeGreaterThanOrEqual(1)
    })

    it('refuses other media types, larger bodies and other methods like every address here', async () => {
      const request = tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: true })
      expect((await post(request, { 'Content-Type': 'application/octet-stream' })).status).toBe(415)
      expect((await post(Buffer.alloc(8 * 1024 + 1))).status).toBe(413)
      expect((await fetch(`${server.url}/pki/tsa`)).status).toBe(405)
      const compressed = await post(request, { ...queryType, 'Content-Encoding': 'gzip' })
      expect(compressed.status).toBe(415)
    })

    it.skipIf(isMissing('openssl'))('satisfies openssl ts -verify, for a request that openssl made', async () => {
      const folder = makeFolder()
      const file = (name: string) => join(folder, name)
      writeFileSync(file('data'), 'a licence')
      const [, authority, root] = pki.timeStampChain()
      writeFileSync(file('root.pem'), x509.encodePem(root!, 'CERTIFICATE'))
      writeFileSync(file('ca.pem'), x509.encodePem(authority!, 'CERTIFICATE'))
      for (const [digest, extra] of [
        ['-sha256', ['-cert']],
        ['-sha384', ['-cert', '-no_nonce']],
        ['-sha512', ['-cert']],
      ] as const) {
        run('openssl', ['ts', '-query', '-data', file('data'), digest, ...extra, '-out', file('query')])
        const response = await post(readFileSync(file('query')))
        writeFileSync(file('reply'), new Uint8Array(await response.arrayBuffer()))
        const at = ['-attime', String(Math.floor(clock.now().getTime() / 1000))]
        const verify = (input: string[]) =>
          run('openssl', [
            'ts',
            '-verify',
            ...input,
            '-in',
            file('reply'),
            '-CAfile',
            file('root.pem'),
            '-untrusted',
            file('ca.pem'),
            ...at,
          ])
        expect(verify(['-queryfile', file('query')]).output).toContain('Verification: OK')
        expect(verify(['-data', file('data')]).output).toContain('Verification: OK')
        expect(run('openssl', ['ts', '-reply', '-in', file('reply'), '-text']).output).toMatch(/Accuracy: 0x01 seconds/)
      }
    })
  })

  describe('its counts, keys and clock', () => {
    beforeEach(openWorld)
    afterEach(closeWorld)

    it('counts a thousand stamps at once, by the hour, through a stop', async () => {
      const request = tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: false })
      const answers = await manyAtOnce(1000, () => answerTo(request))
      expect(new Set(answers.map(({ token }) => tsp.parseToken(token!).serialNumberHex)).size).toBe(1000)
      clock.pass(3_600_000)
      await pki.timeStamp([digestOf('a'), digestOf('b')])
      await pki.close()
      const again = world.another({ clock })
      await again.start()
      await again.timeStamp([digestOf('c')])
      await again.close()
      expect(await counted()).toEqual([
        ['time-stamp-signer', 1000, '2026-11-21T08:00:00.000Z'],
        ['time-stamp-signer', 3, '2026-11-21T09:00:00.000Z'],
      ])
      expect(await server.figure('pki_time_stamps_total{outcome="granted"}')).toBe(1002)
    })

    it('lets nobody lower, move or remove a count', async () => {
      await pki.timeStamp([digestOf('a')])
      await pki.close()
      const change = (sql: string) => expect(world.database.query(sql)).rejects.toThrow(/only grows|append-only/)
      await change('update pki.key_use_hours set count = 0')
      await change(`update pki.key_use_hours set last_at = last_at - interval '1 hour'`)
      await change(`update pki.key_use_hours set key_name = 'other'`)
      await change('delete from pki.key_use_hours')
      await change('truncate pki.key_use_hours')
    })

    it('stamps no more than it can put on record: a database that is down stops it until it is back, and no count is lost', async () => {
      await pki.timeStamp([digestOf('before')])
      isDown = true
      await expect(pki.close()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
      const request = tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: true })
      expect(await answerTo(request)).toMatchObject({ status: 'rejection', failureInfo: 'systemFailure' })
      await rejectsWithCode(pki.timeStamp([digestOf('y')]), 'DATABASE_UNAVAILABLE')
      isDown = false
      expect(await answerTo(request)).toMatchObject({ status: 'granted' })
      await pki.close()
      expect(await counted()).toEqual([['time-stamp-signer', 2, '2026-11-21T08:00:00.000Z']])
    })

    describe('its clock check', () => {
      const request = tsp.encodeRequest({ messageImprint: digestOf('x'), certReq: false })
      const outcome = async () => {
        const { status, failureInfo } = await answerTo(request)
        return failureInfo ?? status
      }

      it.each([
        ['forwards', 3_600_000],
        ['back', -3_600_000],
        ['by a second', 1000],
      ])('refuses when somebody sets the clock %s, and goes on when it is set right', async (_, by) => {
        expect(await outcome()).toBe('granted')
        clock.set(by)
        expect(await outcome()).toBe('timeNotAvailable')
        await rejectsWithCode(pki.timeStamp([digestOf('x')]), 'PKI_CLOCK_UNRELIABLE')
        clock.pass(30_000)
        expect(await outcome()).toBe('timeNotAvailable')
        clock.set(-by)
        expect(await outcome()).toBe('granted')
      })

      it('believes a clock that was set forwards once it has run evenly for a minute, and not while it is set again and again', async () => {
        expect(await outcome()).toBe('granted')
        clock.set(7_200_000)
        expect(await outcome()).toBe('timeNotAvailable')
        clock.pass(50_000)
        clock.set(5000)
        expect(await outcome()).toBe('timeNotAvailable')
        clock.pass(50_000)
        expect(await outcome()).toBe('timeNotAvailable')
        clock.pass(10_000)
        expect(await outcome()).toBe('granted')
      })

      it('never stamps before its last stamp, not even after a restart', async () => {
        clock.pass(10_000)
        await pki.timeStamp([digestOf('x')])
        await pki.close()
        const later = createTwoScales(clock.now().getTime() - 5000)
        const restarted = world.another({ clock: later })
        await restarted.start()
        await rejectsWithCode(restarted.timeStamp([digestOf('y')]), 'PKI_CLOCK_UNRELIABLE')
        later.pass(5000)
        const [token] = await restarted.timeStamp([digestOf('y')])
        expect(tsp.parseToken(token!).genTime).toEqual(new Date('2026-11-21T08:00:10Z'))
        await restarted.close()
      })

      it('notices a jump while nobody asks, and says so in its figures', async () => {
        await pki.refreshAnswers()
        expect(await server.figure('pki_time_stamp_clock_reliable')).toBe(1)
        clock.set(3_600_000)
        await pki.refreshAnswers()
        expect(await server.figure('pki_time_stamp_clock_reliable')).toBe(0)
        clock.pass(60_000)
        await pki.refreshAnswers()
        expect(await server.figure('pki_time_stamp_clock_reliable')).toBe(1)
        expect(await outcome()).toBe('granted')
      })

      it('lets small corrections pass, however many there are', async () => {
        for (let n = 0; n < 20; n++) {
          clock.pass(700_000)
          clock.set(100)
          expect(await outcome()).toBe('granted')
        }
      })

      it('is made to start anew by a revocation of the signer: stamps of a wrong future hold nobody up', async () => {
        clock.set(40 * 86_400_000)
        await pki.refreshAnswers()
        clock.pass(60_000)
        await pki.timeStamp([digestOf('x')])
        clock.set(-40 * 86_400_000)
        await pki.refreshAnswers()
        clock.pass(60_000)
        await rejectsWithCode(pki.timeStamp([digestOf('x')]), 'PKI_CLOCK_UNRELIABLE')
        const before = pki.timeStampChain()[0]!
        await pki.revokeCertificate(x509.parseCertificate(before).serialNumberHex, 'superseded', clock.now())
        expect(pki.timeStampChain()[0]).not.toEqual(before)
        const [token] = await pki.timeStamp([digestOf('x')])
        expect(await tsp.verifyToken(tsp.parseToken(token!), { digest: digestOf('x') })).toMatchObject({ valid: true })
        await pki.close()
        expect((await counted()).map(([name]) => name)).toContain('time-stamp-signer-2')
      })
    })

    it('takes a new key each year, whose certificate lives for fifteen, and keeps the old one known', async () => {
      const [first] = pki.timeStampChain()
      clock.pass(364 * 86_400_000)
      await pki.rotateSigners()
      expect(pki.timeStampChain()[0]).toEqual(first)
      clock.pass(2 * 86_400_000)
      await pki.rotateSigners()
      const [second, authority] = pki.timeStampChain()
      const [old, now] = [x509.parseCertificate(first!), x509.parseCertificate(second!)]
      expect(now.subjectPublicKeyInfo).not.toEqual(old.subjectPublicKeyInfo)
      expect(now.notAfter.getTime() - now.notBefore.getTime()).toBeGreaterThan(15 * 365 * 86_400_000)
      expect(x509.parseCertificate(authority!).notAfter.getTime()).toBeGreaterThanOrEqual(now.notAfter.getTime())
      const [token] = await pki.timeStamp([digestOf('x')])
      expect(
        (await tsp.verifyToken(tsp.parseToken(token!), { digest: digestOf('x') })).certificate!.serialNumberHex,
      ).toBe(now.serialNumberHex)
      expect(await pki.certificateStatus(old.serialNumberHex)).toMatchObject({ state: 'active' })
      const since = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
      expect(await pki.revocationAnswers([first!, second!], since)).toHaveLength(2)
      const restarted = world.another({ clock })
      await restarted.start()
      expect(restarted.timeStampChain()[0]).toEqual(second)
      await restarted.close()
      // The old key is kept for a month, should the clock have been wrong, and then destroyed; its stamps still verify.
      clock.pass(29 * 86_400_000)
      await pki.rotateSigners()
      expect(world.keyStore.list()).toContain('time-stamp-signer')
      clock.pass(2 * 86_400_000)
      await pki.rotateSigners()
      const names = world.keyStore.list().filter((name) => /time-stamp-signer|-ocsp/.test(name))
      expect(names).toContain('time-stamp-signer-2')
      expect(names.filter((name) => !name.endsWith('-2'))).toEqual([])
      expect(await pki.timeStamp([digestOf('y')])).toHaveLength(1)
    })
  })
})
