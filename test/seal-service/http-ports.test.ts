import { createHash } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { timestamperOf } from '../../bin/pki-ports.ts'
import { createKeyStore } from '../../key-store/index.ts'
import { ocsp, tsp, x509 } from '../../pki/index.ts'
import { createPkiService, type PkiService } from '../../pki-service/index.ts'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { createHttpRevocationSource, createHttpTimestamper } from '../../seal-service/index.ts'
import { makeFolder } from '../pki-service/world.ts'
import { testClock } from '../support/clock.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const sha256 = (text: string) => new Uint8Array(createHash('sha256').update(text).digest())

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('evidence by HTTP', () => {
  const clock = testClock()
  let pki: PkiService
  let listening: Listening
  let baseUrl: string
  let close: () => Promise<void>
  beforeAll(async () => {
    const port = await freePort()
    baseUrl = `http://127.0.0.1:${port}`
    const database = await engines[0]!.open()
    const keyStore = await createKeyStore({ folder: makeFolder(), passphrase: 'for tests' })
    const log = createLog({ level: 'silent' })
    pki = createPkiService({ database, keyStore, clock, ids: systemIds, baseUrl, log })
    await pki.start()
    const app = createApp({ routeSets: [pki.routes], ids: systemIds, log, baseUrl, isProduction: false })
    listening = await listen(app, { port, host: '127.0.0.1' })
    close = async () => {
      await listening.stop()
      await pki.close()
      keyStore.close()
      await database.close()
    }
  })
  afterAll(() => close())

  let impostor: Server | undefined
  const serve = async (handle: RequestListener): Promise<string> => {
    const server = createServer(handle).listen(0, '127.0.0.1')
    impostor = server
    await new Promise((resolve) => server.once('listening', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }
  afterEach(() => {
    impostor?.closeAllConnections()
    impostor?.close()
    impostor = undefined
  })

  describe('createHttpTimestamper', () => {
    const timestamper = (url = `${baseUrl}/pki/tsa`, timeoutMs = 3000) =>
      createHttpTimestamper({ url, bytes: systemIds.bytes, timeoutMs })

    it('brings a token for each imprint, in order, with the chain of whoever stamped', async () => {
      const imprints = Array.from({ length: 20 }, (_, n) => sha256(`signature ${n}`))
      const { tokens, certificates, stampedBy } = await timestamper().stamp(imprints)
      for (const [index, token] of tokens.entries()) {
        const parsed = tsp.parseToken(token)
        expect(await tsp.verifyToken(parsed, { digest: imprints[index]! })).toMatchObject({ valid: true })
        expect(parsed.genTime.getTime()).toBeLessThanOrEqual(stampedBy.getTime())
      }
      expect(Buffer.compare(certificates[0]!, pki.timeStampChain()[0]!)).toBe(0)
      const longest = await timestamper().maxTokenLength()
      for (const { length } of tokens) expect(length).toBeLessThanOrEqual(longest)
    })

    it('refuses a token for another imprint or another nonce', async () => {
      const [stale] = (await timestamper().stamp([sha256('another')])).tokens
      const url = await serve((_request, response) => {
        response.setHeader('Content-Type', 'application/timestamp-reply').end(tsp.encodeResponse(stale!))
      })
      await rejectsWithCode(timestamper(url).stamp([sha256('mine')]), 'SEAL_TIME_STAMP_REFUSED')
      await rejectsWithCode(timestamper(url).stamp([sha256('another')]), 'SEAL_TIME_STAMP_REFUSED')
    })

    it('tells a rejection, a silent server, a wrong status and an endless answer apart from a stamp', async () => {
      const rejecting = await serve(
        (_request, response) => void response.end(tsp.encodeRejection('timeNotAvailable', 'x')),
      )
      await rejectsWithCode(timestamper(rejecting).stamp([sha256('a')]), 'SEAL_TIME_STAMP_REFUSED')
      afterEachNow()
      const silent = await serve(() => undefined)
      await rejectsWithCode(timestamper(silent, 100).stamp([sha256('a')]), 'UPSTREAM_UNAVAILABLE')
      afterEachNow()
      const failing = await serve((_request, response) => void response.writeHead(500).end())
      await rejectsWithCode(timestamper(failing).stamp([sha256('a')]), 'UPSTREAM_UNAVAILABLE')
      afterEachNow()
      const endless = await serve((_request, response) => void response.end(Buffer.alloc(1 << 20, 0x30)))
      await rejectsWithCode(timestamper(endless).stamp([sha256('a')]), 'UPSTREAM_UNAVAILABLE')
      afterEachNow()
      const rubbish = await serve((_request, response) => void response.end('no token'))
      await rejectsWithCode(timestamper(rubbish).stamp([sha256('a')]), 'TSP_MALFORMED')
    })
    const afterEachNow = () => {
      impostor?.closeAllConnections()
      impostor?.close()
    }
  })

  describe('createHttpRevocationSource', () => {
    const source = () => createHttpRevocationSource({ clock, privateAddresses: 'loopback', timeoutMs: 3000 })

    it('asks the responders that the certificates name, and checks what they answer', async () => {
      const chain = pki.timeStampChain()
      const asked = chain.slice(0, 2)
      const notBefore = clock.now()
      notBefore.setMilliseconds(0)
      const answers = await source().answers(asked, notBefore, chain)
      for (const [index, { kind, der }] of answers.entries()) {
        expect(kind).toBe('ocsp')
        const [certificate, issuer] = [asked[index]!, chain[index + 1]!].map(x509.parseCertificate)
        const response = ocsp.parseResponse(der)
        const question = { certificate: certificate!, issuer: issuer!, at: clock.now() }
        expect(await ocsp.verifyResponse(response, question)).toBeNull()
      }
    })

    it('refuses an answer older than asked for, a certificate that names nobody, and an issuer not given', async () => {
      const chain = pki.timeStampChain()
      const future = new Date(clock.now().getTime() + 3_600_000)
      await rejectsWithCode(source().answers(chain.slice(0, 1), future, chain), 'SEAL_REVOCATION_DATA_MISSING')
      const [root] = pki.anchors()
      await rejectsWithCode(source().answers([root!], clock.now(), chain), 'SEAL_REVOCATION_DATA_MISSING')
      await rejectsWithCode(source().answers(chain.slice(0, 1), clock.now(), []), 'SEAL_REVOCATION_DATA_MISSING')
    })
  })

  it('gives tokens of the length that the own authority tells', async () => {
    const own = timestamperOf(pki, clock)
    const { tokens } = await own.stamp([sha256('own')])
    expect(tokens[0]!.length).toBeLessThanOrEqual(await own.maxTokenLength())
  })
})
