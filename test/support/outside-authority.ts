// A licensed authority outside, with a root, an issuing CA and a web server for its lists and answers. It knows nothing of this house.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { type Clock, systemIds } from '../../platform/index.ts'

const day = 86_400_000
const serial = () => Uint8Array.from([0x41, ...systemIds.bytes(15)])

export interface OutsideAuthority {
  readonly root: Uint8Array
  readonly issuing: Uint8Array
  readonly url: string
  /** What its server does; lists as of now, and a responder that knows nothing, unless changed. */
  handle: RequestListener
  /** Addresses that were asked for. */
  readonly asked: string[]
  /** Serial numbers of certificates on its list. */
  readonly revoked: Uint8Array[]
  /** When its lists are dated; now unless held back. */
  listsFrom: Date | null
  /** A certificate for a request of ours, as asked unless changed. */
  sign(csr: Uint8Array, changed?: Partial<ca.CertificateRequest>): Promise<Uint8Array>
  close(): Promise<void>
}

export async function openOutsideAuthority(clock: Clock, name = 'National Licensed'): Promise<OutsideAuthority> {
  const [root, issuing] = [makeSharedKey().key, makeSharedKey().key]
  const started = new Date(Math.floor(clock.now().getTime() / 1000) * 1000 - day)
  const after = (from: Date, days: number) => new Date(from.getTime() + days * day)
  const nameOf = (commonName: string): x509.NameEntry[] => [
    ['C', 'CN'],
    ['O', `${name} CA Ltd`],
    ['CN', commonName],
  ]
  const server: Server = createServer((request, response) => authority.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const addresses = { crlUrl: `${url}/root.crl`, caIssuersUrl: `${url}/root.cer` }
  const rootCertificate = await ca.issueCertificate({
    profile: 'root',
    subject: nameOf(`${name} Root CA`),
    subjectPublicKey: root.publicKey,
    serialNumber: serial(),
    notBefore: started,
    notAfter: after(started, 9000),
    key: root,
  })
  const issuingCertificate = await ca.issueCertificate({
    profile: 'issuing-ca',
    subject: nameOf(`${name} Seal CA`),
    subjectPublicKey: issuing.publicKey,
    serialNumber: serial(),
    notBefore: started,
    notAfter: after(started, 5000),
    key: root,
    issuer: { certificate: rootCertificate },
    ...addresses,
  })
  const list = (issuer: Uint8Array, key: typeof root, revoked: readonly Uint8Array[]) => {
    const thisUpdate = new Date(Math.floor((authority.listsFrom ?? clock.now()).getTime() / 1000) * 1000)
    return ca.issueCrl({
      issuer: { certificate: issuer },
      key,
      thisUpdate,
      nextUpdate: after(thisUpdate, 7),
      crlNumber: Math.floor(thisUpdate.getTime() / 1000),
      entries: revoked.map((der) => ({
        serialNumber: x509.parseCertificate(der).serialNumber,
        revocationDate: started,
        reason: 'keyCompromise' as const,
      })),
    })
  }
  const sayUnknown = (request: Uint8Array): Uint8Array => {
    const responder = ca.compileOcspResponder({
      certificate: issuingCertificate,
      signatureAlgorithm: issuing.signatureAlgorithm,
    })
    const thisUpdate = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
    const { toSign, assemble } = responder.prepare({
      responses: ca.parseOcspRequest(request).certIds.map((certId) => ({
        certId,
        status: { kind: 'unknown' },
        thisUpdate,
        nextUpdate: after(thisUpdate, 1),
      })),
      producedAt: thisUpdate,
    })
    return assemble(issuing.signSync!(toSign))
  }
  const authority: OutsideAuthority = {
    root: rootCertificate,
    issuing: issuingCertificate,
    url,
    asked: [],
    revoked: [],
    listsFrom: null,
    handle: async (request, response) => {
      authority.asked.push(request.url!)
      if (request.url === '/root.crl') response.end(await list(rootCertificate, root, []))
      else if (request.url === '/seal.crl') response.end(await list(issuingCertificate, issuing, authority.revoked))
      else if (request.url === '/ocsp') response.end(sayUnknown(await buffer(request)))
      else response.writeHead(404).end()
    },
    sign(csr, changed = {}) {
      const { subject, subjectPublicKeyInfo } = ca.parseCsr(csr)
      const notBefore = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
      return ca.issueCertificate({
        profile: 'seal',
        subject: subject.raw,
        subjectPublicKey: subjectPublicKeyInfo,
        serialNumber: serial(),
        notBefore,
        notAfter: after(notBefore, 365),
        key: issuing,
        issuer: { certificate: issuingCertificate },
        crlUrl: `${url}/seal.crl`,
        caIssuersUrl: `${url}/seal.cer`,
        ...changed,
      })
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return authority
}
