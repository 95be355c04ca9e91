// An outside licensed authority: our requests go out, its certificates come in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { readRequestSet } from '../../pki-service/index.ts'
import { systemIds } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { intakeOf, names } from './ceremony-world.ts'
import { createPkiWorld, type PkiWorld } from './world.ts'

const year = 365 * 86_400_000
const serial = () => Uint8Array.from([0x41, ...systemIds.bytes(15)])

/** An authority that knows nothing of this house but its requests. */
async function makeAuthority({ clock }: PkiWorld, commonName = 'National Licensed CA') {
  const { key } = makeSharedKey()
  const notBefore = new Date(Math.floor(clock.now().getTime() / 1000) * 1000 - 60_000)
  const issue = (
    request: Pick<ca.CertificateRequest, 'profile' | 'subject' | 'subjectPublicKey'>,
    issuer?: Uint8Array,
    years = 10,
  ) =>
    ca.issueCertificate({
      ...request,
      serialNumber: serial(),
      notBefore,
      notAfter: new Date(notBefore.getTime() + years * year),
      key,
      ...(issuer && {
        issuer: { certificate: issuer },
        crlUrl: 'http://ca.example/ca.crl',
        caIssuersUrl: 'http://ca.example/ca.cer',
      }),
    })
  const anchor = await issue(
    {
      profile: 'root',
      subject: [
        ['C', 'CN'],
        ['O', 'National CA'],
        ['CN', commonName],
      ],
      subjectPublicKey: key.publicKey,
    },
    undefined,
    25,
  )
  return {
    anchor,
    sign: (csr: Uint8Array, profile: ca.ProfileName = 'issuing-ca', years = 10) => {
      const { subject, subjectPublicKeyInfo } = ca.parseCsr(csr)
      return issue({ profile, subject: subject.raw, subjectPublicKey: subjectPublicKeyInfo }, anchor, years)
    },
    list: (number: number, revoked: readonly Uint8Array[] = [], days = 30) =>
      ca.issueCrl({
        issuer: { certificate: anchor },
        key,
        thisUpdate: new Date(Math.floor(clock.now().getTime() / 1000) * 1000),
        nextUpdate: new Date(clock.now().getTime() + days * 86_400_000),
        crlNumber: number,
        entries: revoked.map((der) => ({
          serialNumber: x509.parseCertificate(der).serialNumber,
          revocationDate: notBefore,
          reason: 'keyCompromise' as const,
        })),
      }),
  }
}

describe.each(engines)('importOutside on $name', ({ open }) => {
  let world: PkiWorld
  let authority: Awaited<ReturnType<typeof makeAuthority>>
  let csrs: Map<string, Uint8Array>
  beforeAll(async () => {
    world = await createPkiWorld(await open())
    authority = await makeAuthority(world)
    const { files } = await (await intakeOf(world)).makeRequests(names)
    const { requests } = await readRequestSet(files, world.clock.now())
    csrs = new Map(requests.map(({ name, csr }) => [name, csr]))
  })
  afterAll(() => world.close())

  const folderOf = async (more: Record<string, Uint8Array> = {}) =>
    new Map(Object.entries({ 'anchor.cer': authority.anchor, 'ca.crl': await authority.list(1), ...more }))
  const refuses = async (files: Map<string, Uint8Array>, code = 'PKI_IMPORT_REFUSED') => {
    const before = await world.dump()
    await rejectsWithCode((await intakeOf(world)).importOutside(files), code)
    expect(await world.dump()).toEqual(before)
  }

  it('refuses a key that nobody asked for, other rights, and a certificate of somebody else', async () => {
    const csr = csrs.get('seal-ca')!
    const stranger = await ca.encodeCsr({ subject: [['CN', 'Stranger']], key: makeSharedKey().key })
    await refuses(await folderOf({ 'a.cer': await authority.sign(stranger) }))
    await refuses(await folderOf({ 'a.cer': await authority.sign(csr, 'time-stamp') }))
    await refuses(await folderOf({ 'a.cer': await (await makeAuthority(world)).sign(csr) }))
    await refuses(await folderOf({ 'a.cer': new TextEncoder().encode('no certificate') }), 'CEREMONY_FOLDER_DAMAGED')
    await refuses(await folderOf({ 'a.cer': Uint8Array.of(0x30, 0x03, 1, 2, 3) }))
  })

  it('refuses an anchor that says TEST, none, one without its list, and a list of somebody else or past its end', async () => {
    const test = await makeAuthority(world, 'National TEST CA')
    await refuses(
      new Map([
        ['anchor.cer', test.anchor],
        ['ca.crl', await test.list(1)],
      ]),
      'PKI_TEST_ROOT_IN_PRODUCTION',
    )
    await refuses(new Map(), 'CEREMONY_FOLDER_DAMAGED')
    await refuses(new Map([['anchor.cer', authority.anchor]]))
    await refuses(await folderOf({ 'ca.crl': await test.list(1) }))
    const list = await authority.list(1, [], 1)
    world.clock.advance(2 * 86_400_000)
    await refuses(await folderOf({ 'ca.crl': list }))
    world.clock.advance(-2 * 86_400_000)
  })

  it('takes what fits: the service starts under the outside anchor and certifies seals below its own CA', async () => {
    const own = await Promise.all(
      ['seal-ca', 'statement-ca', 'time-stamp-ca', 'list-ca'].map(
        async (name, i) => [`answer-${i}.cer`, await authority.sign(csrs.get(name)!)] as const,
      ),
    )
    const files = await folderOf(Object.fromEntries(own))
    const intake = await intakeOf(world)
    expect((await intake.importOutside(files)).added.toSorted()).toEqual([
      'list-ca',
      'root',
      'seal-ca',
      'statement-ca',
      'time-stamp-ca',
    ])
    expect(await intake.importOutside(files)).toMatchObject({ added: [], revoked: [] })
    const pki = world.another({ production: true })
    await pki.start()
    expect(pki.anchors()).toEqual([authority.anchor])
    const { publicKey } = await world.keyStore.generate('seal-a', 'ec-p256')
    const subject = { organisation: '云汀市民政局', organisationCode: '11330199MB0000001X', commonName: '云汀市民政局' }
    const { certificate, chain } = await pki.certify({ profile: 'seal', subject, publicKey })
    expect(chain.at(-1)).toEqual(authority.anchor)
    const judged = await x509.validatePath({
      leaf: certificate,
      intermediates: chain,
      anchors: pki.anchors(),
      crls: await pki.crls(),
      at: new Date(world.clock.now().getTime() + 1000),
    })
    expect(judged.reason).toBeNull()
    await pki.checkReady()
  })

  it('takes a newer list alone, marks what it revokes, and refuses an older one', async () => {
    const intake = await intakeOf(world)
    const [row] = await world.database.query<{ certificate: Uint8Array }>(
      `select certificate from pki.certificates where own_name = 'list-ca'`,
    )
    world.clock.advance(60_000)
    const files = await folderOf({ 'ca.crl': await authority.list(2, [row!.certificate]) })
    expect(await intake.importOutside(files)).toMatchObject({ added: [], revoked: ['list-ca'], listNumber: 2n })
    await refuses(await folderOf())
    await rejectsWithCode(world.another({ production: true }).start(), 'PKI_CERTIFICATE_NOT_FOUND')
  })
})
