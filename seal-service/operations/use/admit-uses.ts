// The decision about uses of seals inside the transaction that records them: seal in use, authorisation running, quota and rate taken.
import type { Queryable } from '../../../platform/index.ts'
import { type Authorisation, type Chain, isLimited, needsSecondPerson } from '../../domain/authorisation.ts'
import { type Caller, type Leave, refusalOf, type SealFacts } from '../../domain/seal-policy.ts'
import { takeUses, type UseCount } from '../../domain/use-count.ts'
import { SealError } from '../../errors.ts'
import { findStandingAuthorisations } from '../../store/authorisations.ts'
import { findRunningGrants } from '../../store/seal-grants.ts'
import { findCountedUses, holdCounts, holdSeals, saveCounts, type UseKind } from '../../store/use-counts.ts'
import { spendApprovals } from '../../store/use-requests.ts'
import { type AskedDocument, askSecondPerson } from './second-person.ts'

/** A use about to be recorded as intended. */
export interface WantedUse {
  readonly useId: string
  readonly sealId: string
  readonly identifier: string
  /** Code of the licence type or template, or `documents`. */
  readonly purpose: string
  /** Of a copy of a licence, which leave for licences does not cover. */
  readonly copyId?: string | null
  /** SHA-256 of the document, or digest of the data that a statement speaks of. */
  readonly digest: Uint8Array
}

/** What of a use its permission hangs on. */
export interface AllowedUse {
  readonly sealId: string
  readonly purpose: string
  readonly isCopy: boolean
}

/** What is asked of one transaction: uses of one caller, of one kind. */
export interface UseOrder<Use extends WantedUse = WantedUse> {
  readonly kind: UseKind
  readonly caller: Caller
  readonly uses: readonly Use[]
  readonly at: Date
  /** Whether leaves of other departments are looked at. */
  readonly isJoint?: boolean
  /** The policy for a seal and a purpose: what allows it, none where another department's leave does; throws a refusal. */
  allow(use: AllowedUse, seal: SealFacts | undefined, leave: Leave): readonly Chain[]
  /** What a second person is shown, where one is asked; without it an authorisation that wants one allows nothing more than others do. */
  readonly askedDocument?: AskedDocument<Use>
}

/** Which authorisation each use spends, by use id; null by another department's leave. Or why uses wait. */
export type Admission =
  | { readonly admitted: ReadonlyMap<string, string | null> }
  | { readonly admitted: null; readonly awaited: SealError }

/**
 * Decides uses and takes them from quota and rate. Seals and authorisations are held until the transaction is done, so what is reported
 * lost or taken away either comes before, and refuses, or after. All or nothing; a constant number of statements for any group. Uses that
 * wait for a second person leave their requests on record and take nothing. The caller records the intent in the same transaction.
 */
export async function admitUses<Use extends WantedUse>(tx: Queryable, order: UseOrder<Use>): Promise<Admission> {
  const { kind, caller, uses, at } = order
  const sealIds = [...new Set(uses.map(({ sealId }) => sealId))]
  const seals = await holdSeals(tx, sealIds)
  const leave: Leave = {
    standing: await findStandingAuthorisations(tx, sealIds, true),
    grants: order.isJoint && caller.departmentCode ? await findRunningGrants(tx, caller.departmentCode, true) : [],
    at,
  }
  const kinds = Map.groupBy(uses, ({ sealId, purpose, copyId }) => `${sealId} ${purpose} ${copyId != null}`)
  const groups = [...kinds.values()].map((members) => {
    const { sealId, purpose, copyId } = members[0]!
    const use = { sealId, purpose, isCopy: copyId != null }
    return { members, chains: order.allow(use, seals.get(sealId), leave) }
  })
  const taking = await openCounts(
    tx,
    order,
    groups.flatMap(({ chains }) => chains),
  )
  const admitted = new Map<string, string | null>()
  const asking: { readonly use: Use; readonly authorisationId: string }[] = []
  for (const { members, chains } of groups) {
    const chain = taking.takeFromOne(chains, members)
    for (const use of members) admitted.set(use.useId, chain?.[0].id ?? null)
    if (chain && order.askedDocument && needsSecondPerson(chain))
      asking.push(...members.map((use) => ({ use, authorisationId: chain[0].id })))
  }
  if (asking.length > 0) {
    const answer = await askSecondPerson(tx, caller, asking, order.askedDocument!, at)
    if (answer.awaited !== null) return { admitted: null, awaited: answer.awaited }
    await spendApprovals(tx, answer.approvals)
  }
  await saveCounts(tx, kind, taking.counts())
  return { admitted }
}

/** Counts of the limited authorisations among these, held; nothing is asked where none is limited. */
async function openCounts(tx: Queryable, order: UseOrder, chains: readonly Chain[]) {
  const { kind, uses, at } = order
  const limited = new Map(chains.flat().flatMap((link) => (isLimited(link) ? [[link.id, link] as const] : [])))
  const ids = [...limited.keys()].sort((a, b) => Number(a) - Number(b))
  let counts = ids.length === 0 ? new Map<string, UseCount>() : await holdCounts(tx, kind, ids, at)
  const spenders = chains.filter((chain) => chain.some(isLimited)).map(([first]) => first.id)
  const earlier = ids.length === 0 ? [] : await findCountedUses(tx, kind, [...new Set(spenders)], uses)
  const counted = new Set(earlier.map((use) => keyOf(use.authorisationId, use)))
  const changed = new Set<string>()

  const take = ([first, ...above]: Chain, members: readonly WantedUse[]): void => {
    const fresh = members.filter((use) => !counted.has(keyOf(first.id, use))).length
    const next = new Map(counts)
    for (const link of [first, ...above])
      if (isLimited(link)) next.set(link.id, takeUses(counts.get(link.id)!, link, fresh, at))
    counts = next
    for (const link of [first, ...above]) if (isLimited(link) && fresh > 0) changed.add(link.id)
  }
  return {
    /** Takes all of them from the first chain that has room; throws the first one's refusal where none has. */
    takeFromOne(candidates: readonly Chain[], members: readonly WantedUse[]): Chain | undefined {
      let refusal: unknown
      for (const chain of candidates) {
        try {
          take(chain, members)
          return chain
        } catch (error) {
          if (!(error instanceof SealError)) throw error
          refusal ??= error
        }
      }
      if (refusal !== undefined) throw refusal
      return undefined
    },
    counts: () => [...changed].map((id) => [id, counts.get(id)!] as const),
  }
}

const keyOf = (
  authorisationId: Authorisation['id'],
  { identifier, digest }: { readonly identifier: string; readonly digest: Uint8Array },
): string => `${authorisationId} ${identifier} ${Buffer.from(digest).toString('hex')}`

/**
 * Parts finished work by whether its seal is still in use, in the transaction that records the results: what was signed with a seal that
 * was reported lost, suspended or ended since the intent is given to nobody.
 */
export async function partByState<Done>(
  tx: Queryable,
  done: readonly Done[],
  sealIdOf: (one: Done) => string,
): Promise<{ readonly good: Done[]; readonly refused: { readonly one: Done; readonly refusal: SealError }[] }> {
  const seals = await holdSeals(tx, [...new Set(done.map(sealIdOf))])
  const good: Done[] = []
  const refused: { one: Done; refusal: SealError }[] = []
  for (const one of done) {
    const seal = seals.get(sealIdOf(one))
    const refusal =
      seal === undefined ? new SealError('SEAL_NOT_FOUND', `there is no seal ${sealIdOf(one)}`) : refusalOf(seal)
    if (refusal === undefined) good.push(one)
    else refused.push({ one, refusal })
  }
  return { good, refused }
}
