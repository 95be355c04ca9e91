// A round official seal as vectors: for a PDF as operators of a form XObject, for pages as SVG. No font is needed to
// show either.
import { SealError } from '../errors.ts'
import { layOutRoundSeal, type PlacedCharacter, type RoundSealText, type SealLayout } from './seal-layout.ts'

/** A step of an outline in font units, y upwards. */
export type OutlineCommand =
  | readonly ['M', number, number]
  | readonly ['L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z']

/** The outline of one character. */
export interface Outline {
  readonly commands: readonly OutlineCommand[]
  readonly advance: number
  readonly unitsPerEm: number
}

/** Gives the outline of a character in the seal's type (宋体), undefined where the type lacks it. */
export type OutlineSource = (codePoint: number) => Outline | undefined

/** A finished picture. */
export interface SealPicture {
  /** Operators of a content stream in points, origin at the lower left of the box. Needs `resources`. */
  readonly content: string
  readonly resources: string
  /** Width and height of the box: the true diameter in points. */
  readonly size: number
  /** A document of its own, sized in millimetres. */
  readonly svg: string
}

const pointsPerMm = 72 / 25.4
/**
 * Ink darkens: the date under a seal stays legible, as under a rubber stamp. Not Multiply, which would make the ink
 * darker where an outline's stroke overlaps its own fill.
 */
const inkResources = '<< /ExtGState << /Ink << /Type /ExtGState /BM /Darken >> >> >>'
const inkRgb = '0.86 0.08 0.08'
const inkHex = '#db1414'
/** Song type has hairlines that a seal maker would cut deeper: outlines are widened by this much, in millimetres. */
const engravingWidth = 0.14
/** The em square of an ideograph reaches this far below the baseline, as a share of the em. */
const emDescent = 0.12

/** The box a seal covers on the page, in points. */
export function sealSizeInPoints(diameterMm: number): number {
  return round(diameterMm * pointsPerMm, 3)
}

/**
 * Draws a seal of true size: rim, five-pointed star, the owner's name along the rim, an optional line below.
 * Throws `SEAL_PICTURE_TEXT_REFUSED`, `SEAL_PICTURE_GLYPH_MISSING` (naming the character).
 */
export function drawRoundSeal(text: RoundSealText, outlines: OutlineSource): SealPicture {
  const layout = layOutRoundSeal(text)
  const steps = [...traceStar(layout), ...[...layout.ring, ...layout.lower].flatMap((c) => traceCharacter(c, outlines))]
  return {
    content: toPdf(layout, steps),
    resources: inkResources,
    size: sealSizeInPoints(text.diameterMm),
    svg: toSvg(layout, steps),
  }
}

/** The ten corners of the star, one point up. */
function traceStar({ starRadius }: SealLayout): OutlineCommand[] {
  // Ratio of the inner to the outer radius of a regular star whose opposite edges lie in line.
  const innerRadius = (starRadius * Math.sin(Math.PI / 10)) / Math.sin((3 * Math.PI) / 10)
  const corners = Array.from({ length: 10 }, (_, index): OutlineCommand => {
    const radius = index % 2 === 0 ? starRadius : innerRadius
    const angle = (index * Math.PI) / 5
    return [index === 0 ? 'M' : 'L', radius * Math.sin(angle), radius * Math.cos(angle)]
  })
  return [...corners, ['Z']]
}

/** The outline of a character, condensed into its box and turned to its place; in millimetres. */
function traceCharacter(place: PlacedCharacter, outlines: OutlineSource): OutlineCommand[] {
  const outline = outlines(place.codePoint)
  if (outline === undefined) {
    const character = String.fromCodePoint(place.codePoint)
    throw new SealError('SEAL_PICTURE_GLYPH_MISSING', `the seal's type has no glyph for ${character}`)
  }
  const scaleX = place.width / Math.max(outline.advance, outline.unitsPerEm)
  const scaleY = place.height / outline.unitsPerEm
  const [sin, cos] = [Math.sin(place.angle), Math.cos(place.angle)]
  const toPlace = (fontX: number, fontY: number): [number, number] => {
    const across = (fontX - outline.advance / 2) * scaleX
    const up = (fontY + outline.unitsPerEm * (emDescent - 0.5)) * scaleY
    return [place.x + across * cos + up * sin, place.y - across * sin + up * cos]
  }
  return outline.commands.map((step): OutlineCommand => {
    if (step[0] === 'Z') return step
    if (step[0] === 'C') {
      return ['C', ...toPlace(step[1], step[2]), ...toPlace(step[3], step[4]), ...toPlace(step[5], step[6])]
    }
    return [step[0], ...toPlace(step[1], step[2])]
  })
}

const pdfOperators = { M: 'm', L: 'l', C: 'c', Z: 'h' } as const
/** Half the control arm of a quarter circle drawn as one cubic curve. */
const circleArm = 0.5522847498

function toPdf({ diameter, ringWidth }: SealLayout, steps: readonly OutlineCommand[]): string {
  const radius = diameter / 2
  const place = (mm: number) => round((mm + radius) * pointsPerMm, 2)
  const write = (commands: readonly OutlineCommand[]) =>
    commands.map(([name, ...at]) => [...at.map(place), pdfOperators[name]].join(' ')).join('\n')
  const strokeWidth = round(ringWidth * pointsPerMm, 3)
  return [
    'q /Ink gs',
    `${inkRgb} RG ${inkRgb} rg`,
    `${strokeWidth} w`,
    write(traceCircle(radius - ringWidth / 2)),
    'S',
    `${round(engravingWidth * pointsPerMm, 3)} w 1 j`,
    write(steps),
    'B',
    'Q\n',
  ].join('\n')
}

function traceCircle(r: number): OutlineCommand[] {
  const arm = r * circleArm
  return [
    ['M', r, 0],
    ['C', r, arm, arm, r, 0, r],
    ['C', -arm, r, -r, arm, -r, 0],
    ['C', -r, -arm, -arm, -r, 0, -r],
    ['C', arm, -r, r, -arm, r, 0],
    ['Z'],
  ]
}

function toSvg({ diameter, ringWidth }: SealLayout, steps: readonly OutlineCommand[]): string {
  const radius = diameter / 2
  const write = ([name, ...at]: OutlineCommand) =>
    name + at.map((mm, index) => round(index % 2 === 0 ? mm + radius : radius - mm, 3)).join(' ')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${diameter}mm" height="${diameter}mm" viewBox="0 0 ${diameter} ${diameter}" fill="${inkHex}">`,
    `<circle cx="${radius}" cy="${radius}" r="${round(radius - ringWidth / 2, 3)}" fill="none" stroke="${inkHex}" stroke-width="${round(ringWidth, 3)}"/>`,
    `<path stroke="${inkHex}" stroke-width="${engravingWidth}" stroke-linejoin="round" d="${steps.map(write).join('')}"/></svg>`,
  ].join('')
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
