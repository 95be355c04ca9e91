// Gathers evidence before judging: the only file that reaches outside, through sources that others make. A source that fails or takes
// too long is evidence missing; the verdict will say so.
import {
  LICENCE_DATA_FILE,
  LicenceFormatError,
  parseIdentifier,
  parseLicenceData,
  parseStatement,
  parseTrustList,
  STATEMENT_FILE,
  statusListAddress,
  type TrustedEntity,
} from '../licence-format/index.ts'
import { readSignedPdf } from '../pades/read/index.ts'
import { findCertificatesToAsk, nameOfAsked } from './certificates-to-ask.ts'
import { type Evidence, type LiveStatus, NO_EVIDENCE } from './evidence.ts'
import { findSeal } from './find-seal.ts'
import type { ListMemory, UsedList } from './list-memory.ts'
import type { PinnedTrustList } from './pinned-trust-list.ts'
import { findScheme } from './trust-scheme.ts'

/** Where evidence comes from. `null` and a rejected promise both mean that there is none. */
export interface EvidenceSource {
  crls(signal: AbortSignal): Promise<readonly Uint8Array[]>
  trustList(signal: AbortSignal): Promise<string | null>
  /**
   * OCSP responses about these certificates (DER, from the document, unverified), from wherever the source knows them to come; addresses in
   * the certificates are the document's word. Of each whose issuer is at hand the source asks: what it was not given counts as unknown.
   */
  ocsps?(certificates: readonly Uint8Array[], signal: AbortSignal): Promise<readonly Uint8Array[]>
  /** `address` stands in a trust list. */
  statusList?(address: string, signal: AbortSignal): Promise<string | null>
  /** The list of that address that was at hand before: an answer that nobody signed must not displace it. */
  keptStatusList?(address: string, signal: AbortSignal): Promise<string | null>
  /** `address`: where the trust list says that its issuer answers; null where it names none. */
  licenceStatus?(identifier: string, signal: AbortSignal, address?: string | null): Promise<LiveStatus | null>
  /** The same of a copy (加注件), by its own answer. */
  copyStatus?(
    of: { readonly identifier: string; readonly copyId: string },
    signal: AbortSignal,
    address?: string | null,
  ): Promise<LiveStatus | null>
  /** Trust lists of others, with the pins under which they count. */
  otherTrustLists?(signal: AbortSignal): Promise<readonly OtherTrustList[]>
  /** Administrative divisions for which the own trust list speaks, as `ValidationPolicy.divisions`. */
  readonly divisions?: readonly string[]
  /** The highest that was seen of each list. */
  memory?(): ListMemory
  /** Is told of the lists that were believed. */
  remember?(lists: readonly UsedList[]): void | Promise<void>
}

export interface OtherTrustList {
  readonly pin: PinnedTrustList
  /** Compact JWS. */
  readonly text: string
}

export interface GatherLimits {
  /** For each question asked of the source, in milliseconds; default 3,000. */
  readonly timeoutMs?: number
}

/** What the evidence is for: the licence's identifier and the text of its QR statement, as far as they are known. */
export interface GatherSubject {
  readonly identifier: string | null
  /** Of a copy (加注件). */
  readonly copyId?: string | null
  readonly statementText: string | null
  /** Certificates by which its signatures and time stamps will be judged, DER, those that sign first. */
  readonly certificates?: readonly Uint8Array[]
}

export type Gatherer = (subject: GatherSubject) => Promise<Evidence>

/** What a document says it is, unverified: enough to know what to ask for. */
export function findSubject(bytes: Uint8Array): GatherSubject {
  const pdf = readSignedPdf(bytes)
  if (!pdf.ok) return { identifier: null, statementText: null }
  const embedded = pdf.embeddedFiles(findSeal(pdf))
  const file = (name: string) =>
    embedded.ok ? embedded.files.find((candidate) => candidate.name === name)?.bytes : undefined
  const data = file(LICENCE_DATA_FILE)
  const statement = file(STATEMENT_FILE)
  const licence = data ? orNull(() => parseLicenceData(data)) : null
  return {
    identifier: licence?.identifier ?? null,
    ...(licence?.copy && { copyId: licence.copy.copyId }),
    statementText: statement ? new TextDecoder().decode(statement).trim() : null,
    certificates: findCertificatesToAsk(pdf),
  }
}

/** Makes a function that asks the source for what a subject needs, each once, within limits. It never throws for what a source does. */
export function createGatherer(source: EvidenceSource, limits: GatherLimits = {}): Gatherer {
  const entitiesOf = createEntityReader()
  const ask = <T>(work: (signal: AbortSignal) => Promise<T>, missing: T) =>
    within(limits.timeoutMs ?? 3000, work, missing)

  /** Addresses come from the list that speaks for the issuer, never from the document: its author must not choose whom we call. */
  const findIssuer = (issuerCode: string | null, own: string | null, others: readonly OtherTrustList[]) => {
    if (issuerCode === null) return { isOurs: true, issuer: undefined }
    const { divisions } = source
    const pins = { otherTrustLists: others.map(({ pin }) => pin), ...(divisions && { divisions }) }
    const scheme = findScheme(pins, issuerCode)
    const text = scheme === 'own' ? own : (others.find(({ pin }) => pin === scheme)?.text ?? null)
    const issuer = text === null ? undefined : entitiesOf(text).get(issuerCode)
    return { isOurs: scheme === 'own', issuer }
  }

  return async (subject) => {
    const { identifier, copyId, issuerCode, list: listNumber } = resolveSubject(subject)
    const crls = ask((signal) => source.crls(signal), NO_EVIDENCE.crls)
    const certificates = source.ocsps === undefined ? undefined : subject.certificates
    const ocsps = certificates?.length ? ask((signal) => source.ocsps!(certificates, signal), null) : []
    const asksOthers = source.otherTrustLists !== undefined
    const [trustList, others] = await Promise.all([
      ask((signal) => source.trustList(signal), null),
      asksOthers ? ask((signal) => source.otherTrustLists!(signal), []) : [],
    ])
    const { isOurs, issuer } = findIssuer(issuerCode, trustList, others)
    const named = copyId === null ? identifier : `${identifier}/copies/${copyId}`
    const liveAddress = issuer?.addresses ? `${issuer.addresses.licences}/${named}/status` : null
    // What our own register does not know of another city's licence says nothing.
    const live =
      identifier !== null && (isOurs || liveAddress !== null)
        ? ask((signal) => askRegister(source, { identifier, copyId }, signal, liveAddress), null)
        : null
    const address = issuer && listNumber !== null ? (statusListAddress(issuer, listNumber) ?? null) : null
    const asksList = address !== null && source.statusList !== undefined
    const fetched = asksList ? await ask((signal) => source.statusList!(address, signal), null) : null
    const keeps = asksList && source.keptStatusList !== undefined
    const kept = keeps ? await ask((signal) => source.keptStatusList!(address, signal), null) : null
    const list = fetched ?? kept
    const isOther = kept !== null && kept !== list
    const statusLists = address === null || list === null ? NO_EVIDENCE.statusLists : new Map([[address, list]])
    const memory = source.memory?.()
    const answers = await ocsps
    return {
      crls: await crls,
      ocsps: answers ?? [],
      ...(answers && certificates && { askedAbout: certificates.map(nameOfAsked) }),
      trustList,
      statusLists,
      ...(isOther && { keptStatusLists: new Map([[address!, kept]]) }),
      live: await live,
      ...(asksOthers && { otherTrustLists: new Map(others.map(({ pin, text }) => [pin.name, text])) }),
      ...(memory && { memory }),
    }
  }
}

async function askRegister(
  source: EvidenceSource,
  { identifier, copyId }: { readonly identifier: string; readonly copyId: string | null },
  signal: AbortSignal,
  address: string | null,
): Promise<LiveStatus | null> {
  if (copyId === null) return (await source.licenceStatus?.(identifier, signal, address)) ?? null
  return (await source.copyStatus?.({ identifier, copyId }, signal, address)) ?? null
}

const MOST_LISTS = 64

/** Departments of trust lists by their code; each text is read once. */
function createEntityReader(): (trustList: string) => ReadonlyMap<string, TrustedEntity> {
  const known = new Map<string, ReadonlyMap<string, TrustedEntity>>()
  return (text) => {
    const entities = known.get(text) ?? readEntities(text)
    known.delete(text)
    known.set(text, entities)
    if (known.size > MOST_LISTS) known.delete(known.keys().next().value!)
    return entities
  }
}

interface ResolvedSubject {
  readonly identifier: string | null
  readonly copyId: string | null
  readonly issuerCode: string | null
  /** Number of the status list that the statement names. */
  readonly list: number | null
}

function resolveSubject({ identifier, copyId, statementText }: GatherSubject): ResolvedSubject {
  const claims = statementText === null ? null : orNull(() => parseStatement(statementText).claims)
  const parsed = orNull(() => parseIdentifier(claims?.identifier ?? identifier ?? ''))
  return {
    identifier: parsed?.text ?? null,
    // The document's own word comes first: a statement that speaks of something else is found out as such.
    copyId: copyId ?? claims?.copy?.copyId ?? null,
    issuerCode: parsed?.issuerCode ?? null,
    list: claims?.statusList ?? null,
  }
}

function readEntities(trustList: string): ReadonlyMap<string, TrustedEntity> {
  const parsed = orNull(() => parseTrustList(trustList))
  return new Map(
    (parsed?.list.entities ?? []).flatMap((entity) => (entity.code ? [[entity.code, entity] as const] : [])),
  )
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof LicenceFormatError) return null
    throw error
  }
}

async function within<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>, missing: T): Promise<T> {
  const signal = AbortSignal.timeout(timeoutMs)
  const { promise: late, resolve } = Promise.withResolvers<T>()
  signal.addEventListener('abort', () => resolve(missing), { once: true })
  try {
    return await Promise.race([work(signal), late])
  } catch {
    return missing
  }
}
