// One seal on each document of a group: intent on record, seal, time stamp, result on record.
import { createHash, type Hash } from 'node:crypto'
import {
  embedCms,
  PadesError,
  type PreparedSeal,
  type PrepareSealOptions,
  prepareSeal,
} from '../../pades/write/index.ts'
import { tsp } from '../../pki/index.ts'
import type { Workshop } from '../dependencies.ts'
import type { Chain } from '../domain/authorisation.ts'
import type { Seal } from '../domain/seal.ts'
import { type Caller, decideSealOnType, type Leave, type LicenceFacts, type SealFacts } from '../domain/seal-policy.ts'
import { SealError } from '../errors.ts'
import type { TimeStamps } from '../ports/timestamper.ts'
import {
  findSealings,
  insertIntendedUses,
  insertRefusedUses,
  insertSealings,
  type Sealing,
  type SealUse,
} from '../store/sealings.ts'
import { uniqueBy } from './group.ts'
import type { OpenSeal } from './open-seals.ts'
import { admitUses, partByState } from './use/admit-uses.ts'
import { refusing } from './use/place-marks.ts'
import { encipherDocument } from './use/waiting-documents.ts'

/** Centre of a seal in points from the page's lower left corner; pages from 0. */
export interface Place {
  readonly page: number
  readonly x: number
  readonly y: number
}

/** A seal of a licence, opened, and where it stands. */
export interface SealToPut {
  readonly seal: Seal
  readonly open: OpenSeal
  readonly place: Place
}

/** One seal on one document that the policy has allowed. */
export interface Task extends SealToPut {
  readonly facts: LicenceFacts
  /** Of a copy of a licence. */
  readonly copyId?: string | null
  readonly pdf: Uint8Array
  /** SHA-256 of `pdf`. */
  readonly unsignedDigest: Uint8Array
  /** The same, still open: the signed bytes begin with those of `pdf`, so that they are read once. To be copied, never added to. */
  readonly digested?: Hash
  /** Its place in the order of the licence's seals, from 0; the first certifies. */
  readonly index: number
  /** All seals of the licence: the first one prepares the fields of the others. */
  readonly all: readonly SealToPut[]
  readonly wantsTimeStamp: boolean
  /** Whether places count on pages as they are shown: of a licence on a document that was made elsewhere. */
  readonly isUploaded?: boolean
  /** Of a document that is no licence: where its seal stands and how it signs. All tasks of a round have one, or none has. */
  readonly layout?: DocumentLayout
}

/** How an official document that is no licence is sealed. */
export interface DocumentLayout {
  /** The decision, as for a licence. */
  allow(seal: SealFacts | undefined, leave: Leave): readonly Chain[]
  prepare(
    pdf: Uint8Array,
    seal: Pick<PrepareSealOptions, 'appearance' | 'name' | 'signedAt' | 'contentsLength'>,
  ): PreparedSeal
}

/** A document with one seal more. */
export interface SealedOnce {
  readonly pdf: Uint8Array
  readonly useId: string
  readonly timeStamped: boolean
  /** The stamps of this round; null for a repeat, or where there are none. */
  readonly stamps: TimeStamps | null
  /** Why there is no time stamp although one was wanted. */
  readonly shortfall: Error | null
}

interface Signed {
  readonly task: Task
  readonly use: SealUse
  readonly terms: SealingTerms
  readonly prepared: PreparedSeal
  /** SHA-256 of the signed ranges: what the register knows the document by. */
  readonly signedDigest: Uint8Array
  /** What the CMS holds; another digest of them where the seal signs by another. */
  readonly messageDigest: Uint8Array
  readonly signature: Uint8Array
}

type SealingTerms = Pick<Sealing, 'place' | 'signedAt' | 'contentsLength'>

/** Key of a sealing among those of a round. */
const keyOf = ({ facts, unsignedDigest }: Task): string =>
  `${facts.identifier} ${Buffer.from(unsignedDigest).toString('hex')}`

/** Name of the signature field of a licence's seal, by its place in their order. */
const fieldName = (index: number): string => `Seal${index + 1}`

/** What has been sealed before is given again with its stored CMS; the rest is sealed now. An answer for each task, in order. */
export async function sealRound(shop: Workshop, caller: Caller, tasks: readonly Task[]): Promise<SealedOnce[]> {
  const unique = uniqueBy(tasks, keyOf)
  const stored = await findStored(shop, [...unique.values()])
  const fresh = [...unique.values()]
    .filter((task) => !stored.has(keyOf(task)))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const made = await sealFresh(shop, caller, fresh)
  // Attempts that another one overtook return what that one recorded.
  const overtaken = await findStored(
    shop,
    fresh.filter((task) => !made.has(keyOf(task))),
  )
  return tasks.map((task) => {
    const own = made.get(keyOf(task))
    if (own !== undefined) return own
    const sealing = stored.get(keyOf(task)) ?? overtaken.get(keyOf(task))
    if (sealing === undefined) throw new Error('a sealing is neither made nor on record')
    const { useId, timeStamped } = sealing
    return { pdf: repeat(task, sealing), useId, timeStamped, stamps: null, shortfall: null }
  })
}

async function findStored(shop: Workshop, tasks: readonly Task[]): Promise<Map<string, Sealing>> {
  if (tasks.length === 0) return new Map()
  const sealings = await findSealings(
    shop.database,
    tasks.map(({ facts, unsignedDigest }) => ({ identifier: facts.identifier, unsignedDigest })),
  )
  return new Map(
    sealings.map((sealing) => [
      `${sealing.identifier} ${Buffer.from(sealing.unsignedDigest).toString('hex')}`,
      sealing,
    ]),
  )
}

/** Steps b to g of docs/issuance-cycle.md; returns the sealings that were the first of their key to be recorded. */
async function sealFresh(shop: Workshop, caller: Caller, tasks: readonly Task[]): Promise<Map<string, SealedOnce>> {
  if (tasks.length === 0) return new Map()
  const uses = await recordIntent(shop, caller, tasks)
  const tokenLength = tasks.some((task) => task.wantsTimeStamp) ? await expectedTokenLength(shop) : 0
  // Side by side: a key in a token has several sessions, and each signature there takes its time.
  const signed = await Promise.all(tasks.map((task, index) => sign(shop, task, uses[index]!, tokenLength)))
  const { stamps, tokenOf, shortfall } = await stampAll(shop, signed)
  const finished = signed.map((one) => finish(one, tokenOf.get(one), stamps, shortfall))
  const first = await recordResults(shop, finished)
  return new Map(
    finished.flatMap(({ task, use, result }) => (first.has(use.useId) ? [[keyOf(task), result] as const] : [])),
  )
}

/** Step b: allowed, counted and on record as intended, in one transaction. */
async function recordIntent(shop: Workshop, caller: Caller, tasks: readonly Task[]): Promise<readonly SealUse[]> {
  const at = shop.clock.now()
  const wanted = tasks.map(({ facts, seal, unsignedDigest, pdf, copyId = null }) => ({
    useId: shop.ids.uuid(),
    sealId: seal.id,
    identifier: facts.identifier,
    purpose: facts.typeCode,
    copyId,
    digest: unsignedDigest,
    pdf,
  }))
  const outcome = await shop.database.transaction(async (tx) => {
    const admission = await admitUses(tx, {
      kind: 'document',
      caller,
      uses: wanted,
      at,
      isJoint: tasks.some(({ seal }) => seal.departmentCode !== caller.departmentCode),
      allow: ({ sealId, purpose: typeCode, isCopy }, seal, leave) =>
        tasks[0]?.layout?.allow(seal, leave) ?? decideSealOnType(caller, { sealId, typeCode, isCopy }, seal, leave),
      askedDocument: {
        newRequestId: () => shop.ids.uuid(),
        encipher: ({ pdf }, requestId) => encipherDocument(shop, pdf, requestId),
      },
    })
    if (admission.admitted === null) return admission.awaited
    const uses = wanted.map(({ purpose, digest, pdf: _, ...use }) => ({
      ...use,
      typeCode: purpose,
      unsignedDigest: digest,
      callerId: caller.id,
      callerDepartment: caller.departmentCode ?? '',
      authorisationId: admission.admitted.get(use.useId) ?? null,
    }))
    await insertIntendedUses(tx, uses, at)
    return uses
  })
  if (outcome instanceof SealError) throw outcome
  return outcome
}

/**
 * Step g, for seals that are still in use; answers the uses that were first. What was signed with a seal that has been reported lost or
 * stopped since the intent is thrown away, and its use recorded as refused: throws why.
 */
async function recordResults(shop: Workshop, finished: readonly Finished[]): Promise<ReadonlySet<string>> {
  const { first, refusal } = await shop.database.transaction(async (tx) => {
    const { good, refused } = await partByState(tx, finished, ({ use }) => use.sealId)
    const at = shop.clock.now()
    if (refused.length > 0)
      await insertRefusedUses(
        tx,
        refused.map(({ one, refusal }) => ({ ...one.use, refusal: refusal.code })),
        at,
      )
    return {
      first: good.length === 0 ? new Set<string>() : await insertSealings(tx, good),
      refusal: refused[0]?.refusal,
    }
  })
  if (refusal !== undefined) throw refusal
  return first
}

/** Room for a token is kept even while nobody stamps; 0 when there is no authority at all. */
async function expectedTokenLength({ timestamper }: Workshop): Promise<number> {
  try {
    return (await timestamper?.maxTokenLength()) ?? 0
  } catch {
    return 0
  }
}

async function sign(shop: Workshop, task: Task, use: SealUse, tokenLength: number): Promise<Signed> {
  const { key, signerFor, form } = task.open
  const signer = signerFor(task.wantsTimeStamp ? tokenLength : 0)
  const terms = { place: task.place, signedAt: shop.clock.now(), contentsLength: signer.maxLength }
  const prepared = prepare(task, terms)
  const signedDigest = digestOf(task, prepared)
  const messageDigest = form === undefined ? signedDigest : prepared.digest(form.digest)
  const attributes = signer.attributesToSign(messageDigest)
  const signature = key.signSync?.(attributes) ?? (await key.sign(attributes))
  return { task, use, terms, prepared, signedDigest, messageDigest, signature }
}

const digestOf = ({ digested }: Task, prepared: PreparedSeal): Uint8Array =>
  digested === undefined ? prepared.digest() : digested.copy().update(prepared.signedAddition()).digest()

interface Stamping {
  readonly stamps: TimeStamps | null
  readonly tokenOf: ReadonlyMap<Signed, Uint8Array>
  readonly shortfall: Error | null
}

/** One call for the whole group (EN 319 122-1, 5.3: the imprint is over the signature value). Without stamps the seals stay at B-B. */
async function stampAll({ timestamper }: Workshop, signed: readonly Signed[]): Promise<Stamping> {
  const wanting = signed.filter(({ task }) => task.wantsTimeStamp)
  if (wanting.length === 0) return { stamps: null, tokenOf: new Map(), shortfall: null }
  try {
    if (timestamper === undefined) throw new Error('no time-stamping authority is configured')
    const stamps = await timestamper.stamp(
      wanting.map(({ signature }) => createHash('sha256').update(signature).digest()),
    )
    return { stamps, tokenOf: new Map(wanting.map((one, index) => [one, stamps.tokens[index]!])), shortfall: null }
  } catch (cause) {
    return { stamps: null, tokenOf: new Map(), shortfall: cause instanceof Error ? cause : new Error(String(cause)) }
  }
}

interface Finished {
  readonly task: Task
  readonly use: SealUse
  readonly sealing: Sealing
  readonly result: SealedOnce
}

function finish(
  one: Signed,
  token: Uint8Array | undefined,
  stamps: TimeStamps | null,
  shortfall: Error | null,
): Finished {
  const { task, use, terms, prepared, signedDigest, messageDigest, signature } = one
  const signer = task.open.signerFor(0)
  const { identifier, unsignedDigest, useId, sealId } = use
  const stampedAt = token === undefined ? null : tsp.parseToken(token).genTime
  const done = (cms: Uint8Array, timeStamped: boolean): Finished => ({
    task,
    use,
    sealing: {
      ...{ identifier, unsignedDigest, useId, sealId, ...terms, signedDigest, cms, timeStamped },
      stampedAt: timeStamped ? stampedAt : null,
    },
    result: {
      pdf: embedCms(prepared, cms),
      useId,
      timeStamped,
      stamps: timeStamped ? stamps : null,
      shortfall: timeStamped || !task.wantsTimeStamp ? null : (shortfall ?? new Error('the time stamp had no room')),
    },
  })
  if (token === undefined) return done(signer.assemble(messageDigest, signature), false)
  try {
    return done(signer.assemble(messageDigest, signature, token), true)
  } catch (error) {
    // A token longer than any before it: the seal stands without, and is raised later by a document time stamp.
    if (!(error instanceof PadesError && error.code === 'PADES_CONTENTS_TOO_SMALL')) throw error
    return done(signer.assemble(messageDigest, signature), false)
  }
}

/** The seal stands centred at its place, at its true size. */
function frameOf({ open, place }: SealToPut) {
  const { page, x, y } = place
  return { page, x: x - open.size / 2, y: y - open.height / 2, width: open.size, height: open.height }
}

/**
 * One seal certifies that nothing may change. Of several the first certifies that the prepared fields may be filled, and the last
 * locks the document (ISO 32000-2, 12.8.2.2, 12.7.5.5).
 */
function prepare(task: Task, { place, signedAt, contentsLength }: SealingTerms): PreparedSeal {
  const { index, seal, open, pdf, layout, isUploaded } = task
  if (layout !== undefined)
    return layout.prepare(pdf, { appearance: open.appearance, name: seal.name, signedAt, contentsLength })
  const options = sealOptions(task, { place, signedAt, contentsLength })
  if (isUploaded !== true) return prepareSeal(pdf, options)
  // A later seal fills its field where the first one prepared it.
  const { place: frame, ...rest } = options
  return refusing('SEAL_PLACE_REFUSED', '/place', () =>
    prepareSeal(pdf, index === 0 ? { ...rest, marks: [frame] } : options),
  )
}

function sealOptions(task: Task, { place, signedAt, contentsLength }: SealingTerms) {
  const { index, all, seal, open } = task
  const isJoint = all.length > 1
  return {
    field: fieldName(index),
    place: frameOf({ ...task, place }),
    appearance: open.appearance,
    name: seal.name,
    ...(open.form && { subFilter: open.form.subFilter }),
    signedAt,
    contentsLength,
    ...(index === 0 && { docMdp: isJoint ? (2 as const) : (1 as const) }),
    ...(index === 0 &&
      isJoint && {
        preparedFields: all.slice(1).map((other, place) => ({
          field: fieldName(place + 1),
          place: frameOf(other),
          ...(place + 2 === all.length && { lock: { action: 'All', permission: 1 } as const }),
        })),
      }),
  }
}

/** The document as it was sealed before: prepared again on the recorded terms, with the recorded CMS. */
function repeat(task: Task, sealing: Sealing): Uint8Array {
  const { place } = task
  const isSame = (['page', 'x', 'y'] as const).every((axis) => place[axis] === sealing.place[axis])
  if (sealing.sealId !== task.seal.id || !isSame) {
    throw new SealError(
      'SEAL_REQUEST_CONFLICT',
      'this document was sealed before with another seal or at another place',
    )
  }
  const prepared = prepare(task, sealing)
  if (Buffer.compare(digestOf(task, prepared), sealing.signedDigest) !== 0) {
    throw new SealError('SEAL_RESULT_NOT_REPEATABLE', 'the document on record cannot be prepared again as it was')
  }
  return embedCms(prepared, sealing.cms)
}
