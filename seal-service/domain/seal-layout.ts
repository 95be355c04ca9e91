// Where the parts of a round official seal stand. Everything in millimetres from the centre, y upwards, angles in
// radians from the top, clockwise.
import { SealError } from '../errors.ts'

/** What a round seal is made from. */
export interface RoundSealText {
  /** True outer diameter (国发〔1999〕25号: 42 to 60 mm for organs of state, at most 45 for departments of a city). */
  readonly diameterMm: number
  /** The owner's name along the rim, 4 to 24 characters. */
  readonly ringText: string
  /** A line below the star, such as 证照专用章; at most 8 characters. */
  readonly lowerText: string | null
}

/** A character and the box that its em square is drawn into. */
export interface PlacedCharacter {
  readonly codePoint: number
  /** Centre of the box. */
  readonly x: number
  readonly y: number
  /** The character's own upright direction: 0 is upright, ring characters lean with the rim. */
  readonly angle: number
  readonly width: number
  readonly height: number
}

export interface SealLayout {
  readonly diameter: number
  readonly ringWidth: number
  /** Circumradius of the five-pointed star. */
  readonly starRadius: number
  readonly ring: readonly PlacedCharacter[]
  readonly lower: readonly PlacedCharacter[]
}

const fewestRingCharacters = 4
const mostRingCharacters = 24
const mostLowerCharacters = 8
const degree = Math.PI / 180
const printable = /^[\p{Script=Han}\p{L}\p{Nd}（）()〇·]+$/u

/** Lays a seal out. Throws `SEAL_PICTURE_TEXT_REFUSED` for a text that has no place on a seal. */
export function layOutRoundSeal(text: RoundSealText): SealLayout {
  const ringCharacters = readCharacters(text.ringText, fewestRingCharacters, mostRingCharacters, 'ring text')
  const lowerCharacters =
    text.lowerText === null ? [] : readCharacters(text.lowerText, 2, mostLowerCharacters, 'lower text')
  const ringWidth = text.diameterMm * 0.027
  return {
    diameter: text.diameterMm,
    ringWidth,
    starRadius: text.diameterMm * 0.16,
    ring: layOutRing(ringCharacters, text.diameterMm / 2 - ringWidth, lowerCharacters.length > 0),
    lower: layOutLower(lowerCharacters, text.diameterMm),
  }
}

function readCharacters(text: string, fewest: number, most: number, what: string): number[] {
  const characters = [...text.normalize('NFC')].map((character) => character.codePointAt(0)!)
  if (characters.length < fewest || characters.length > most || !printable.test(text)) {
    throw new SealError('SEAL_PICTURE_TEXT_REFUSED', `${what} must have ${fewest} to ${most} characters of a name`)
  }
  return characters
}

/**
 * Characters evenly spaced on an arc that grows with their number, symmetrical about the top, read left to right.
 * Height falls a little and width as much as needed, so that neighbours never touch at their inner corners.
 */
function layOutRing(characters: readonly number[], inside: number, hasLowerText: boolean): PlacedCharacter[] {
  const count = characters.length
  const longName = Math.max(0, count - 6) / (mostRingCharacters - 6)
  const height = inside * (0.345 - 0.075 * longName)
  const outer = Math.sqrt((inside * 0.955) ** 2 - (height * 0.41) ** 2)
  const radius = outer - height / 2
  const pitch = spread(count, hasLowerText) / (count - 1)
  const room = 2 * (outer - height) * Math.tan(pitch / 2)
  const width = Math.min(height * 0.82, room * 0.93)
  return characters.map((codePoint, index) => {
    const angle = (index - (count - 1) / 2) * pitch
    return { codePoint, x: radius * Math.sin(angle), y: radius * Math.cos(angle), angle, width, height }
  })
}

/** The arc between the centres of the first and the last character. */
function spread(count: number, hasLowerText: boolean): number {
  if (count <= 6) return (count - 1) * (hasLowerText ? 35 : 38) * degree
  const [short, long] = hasLowerText ? [175, 245] : [190, 300]
  return (short + (long - short) * (1 - Math.exp((6 - count) / 6))) * degree
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
