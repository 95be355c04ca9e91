// An online service and an offline root, both in memory but for the key store, as bin/ceremony joins them.
import { makeSharedKey, type SharedKey } from '../../key-store/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import { writeRequestSet } from '../../pki-service/ceremony/requests.ts'
import {
  beginCeremony,
  type Ceremony,
  type CeremonyKind,
  openPkiIntake,
  type PkiIntake,
  readRequestSet,
  readRootFolder,
} from '../../pki-service/index.ts'
import { systemIds } from '../../platform/index.ts'
import { baseUrl, type PkiWorld } from './world.ts'

export type Folder = Map<string, Uint8Array>

export const subject = { country: 'CN', organisation: '云汀市数据局', commonName: 'Yunting Root CA' }
export const names = { organisation: '云汀市数据局', prefix: 'Yunting' }

export const intakeOf = ({ database, keyStore, clock }: PkiWorld): Promise<PkiIntake> =>
  openPkiIntake({ database, keyStore, clock, ids: systemIds, baseUrl })

/** A root with its folder, whose key stays at hand instead of being put together from shares each time. */
export interface OfflineRoot {
  readonly sharedKey: SharedKey
  readonly folder: Folder
  /** One more ceremony; its files are added to the folder. */
  hold(kind: CeremonyKind, act: (ceremony: Ceremony, root: x509.Certificate) => Promise<void>): Promise<void>
}

/** Holds the first ceremony for a set of requests. */
export async function makeOfflineRoot(
  { clock }: PkiWorld,
  requests: ReadonlyMap<string, Uint8Array>,
  options: { rehearsal?: boolean; subject?: typeof subject; root?: string } = {},
): Promise<OfflineRoot> {
  const sharedKey = makeSharedKey()
  const folder: Folder = new Map()
  const begin = (kind: CeremonyKind, number: number, root: string) =>
    beginCeremony({
      ...{ kind, number, root, sharedKey, clock, ids: systemIds, tool: 'test', place: 'Room 1', begunAt: clock.now() },
      people: [{ name: 'Li Lei', role: 'conductor' }],
      rehearsal: options.rehearsal === true,
      sharing: { threshold: 3, count: 5 },
    })
  const add = (files: ReadonlyMap<string, Uint8Array>) => {
    for (const [name, bytes] of files) {
      if (folder.has(name)) throw new Error(`${name} would be replaced`)
      folder.set(name, bytes)
    }
  }
  const set = await readRequestSet(requests, clock.now())
  const first = begin('root', 1, options.root ?? set.root)
  first.take(requests)
  const root = await first.makeRoot(options.subject ?? subject)
  await first.sign(set, root, [])
  await first.publishList(root, null, [])
  add(await first.finish(root))
  return {
    sharedKey,
    folder,
    async hold(kind, act) {
      const { certificate, transcripts } = await readRootFolder(folder)
      const ceremony = begin(kind, transcripts.length + 1, transcripts[0]!.root)
      await act(ceremony, certificate)
      add(await ceremony.finish(certificate))
    },
  }
}

/** Signs a further set and publishes a list. */
export async function signSet(
  root: OfflineRoot,
  { clock }: PkiWorld,
  requests: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const set = await readRequestSet(requests, clock.now())
  const { issued, crl } = await readRootFolder(root.folder)
  await root.hold('sign', async (ceremony, certificate) => {
    await ceremony.sign(set, certificate, issued)
    await ceremony.publishList(certificate, crl, [])
  })
}

/** Revokes by the names of files. */
export async function revokeIn(root: OfflineRoot, ...files: string[]): Promise<void> {
  const { issued, crl } = await readRootFolder(root.folder)
  const revoked = issued.filter(({ file }) => files.includes(file)).map(({ certificate }) => certificate)
  await root.hold('revoke', (ceremony, certificate) =>
    ceremony.publishList(
      certificate,
      crl,
      revoked.map((one) => ({ certificate: one, reason: 'superseded' as const })),
    ),
  )
}

/** Where the installation of `requestsOf` is. */
export const requestsBaseUrl = 'https://licences.yunting.example'

/** A set of requests, each with a key of its own unless given. */
export async function requestsOf(
  wanted: Record<string, string>,
  key?: ReturnType<typeof makeSharedKey>['key'],
  root = 'root',
) {
  const requests = await Promise.all(
    Object.entries(wanted).map(async ([name, commonName]) => ({
      name,
      csr: await ca.encodeCsr({
        subject: x509.encodeName([
          ['C', 'CN'],
          ['O', subject.organisation],
          ['CN', commonName],
        ]),
        key: key ?? makeSharedKey().key,
      }),
    })),
  )
  return writeRequestSet({ root, baseUrl: requestsBaseUrl, requests })
}

/** Whom the certificates of these tests name. */
export const department = {
  organisation: '云汀市民政局',
  organisationCode: '11330199MB0000001X',
  commonName: '云汀市民政局',
}

/** A production service whose PKI came from a ceremony, started. */
export async function startImported(world: PkiWorld) {
  const intake = await intakeOf(world)
  const root = await makeOfflineRoot(world, (await intake.makeRequests(names)).files)
  await intake.importRoot(root.folder)
  const pki = world.another({ production: true })
  await pki.start()
  return { intake, root, pki }
}

/** Makes a key of that name and has it certified. */
export const certifySeal = async (world: PkiWorld, pki: PkiWorld['pki'], name: string) => {
  const { publicKey } = await world.keyStore.generate(name, 'ec-p256')
  return pki.certify({ profile: 'seal', subject: department, publicKey })
}
