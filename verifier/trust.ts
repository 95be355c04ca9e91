// What is trusted behind one verdict: roots, revocation data and signed lists, as of the time of the verification.
import type { ParsedStatusList } from '../licence-format/index.ts'
import { x509 } from '../pki/index.ts'
import { nameOfAsked } from './certificates-to-ask.ts'
import { type CheckBudget, createCheckBudget } from './check-budget.ts'
import type { Evidence } from './evidence.ts'
import type { UsedList } from './list-memory.ts'
import {
  createKnownLists,
  type KnownLists,
  nobodySpeaksFor,
  type OpenedTrustList,
  type Opening,
  openStatusList,
  openTrustList,
} from './open-lists.ts'
import { createPathCache, type PathCache, type PathQuestion } from './path-cache.ts'
import type { PinnedTrustList } from './pinned-trust-list.ts'
import { requires, type ValidationPolicy } from './policy.ts'
import type { Finding } from './report.ts'
import {
  type AskedData,
  createDataReader,
  type DataReader,
  type FreshnessRule,
  NO_DATA,
  type ReadCertificate,
  type RevocationData,
  revoking,
  selectFresh,
} from './revocation-data.ts'
import { findScheme, policyOf } from './trust-scheme.ts'

interface Prepared {
  readonly reader: DataReader
  /** To the anchors that may stand above a purpose. */
  pathFor(purpose: x509.Purpose): PathCache
  readonly lists: KnownLists
}

/** What a root for seals may stand above; everything else but a time stamp needs one for lists. */
const SEALS: ReadonlySet<x509.Purpose> = new Set(['seal', 'document'])
const isOfDocument = (purpose: x509.Purpose): boolean => SEALS.has(purpose) || purpose === 'time-stamp'

const preparedByPolicy = new WeakMap<ValidationPolicy, Prepared>()

/** A path as of a time that a time stamp proves, with the data that the document brings along. */
export interface PastPathQuestion {
  readonly leaf: x509.Certificate
  readonly data: DocumentData
  readonly purpose: x509.Purpose
  readonly provenAt: Date
  readonly rule: FreshnessRule
  /** whether data from outside may speak too */
  readonly asksOutside: boolean
  /** the one path that is asked about; left out: any */
  readonly along?: readonly x509.Certificate[]
}

/** Revocation data of a document. */
export interface InsideData {
  readonly data: DocumentData
  /** Whether they may call anything good. */
  readonly mayVouch: boolean
}

/** Certificates and revocation data that came with a document. */
export interface DocumentData extends RevocationData {
  readonly certificates: readonly ReadCertificate[]
  /** Whether nothing was left unread by a limit or a fault: what was might say that somebody is revoked. */
  readonly isWhole: boolean
}

export interface Trust {
  readonly policy: ValidationPolicy
  readonly evidence: Evidence
  readonly at: Date
  readonly reader: DataReader
  /** As of the validation time, by revocation data from outside and, where given, by those of the document. */
  validatePath(
    leaf: Uint8Array,
    intermediates: readonly Uint8Array[],
    purpose: x509.Purpose,
    inside?: InsideData,
  ): Promise<x509.PathResult>
  /** As of a proven time (EN 319 102-1 §5.6.2). */
  validatePastPath(question: PastPathQuestion): Promise<x509.PathResult>
  /** The trust list if it may be used, with the finding that says so or why not. */
  trustList(): Promise<OpenedTrustList>
  /** The status list at an address of an issuer if it may be used, else the finding that says why not. */
  statusList(address: string, issuerCode: string): Promise<ParsedStatusList | Finding>
  /**
   * Everything as the one list has it that speaks for a department: this very trust, or that of a pinned list with its own roots. Nothing of
   * one list is ever held against another. Where nobody speaks for it there is no list.
   */
  forDepartment(code: string): Trust
  /** Everything as one pinned list has it. */
  pinned(pin: PinnedTrustList): Trust
  /** Names of pinned lists that name a department for which they may not speak. */
  usurpersOf(code: string): Promise<string[]>
  /** The signed lists that were believed so far. */
  lists(): readonly UsedList[]
}

/** Joins policy, evidence and time into what the checks ask. */
export function createTrust(evidence: Evidence, policy: ValidationPolicy, at: Date): Trust {
  return makeTrust({ evidence, policy, at, pin: null, used: new Map(), budget: createCheckBudget() })
}

interface Parts extends Pick<Opening, 'evidence' | 'policy' | 'at' | 'pin' | 'used'> {
  /** Of the document, whichever list judges it. */
  readonly budget: CheckBudget
}

function makeTrust({ evidence, policy, at, pin, used, budget }: Parts): Trust {
  const prepared = preparedByPolicy.get(policy) ?? prepare(policy)
  const { reader } = prepared
  const asksRevocation = requires(policy, 'revocation')
  const outside: RevocationData = asksRevocation
    ? { crls: reader.crls(evidence.crls, 'outside'), ocsps: reader.ocsps(evidence.ocsps ?? [], 'outside') }
    : NO_DATA
  const withoutUnasked = createUnaskedCheck(asksRevocation ? evidence.askedAbout : undefined)
  const readOne = (leaf: Uint8Array) => reader.certificates([leaf], 'document')[0]
  const validatePath: Trust['validatePath'] = async (leaf, intermediates, purpose, inside) => {
    const read = readOne(leaf)
    if (!read) return x509.validatePath({ leaf, intermediates: [], anchors: [], at })
    const question: PathQuestion = {
      leaf: read,
      intermediates: reader.certificates(intermediates, 'document'),
      purpose,
      revocation: asksRevocation ? withInside(outside, inside) : undefined,
      tense: 'present',
      at,
      // Signed lists come from outside: no document spends what they need.
      budget: isOfDocument(purpose) ? budget : undefined,
    }
    const ask = prepared.pathFor(purpose)
    const gathered = inside?.data.isWhole === false && asksRevocation ? withInside(outside, undefined) : null
    const result = await withoutUnread(await ask(question), question, gathered, ask)
    return isOfDocument(purpose) ? withoutUnasked(result) : result
  }
  const opening: Opening = { evidence, policy, at, pin, used, known: prepared.lists, validatePath }
  let listed: ReturnType<typeof openTrustList> | undefined
  const openOnce = () => (listed ??= openTrustList(opening))
  const others = new Map<PinnedTrustList, Trust>()
  const trustOf = (other: PinnedTrustList): Trust => {
    const known = others.get(other)
    if (known) return known
    const theirs = { ...evidence, trustList: evidence.otherTrustLists?.get(other.name) ?? null }
    const made = makeTrust({ evidence: theirs, policy: policyOf(other, policy), at, pin: other, used, budget })
    others.set(other, made)
    return made
  }
  const trust: Trust = {
    policy,
    evidence,
    at,
    reader,
    validatePath,
    validatePastPath: async ({ leaf, data, purpose, provenAt, rule, asksOutside, along }) => {
      const select = (given: RevocationData, origin: 'outside' | 'document') =>
        selectFresh(given, origin, { provenAt, at, rule })
      const gathered = select(asksOutside ? outside : NO_DATA, 'outside')
      const question: PathQuestion = {
        leaf: readOne(leaf.raw)!,
        intermediates: data.certificates,
        purpose,
        revocation: asksRevocation ? join(gathered, select(data, 'document')) : undefined,
        tense: 'past',
        ...(along && { along }),
        at: provenAt,
        budget,
      }
      const ask = prepared.pathFor(purpose)
      const result = await ask(question)
      if (!asksOutside) return result
      const alone = data.isWhole || !asksRevocation ? null : join(gathered, select(NO_DATA, 'document'))
      return withoutUnasked(await withoutUnread(result, question, alone, ask))
    },
    trustList: openOnce,
    statusList: async (address, issuerCode) => openStatusList(address, issuerCode, opening, await openOnce()),
    forDepartment: (code) => {
      const scheme = pin === null ? findScheme(policy, code) : 'own'
      if (scheme === 'own') return trust
      return scheme === 'none' ? { ...trust, trustList: async () => nobodySpeaksFor(code) } : trustOf(scheme)
    },
    pinned: trustOf,
    usurpersOf: async (code) => {
      const lists = (policy.otherTrustLists ?? []).map(async (other) => {
        const { outside } = await trustOf(other).trustList()
        return outside.has(code) ? [other.name] : []
      })
      return (await Promise.all(lists)).flat()
    },
    lists: () => [...used.values()],
  }
  return trust
}

function prepare(policy: ValidationPolicy): Prepared {
  const cacheOf = (anchors: readonly Uint8Array[]) => createPathCache(anchors, policy.algorithms)
  const seals = cacheOf(policy.trustAnchors)
  const lists = policy.listAnchors ? cacheOf(policy.listAnchors) : seals
  const stamps = policy.timeStampAnchors ? cacheOf(policy.timeStampAnchors) : seals
  const prepared: Prepared = {
    reader: createDataReader(),
    pathFor: (purpose) => (SEALS.has(purpose) ? seals : purpose === 'time-stamp' ? stamps : lists),
    lists: createKnownLists(),
  }
  preparedByPolicy.set(policy, prepared)
  return prepared
}

/** Where some were asked about and others not, by a limit, a path over the others does not hold: the document's maker decided which. */
function createUnaskedCheck(askedAbout: readonly string[] | undefined): (result: x509.PathResult) => x509.PathResult {
  if (askedAbout === undefined) return (result) => result
  const asked = new Set(askedAbout)
  return (result) => {
    const index = result.valid ? result.path.slice(0, -1).findIndex(({ raw }) => !asked.has(nameOfAsked(raw))) : -1
    if (index < 0) return result
    const detail = 'the document brings more certificates than are asked about'
    return { ...result, valid: false, reason: 'REVOCATION_UNKNOWN', detail, faultIndex: index }
  }
}

/**
 * Where something that the document holds was left unread, a path holds only as what was gathered calls it good.
 *
 * @param gathered null where everything was read
 */
async function withoutUnread(
  result: x509.PathResult,
  question: PathQuestion,
  gathered: AskedData | null,
  ask: PathCache,
): Promise<x509.PathResult> {
  if (gathered === null || !result.valid) return result
  const { valid, faultIndex } = await ask({ ...question, revocation: gathered, along: result.path })
  if (valid) return result
  const detail = 'the document brings more evidence than is read'
  return { ...result, valid, reason: 'REVOCATION_UNKNOWN', detail, faultIndex: faultIndex ?? 0 }
}

function withInside(outside: RevocationData, inside: InsideData | undefined): AskedData {
  const { data, mayVouch } = inside ?? { data: NO_DATA, mayVouch: true }
  const gathered = { ...outside, runOut: NO_DATA }
  return join(gathered, mayVouch ? { ...data, runOut: NO_DATA } : { ...NO_DATA, runOut: revoking(data) })
}

type Given = Omit<AskedData, 'brought'>

/** What was gathered, and what a document brings beside it. */
function join(gathered: Given, brought: Given): AskedData {
  const runOut = joinAll(gathered.runOut, brought.runOut)
  return { ...joinAll(gathered, brought), runOut, brought: without(joinAll(brought, brought.runOut), gathered) }
}

function without({ crls, ocsps }: RevocationData, gathered: Given): RevocationData {
  const isOther = ({ id }: { readonly id: number }) => !known.has(id)
  const { runOut } = gathered
  const known = new Set([...gathered.crls, ...gathered.ocsps, ...runOut.crls, ...runOut.ocsps].map(({ id }) => id))
  return { crls: crls.filter(isOther), ocsps: ocsps.filter(isOther) }
}

function joinAll(a: RevocationData, b: RevocationData): RevocationData {
  return { crls: [...a.crls, ...b.crls], ocsps: [...a.ocsps, ...b.ocsps] }
}
