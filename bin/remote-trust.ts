// What a verifier without a house knows: roots from its own folder, signed lists and the register's word from servers it is told of.
// Roots come from the folder alone; whatever is fetched counts by its signature, but for the register's live answer.
import { stat } from 'node:fs/promises'
import { LicenceFormatError, parseTrustList, verifyTrustList } from '../licence-format/index.ts'
import {
  type Clock,
  createGuardedFetch,
  type GuardedFetch,
  type Log,
  type PrivateAddresses,
} from '../platform/index.ts'
import type { DigestLookup } from '../verifier/http/index.ts'
import type { EvidenceSource, ListMemory, LiveStatus, TrustRoots } from '../verifier/index.ts'
import { rememberLists } from '../verifier/index.ts'
import { readCallerFile } from './caller-path.ts'
import { readCertificateFiles } from './commands/certificate-files.ts'
import { CommandError } from './errors.ts'
import { evidenceOfFolder, ocspRequests, rootsOf } from './evidence.ts'
import { createListCache } from './list-cache.ts'
import { demandsOf } from './other-trust-lists.ts'
import { readTrustFolder, type TrustMaterial } from './trust-folder.ts'

export interface RemoteTrustOptions {
  /** Trust folders, and files with roots. */
  readonly trustAnchors: readonly string[]
  /** Address or file of the trust list; left out: that of a folder, else the register's. */
  readonly trustList?: string
  /** Where the register answers, without a path. */
  readonly statusUrl?: string
  /** Whether addresses in the trust list may lead into a private network. The register may, since the operator named it. */
  readonly privateAddresses: PrivateAddresses
  readonly clock: Clock
  readonly log: Log
}

export interface RemoteTrust {
  roots(): TrustRoots
  /** What the policy demands by the pins of other cities' lists. */
  demands(): ReturnType<typeof demandsOf>
  readonly source: EvidenceSource
  /** Status lists of the folder, and those that the register names. */
  statusListAddresses(): readonly string[]
  readonly byDigest: DigestLookup
  /** Reads folder and lists again. Keeps what it had where that fails. */
  refresh(): Promise<void>
  /** Rejects while there is no trust list. */
  checkReady(): Promise<void>
}

/** A status list is asked for again after so long; its own signature says until when it counts. */
const LIST_KEPT_MS = 60_000
const MOST_LISTS = 256
const LARGEST_LIST = 16 << 20

/** What the register says, unverified. */
interface Remote {
  readonly trustList: string | null
  readonly crls: readonly Uint8Array[]
  readonly statusLists: readonly string[]
}

/** Reads the folder and the lists once. Throws TRUST_FOLDER_EMPTY where no root is, FILE_UNREADABLE. */
export async function openRemoteTrust(options: RemoteTrustOptions): Promise<RemoteTrust> {
  const { statusUrl, clock, log, privateAddresses } = options
  const ask = createGuardedFetch({ privateAddresses, maxBytes: LARGEST_LIST })
  const askRegister = createGuardedFetch({ privateAddresses: 'allow', maxBytes: LARGEST_LIST })
  const askEither: GuardedFetch = (address, request) =>
    (isBelow(address, statusUrl) ? askRegister : ask)(address, request)
  let material = await readAnchors(options.trustAnchors)
  if (material.anchors.length === 0)
    throw new CommandError('TRUST_FOLDER_EMPTY', 'TRUST_ANCHORS names no folder or file with a root')
  let remote: Remote = { trustList: null, crls: [], statusLists: [] }
  let folder = evidenceOfFolder(material, askEither)
  let memory: ListMemory = {}
  const lists = createListCache()
  const askedAt = new Map<string, number>()

  // Whoever judges by a list looks at its signature anyway. Here one that is not signed must not keep those that are from taking its place.
  const sequenceOf = async (trustList: string | null, crls: readonly Uint8Array[]): Promise<number> => {
    const all = [...material.crls, ...crls]
    const trust = { anchors: material.anchors, ...(all.length > 0 && { crls: all }), at: clock.now() }
    return trustList === null ? -1 : sequenceIn(trustList, trust)
  }
  const mayReplace = async (text: string, before: string | null, crls: readonly Uint8Array[]): Promise<boolean> => {
    const [sequence, known] = await Promise.all([sequenceOf(text, crls), sequenceOf(before, crls)])
    return sequence >= known && (sequence >= 0 || isTrustList(text))
  }
  const readTrustList = async (told: Pick<Remote, 'crls'>): Promise<string | null> => {
    const { trustList } = options
    if (trustList !== undefined && !trustList.includes('://'))
      return (await readCallerFile(trustList)).toString('utf8').trim()
    const address = trustList ?? (statusUrl === undefined ? undefined : `${statusUrl}/trust-list`)
    if (address === undefined || (trustList === undefined && material.trustList !== null)) return null
    // The operator named this address: it may lie in a private network.
    const bytes = await askRegister(address)
    const text = bytes && Buffer.from(bytes).toString('utf8').trim()
    if (text !== null && (await mayReplace(text, remote.trustList, told.crls))) return text
    log.warn('no trust list, none that can be read, or an older one came; the one before is kept', { address })
    return remote.trustList
  }
  const readMaterial = async (): Promise<Pick<Remote, 'crls' | 'statusLists'>> => {
    const answer = statusUrl && jsonOf(await askRegister(`${statusUrl}/trust-material`))
    const { crls, statusLists } = (answer || {}) as { crls?: unknown; statusLists?: unknown }
    return {
      crls: Array.isArray(crls) ? textsOf(crls).map((crl) => new Uint8Array(Buffer.from(crl, 'base64'))) : remote.crls,
      statusLists: Array.isArray(statusLists) ? textsOf(statusLists).slice(0, MOST_LISTS) : remote.statusLists,
    }
  }
  const refresh = async (): Promise<void> => {
    const read = await readAnchors(options.trustAnchors)
    // A folder that is being written anew may be without roots for a moment.
    if (read.anchors.length > 0) {
      material = read
      folder = evidenceOfFolder(material, askEither)
    }
    const told = await readMaterial()
    remote = { trustList: await readTrustList(told), ...told }
  }
  // The register's public address need not be reachable from here: its own lists come from where the operator says it answers.
  const ownList = async (address: string, signal: AbortSignal): Promise<string | null> => {
    const path = URL.parse(address)?.pathname
    if (!remote.statusLists.includes(address) || !/^\/status-lists\/\d{1,10}$/.test(path ?? '')) return null
    const bytes = await askRegister(`${statusUrl}${path}`, { signal })
    return bytes && Buffer.from(bytes).toString('utf8').trim()
  }
  const statusList = async (address: string, signal: AbortSignal): Promise<string | null> => {
    const [known, now] = [lists.last(address), clock.now().getTime()]
    if (known !== undefined && Math.abs(now - (askedAt.get(address) ?? 0)) < LIST_KEPT_MS) return known
    const text = (await ownList(address, signal)) ?? (await folder.statusList!(address, signal)) ?? known ?? null
    if (text === null) return null
    lists.keep(address, text)
    askedAt.delete(address)
    askedAt.set(address, now)
    if (askedAt.size > MOST_LISTS) askedAt.delete(askedAt.keys().next().value!)
    return text
  }
  /** The register that the operator named is asked first; of what it does not know, whom the issuer's trust list names. */
  const askStatus = async (named: string, signal: AbortSignal, address?: string | null): Promise<LiveStatus | null> => {
    const own = statusUrl === undefined ? null : `${statusUrl}/api/licences/${named}/status`
    const live = own === null ? null : await folder.licenceStatus!(named, signal, own)
    if (address == null || address === own || (live !== null && live.status !== 'unknown')) return live
    return (await folder.licenceStatus!(named, signal, address)) ?? live
  }
  const trustList = () => remote.trustList ?? material.trustList
  await refresh()

  return {
    roots: () => material,
    demands: () => demandsOf(material.others),
    refresh,
    async checkReady() {
      if (trustList() === null) throw new Error('there is no trust list')
    },
    statusListAddresses: () => [...new Set([...material.statusLists.keys(), ...remote.statusLists])],
    byDigest: async (sealedDigest, signal) =>
      statusUrl === undefined
        ? null
        : statusOf(await askRegister(`${statusUrl}/api/sealed-digests/${sealedDigest}/status`, { signal })),
    source: {
      crls: async (signal) => [...(await folder.crls(signal)), ...remote.crls],
      trustList: async () => trustList(),
      statusList,
      keptStatusList: async (address, signal) =>
        lists.believed(address) ?? (await folder.keptStatusList?.(address, signal)) ?? null,
      ocsps: async (certificates, signal) => {
        if (statusUrl === undefined) return folder.ocsps!(certificates, signal)
        const requests = await ocspRequests(certificates, rootsOf(material))
        const contentType = 'application/ocsp-request'
        const answers = requests.map((body) => askRegister(`${statusUrl}/pki/ocsp`, { body, contentType, signal }))
        return (await Promise.all(answers)).filter((answer) => answer !== null)
      },
      licenceStatus: (identifier, signal, address) => askStatus(identifier, signal, address),
      copyStatus: ({ identifier, copyId }, signal, address) =>
        askStatus(`${identifier}/copies/${copyId}`, signal, address),
      otherTrustLists: (signal) => folder.otherTrustLists?.(signal) ?? Promise.resolve([]),
      get divisions() {
        return folder.divisions!
      },
      memory: () => memory,
      remember: (used) => {
        lists.remember(used)
        memory = rememberLists(memory, used)
      },
    },
  }
}

/** Material of all folders and files together; the first trust list counts. */
async function readAnchors(paths: readonly string[]): Promise<TrustMaterial> {
  const parts = await Promise.all(paths.map(readAnchorsAt))
  const others = parts.find((part) => part.others !== undefined)?.others
  const all = <T>(of: (part: TrustMaterial) => readonly T[] | undefined): T[] => parts.flatMap((part) => of(part) ?? [])
  return {
    anchors: all(({ anchors }) => anchors),
    sealAnchors: all(({ sealAnchors }) => sealAnchors),
    stampAnchors: all(({ stampAnchors }) => stampAnchors),
    crls: all(({ crls }) => crls),
    trustList: parts.find(({ trustList }) => trustList !== null)?.trustList ?? null,
    statusLists: new Map(all(({ statusLists }) => [...statusLists])),
    ...(others && { others }),
  }
}

async function readAnchorsAt(path: string): Promise<TrustMaterial> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) return readTrustFolder(path)
  const anchors = await readCertificateFiles([path])
  return { anchors, sealAnchors: [], stampAnchors: [], crls: [], trustList: null, statusLists: new Map() }
}

/** Sequence number of a list that is signed as it should be; -1 of any other. */
async function sequenceIn(trustList: string, trust: Parameters<typeof verifyTrustList>[1]): Promise<number> {
  try {
    return (await verifyTrustList(trustList, trust)).sequenceNumber
  } catch (error) {
    if (error instanceof LicenceFormatError) return -1
    throw error
  }
}

function isTrustList(text: string): boolean {
  try {
    parseTrustList(text)
    return true
  } catch (error) {
    if (error instanceof LicenceFormatError) return false
    throw error
  }
}

const isBelow = (address: string, origin: string | undefined): boolean =>
  origin !== undefined && URL.parse(address)?.origin === origin

const textsOf = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string')

function jsonOf(bytes: Uint8Array | null): unknown {
  if (bytes === null) return undefined
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

/** An answer of another shape is none. An unknown digest has no identifier. */
function statusOf(bytes: Uint8Array | null): LiveStatus | null {
  const answer = jsonOf(bytes) as Partial<LiveStatus> | undefined
  if (typeof answer?.status !== 'string' || typeof answer.asOf !== 'string') return null
  return { ...(answer as LiveStatus), identifier: answer.identifier ?? '' }
}
