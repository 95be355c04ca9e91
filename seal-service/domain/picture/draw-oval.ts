import type { OvalSealSpec } from '../seal-picture-spec.ts'
import { artworkOf, fineInkOf, inkOf } from './draw-round.ts'
import type { Drawing } from './drawing.ts'
import type { OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { measureLetters, restsAt, setLetters, setLine, setOnArc, toCodePoints } from './set-text.ts'
import { traceStar } from './trace.ts'
import { createTrack } from './track.ts'

const degree = Math.PI / 180
/** The sizes below are those of a seal 30 high. */
const usualHeight = 30
const usualEdge = 1
const gap = 0.6
const lettersBelow = 2.1
const lettersOutside = 1.6
/** Room for what hangs below letters. */
const descenders = 0.9
/** Letters below the name are condensed to this at most; longer ones go around it. */
const leastCondensed = 0.62
const mostCharacters = 40

/** Rim, centre, the name above, the second language below it, or around it where it is long. */
export function drawOval(spec: OvalSealSpec, outlines: OutlineSource): Drawing {
  const { widthMm, heightMm, artwork } = spec
  const { edge, name, letters, lower, star, artworkSide } = layOutOval(spec, outlines)
  return {
    ...{ widthMm, heightMm },
    shapes: [
      { form: 'rim', rx: widthMm / 2 - edge / 2, ry: heightMm / 2 - edge / 2, strokeMm: edge },
      ...inkOf([...name, ...lower], outlines, spec.centre === 'star' ? traceStar(star.radius, star.y) : []),
      ...fineInkOf(letters, outlines),
      ...(artwork === undefined ? [] : [artworkOf(artwork, { side: artworkSide, y: star.y })]),
    ],
  }
}

/** Where the parts stand. The centre's own part makes room for a line below it. */
export function layOutOval(spec: OvalSealSpec, outlines: OutlineSource) {
  const unit = spec.heightMm / usualHeight
  const edge = spec.edgeMm ?? usualEdge
  const [a, b] = [spec.widthMm / 2 - edge, spec.heightMm / 2 - edge]
  const hasLine = spec.lowerText !== null
  return {
    edge,
    ...layOutTexts(spec, { a, b, unit }, outlines),
    lower: spec.lowerText === null ? [] : layOutLine(spec.lowerText, spec.centre === 'none', unit),
    star: { radius: (hasLine ? 3.4 : 4.2) * unit, y: (hasLine ? 1.6 : -0.6) * unit },
    artworkSide: (hasLine ? 7.4 : 9) * unit,
  }
}

interface Inside {
  readonly a: number
  readonly b: number
  readonly unit: number
}

function layOutTexts(spec: OvalSealSpec, { a, b, unit }: Inside, outlines: OutlineSource) {
  const name = toCodePoints(spec.ringText)
  const options = { outlines, type: 'song', spacing: 0.06 } as const
  const text = spec.ringTextEn === null ? [] : toCodePoints(spec.ringTextEn)
  if (text.length === 0) return { name: layOutName(name, { a, b, unit }, gap * unit, 128 * degree), letters: [] }
  const below = { ...options, height: lettersBelow * unit, side: 'bottom' } as const
  const lowTrack = createTrack(a, b, gap * unit + below.height / 2)
  const ringEnd = 104 * degree
  const span = lowTrack.length - 2 * lowTrack.distanceAt(ringEnd + 14 * degree)
  if (measureLetters(text, below).natural * leastCondensed <= span) {
    const letters = setLetters(text, lowTrack, { ...below, span })
    return { name: layOutName(name, { a, b, unit }, gap * unit, ringEnd), letters }
  }
  const around = { ...options, height: lettersOutside * unit, side: 'top' } as const
  const track = createTrack(a, b, gap * unit + around.height / 2)
  const letters = setLetters(text, track, { ...around, span: 2 * track.distanceAt(150 * degree) })
  return {
    name: layOutName(name, { a, b, unit }, gap * unit + around.height + descenders * unit, 116 * degree),
    letters,
  }
}

/** The name along the upper rim, from `-end` to `end`; a longer name has smaller characters. */
function layOutName(name: readonly number[], { a, b, unit }: Inside, inset: number, end: number): PlacedCharacter[] {
  const long = Math.max(0, name.length - 10) / (mostCharacters - 10)
  const height = (4.3 - 1.3 * long) * unit
  const track = createTrack(a, b, inset + height * (1 - restsAt))
  const span = Math.min(2 * track.distanceAt(end), (name.length - 1) * height * 1.35)
  return setOnArc(name, track, { height, widest: height * 0.82, span })
}

function layOutLine(text: string, isAlone: boolean, unit: number): PlacedCharacter[] {
  const characters = toCodePoints(text)
  const height = (isAlone ? 4.2 : 3.2) * unit
  const width = Math.min(height * 0.85, (17 * unit) / characters.length)
  return setLine(characters, { height, width, pitch: width * 1.1, y: (isAlone ? -2.2 : -4.9) * unit })
}
