import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceOfFolder } from '../../bin/evidence.ts'
import { asn1, ca, x509 } from '../../pki/index.ts'
import { createGuardedFetch } from '../../platform/index.ts'
import { createTestPki } from '../fixtures/pki.ts'

// The folder's own house is asked for OCSP, and nobody else.

const pki = await createTestPki({
  root: {},
  ca: { under: 'root' },
  seal: { under: 'ca' },
  otherRoot: {},
  stranger: { under: 'otherRoot' },
})
const asked: string[] = []
let server: Server
let origin: string
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const { certIds } = ca.parseOcspRequest(new Uint8Array(Buffer.concat(parts)))
    asked.push(`${request.method} ${request.url} ${request.headers['content-type']} ${certIds[0]!.serialNumberHex}`)
    response.end(Buffer.from([1, 2, 3]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const material = (address: string | null) => ({
  anchors: [pki.get('root').certificate],
  crls: [],
  trustList: null,
  statusLists: new Map(address ? [[`${address}/status-lists/1`, 'x']] : []),
})
const chain = [pki.get('seal').certificate, pki.get('ca').certificate]
const signal = AbortSignal.timeout(5000)
const fetchHere = createGuardedFetch({ privateAddresses: 'loopback' })
const serialOf = (der: Uint8Array) => x509.parseCertificate(der).serialNumberHex

describe('evidenceOfFolder', () => {
  it('asks the folder’s house about each certificate whose issuer is known, once', async () => {
    const source = evidenceOfFolder(material(origin), fetchHere)
    const answers = await source.ocsps!(
      [...chain, ...chain, pki.get('stranger').certificate, asn1.encodeNull()],
      signal,
    )
    expect(answers).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)])
    const line = (der: Uint8Array) => `POST /pki/ocsp application/ocsp-request ${serialOf(der)}`
    expect(asked.sort()).toEqual(chain.map(line).sort())
  })

  it('has no answer where nobody listens or the folder names no house', async () => {
    expect(await evidenceOfFolder(material('http://127.0.0.1:9'), fetchHere).ocsps!(chain, signal)).toEqual([])
    expect(await evidenceOfFolder(material(null), fetchHere).ocsps!(chain, signal)).toEqual([])
  })

  it('asks nobody offline', () => {
    expect(evidenceOfFolder(material(origin), null).ocsps).toBeUndefined()
  })
})
