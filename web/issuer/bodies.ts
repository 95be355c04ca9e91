import { uploadFile } from '../kit/api.ts'
import type { Text } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'

/** Uploaded documents that licences are issued on (批文, 证明, 鉴定报告, 办事结果). */

/** Millimetres from the lower left corner of the page as it is shown; pages from 0. */
export interface Place {
  readonly page: number
  readonly x: number
  readonly y: number
}
export interface Places {
  readonly qr: Place
  readonly seal: Place
}

/** As the service answers an upload. */
interface HandedIn {
  readonly digest: string
  readonly bytes: number
  readonly pages: readonly { readonly width: number; readonly height: number }[]
  readonly risks: readonly { readonly kind: string; readonly page: number | null; readonly detail: string }[]
  readonly places: Places | null
  readonly placeFault: { readonly detail: Text } | null
}

/** The document of a form: what was handed in, and the places somebody chose in place of the type's. */
export interface FormBody extends HandedIn {
  readonly name: string
  readonly chosen: Places | null
}

export const MOST_BYTES = 24 << 20

export async function handIn(file: File, typeCode: string, onProgress: (part: number) => void): Promise<FormBody> {
  const bytes = new Blob([file], { type: 'application/pdf' })
  const path = `/api/licence-bodies?${new URLSearchParams({ typeCode })}`
  const answer = await withSession(() => uploadFile<HandedIn>(path, bytes, onProgress))
  return { ...answer, name: file.name, chosen: null }
}

/** What a request says of the document. */
export interface BodyRequest {
  readonly digest: string
  readonly qr?: Place
  readonly seal?: Place
}
export const toRequest = ({ digest, chosen }: FormBody): BodyRequest => {
  if (!chosen) return { digest }
  // The side of the symbol is the type's own.
  const { page, x, y } = chosen.qr
  return { digest, qr: { page, x, y }, seal: chosen.seal }
}

/** Where one begins to choose: at the type's places, else in the lower corners of the last page. */
export function firstPlaces({ pages, places }: HandedIn): Places {
  if (places) return places
  const page = pages.length - 1
  const { width } = pages[page]!
  return { qr: { page, x: 20, y: 20 }, seal: { page, x: Math.max(21, Math.round(width - 50)), y: 45 } }
}
