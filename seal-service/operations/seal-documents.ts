import { createHash } from 'node:crypto'
import { embedCms, type PreparedSeal, prepareSeal } from '../../pades/write/index.ts'
import type { Workshop } from '../dependencies.ts'
import type { Seal } from '../domain/seal.ts'
import { type Caller, decideSealUse, type LicenceFacts } from '../domain/seal-policy.ts'
import { SealError } from '../errors.ts'
import { findSealings, insertIntendedUses, insertSealings, type Sealing, type SealUse } from '../store/sealings.ts'
import { findSeals } from '../store/seals.ts'
import { checkGroupSize, decideAll, uniqueBy } from './group.ts'
import type { OpenSeal } from './open-seals.ts'

/** A document to be sealed. Everything the decision needs is in it. */
export interface SealRequest {
  readonly identifier: string
  readonly typeCode: string
  readonly sealId: string
  /** SHA-256 of `pdf`, hexadecimal. */
  readonly unsignedDigest: string
  readonly pdf: Uint8Array
  /** Centre of the seal in points from the page's lower left corner; pages from 0. */
  readonly place: { readonly page: number; readonly x: number; readonly y: number }
}

/** The sealed document: `pdf` of the request is its byte prefix. */
export interface SealedDocument {
  readonly identifier: string
  readonly pdf: Uint8Array
  /** The use on record that made it; the same for every repeat. */
  readonly useId: string
}

/** A request the policy has allowed. */
interface Task {
  readonly request: SealRequest
  readonly facts: LicenceFacts
  readonly seal: Seal
  readonly open: OpenSeal
  readonly unsignedDigest: Uint8Array
  readonly key: string
}

interface Sealed {
  readonly use: SealUse
  readonly sealing: Sealing
  readonly pdf: Uint8Array
}

const fieldName = 'Seal1'

/**
 * Seals a group of documents (docs/issuance-cycle.md, step 5 a to g): policy, intent on record, seal, result on
 * record. What has been sealed before is given again with its stored CMS. All or nothing: one refusal refuses the group.
 */
export async function sealDocuments(
  shop: Workshop,
  caller: Caller,
  requests: readonly SealRequest[],
): Promise<SealedDocument[]> {
  checkGroupSize(requests)
  const tasks = await decide(shop, caller, requests)
  const unique = uniqueBy(tasks, (task) => task.key)
  const stored = await findStored(shop, [...unique.values()])
  const fresh = [...unique.values()].filter((task) => !stored.has(task.key)).sort((a, b) => (a.key < b.key ? -1 : 1))
  const made = await sealFresh(shop, caller, fresh)
  // Attempts that another one overtook return what that one recorded.
  const overtaken = await findStored(
    shop,
    fresh.filter((task) => !made.has(task.key)),
  )
  return tasks.map((task) => {
    const own = made.get(task.key)
    if (own !== undefined) return { identifier: task.request.identifier, pdf: own.pdf, useId: own.use.useId }
    const sealing = stored.get(task.key) ?? overtaken.get(task.key)
    if (sealing === undefined) throw new Error('a sealing is neither made nor on record')
    return { identifier: task.request.identifier, pdf: repeat(task, sealing), useId: sealing.useId }
  })
}

/** Step a: may this caller put these seals on these documents? */
async function decide(shop: Workshop, caller: Caller, requests: readonly SealRequest[]): Promise<Task[]> {
  const seals = await findSeals(shop.database, [...new Set(requests.map(({ sealId }) => sealId))])
  const decided = decideAll(requests, (request) => {
    const facts = decideSealUse(caller, request, seals.get(request.sealId))
    return { request, facts, unsignedDigest: checkDocument(request, shop.maxDocumentBytes) }
  })
  return Promise.all(
    decided.map(async ({ request, facts, unsignedDigest }) => {
      const seal = seals.get(request.sealId)!
      const key = `${facts.identifier} ${request.unsignedDigest}`
      return { request, facts, seal, open: await shop.openSeals(seal), unsignedDigest, key }
    }),
  )
}

function checkDocument(request: SealRequest, maxDocumentBytes: number): Uint8Array {
  if (request.pdf.length > maxDocumentBytes) {
    throw new SealError('SEAL_DOCUMENT_TOO_LARGE', `a document has at most ${maxDocumentBytes} octets`)
  }
  const digest = createHash('sha256').update(request.pdf).digest()
  if (digest.toString('hex') !== request.unsignedDigest) {
    throw new SealError(
      'SEAL_DIGEST_MISMATCH',
      'unsignedDigest is not the SHA-256 of the document, in lower-case hexadecimal',
    )
  }
  return digest
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

/** Steps b to g; returns the sealings that were the first of their key to be recorded. */
async function sealFresh(shop: Workshop, caller: Caller, tasks: readonly Task[]): Promise<Map<string, Sealed>> {
  if (tasks.length === 0) return new Map()
  const uses = tasks.map((task) => toUse(shop, caller, task))
  await shop.database.transaction((tx) => insertIntendedUses(tx, uses, shop.clock.now()))
  const sealed = new Map<string, Sealed>()
  for (const [index, task] of tasks.entries()) sealed.set(task.key, await sealOne(shop, task, uses[index]!))
  const first = await shop.database.transaction((tx) => insertSealings(tx, [...sealed.values()]))
  return new Map([...sealed].filter(([, { use }]) => first.has(use.useId)))
}

function toUse(shop: Workshop, caller: Caller, { facts, seal, unsignedDigest }: Task): SealUse {
  return {
    useId: shop.ids.uuid(),
    sealId: seal.id,
    identifier: facts.identifier,
    typeCode: facts.typeCode,
    unsignedDigest,
    callerId: caller.id,
    callerDepartment: seal.departmentCode,
  }
}

async function sealOne(shop: Workshop, task: Task, use: SealUse): Promise<Sealed> {
  const { open } = task
  const terms = { place: task.request.place, signedAt: shop.clock.now(), contentsLength: open.signer.maxLength }
  const prepared = prepare(task, terms)
  const signedDigest = prepared.digest()
  const attributes = open.signer.attributesToSign(signedDigest)
  const signature = open.key.signSync?.(attributes) ?? (await open.key.sign(attributes))
  const cms = open.signer.assemble(signedDigest, signature)
  const { identifier, unsignedDigest, useId, sealId } = use
  return {
    use,
    sealing: { identifier, unsignedDigest, useId, sealId, ...terms, signedDigest, cms },
    pdf: embedCms(prepared, cms),
  }
}

type SealingTerms = Pick<Sealing, 'place' | 'signedAt' | 'contentsLength'>

/** The seal stands centred at its place, at its true size. */
function prepare({ request, seal, open }: Task, { place, signedAt, contentsLength }: SealingTerms): PreparedSeal {
  return prepareSeal(request.pdf, {
    field: fieldName,
    place: {
      page: place.page,
      x: place.x - open.size / 2,
      y: place.y - open.size / 2,
      width: open.size,
      height: open.size,
    },
    appearance: open.appearance,
    name: seal.name,
    signedAt,
    contentsLength,
    docMdp: 1,
  })
}

/** The document as it was sealed before: prepared again on the recorded terms, with the recorded CMS. */
function repeat(task: Task, sealing: Sealing): Uint8Array {
  const { place } = task.request
  const isSame = (['page', 'x', 'y'] as const).every((axis) => place[axis] === sealing.place[axis])
  if (sealing.sealId !== task.seal.id || !isSame) {
    throw new SealError(
      'SEAL_REQUEST_CONFLICT',
      'this document was sealed before with another seal or at another place',
    )
  }
  const prepared = prepare(task, sealing)
  if (Buffer.compare(prepared.digest(), sealing.signedDigest) !== 0) {
    throw new SealError('SEAL_RESULT_NOT_REPEATABLE', 'the document on record cannot be prepared again as it was')
  }
  return embedCms(prepared, sealing.cms)
}
