// Text set on a track or a line.
import type { OutlineSource, SealType } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import type { Track, TrackPlace } from './track.ts'

/** What a character of an arc takes of the room between its neighbours. */
const arcFill = 0.93
/** Height of capitals and lining digits of the types, as a share of the em. */
export const capitalHeights: Readonly<Record<SealType, number>> = { song: 0.729, 'song-bold': 0.741, sans: 0.733 }
/** How far above their feet the track of an arc runs, as a share of their height. */
export const restsAt = 0.25
const space = 0x20

/** Characters of a text, composed. */
export function toCodePoints(text: string): number[] {
  return [...text.normalize('NFC')].map((character) => character.codePointAt(0)!)
}

/**
 * Ideographs evenly along the upper part of a track, symmetrical about the top, upright radially, left to right. The track
 * runs through them a quarter above their feet (`restsAt`), so that a sharp bend takes little of their width and leaves no gap. All are as
 * wide as the tightest place allows, `widest` at most.
 */
export function setOnArc(
  characters: readonly number[],
  track: Track,
  { height, widest, span }: { readonly height: number; readonly widest: number; readonly span: number },
): PlacedCharacter[] {
  const count = characters.length
  const pitch = span / Math.max(1, count - 1)
  const places = characters.map((_, index) => track.at((index - (count - 1) / 2) * pitch))
  const rooms = places.slice(1).map((place, index) => roomBetween(places[index]!, place, restsAt * height))
  const width = Math.min(widest, ...rooms.map((room) => room * arcFill))
  return characters.map((codePoint, index) => {
    const { x, y, angle } = places[index]!
    const [up, right] = [Math.cos(angle) * (0.5 - restsAt) * height, Math.sin(angle) * (0.5 - restsAt) * height]
    return { codePoint, x: x + right, y: y + up, angle, width, height }
  })
}

/** Width at which the lower corners of two neighbours would touch. */
function roomBetween(one: TrackPlace, other: TrackPlace, below: number): number {
  const bend = Math.atan2(Math.sin(other.angle - one.angle), Math.cos(other.angle - one.angle))
  return Math.hypot(other.x - one.x, other.y - one.y) / Math.cos(bend / 2) - 2 * below * Math.tan(bend / 2)
}

interface LetterOptions {
  /** Of capitals. */
  readonly height: number
  /** Length at most: longer texts are condensed. */
  readonly span: number
  readonly type: SealType
  readonly outlines: OutlineSource
  /** About the top of the track, or about its bottom with feet outwards. */
  readonly side: 'top' | 'bottom'
  /** Space between letters in em, before condensing. */
  readonly spacing: number
}

/** Letters with their own widths along a track (their middle line), left to right. */
export function setLetters(text: readonly number[], track: Track, options: LetterOptions): PlacedCharacter[] {
  const { height, type, side } = options
  const { advances, natural, em } = measureLetters(text, options)
  const condensed = Math.min(1, options.span / natural)
  let reached = (-natural * condensed) / 2
  return text.flatMap((codePoint, index) => {
    const width = advances[index]! * em * condensed
    const middle = reached + width / 2
    reached += width + options.spacing * em * condensed
    if (codePoint === space) return []
    const { x, y, angle } = side === 'top' ? track.at(middle) : track.at(track.length / 2 - middle)
    const upright = side === 'top' ? angle : angle + Math.PI
    return [{ codePoint, x, y, angle: upright, width, height, type, fitsCapitals: true }]
  })
}

/** How long a text of letters would be at its natural width. */
export function measureLetters(
  text: readonly number[],
  { height, type, outlines, spacing }: Pick<LetterOptions, 'height' | 'type' | 'outlines' | 'spacing'>,
) {
  const em = height / capitalHeights[type]
  const advances = text.map((codePoint) => {
    const outline = outlines(codePoint, type)
    // One that the type lacks is refused when it is traced.
    return outline === undefined ? 1 : outline.advance / outline.unitsPerEm
  })
  const natural = (advances.reduce((sum, advance) => sum + advance, 0) + spacing * (text.length - 1)) * em
  return { advances, natural, em }
}

interface LineOptions {
  readonly height: number
  readonly width: number
  /** Distance between the centres of neighbours. */
  readonly pitch: number
  readonly y: number
}

/** Ideographs in a straight line about the vertical axis. */
export function setLine(characters: readonly number[], { height, width, pitch, y }: LineOptions): PlacedCharacter[] {
  return characters.map((codePoint, index) => ({
    codePoint,
    x: (index - (characters.length - 1) / 2) * pitch,
    ...{ y, angle: 0, width, height },
  }))
}
