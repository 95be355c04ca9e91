// Placed things as outlines in millimetres: characters, the star, an artwork.
import { SealError } from '../../errors.ts'
import type { SealArtwork } from '../seal-picture-spec.ts'
import { readArtworkPath } from './artwork-path.ts'
import { mapOutline, type Outline, type OutlineCommand, type OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { capitalHeights } from './set-text.ts'

/** The em square of an ideograph reaches this far below the baseline, as a share of the em. */
const emDescent = 0.12

/** A five-pointed star, one point up: ten corners. */
export function traceStar(radius: number, centreY = 0): OutlineCommand[] {
  // Ratio of the inner to the outer radius of a regular star whose opposite edges lie in line.
  const innerRadius = (radius * Math.sin(Math.PI / 10)) / Math.sin((3 * Math.PI) / 10)
  const corners = Array.from({ length: 10 }, (_, index): OutlineCommand => {
    const reach = index % 2 === 0 ? radius : innerRadius
    const angle = (index * Math.PI) / 5
    return [index === 0 ? 'M' : 'L', reach * Math.sin(angle), centreY + reach * Math.cos(angle)]
  })
  return [...corners, ['Z']]
}

/** The outline of a character, condensed into its box and turned to its place. Throws `SEAL_PICTURE_GLYPH_MISSING`. */
export function traceCharacter(place: PlacedCharacter, outlines: OutlineSource): OutlineCommand[] {
  const outline = outlines(place.codePoint, place.type)
  if (outline === undefined) {
    const character = String.fromCodePoint(place.codePoint)
    throw new SealError('SEAL_PICTURE_GLYPH_MISSING', `the seal's type has no glyph for ${character}`)
  }
  const [scaleX, scaleY, middle] = scalesOf(place, outline)
  const [sin, cos] = [Math.sin(place.angle), Math.cos(place.angle)]
  const toPlace = (fontX: number, fontY: number): [number, number] => {
    const across = (fontX - outline.advance / 2) * scaleX
    const up = (fontY + middle) * scaleY
    return [place.x + across * cos + up * sin, place.y - across * sin + up * cos]
  }
  return mapOutline(outline.commands, toPlace)
}

/** Across and up, and what lifts the font's baseline to the middle of the box. */
function scalesOf(place: PlacedCharacter, { advance, unitsPerEm }: Outline): [number, number, number] {
  const { width, height } = place
  if (!place.fitsCapitals) {
    return [width / Math.max(advance, unitsPerEm), height / unitsPerEm, unitsPerEm * (emDescent - 0.5)]
  }
  const capital = capitalHeights[place.type ?? 'song'] * unitsPerEm
  return [width / advance, height / capital, -capital / 2]
}

/** An artwork as large as the box allows, upright, its middle in the middle of the box. */
export function traceArtwork(
  artwork: SealArtwork,
  box: { readonly width: number; readonly height: number; readonly y: number },
): OutlineCommand[] {
  const steps = readArtworkPath(artwork)
  if (steps === undefined) throw new SealError('SEAL_PICTURE_REFUSED', 'the artwork is not as its reader made it')
  const scale = Math.min(box.width / artwork.width, box.height / artwork.height)
  return mapOutline(steps, (x, y) => [(x - artwork.width / 2) * scale, box.y + (artwork.height / 2 - y) * scale])
}
