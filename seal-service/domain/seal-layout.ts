// Where the parts of a round official seal stand. Everything in millimetres from the centre, y upwards, angles in
// radians from the top, clockwise.
import type { OutlineSource } from './picture/outline.ts'
import type { PlacedCharacter } from './picture/placed-character.ts'
import { restsAt, setLetters, setOnArc, toCodePoints } from './picture/set-text.ts'
import { splitName } from './picture/split-name.ts'
import { createTrack } from './picture/track.ts'
import type { RoundSealSpec } from './seal-picture-spec.ts'

export interface SealLayout {
  readonly diameter: number
  readonly ringWidth: number
  /** Circumradius of the five-pointed star. */
  readonly starRadius: number
  /** Of the box that an artwork may fill. */
  readonly artworkSide: number
  /** The name, on its one ring or its two. */
  readonly ring: readonly PlacedCharacter[]
  /** The second language, outside the name. */
  readonly letters: readonly PlacedCharacter[]
  readonly lower: readonly PlacedCharacter[]
  readonly code: readonly PlacedCharacter[]
}

const degree = Math.PI / 180
/** More characters make two rings; fewer where letters take the outermost place. */
const mostOnOneRing = 24
const mostBesideLetters = 18
/** The outermost reach of characters, as a share of the radius within the rim. */
const reach = 0.955
/** Shares of the radius within the rim. */
const letterHeight = 0.088
const codeHeight = 0.07
const gapBelowLetters = 0.045
const gapBetweenRings = 0.03

/** Lays a valid seal out. */
export function layOutRoundSeal(spec: RoundSealSpec, outlines: OutlineSource): SealLayout {
  const ringWidth = spec.edgeMm ?? spec.diameterMm * 0.027
  const inside = spec.diameterMm / 2 - ringWidth
  const isBottomTaken = spec.lowerText !== null || spec.code !== null
  const letters = spec.ringTextEn === null ? [] : layOutLetters(spec.ringTextEn, inside, spec.code !== null, outlines)
  const outer = letters.length === 0 ? inside : inside * (1 - (letterHeight + gapBelowLetters) / reach)
  const name = toCodePoints(spec.ringText)
  const isOneRing = name.length <= (letters.length === 0 ? mostOnOneRing : mostBesideLetters)
  const ring = isOneRing ? layOutRing(name, outer, isBottomTaken) : layOutTwoRings(name, outer, isBottomTaken)
  const free = Math.min(...ring.map(({ x, y, height }) => Math.hypot(x, y) - height / 2))
  return {
    diameter: spec.diameterMm,
    ringWidth,
    starRadius: spec.diameterMm * (letters.length > 0 && !isOneRing ? 0.13 : 0.16),
    artworkSide: Math.min(spec.diameterMm * (spec.lowerText === null ? 0.42 : 0.38), free * Math.SQRT2 * 0.97),
    ring,
    letters,
    lower: spec.lowerText === null ? [] : layOutLower(toCodePoints(spec.lowerText), spec.diameterMm),
    code: spec.code === null ? [] : layOutCode(spec.code, inside, outlines),
  }
}

/**
 * Characters evenly spaced on an arc that grows with their number, symmetrical about the top, read left to right.
 * Height falls a little and width as much as needed, so that neighbours never touch at their inner corners.
 */
function layOutRing(characters: readonly number[], inside: number, isBottomTaken: boolean): PlacedCharacter[] {
  const count = characters.length
  const longName = Math.max(0, count - 6) / (mostOnOneRing - 6)
  const height = inside * (0.345 - 0.075 * longName)
  const outer = Math.sqrt((inside * reach) ** 2 - (height * 0.41) ** 2)
  const radius = outer - height / 2
  const pitch = spread(count, isBottomTaken) / (count - 1)
  const room = 2 * (outer - height) * Math.tan(pitch / 2)
  const width = Math.min(height * 0.82, room * 0.93)
  return characters.map((codePoint, index) => {
    const angle = (index - (count - 1) / 2) * pitch
    return { codePoint, x: radius * Math.sin(angle), y: radius * Math.cos(angle), angle, width, height }
  })
}

/** The arc between the centres of the first and the last character. */
function spread(count: number, isBottomTaken: boolean): number {
  if (count <= 6) return (count - 1) * (isBottomTaken ? 35 : 38) * degree
  const [short, long] = isBottomTaken ? [175, 245] : [190, 300]
  return (short + (long - short) * (1 - Math.exp((6 - count) / 6))) * degree
}

/** A long name: the outer ring is read first, then the inner one. Both have characters of one size. */
function layOutTwoRings(name: readonly number[], inside: number, isBottomTaken: boolean): PlacedCharacter[] {
  const height = inside * 0.2
  const outer = reach * inside - height * (1.02 - restsAt)
  const radii = [outer, outer - height - gapBetweenRings * inside] as const
  const arcs = (isBottomTaken ? [245, 215] : [290, 262]).map((arc, index) => arc * degree * radii[index]!)
  const lines = splitName(name, arcs[0]! / (arcs[0]! + arcs[1]!))
  const places = lines.map((line, index) => {
    const span = Math.min(arcs[index]!, (line.length - 1) * height * (index === 0 ? 1.2 : 1.05))
    return setOnArc(line, createTrack(radii[index]!, radii[index]!, 0), { height, widest: height * 0.9, span })
  })
  const width = Math.min(...places.flat().map((place) => place.width))
  return places.flat().map((place) => ({ ...place, width }))
}

function layOutLetters(text: string, inside: number, hasCode: boolean, outlines: OutlineSource): PlacedCharacter[] {
  const height = inside * letterHeight
  const radius = inside * reach - height / 2
  return setLetters(toCodePoints(text), createTrack(radius, radius, 0), {
    ...{ height, outlines, type: 'song', side: 'top', spacing: 0.06 },
    span: (hasCode ? 250 : 305) * degree * radius,
  })
}

function layOutLower(characters: readonly number[], diameter: number): PlacedCharacter[] {
  const height = diameter * 0.09
  const pitch = Math.min(height * 1.08, (diameter * 0.42) / characters.length)
  return characters.map((codePoint, index) => ({
    codePoint,
    x: (index - (characters.length - 1) / 2) * pitch,
    y: -diameter * 0.255,
    angle: 0,
    width: Math.min(height * 0.9, pitch * 0.93),
    height,
  }))
}

/** Digits along the lower rim, their feet outwards. */
function layOutCode(code: string, inside: number, outlines: OutlineSource): PlacedCharacter[] {
  const height = inside * codeHeight
  const radius = inside * (reach - 0.01) - height / 2
  return setLetters(toCodePoints(code), createTrack(radius, radius, 0), {
    ...{ height, outlines, type: 'sans', side: 'bottom', spacing: 0.16 },
    span: 84 * degree * radius,
  })
}
