// Where evidence comes from: the house itself in a server, a trust folder and the network on the command line. Whatever is asked on the
// network stands in a trust list or in the operator's own folder, and goes through the guarded fetch.
import type { PublicStatus } from '../licence-service/index.ts'
import { ca, PkiError, x509 } from '../pki/index.ts'
import type { GuardedFetch } from '../platform/index.ts'
import type { EvidenceSource, LiveStatus } from '../verifier/index.ts'
import { createListCache, type ListCache } from './list-cache.ts'
import type { ListMemoryStore } from './list-memory.ts'
import type { Others } from './other-trust-lists.ts'
import { parseStatusListOrNull } from './status-lists.ts'
import type { TrustMaterial } from './trust-folder.ts'
import type { House } from './wire.ts'

/** What a server asks beyond its own house. */
export interface Outside {
  /** Pinned trust lists as last read. */
  others(): Others
  readonly fetch: GuardedFetch
  readonly memory: ListMemoryStore
}

/** The services' own answers; those of other cities from where their pinned lists say. */
export function evidenceOfHouse(
  { crls, licences }: Pick<House, 'crls' | 'licences'>,
  baseUrl: string,
  outside?: Outside,
): EvidenceSource {
  const ownLists = `${baseUrl}/status-lists/`
  const ownLicences = `${baseUrl}/api/licences/`
  const cache = createListCache()
  return {
    crls: async () => [...(await crls()), ...(outside ? outside.others().lists.flatMap((list) => list.crls) : [])],
    trustList: () => licences.trustList(),
    statusList: async (address, signal) => {
      if (address.startsWith(ownLists)) return licences.statusList(Number(address.slice(ownLists.length)))
      const text = outside ? (textOf(await outside.fetch(address, { signal })) ?? cache.last(address)) : undefined
      if (text !== undefined) cache.keep(address, text)
      return text ?? null
    },
    keptStatusList: async (address) => cache.believed(address) ?? null,
    licenceStatus: async (identifier, signal, address) => {
      const isOurs = !address || address.startsWith(ownLicences)
      if (!isOurs) return outside ? askLive(outside.fetch, address, signal) : null
      return liveStatusOf(await licences.readStatus(identifier))
    },
    copyStatus: async ({ identifier, copyId }, signal, address) => {
      const isOurs = !address || address.startsWith(ownLicences)
      if (!isOurs) return outside ? askLive(outside.fetch, address, signal) : null
      const status = await licences.copies.status(identifier, copyId)
      return { ...liveStatusOf({ ...status, replaces: null, replacedBy: null }), copyId }
    },
    ...(outside && sourceOfOthers(outside.others)),
    ...(outside && memoryOf(outside.memory, cache)),
  }
}

/** The register's own answer as whoever asks by HTTP reads it. */
function liveStatusOf({
  asOf,
  history,
  ...status
}: Omit<PublicStatus, 'origin' | 'source' | 'statusReportedAt'>): LiveStatus {
  const past = history.map((one) => ({ status: one.status, from: one.from.toISOString() }))
  return { ...status, asOf: asOf.toISOString(), history: past }
}

const memoryOf = (memory: ListMemoryStore, cache?: ListCache): Pick<EvidenceSource, 'memory' | 'remember'> => ({
  memory: () => memory.current(),
  remember(lists) {
    cache?.remember(lists)
    return memory.remember(lists)
  },
})

function sourceOfOthers(others: () => Others): Pick<EvidenceSource, 'otherTrustLists' | 'divisions'> {
  const { divisions } = others()
  return {
    ...(divisions && { divisions }),
    otherTrustLists: async () =>
      others().lists.flatMap(({ pin, trustList }) => (trustList === null ? [] : [{ pin, text: trustList }])),
  }
}

/**
 * A trust folder; with `fetch`, fresh lists and the register's live answer are asked for first, and the folder serves where nobody
 * answers, or nothing newer.
 */
export function evidenceOfFolder(
  material: TrustMaterial,
  fetch: GuardedFetch | null,
  memory?: ListMemoryStore,
): EvidenceSource {
  const { others } = material
  const kept = new Map([
    ...(others?.lists.flatMap(({ statusLists }) => [...statusLists]) ?? []),
    ...material.statusLists,
  ])
  const folder: EvidenceSource = {
    crls: async () => [...material.crls, ...(others?.lists.flatMap((list) => list.crls) ?? [])],
    trustList: async () => material.trustList,
    statusList: async (address) => kept.get(address) ?? null,
    keptStatusList: async (address) => kept.get(address) ?? null,
    ...(others && sourceOfOthers(() => others)),
    ...(memory && memoryOf(memory)),
  }
  if (!fetch) return folder
  return {
    ...folder,
    statusList: async (address, signal) => newerOf(textOf(await fetch(address, { signal })), kept.get(address) ?? null),
    ocsps: async (certificates, signal) => {
      const origin = originOf(material)
      const requests = await ocspRequests(certificates, rootsOf(material))
      const ask = (body: Uint8Array) =>
        fetch(`${origin}/pki/ocsp`, { signal, body, contentType: 'application/ocsp-request' })
      const answers = await Promise.all(requests.map((body) => (origin ? ask(body) : null)))
      return answers.filter((answer) => answer !== null)
    },
    licenceStatus: async (_identifier, signal, address) => (address ? askLive(fetch, address, signal) : null),
    copyStatus: async (_of, signal, address) => (address ? askLive(fetch, address, signal) : null),
  }
}

const textOf = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('utf8').trim()

async function askLive(fetch: GuardedFetch, address: string, signal: AbortSignal): Promise<LiveStatus | null> {
  const text = textOf(await fetch(address, { signal }))
  return text === null ? null : readLive(text)
}

/** An answer of another house, as far as it is of the form that was agreed, and of nothing else; null where it is none. */
function readLive(text: string): LiveStatus | null {
  const answer: unknown = JSON.parse(text)
  if (!isObject(answer)) return null
  const { identifier, copyId, status, asOf, dataDigest, sealedDigest, replacedBy, history = [] } = answer
  if (copyId !== undefined && !isShort(copyId)) return null
  if (!isShort(identifier) || !isShort(status) || !isShort(asOf)) return null
  if (!isShortOrNothing(dataDigest) || !isShortOrNothing(sealedDigest) || !isShortOrNothing(replacedBy)) return null
  if (!Array.isArray(history) || history.length > MOST_STATES || !history.every(isPastState)) return null
  return {
    identifier,
    ...(copyId !== undefined && { copyId }),
    status: asStatus(status),
    asOf,
    ...(dataDigest !== undefined && { dataDigest }),
    ...(sealedDigest !== undefined && { sealedDigest }),
    ...(replacedBy !== undefined && { replacedBy }),
    history: history.map((past) => ({ status: asStatus(past.status), from: past.from })),
  }
}

const MOST_STATES = 1000
const MOST_TEXT = 200

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= MOST_TEXT
const isShortOrNothing = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || isShort(value)
const isPastState = (value: unknown): value is { readonly status: string; readonly from: string } =>
  isObject(value) && isShort(value.status) && isShort(value.from)

/** A word of another house: whether it is one that we know is asked where it is weighed. */
const asStatus = (word: string): LiveStatus['status'] => word as LiveStatus['status']

/** Of two answers about one list the one signed later: caches on the way may hold an older one than was seen. */
async function newerOf(one: string | null, other: string | null): Promise<string | null> {
  if (one === null || other === null || one === other) return one ?? other
  const [first, second] = await Promise.all([one, other].map(parseStatusListOrNull))
  if (!first || !second) return first ? one : other
  return first.issuedAt >= second.issuedAt ? one : other
}

/** The house whose lists the folder holds. */
function originOf({ statusLists }: TrustMaterial): string | undefined {
  const [address] = statusLists.keys()
  return address === undefined ? undefined : new URL(address).origin
}

/** All roots of a folder, whatever each may stand above. */
export const rootsOf = ({ anchors, sealAnchors = [], stampAnchors = [] }: TrustMaterial): readonly Uint8Array[] => [
  ...anchors,
  ...sealAnchors,
  ...stampAnchors,
]

/**
 * One request about each certificate whose issuer is at hand: whose key made its signature, whatever else is of that name. Only the house of
 * the folder is asked, whatever the certificates say; the gatherer limits their number.
 */
export async function ocspRequests(
  certificates: readonly Uint8Array[],
  anchors: readonly Uint8Array[] = [],
): Promise<Uint8Array[]> {
  const asked = parseEach(certificates)
  const issuers = Map.groupBy([...parseEach(anchors), ...asked], ({ subject }) => subject.matchKey)
  const requests: Uint8Array[] = []
  for (const certificate of asked) {
    const issuer = await findIssuer(certificate, issuers.get(certificate.issuer.matchKey) ?? [])
    if (issuer === undefined) continue
    const certId = await ca.createCertId(issuer.raw, certificate.serialNumber)
    requests.push(ca.encodeOcspRequest({ certIds: [certId] }))
  }
  return requests
}

/** Those that can be read, each once: two are the same only octet for octet. */
function parseEach(ders: readonly Uint8Array[]): x509.Certificate[] {
  const unique = new Map(ders.map((der) => [Buffer.from(der).toString('base64'), der]))
  return [...unique.values()].flatMap((der) => {
    try {
      return [x509.parseCertificate(der)]
    } catch (error) {
      if (error instanceof PkiError) return []
      throw error
    }
  })
}

async function findIssuer(
  certificate: x509.Certificate,
  candidates: readonly x509.Certificate[],
): Promise<x509.Certificate | undefined> {
  for (const candidate of candidates) {
    const isItself = Buffer.compare(candidate.raw, certificate.raw) === 0
    if (!isItself && (await x509.verifyCertificateSignature(certificate, candidate))) return candidate
  }
  return undefined
}
