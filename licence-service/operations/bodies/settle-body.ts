// What an uploaded document is issued with, settled before anything is on record: what cannot be drawn on it is refused before a number is allotted.
import type { BodyPlace, LicenceBody } from '../../../licence-format/index.ts'
import { findText, PadesError } from '../../../pades/write/index.ts'
import type { Fault, Principal } from '../../../platform/index.ts'
import { bodyMarkArea, type LicenceDefinition, type PlacedOnBody, placeOnBody } from '../../../templates/index.ts'
import { type BodyRequest, checkPlaces, placeRefused, sealArea } from '../../domain/body.ts'
import type { CoSeal } from '../../domain/co-seal.ts'
import { LicenceError } from '../../errors.ts'
import type { Deps, Template } from '../deps.ts'
import { type Covering, dressPreview } from './dress-body.ts'
import { openWaitingBody, readBody, toFacts, toMillimetres } from './waiting-bodies.ts'

interface PlaceTerms {
  readonly covering?: Covering
  /** Seals that will stand beside the issuer's. */
  readonly coSeals?: readonly CoSeal[]
}

export interface SettledBody {
  readonly body: LicenceBody
  readonly pdf: Uint8Array
}

/**
 * The document a request names, with the places of QR code and seal on it; undefined for a type whose documents are drawn.
 * @throws LicenceError LICENCE_BODY_MISSING, LICENCE_BODY_NOT_WANTED, LICENCE_BODY_NOT_FOUND, LICENCE_BODY_REFUSED,
 *   LICENCE_BODY_PLACE_REFUSED
 */
export async function settleBody(
  deps: Deps,
  caller: Pick<Principal, 'departmentCode'>,
  { definition }: Pick<Template, 'definition'>,
  request: BodyRequest | undefined,
  { covering = 'refuse', coSeals = [] }: PlaceTerms = {},
): Promise<SettledBody | undefined> {
  if (!definition.body) {
    if (!request) return undefined
    throw notWanted()
  }
  if (!request)
    throw new LicenceError('LICENCE_BODY_MISSING', 'a licence of this type is on an uploaded document: name it')
  const pdf = await openWaitingBody(deps, caller.departmentCode, request.digest)
  const body = placeBody(deps, definition, pdf, request, { covering, coSeals })
  return { body, pdf }
}

/**
 * A document with QR code and seal where the type has them, or where a person wants them; tried out.
 * @throws LicenceError LICENCE_BODY_REFUSED, LICENCE_BODY_PLACE_REFUSED
 */
function placeBody(
  deps: Deps,
  definition: LicenceDefinition,
  pdf: Uint8Array,
  request: BodyRequest,
  { covering = 'refuse', coSeals = [] }: PlaceTerms = {},
): LicenceBody {
  const { pages } = toFacts(readBody(pdf))
  const placed = placeOnBody(definition, pages)
  const qr = { ...placed.qr, ...request.qr }
  const seal = request.seal ?? sealPlace(pdf, placed.seal)
  const further = coSeals.map(({ offsetMm: { x, y } }) => ({ ...seal, x: seal.x + x, y: seal.y + y }))
  checkPlaces({ qr: bodyMarkArea(qr), seals: [seal, ...further].map(sealArea) }, pages)
  const body = { digest: request.digest, bytes: pdf.length, pages: pages.length, qr, seal }
  dressPreview(deps.fonts, pdf, body, deps.clock.now(), covering)
  return body
}

/** The middle of the text that the type's seal stands on, or the type's own place. */
function sealPlace(pdf: Uint8Array, seal: PlacedOnBody['seal']): BodyPlace {
  if (!('text' in seal)) return seal
  const { text, right = 0, up = 0 } = seal
  try {
    const [found] = findText(pdf, { text, occurrence: 'last' })
    const { page, box } = found!
    const [x, y] = [toMillimetres((box[0] + box[2]) / 2) + right, toMillimetres((box[1] + box[3]) / 2) + up]
    return { page, x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 }
  } catch (cause) {
    if (!(cause instanceof PadesError)) throw cause
    throw placeRefused('seal', cause.code, cause.message, cause)
  }
}

export interface TriedPlaces {
  readonly places: Pick<LicenceBody, 'qr' | 'seal'> | null
  readonly placeFault: Fault | null
}

/**
 * Where a type has QR code and seal on a document, or why it has no room for them there.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, LICENCE_BODY_NOT_WANTED, LICENCE_BODY_REFUSED
 */
export function tryPlaces(deps: Deps, typeCode: string | undefined, pdf: Uint8Array, digest: string): TriedPlaces {
  if (typeCode === undefined) return { places: null, placeFault: null }
  const definition = deps.templates.current(typeCode)?.definition
  if (!definition) throw new LicenceError('LICENCE_TYPE_UNKNOWN', 'there is no licence type with this code')
  if (!definition.body) throw notWanted()
  try {
    const { qr, seal } = placeBody(deps, definition, pdf, { digest })
    return { places: { qr, seal }, placeFault: null }
  } catch (error) {
    if (!(error instanceof LicenceError) || error.code !== 'LICENCE_BODY_PLACE_REFUSED') throw error
    return { places: null, placeFault: error.faults?.[0] ?? null }
  }
}

const notWanted = () => new LicenceError('LICENCE_BODY_NOT_WANTED', 'documents of this type are drawn from a template')
