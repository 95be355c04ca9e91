import { createHash, type Hash } from 'node:crypto'
import type { Workshop } from '../dependencies.ts'
import { isAtLeast, type Level } from '../domain/level.ts'
import { type Caller, decideSealUse, type LicenceFacts } from '../domain/seal-policy.ts'
import { SealError } from '../errors.ts'
import { findStandingAuthorisations } from '../store/authorisations.ts'
import { findRunningGrants } from '../store/seal-grants.ts'
import { findSeals } from '../store/seals.ts'
import type { ArchiveStamp } from './archive-stamp.ts'
import { checkGroupSize, decideAll } from './group.ts'
import { type Raisable, raiseLevels } from './raise-levels.ts'
import { type Place, type SealedOnce, type SealToPut, sealRound, type Task } from './seal-round.ts'

/** A document to be sealed. Everything the decision needs is in it. */
export interface SealRequest {
  readonly identifier: string
  readonly typeCode: string
  readonly sealId: string
  /** SHA-256 of `pdf`, hexadecimal. */
  readonly unsignedDigest: string
  readonly pdf: Uint8Array
  readonly place: Place
  /** Of a document that was made elsewhere: its places count on the page as it is shown. */
  readonly isUploaded?: boolean
  /** Seals of a joint issue (联合发文) beside the issuer's own, in their order. */
  readonly coSeals?: readonly { readonly sealId: string; readonly place: Place }[]
  /** The level to reach; B-B when left out. */
  readonly level?: Level
  /** Of a copy for one purpose (加注件): its seal needs leave for copies, and has no seals beside it. */
  readonly copyId?: string
}

/** The sealed document: `pdf` of the request is its byte prefix. */
export interface SealedDocument {
  readonly identifier: string
  readonly pdf: Uint8Array
  /** The use on record that made the last seal; the same for every repeat. */
  readonly useId: string
  /** The level reached: below the one asked for while a time stamp or revocation data cannot be had. */
  readonly level: Level
  /** Why the level asked for was not reached. */
  readonly shortfall: Error | null
  readonly archive: ArchiveStamp | null
}

/** A request the policy has allowed. */
interface Order {
  readonly request: SealRequest
  readonly facts: LicenceFacts
  readonly digested: Hash
  readonly seals: readonly SealToPut[]
}

interface Progress {
  readonly pdf: Uint8Array
  readonly digested: Hash
  readonly rounds: readonly SealedOnce[]
}

/** Seals on one licence at most. */
const mostSeals = 5

/**
 * Seals a group of documents (docs/issuance-cycle.md, step 5 a to g): policy, intent on record, seal, result on record, then what the
 * level asks for. What has been sealed before is given again with its stored CMS. All or nothing: one refusal refuses the group.
 */
export async function sealDocuments(
  shop: Workshop,
  caller: Caller,
  requests: readonly SealRequest[],
): Promise<SealedDocument[]> {
  checkGroupSize(requests)
  const orders = await decide(shop, caller, requests)
  const done: Progress[] = orders.map(({ request, digested }) => ({ pdf: request.pdf, digested, rounds: [] }))
  for (let index = 0; index < Math.max(0, ...orders.map(({ seals }) => seals.length)); index++) {
    const due = orders.flatMap((order, at) => (index < order.seals.length ? [{ order, at }] : []))
    const results = await sealRound(
      shop,
      caller,
      due.map(({ order, at }) => toTask(order, index, done[at]!)),
    )
    due.forEach(({ order, at }, place) => {
      const result = results[place]!
      // Only a document that gets another seal is named by its digest again.
      const isLast = index + 1 === order.seals.length
      const digested = isLast ? done[at]!.digested : createHash('sha256').update(result.pdf)
      done[at] = { pdf: result.pdf, digested, rounds: [...done[at]!.rounds, result] }
    })
  }
  const raised = await raiseLevels(
    shop,
    orders.map((order, at) => toRaisable(order, done[at]!)),
  )
  return raised.map(({ pdf, level, shortfall, archive }, at) => {
    const { rounds } = done[at]!
    const cause = shortfall ?? rounds.find((round) => round.shortfall !== null)?.shortfall ?? null
    const { identifier } = orders[at]!.request
    return { identifier, pdf, useId: rounds.at(-1)!.useId, level, shortfall: cause, archive }
  })
}

function toTask({ request, facts, seals }: Order, index: number, { pdf, digested }: Progress): Task {
  const wantsTimeStamp = isAtLeast(request.level ?? 'B-B', 'B-T')
  return {
    ...seals[index]!,
    facts,
    pdf,
    unsignedDigest: digested.copy().digest(),
    digested,
    index,
    all: seals,
    wantsTimeStamp,
    copyId: request.copyId ?? null,
    isUploaded: request.isUploaded === true,
  }
}

function toRaisable({ request, seals }: Order, { pdf, rounds }: Progress): Raisable {
  const level = rounds.every(({ timeStamped }) => timeStamped) ? 'B-T' : 'B-B'
  const stamps = rounds.map((round) => round.stamps)
  // Of a repeat it is not known who stamped: its certificates are read from the document.
  const isKnown = stamps.every((one) => one !== null)
  return {
    pdf,
    level,
    target: request.level ?? 'B-B',
    known: isKnown
      ? {
          certificates: [
            ...seals.flatMap(({ open }) => open.certificates),
            ...stamps.flatMap((one) => one.certificates),
          ],
          stampedBy: new Date(Math.max(...stamps.map((one) => one.stampedBy.getTime()))),
        }
      : null,
  }
}

/** Step a: may this caller put these seals on these documents? */
async function decide(shop: Workshop, caller: Caller, requests: readonly SealRequest[]): Promise<Order[]> {
  const sealsOf = ({ sealId, place, coSeals = [] }: SealRequest) => [{ sealId, place }, ...coSeals]
  const ids = new Set(requests.flatMap((request) => sealsOf(request).map(({ sealId }) => sealId)))
  const isJoint = requests.some(({ coSeals }) => coSeals !== undefined && coSeals.length > 0)
  const [seals, standing, grants] = await Promise.all([
    findSeals(shop.database, [...ids]),
    findStandingAuthorisations(shop.database, [...ids]),
    isJoint && caller.departmentCode ? findRunningGrants(shop.database, caller.departmentCode) : [],
  ])
  const at = shop.clock.now()
  const decided = decideAll(requests, (request) => {
    const wanted = sealsOf(request)
    const isCopy = request.copyId !== undefined
    if (isCopy && wanted.length > 1) throw new SealError('SEAL_REQUEST_CONFLICT', 'a copy has one seal')
    if (wanted.length > mostSeals || new Set(wanted.map(({ sealId }) => sealId)).size < wanted.length) {
      throw new SealError('SEAL_REQUEST_CONFLICT', `a licence has at most ${mostSeals} seals, each once`)
    }
    const [facts] = wanted.map(({ sealId }) =>
      decideSealUse(caller, { ...request, sealId, isCopy }, seals.get(sealId), {
        standing,
        grants: sealId === request.sealId ? [] : grants,
        at,
      }),
    )
    return { request, facts: facts!, digested: digestDocument(request, shop.maxDocumentBytes) }
  })
  return Promise.all(
    decided.map(async ({ request, facts, digested }) => ({
      request,
      facts,
      digested,
      seals: await openAll(
        shop,
        sealsOf(request).map(({ sealId, place }) => ({ seal: seals.get(sealId)!, place })),
      ),
    })),
  )
}

/** The seals in their order, then the SM2 signatures that go with them: at the right of each seal, where nothing overlaps it. */
async function openAll(
  shop: Workshop,
  wanted: readonly Pick<SealToPut, 'seal' | 'place'>[],
): Promise<readonly SealToPut[]> {
  const shown = await Promise.all(wanted.map(async (one) => ({ ...one, open: await shop.openSeals(one.seal) })))
  const ended = shown.find(({ open }) => shop.clock.now() > open.notAfter)
  if (ended !== undefined)
    throw new SealError('SEAL_CERTIFICATE_EXPIRED', `the certificate of seal ${ended.seal.id} has expired: renew it`)
  if (shop.sm2Beside !== true) return shown
  const beside = await Promise.all(
    shown.map(async ({ seal, place, open: { size } }) => {
      const open = await shop.openSm2Seals(seal)
      return open === null ? [] : [{ seal, open, place: { ...place, x: place.x + size / 2 + open.size } }]
    }),
  )
  return [...shown, ...beside.flat()]
}

/** Refuses what is too long or is not what was announced; answers its digest, still open. */
function digestDocument(request: SealRequest, maxDocumentBytes: number): Hash {
  if (request.pdf.length > maxDocumentBytes) {
    throw new SealError('SEAL_DOCUMENT_TOO_LARGE', `a document has at most ${maxDocumentBytes} octets`)
  }
  const digested = createHash('sha256').update(request.pdf)
  if (digested.copy().digest('hex') !== request.unsignedDigest) {
    throw new SealError(
      'SEAL_DIGEST_MISMATCH',
      'unsignedDigest is not the SHA-256 of the document, in lower-case hexadecimal',
    )
  }
  return digested
}
