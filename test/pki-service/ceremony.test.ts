// The offline root: what it signs and what it refuses.
import { beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { writeRequestSet } from '../../pki-service/ceremony/requests.ts'
import { formatName, parseName } from '../../pki-service/domain/names.ts'
import { type Ceremony, readRequestSet, readRootFolder } from '../../pki-service/index.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import {
  requestsBaseUrl as baseUrl,
  makeOfflineRoot,
  type OfflineRoot,
  requestsOf,
  revokeIn,
  signSet,
  subject,
} from './ceremony-world.ts'
import { createHandClock } from './world.ts'

const clock = createHandClock()
const world = { clock } as Parameters<typeof makeOfflineRoot>[0]

let root: OfflineRoot
beforeAll(async () => {
  root = await makeOfflineRoot(
    world,
    await requestsOf({ 'seal-ca': 'Yunting Seal CA', 'root-ocsp': 'Yunting Root OCSP Responder' }),
  )
})

describe('names of generations', () => {
  it.each([
    ['root', 'root', 1, null],
    ['seal-ca-2', 'seal-ca', 2, null],
    ['root-ocsp', 'root', 1, 1],
    ['seal-ca-2-ocsp-3', 'seal-ca', 2, 3],
  ])('reads %s and writes it again', (text, authority, generation, responder) => {
    expect(parseName(text)).toEqual({ authority, generation, responder })
    expect(formatName(parseName(text)!)).toBe(text)
  })

  it.each([
    'seal-ca-1',
    'seal-ca-0',
    'seal-ca-02',
    'root-ocsp-1',
    'seal',
    'seal-ca-',
    'seal-ca-2-',
    '../root',
    'root.cer',
    'seal-ca-1000',
    '',
  ])('takes %j for none', (text) => expect(parseName(text)).toBeUndefined())
})

describe('a ceremony', () => {
  it('makes a root, certificates with plain addresses below it, and a list, each in the transcript with its digest', async () => {
    const { certificate, issued, crl: list, transcripts } = await readRootFolder(root.folder)
    expect(certificate.subject.text).toBe('C=CN, O=云汀市数据局, CN=Yunting Root CA')
    expect(issued.map(({ file }) => file)).toEqual(['root-ocsp.cer', 'seal-ca.cer'])
    const seal = issued[1]!.certificate
    expect(seal.cRLDistributionPoints?.[0]?.names).toEqual(['uri:http://licences.yunting.example/pki/crl/root.crl'])
    expect(list.cRLNumber).toBe(1n)
    expect(transcripts[0]).toMatchObject({
      kind: 'root',
      number: 1,
      rehearsal: false,
      sharing: { threshold: 3, count: 5 },
    })
    expect(transcripts[0]!.taken.map(({ file }) => file)).toEqual(['request.json', 'root-ocsp.csr', 'seal-ca.csr'])
    expect(transcripts[0]!.made).toHaveLength(4)
  })

  it('refuses TEST in the name of a root, and says REHEARSAL in that of a rehearsal', async () => {
    const requests = await requestsOf({ 'seal-ca': 'Yunting Seal CA' })
    for (const wrong of [
      { commonName: 'Yunting TEST Root' },
      { organisation: 'test' },
      { country: 'China' },
      { commonName: '' },
    ]) {
      await rejectsWithCode(
        makeOfflineRoot(world, requests, { subject: { ...subject, ...wrong } }),
        'CEREMONY_NAME_REFUSED',
      )
    }
    const { folder } = await makeOfflineRoot(world, requests, { rehearsal: true })
    expect((await readRootFolder(folder)).certificate.subject.text).toContain('REHEARSAL')
  })

  it('signs one name once, one key once, one subject once, and nothing that says TEST', async () => {
    const { key } = makeSharedKey()
    await signSet(root, world, await requestsOf({ 'statement-ca': 'Yunting Statement CA' }, key))
    const before = new Map(root.folder)
    for (const requests of [
      await requestsOf({ 'seal-ca': 'Yunting other CA' }),
      await requestsOf({ 'list-ca': 'Yunting List CA' }, key),
      await requestsOf({ 'list-ca': 'Yunting List CA' }, root.sharedKey.key),
      await requestsOf({ 'seal-ca-2': 'YUNTING  seal ca' }),
      await requestsOf({ 'list-ca': 'Yunting TEST CA' }),
    ]) {
      await rejectsWithCode(signSet(root, world, requests), 'CEREMONY_REQUEST_REFUSED')
    }
    expect(root.folder).toEqual(before)
  })

  it('puts revocations on the next list beside the earlier ones, and none twice', async () => {
    await revokeIn(root, 'root-ocsp.cer')
    await revokeIn(root, 'statement-ca.cer')
    const { crl: list } = await readRootFolder(root.folder)
    expect(list.entries.size).toBe(2)
    await rejectsWithCode(revokeIn(root, 'root-ocsp.cer'), 'CEREMONY_REQUEST_REFUSED')
  })

  it('puts the key away for good', async () => {
    const other = await makeOfflineRoot(world, await requestsOf({ 'seal-ca': 'Yunting Seal CA' }))
    other.sharedKey.destroy()
    await rejectsWithCode(revokeIn(other, 'seal-ca.cer'), 'KEY_DESTROYED')
  })
})

describe('cross-certification', () => {
  const theirs = async (commonName: string) => {
    const { key } = makeSharedKey()
    const now = new Date(Math.floor(clock.now().getTime() / 1000) * 1000)
    const der = await ca.issueCertificate({
      ...{
        profile: 'root',
        subject: [
          ['C', 'CN'],
          ['O', '沈阳市数据局'],
          ['CN', commonName],
        ],
        subjectPublicKey: key.publicKey,
      },
      ...{
        serialNumber: new Uint8Array(16).fill(0x42),
        notBefore: now,
        notAfter: new Date(now.getTime() + 3 * 365 * 86_400_000),
        key,
      },
    })
    return { key, certificate: x509.parseCertificate(der), now }
  }
  const permitted = [
    {
      kind: 'directory',
      value: x509.encodeName([
        ['C', 'CN'],
        ['O', '沈阳市民政局'],
      ]),
    },
  ] as const
  const cross = (request: Partial<Parameters<Ceremony['crossCertify']>[0]>, certificate: x509.Certificate) =>
    readRootFolder(root.folder).then(({ issued, crl: list }) =>
      root.hold('cross', async (ceremony, own) => {
        await ceremony.crossCertify(
          { name: 'shenyang', certificate, baseUrl, root: 'root', permitted, ...request },
          own,
          issued,
        )
        await ceremony.publishList(own, list, [])
      }),
    )

  it('lets a path of the other city hold under our root, within the permitted names alone', async () => {
    const other = await theirs('Shenyang Root CA')
    await cross({}, other.certificate)
    const { certificate: anchor, issued } = await readRootFolder(root.folder)
    const bridge = issued.find(({ file }) => file === 'cross-shenyang.cer')!.certificate
    expect(bridge.notAfter <= other.certificate.notAfter).toBe(true)
    const sealOf = async (organisation: string) =>
      ca.issueCertificate({
        profile: 'statement',
        subject: [
          ['C', 'CN'],
          ['O', organisation],
          ['CN', 'Seal'],
        ],
        subjectPublicKey: makeSharedKey().key.publicKey,
        serialNumber: new Uint8Array(16).fill(0x43),
        notBefore: other.now,
        notAfter: new Date(other.now.getTime() + 365 * 86_400_000),
        issuer: { certificate: other.certificate.raw },
        key: other.key,
      })
    const judge = async (organisation: string) =>
      (
        await x509.validatePath({
          leaf: await sealOf(organisation),
          intermediates: [bridge],
          anchors: [anchor],
          at: clock.now(),
        })
      ).valid
    expect(await judge('沈阳市民政局')).toBe(true)
    expect(await judge('云汀市民政局')).toBe(false)
  })

  it('refuses what would be unlimited, no CA, not signed by itself, a name used before, and a key certified before', async () => {
    const other = await theirs('Other Root CA')
    const sealCa = x509.parseCertificate(root.folder.get('seal-ca.cer')!)
    for (const [request, certificate] of [
      [{ permitted: [] }, other.certificate],
      [{ permitted: [{ kind: 'dns', value: 'shenyang.example' }] }, other.certificate],
      [{ permitted: [{ kind: 'email', value: 'shenyang.example' }] }, other.certificate],
      [{ name: '../evil' }, other.certificate],
      [{}, sealCa],
      [{}, x509.parseCertificate(root.folder.get('root-ocsp.cer')!)],
      [{ name: 'shenyang' }, other.certificate],
      [{ name: 'ourselves' }, x509.parseCertificate(root.folder.get('root.cer')!)],
    ] as const) {
      await rejectsWithCode(cross({ name: 'other', ...request }, certificate), 'CEREMONY_REQUEST_REFUSED')
    }
  })
})

describe('readRequestSet', () => {
  const good = () => requestsOf({ 'seal-ca': 'Yunting Seal CA' })
  const read = (files: ReadonlyMap<string, Uint8Array>) => readRequestSet(files, clock.now())
  const index = (files: ReadonlyMap<string, Uint8Array>) =>
    JSON.parse(Buffer.from(files.get('request.json')!).toString()) as Record<string, unknown>
  const withIndex = async (change: (index: Record<string, unknown>) => unknown) => {
    const files = await good()
    return new Map([...files, ['request.json', Buffer.from(JSON.stringify(change(index(files))))]])
  }

  it.each<[string, (index: Record<string, unknown>) => unknown]>([
    ['another version', (all) => ({ ...all, version: 2 })],
    ['a root that is none', (all) => ({ ...all, root: 'seal-ca' })],
    ['an address with a path', (all) => ({ ...all, baseUrl: 'https://a.example/path' })],
    ['an address that is none', (all) => ({ ...all, baseUrl: 'javascript:alert(1)' })],
    ['nothing to sign', (all) => ({ ...all, requests: [] })],
    ['a file elsewhere', (all) => ({ ...all, requests: [{ name: 'seal-ca', file: '../seal-ca.csr', sha256: '' }] })],
    ['a request for a root', (all) => ({ ...all, requests: [{ name: 'root', file: 'root.csr', sha256: '' }] })],
    [
      'a responder of another authority',
      (all) => ({ ...all, requests: [{ name: 'seal-ca-ocsp', file: 'seal-ca-ocsp.csr', sha256: '' }] }),
    ],
    [
      'a digest of another file',
      (all) => ({ ...all, requests: [{ name: 'seal-ca', file: 'seal-ca.csr', sha256: '0'.repeat(64) }] }),
    ],
    ['a name twice', (all) => ({ ...all, requests: [...(all['requests'] as []), ...(all['requests'] as [])] })],
  ])('refuses %s', async (_what, change) => {
    await rejectsWithCode(read(await withIndex(change)), 'CEREMONY_REQUEST_REFUSED')
  })

  it('refuses a request whose key is not held, and files that are no requests', async () => {
    const files = await good()
    const { requests } = await read(files)
    const forged = Uint8Array.from(requests[0]!.csr)
    forged[forged.length - 5]! ^= 1
    await rejectsWithCode(
      read(writeRequestSet({ root: 'root', baseUrl, requests: [{ name: 'seal-ca', csr: forged }] })),
      'CEREMONY_REQUEST_REFUSED',
    )
    const junk = new TextEncoder().encode('junk')
    await rejectsWithCode(
      read(writeRequestSet({ root: 'root', baseUrl, requests: [{ name: 'seal-ca', csr: junk }] })),
      'CEREMONY_REQUEST_REFUSED',
    )
    await rejectsWithCode(read(new Map()), 'CEREMONY_FOLDER_DAMAGED')
    await rejectsWithCode(read(new Map([['request.json', junk]])), 'CEREMONY_FOLDER_DAMAGED')
  })
})
