// Whatever an artwork came as, what is kept are its ink's borders, traced from pixels: no overlap, no stroke, nothing hidden.
import { pictureLimits, type SealArtwork } from '../seal-picture-spec.ts'
import { ArtworkFault } from './artwork-fault.ts'
import { type Coverage, rasterise, TooManyCrossings } from './raster.ts'
import type { SvgInk } from './read-svg.ts'
import { traceContours } from './trace-contours.ts'

/** Pixels of the longer side of what is traced: on a seal sixty to the millimetre. */
const tracedSide = 1200
const unitsAPixel = 3
/** The first that gives a path short enough counts; the last strays a fortieth of a millimetre on a seal. */
const tolerances = [0.25, 0.5, 1, 1.5] as const
const smallestSpeck = 6

/** An SVG's ink as an artwork. Throws `ArtworkFault`. */
export function artworkOfSvg({ width, height, shapes }: SvgInk): SealArtwork {
  const scale = tracedSide / Math.max(width, height)
  const mapping = { scale, offsetX: 0, offsetY: 0, isUpwards: false }
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  try {
    return artworkOfPixels(rasterise(shapes, side(width), side(height), mapping))
  } catch (error) {
    if (!(error instanceof TooManyCrossings)) throw error
    throw new ArtworkFault('ARTWORK_TOO_DETAILED', 'its shapes would take too long to paint')
  }
}

/** Pixels as an artwork, cut to the ink. Throws `ArtworkFault`. */
export function artworkOfPixels(coverage: Coverage): SealArtwork {
  for (const tolerance of tolerances) {
    const contours = traceContours(coverage, { tolerance, smallest: smallestSpeck })
    if (contours.length === 0) throw new ArtworkFault('ARTWORK_EMPTY', 'there is no ink in it')
    const artwork = toArtwork(contours, Math.max(coverage.width, coverage.height))
    if (artwork.path.length <= pictureLimits.artworkPathLength) return artwork
  }
  throw new ArtworkFault(
    'ARTWORK_TOO_DETAILED',
    `its outlines take more than ${pictureLimits.artworkPathLength} characters`,
  )
}

function toArtwork(contours: readonly (readonly number[])[], longest: number): SealArtwork {
  const units = (unitsAPixel * tracedSide) / longest
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const contour of contours) {
    for (let i = 0; i < contour.length; i += 2) {
      left = Math.min(left, contour[i]!)
      right = Math.max(right, contour[i]!)
      top = Math.min(top, contour[i + 1]!)
      bottom = Math.max(bottom, contour[i + 1]!)
    }
  }
  const place = (value: number, index: number) => Math.round((value - (index % 2 === 0 ? left : top)) * units)
  const path = contours.map((contour) => {
    const at = contour.map(place)
    const points = Array.from({ length: at.length / 2 }, (_, index) => `${at[2 * index]} ${at[2 * index + 1]}`)
    return `M${points.join('L')}Z`
  })
  const side = (from: number, to: number) => Math.max(1, Math.round((to - from) * units))
  return { width: side(left, right), height: side(top, bottom), path: path.join('') }
}

/** Pixels in fewer where there are more than are traced: each is the mean of those that fall into it. */
export function scaleDown({ width, height, ink }: Coverage): Coverage {
  const longest = Math.max(width, height)
  if (longest <= tracedSide) return { width, height, ink }
  const scale = tracedSide / longest
  const [small, low] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))]
  const sums = new Float64Array(small * low)
  const counts = new Uint32Array(small * low)
  for (let y = 0; y < height; y++) {
    const row = Math.min(low - 1, Math.floor(y * scale)) * small
    for (let x = 0; x < width; x++) {
      const at = row + Math.min(small - 1, Math.floor(x * scale))
      sums[at]! += ink[y * width + x]!
      counts[at]! += 1
    }
  }
  return { width: small, height: low, ink: Uint8Array.from(sums, (sum, index) => sum / counts[index]!) }
}
