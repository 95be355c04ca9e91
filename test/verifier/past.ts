import { ca, x509 } from '../../pki/index.ts'
import { NO_EVIDENCE, type ValidationPolicy, verifyDocument } from '../../verifier/index.ts'
import { addData, makeOcsp, type OcspOptions, type StampOptions, sealAt, stampDocument } from '../fixtures/levels.ts'
import { createTestPki, type TestEntity } from '../fixtures/pki.ts'
import { page } from './world.ts'

// A PKI with a past, and documents sealed in it: what does a verifier say years later?

export const day = (text: string) => new Date(`${text}T00:00:00Z`)
const forYears = { notBefore: day('2021-01-01'), notAfter: day('2036-01-01') }
const untilEnd2023 = { under: 'ca', notBefore: day('2021-01-01'), notAfter: day('2024-01-01') } as const
const caTimes = {
  under: 'root',
  profile: 'issuing-ca',
  notBefore: day('2018-01-01'),
  notAfter: day('2037-01-01'),
} as const
const tsa = { under: 'tsaCa', profile: 'time-stamp', ...forYears } as const
const responder = { profile: 'ocsp-responder', notBefore: day('2021-12-01'), notAfter: day('2036-12-01') } as const

export const pki = await createTestPki({
  root: { notBefore: day('2016-01-01'), notAfter: day('2046-01-01') },
  ca: caTimes,
  caRevoked: { ...caTimes },
  caRsa: { ...caTimes, key: 'rsa-2048' },
  tsaCa: caTimes,
  seal: untilEnd2023,
  sealRsa: { ...untilEnd2023, key: 'rsa-2048' },
  sealOfRsaCa: { ...untilEnd2023, under: 'caRsa' },
  sealRevoked: { ...untilEnd2023 },
  sealOfRevokedCa: { ...untilEnd2023, under: 'caRevoked' },
  tsa,
  tsaEarly: { ...tsa, notBefore: day('2018-01-01') },
  tsaRevoked: { ...tsa },
  tsaShort: { ...tsa, notAfter: day('2024-07-01') },
  tsaLater: { ...tsa, notBefore: day('2024-01-01'), notAfter: day('2036-12-01') },
  responderOfRoot: { under: 'root', ...responder },
  responderOfCa: { under: 'ca', ...responder },
  responderShort: { under: 'ca', ...responder, notAfter: day('2024-01-01') },
  responderOfRsaCa: { under: 'caRsa', ...responder },
  responderOfRevokedCa: { under: 'caRevoked', ...responder },
  responderOfTsaCa: { under: 'tsaCa', ...responder },
  otherRoot: { notBefore: day('2016-01-01'), notAfter: day('2046-01-01') },
  otherCa: { ...caTimes, under: 'otherRoot' },
  otherTsa: { ...tsa, under: 'otherCa' },
})
export type Name = Parameters<typeof pki.get>[0]

const responders: Partial<Record<Name, Name>> = {
  root: 'responderOfRoot',
  ca: 'responderOfCa',
  caRsa: 'responderOfRsaCa',
  caRevoked: 'responderOfRevokedCa',
  tsaCa: 'responderOfTsaCa',
}
const nameOf = (entity: TestEntity) =>
  (Object.keys(pki.entities) as Name[]).find((name) => pki.get(name).certificate === entity.chain[0])!

/** When everything in the past happened: a seal, its stamp the same second, then answers and a document time stamp. */
export const SEALED = new Date('2022-03-01T08:00:00Z')
export const later = (seconds: number, from = SEALED) => new Date(from.getTime() + seconds * 1000)
export const NOW = day('2025-06-01')

const policy: ValidationPolicy = { trustAnchors: [pki.get('root').certificate] }
const blank = await page()

export interface Story {
  /** What is sealed; default: a blank page. */
  readonly on?: Uint8Array
  readonly by?: Name
  readonly stamp?: (Partial<Omit<StampOptions, 'by'>> & { readonly by?: Name }) | null
  /** Names of whom answers are put in; default signer, its CA, the stamp's authority and its CA. */
  readonly answersFor?: readonly Name[]
  readonly answeredAt?: Date
  readonly answer?: (about: Name) => Partial<Omit<OcspOptions, 'about'>>
  readonly archived?: readonly (Partial<Omit<StampOptions, 'by'>> & { readonly by?: Name })[]
}

/** An answer as the responder of the certificate's own CA gives it. */
export const answerOf = (name: Name, thisUpdate: Date, change: Partial<Omit<OcspOptions, 'about'>> = {}) =>
  makeOcsp({ about: pki.get(name), by: pki.get(responders[nameOf(pki.get(name))]!), thisUpdate, ...change })

/** B-B, B-T. */
export function sealed({ on = blank, by = 'seal', stamp = {} }: Story = {}): Uint8Array {
  const stamps = stamp === null ? [] : [{ at: SEALED, ...stamp, by: pki.get(stamp.by ?? 'tsa') }]
  return sealAt(on, pki.get(by), { field: 'Seal1', signedAt: SEALED, docMdp: 1 }, stamps)
}

/** B-LT. */
export async function withAnswers(story: Story = {}): Promise<Uint8Array> {
  const { by = 'seal', stamp, answeredAt = later(2), answer } = story
  const tsaName = stamp?.by ?? 'tsa'
  const chain = (name: Name): Name[] => [name, nameOf(pki.get(name))]
  const archivers = (story.archived ?? []).map((one) => one.by ?? 'tsa')
  const names = story.answersFor ?? [...new Set([by, tsaName, ...archivers].flatMap(chain))]
  const ocsps = await Promise.all(names.map((name) => answerOf(name, answeredAt, answer?.(name))))
  return addData(sealed(story), { entities: [pki.get(by), pki.get(tsaName)], ocsps })
}

/** B-LTA. */
export async function archived(story: Story = {}): Promise<Uint8Array> {
  const { archived: stamps = [{}] } = story
  let pdf = await withAnswers({ ...story, archived: stamps })
  for (const stamp of stamps) {
    pdf = stampDocument(pdf, { at: later(5), ...stamp, by: pki.get(stamp.by ?? 'tsa') })
  }
  return pdf
}

export const judge = (
  bytes: Uint8Array,
  {
    at = NOW,
    crls = [],
    ocsps = [],
    demands = {},
  }: {
    at?: Date
    crls?: readonly Uint8Array[]
    ocsps?: readonly Uint8Array[]
    demands?: Partial<ValidationPolicy>
  } = {},
) =>
  verifyDocument(
    { name: 'a.pdf', bytes },
    { ...NO_EVIDENCE, crls, ocsps },
    { ...policy, trustList: 'skipped', ...demands },
    at,
  )

const authorities: readonly Name[] = ['root', 'ca', 'caRsa', 'caRevoked', 'tsaCa', 'otherRoot', 'otherCa']
const revocations: readonly (readonly [name: Name, by: Name])[] = [
  ['caRevoked', 'root'],
  ['sealRevoked', 'ca'],
  ['tsaRevoked', 'tsaCa'],
]
const REVOKED = day('2023-01-01')

/** A CA's list as of a time, current for a week. */
export function crlAt(name: Name, thisUpdate: Date): Promise<Uint8Array> {
  const { certificate, key } = pki.get(name)
  const entries = revocations
    .filter(([, by]) => by === name && REVOKED <= thisUpdate)
    .map(([revoked]) => ({
      serialNumber: x509.parseCertificate(pki.get(revoked).certificate).serialNumber,
      revocationDate: REVOKED,
    }))
  const nextUpdate = later(7 * 86_400, thisUpdate)
  return ca.issueCrl({ issuer: { certificate }, key, thisUpdate, nextUpdate, crlNumber: 1, entries })
}

/** Every CA's. */
export const crlsAt = (at: Date) => Promise.all(authorities.map((name) => crlAt(name, at)))

/** The report of the first seal. */
export const seal = (report: Awaited<ReturnType<typeof judge>>) =>
  report.signatures.find(({ type }) => type === 'signature')!
