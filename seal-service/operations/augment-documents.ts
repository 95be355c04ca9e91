import type { Workshop } from '../dependencies.ts'
import { isAtLeast, type Level } from '../domain/level.ts'
import { SealError } from '../errors.ts'
import { checkGroupSize } from './group.ts'
import { appendAnswers, type Raisable, type Raised, raiseLevels, stampDocuments, toError } from './raise-levels.ts'

/** A sealed document that is to be raised, or whose archive time stamp is to be renewed. */
export interface AugmentRequest {
  readonly identifier: string
  readonly pdf: Uint8Array
  /** The level it is at. */
  readonly level: Level
  readonly target: Level
}

export type AugmentedDocument = Raised & { readonly identifier: string }

/**
 * Raises sealed documents by what is appended: a document time stamp where the seal has none, validation data, an archive time stamp
 * (EN 319 142-1, 5.4 and 6.3). A document that is at B-LTA already gets validation data of its last time stamp and another time stamp:
 * so it outlives that one. No seal key is used. What cannot be reached now is told as `shortfall`.
 */
export async function augmentDocuments(
  shop: Workshop,
  requests: readonly AugmentRequest[],
): Promise<AugmentedDocument[]> {
  checkGroupSize(requests)
  for (const { pdf } of requests) {
    if (pdf.length > shop.maxDocumentBytes) {
      throw new SealError('SEAL_DOCUMENT_TOO_LARGE', `a document has at most ${shop.maxDocumentBytes} octets`)
    }
  }
  const toRenew = requests.filter(({ level }) => level === 'B-LTA')
  const toRaise = requests.filter(({ level }) => level !== 'B-LTA')
  const renewed = await renew(shop, toRenew)
  const raised = await raiseLevels(shop, await stampWhereBare(shop, toRaise))
  const results = new Map([...zip(toRenew, renewed), ...zip(toRaise, raised)])
  return requests.map((request) => {
    const { pdf, level, shortfall, archive } = results.get(request)!
    return { identifier: request.identifier, pdf, level, shortfall, archive }
  })
}

const zip = <A, B>(keys: readonly A[], values: readonly B[]): [A, B][] => keys.map((key, at) => [key, values[at]!])

/** Seals without a time stamp of their own get one over the document. */
async function stampWhereBare(shop: Workshop, requests: readonly AugmentRequest[]): Promise<Raisable[]> {
  const bare = requests.filter(({ level, target }) => level === 'B-B' && isAtLeast(target, 'B-T'))
  const stamped = bare.length === 0 ? [] : await stampDocuments(shop, bare).catch(toError)
  if (stamped instanceof Error) {
    return requests.map((request) => ({
      ...request,
      known: null,
      ...(bare.includes(request) && { shortfall: stamped }),
    }))
  }
  const stampedPdf = new Map(
    zip(
      bare,
      stamped.map(({ pdf }) => pdf),
    ),
  )
  return requests.map((request) => {
    const pdf = stampedPdf.get(request)
    return pdf === undefined ? { ...request, known: null } : { ...request, pdf, level: 'B-T', known: null }
  })
}

async function renew(shop: Workshop, requests: readonly AugmentRequest[]): Promise<Raised[]> {
  if (requests.length === 0) return []
  try {
    const answered = await appendAnswers(
      shop,
      requests.map(({ pdf }) => ({ pdf, known: null })),
    )
    const stamped = await stampDocuments(
      shop,
      answered.map((pdf) => ({ pdf })),
    )
    return stamped.map((one) => ({ ...one, level: 'B-LTA', shortfall: null }))
  } catch (reason) {
    return requests.map(({ pdf }) => ({ pdf, level: 'B-LTA', shortfall: toError(reason), archive: null }))
  }
}
