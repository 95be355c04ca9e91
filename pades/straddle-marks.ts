import { PadesError } from './errors.ts'
import type { SealMark } from './seal-options.ts'

/** A seal laid over the edges of fanned-out pages (骑缝章): each page bears one slice, and only together they show the seal. */
export interface Straddle {
  /** At which edge the pages are fanned out. */
  readonly edge: 'left' | 'right'
  /** First and last page, from 0, both included; two at least. */
  readonly from: number
  readonly to: number
  /** Size of the whole picture in points. */
  readonly width: number
  readonly height: number
  /** Height of its centre above the lower edge, in points; the middle of each page when left out. */
  readonly y?: number
  /** Pages that share one picture at most; as many as leave each a slice of 4 mm when left out. */
  readonly mostPages?: number
}

const THINNEST_SLICE = (4 / 25.4) * 72

/**
 * The marks of a straddle seal. Many pages are shared out among several pictures as evenly as can be, never one page alone.
 *
 * @param pages sizes of all pages as shown, in points
 * @throws PadesError PADES_PAGE_NOT_FOUND; PADES_PLACEMENT_INVALID: fewer than two pages, or slices without width
 */
export function straddleMarks(
  pages: readonly { readonly width: number; readonly height: number }[],
  { edge, from, to, width, height, y, mostPages }: Straddle,
): SealMark[] {
  if (pages[from] === undefined || pages[to] === undefined)
    throw new PadesError(
      'PADES_PAGE_NOT_FOUND',
      `the document has ${pages.length} pages, not ${from} to ${to} (from 0)`,
    )
  const count = to - from + 1
  if (count < 2) throw new PadesError('PADES_PLACEMENT_INVALID', 'a straddle seal needs two pages at least')
  const most = mostPages ?? Math.max(2, Math.floor(width / THINNEST_SLICE))
  if (!Number.isInteger(most) || most < 2)
    throw new PadesError('PADES_PLACEMENT_INVALID', 'a straddle seal is shared by two pages at least')
  // With two pages a picture an odd one out joins the group before it.
  const groups = Math.max(1, Math.min(Math.ceil(count / most), Math.floor(count / 2)))
  return Array.from({ length: groups }, (_, group) => {
    const first = Math.floor((group * count) / groups)
    const share = Math.floor(((group + 1) * count) / groups) - first
    return Array.from({ length: share }, (_, index): SealMark => {
      const page = from + first + index
      const size = pages[page]!
      // The top page of pages fanned out to the left shows what is farthest right.
      const slice = edge === 'right' ? index : share - 1 - index
      const strip = [slice / share, (slice + 1) / share] as const
      const x = edge === 'right' ? size.width - width * strip[1] : -width * strip[0]
      return { page, x, y: (y ?? size.height / 2) - height / 2, width, height, strip }
    })
  }).flat()
}
