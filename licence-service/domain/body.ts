// Uploaded documents as bodies of licences (批文, 证明, 鉴定报告, 办事结果): limits, and what may stand where.
import type { BodyPlace } from '../../licence-format/index.ts'
import { LicenceError } from '../errors.ts'
import { bodyFaultWords } from './body-words.ts'

/** What is added to it, and its seals, still fit into what the seal service takes. */
export const MOST_BODY_BYTES = 24 << 20
export const MOST_BODY_PAGES = 1_000
/** Of the documents of one department that wait. */
export const MOST_WAITING_BYTES = 2 ** 31
/** How long a document that nobody issued is kept. */
export const BODY_KEPT_MS = 7 * 86_400_000

/** The same where an order for a day to come, or a case, names it: those stand for 366 days at most, or until somebody decides. */
export const BODY_KEPT_FOR_ORDERS_MS = 400 * 86_400_000

/** Side of the square that a round seal of an authority fills, millimetres. */
export const SEAL_SIDE = 42

/** The seal service names the fields of seals so: a document that has such a field of its own could not be sealed. */
export const isSealField = (name: string): boolean => /^Seal\d+$/.test(name)

/** Where a person wants QR code and seal, in place of where the type has them: millimetres from the lower left corner, as shown. */
export interface BodyRequest {
  /** SHA-256 of the uploaded file, lower-case hex. */
  readonly digest: string
  /** Lower left corner of the QR symbol. */
  readonly qr?: BodyPlace | undefined
  /** Centre of the seal. */
  readonly seal?: BodyPlace | undefined
}

interface Area extends BodyPlace {
  readonly width: number
  readonly height: number
}

export const sealArea = ({ page, x, y }: BodyPlace): Area => ({
  page,
  x: x - SEAL_SIDE / 2,
  y: y - SEAL_SIDE / 2,
  width: SEAL_SIDE,
  height: SEAL_SIDE,
})

/**
 * Whether mark and seals stand whole on their pages, and no seal on the mark.
 * @param seals the issuer's, then those of a joint issue
 * @throws LicenceError LICENCE_BODY_PLACE_REFUSED
 */
export function checkPlaces(
  { qr, seals }: { readonly qr: Area; readonly seals: readonly Area[] },
  pages: readonly { readonly width: number; readonly height: number }[],
): void {
  checkOnPage('qr', qr, pages)
  for (const seal of seals) {
    checkOnPage('seal', seal, pages)
    const isApart =
      qr.page !== seal.page ||
      qr.x + qr.width <= seal.x ||
      seal.x + seal.width <= qr.x ||
      qr.y + qr.height <= seal.y ||
      seal.y + seal.height <= qr.y
    if (!isApart) throw placeRefused('seal', 'PLACES_OVERLAP', 'seal and QR code would stand on each other')
  }
}

function checkOnPage(
  name: 'qr' | 'seal',
  area: Area,
  pages: readonly { readonly width: number; readonly height: number }[],
): void {
  const page = pages[area.page]
  if (page === undefined) throw placeRefused(name, 'PAGE_NOT_THERE', `the document has ${pages.length} pages`)
  const isOn = area.x >= 0 && area.y >= 0 && area.x + area.width <= page.width && area.y + area.height <= page.height
  if (!isOn) throw placeRefused(name, 'OFF_THE_PAGE', `it would stand out of page ${area.page + 1}`)
}

/** A refusal that names which of the two, why by a code, and what to do. */
export const placeRefused = (name: string, code: string, detail: string, cause?: unknown): LicenceError =>
  new LicenceError('LICENCE_BODY_PLACE_REFUSED', detail, { cause, faults: [faultOf(`/body/${name}`, code, detail)] })

/** A refusal of the document itself. */
export const bodyRefused = (code: string, detail: string, cause?: unknown): LicenceError =>
  new LicenceError('LICENCE_BODY_REFUSED', detail, { cause, faults: [faultOf('/body', code, detail)] })

const faultOf = (pointer: string, code: string, detail: string) => ({
  ...{ pointer, code },
  detail: bodyFaultWords(code, detail),
})
