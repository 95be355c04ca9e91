// What an uploaded document is issued with, settled before anything is on record: what cannot be drawn on it is refused before a number is allotted.
import type { BodyPlace, LicenceBody } from '../../../licence-format/index.ts'
import { findText, PadesError } from '../../../pades/write/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { bodyMarkArea, type PlacedOnBody, placeOnBody } from '../../../templates/index.ts'
import { type BodyRequest, checkPlaces, placeRefused, sealArea } from '../../domain/body.ts'
import { LicenceError } from '../../errors.ts'
import type { Deps, Template } from '../deps.ts'
import { dressPreview } from './dress-body.ts'
import { openWaitingBody, readBody, toFacts, toMillimetres } from './waiting-bodies.ts'

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
): Promise<SettledBody | undefined> {
  if (!definition.body) {
    if (!request) return undefined
    throw new LicenceError('LICENCE_BODY_NOT_WANTED', 'documents of this type are drawn from a template')
  }
  if (!request)
    throw new LicenceError('LICENCE_BODY_MISSING', 'a licence of this type is on an uploaded document: name it')
  const pdf = await openWaitingBody(deps, caller.departmentCode, request.digest)
  const { pages } = toFacts(readBody(pdf))
  const placed = placeOnBody(definition, pages)
  const qr = { ...placed.qr, ...request.qr }
  const seal = request.seal ?? sealPlace(pdf, placed.seal)
  checkPlaces({ qr: bodyMarkArea(qr), seal: sealArea(seal) }, pages)
  const body = { digest: request.digest, bytes: pdf.length, pages: pages.length, qr, seal }
  dressPreview(deps.fonts, pdf, body, deps.clock.now())
  return { body, pdf }
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
