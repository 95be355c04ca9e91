// The root of another city, with a key of its own, that certifies roots of ours.
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { systemIds } from '../../platform/index.ts'

const year = 365 * 86_400_000
const serial = () => Uint8Array.from([0x41, ...systemIds.bytes(15)])

export type OtherCity = Awaited<ReturnType<typeof makeOtherCity>>

export async function makeOtherCity(now: Date, commonName = 'Shenyang Root CA') {
  const { key } = makeSharedKey()
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000 - 60_000)
  const subject: x509.NameEntry[] = [
    ['C', 'CN'],
    ['O', '沈阳市数据局'],
    ['CN', commonName],
  ]
  const issue = (request: Partial<ca.CertificateRequest>, years: number) =>
    ca.issueCertificate({
      profile: 'root',
      subject,
      subjectPublicKey: key.publicKey,
      serialNumber: serial(),
      notBefore,
      notAfter: new Date(notBefore.getTime() + years * year),
      key,
      ...request,
    })
  const root = await issue({}, 25)
  return {
    root,
    /** A cross certificate for the root of another city, sound unless changed. */
    cross(other: Uint8Array, changed: Partial<ca.CertificateRequest> = {}): Promise<Uint8Array> {
      const { subject: name, subjectPublicKeyInfo } = x509.parseCertificate(other)
      const request = {
        profile: 'cross-ca' as const,
        subject: name.raw,
        subjectPublicKey: subjectPublicKeyInfo,
        issuer: { certificate: root },
        crlUrl: 'http://pki.shenyang.example/root.crl',
        caIssuersUrl: 'http://pki.shenyang.example/root.cer',
        policies: [{ policy: '2.5.29.32.0' }],
        constraints: { pathLenConstraint: 1 },
      }
      return issue({ ...request, ...changed }, 5)
    },
    list: (at: Date) =>
      ca.issueCrl({
        issuer: { certificate: root },
        key,
        thisUpdate: new Date(Math.floor(at.getTime() / 1000) * 1000),
        nextUpdate: new Date(at.getTime() + 30 * 86_400_000),
        crlNumber: 1,
        entries: [],
      }),
  }
}
