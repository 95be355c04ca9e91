// path.pkits: how long one certification path takes, from DER to verdict, beside pkijs on the same path in the same run.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as pkijs from 'pkijs'
import { crl, x509 } from '../pki/index.ts'
import { packageRoot } from '../platform/index.ts'
import { createTestPki, testTimes } from '../test/fixtures/pki.ts'
import { measure } from './measure.ts'
import { type Row, row } from './row.ts'

interface Material {
  readonly leaf: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly anchors: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly at: Date
  readonly source: string
}

/** A path of NIST PKITS where its files are at hand, else one of the same make: RSA-2048, three certificates, two lists. */
async function loadMaterial(): Promise<Material> {
  const folder = join(packageRoot, '..', 'shared', 'corpora', 'x509-pkits')
  if (existsSync(folder)) {
    const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)))
    return {
      leaf: read('certs/ValidCertificatePathTest1EE.crt'),
      intermediates: [read('certs/GoodCACert.crt')],
      anchors: [read('certs/TrustAnchorRootCertificate.crt')],
      crls: [read('crls/GoodCACRL.crl'), read('crls/TrustAnchorRootCRL.crl')],
      at: new Date('2022-05-01T00:00:00Z'),
      source: 'NIST PKITS 4.1.1',
    }
  }
  const key = 'rsa-2048'
  const pki = await createTestPki({ root: { key }, issuing: { under: 'root', key }, seal: { under: 'issuing', key } })
  return {
    leaf: pki.get('seal').certificate,
    intermediates: [pki.get('issuing').certificate],
    anchors: [pki.get('root').certificate],
    crls: await pki.crls(),
    at: testTimes.now,
    source: 'a path like NIST PKITS 4.1.1',
  }
}

const buffer = (der: Uint8Array): ArrayBuffer => new Uint8Array(der).buffer

function askPkijs({ leaf, intermediates, anchors, crls, at }: Material): () => Promise<void> {
  const certificate = (der: Uint8Array) => pkijs.Certificate.fromBER(buffer(der))
  return async () => {
    const engine = new pkijs.CertificateChainValidationEngine({
      trustedCerts: anchors.map(certificate),
      certs: [...intermediates, leaf].map(certificate),
      crls: crls.map((der) => pkijs.CertificateRevocationList.fromBER(buffer(der))),
      checkDate: at,
    })
    const { result, resultMessage } = await engine.verify()
    if (!result) throw new Error(`pkijs does not take the bench's path for valid: ${resultMessage}`)
  }
}

/** `path.pkits`: milliseconds, less is better; the ratio to pkijs is below 1 where we are quicker. */
export async function* rows(): AsyncIterable<Row> {
  const material = await loadMaterial()
  const expectValid = ({ valid, detail }: x509.PathResult): void => {
    if (!valid) throw new Error(`the bench's own path does not hold: ${detail}`)
  }
  const request = { ...material, algorithms: 'any' } as const
  const signatures = x509.createSignatureCache()
  const parsed = {
    ...request,
    intermediates: material.intermediates.map(x509.parseCertificate),
    anchors: material.anchors.map(x509.parseCertificate),
    crls: material.crls.map(crl.parseCrl),
    signatures,
  }
  const tasks = {
    ours: async () => expectValid(await x509.validatePath(request)),
    known: async () => expectValid(await x509.validatePath(parsed)),
    pkijs: askPkijs(material),
  }
  const rates = await measure(tasks, { rounds: 3, seconds: 1 })
  const milliseconds = (name: keyof typeof tasks): number => 1000 / rates[name]!.perSecond
  const note =
    `${material.source}: RSA-2048, 3 certificates, 2 lists, from DER, nothing kept, ` +
    `${(rates['ours']!.cpuMicros / 1000).toPrecision(2)} ms of processor; ` +
    `${milliseconds('known').toPrecision(2)} ms with the CA's certificates and lists parsed and their signatures known; less is better`
  yield row('path.pkits', milliseconds('ours'), 'ms', note, 'pkijs', milliseconds('pkijs'))
}
