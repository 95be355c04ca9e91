// A seal as shapes, and its two vector forms: operators of a PDF form XObject and an SVG document.
import type { OutlineCommand } from './outline.ts'

/** Shapes in one ink, in millimetres from the centre of the picture, y upwards; painted one after the other. */
export interface Drawing {
  readonly widthMm: number
  readonly heightMm: number
  readonly shapes: readonly Shape[]
}

export type Shape =
  /** A rim: an ellipse about the centre, stroked. */
  | { readonly form: 'rim'; readonly rx: number; readonly ry: number; readonly strokeMm: number }
  /** Filled by the non-zero rule, and widened by half a stroke on every side where one is said. */
  | { readonly form: 'ink'; readonly steps: readonly OutlineCommand[]; readonly strokeMm: number }
  /** Filled by the even-odd rule: what lies within another outline stays free of ink. */
  | { readonly form: 'cut'; readonly steps: readonly OutlineCommand[] }

const pointsPerMm = 72 / 25.4
/**
 * Ink darkens: the date under a seal stays legible, as under a rubber stamp. Not Multiply, which would make the ink
 * darker where an outline's stroke overlaps its own fill.
 */
export const inkResources = '<< /ExtGState << /Ink << /Type /ExtGState /BM /Darken >> >> >>'
const inkRgb = '0.86 0.08 0.08'
const inkHex = '#db1414'
/** The ink as octets of red, green and blue. */
export const inkOctets = [0xdb, 0x14, 0x14] as const

/** A length in points, as it is written. */
export function toPoints(mm: number): number {
  return round(mm * pointsPerMm, 3)
}

const pdfOperators = { M: 'm', L: 'l', C: 'c', Z: 'h' } as const
/** Half the control arm of a quarter circle drawn as one cubic curve. */
const circleArm = 0.5522847498

/** Operators of a content stream in points, origin at the lower left of the box. Needs `inkResources`. */
export function toPdfContent({ widthMm, heightMm, shapes }: Drawing): string {
  const place = (mm: number, index: number) => round((mm + (index % 2 === 0 ? widthMm : heightMm) / 2) * pointsPerMm, 2)
  const write = (commands: readonly OutlineCommand[]) =>
    commands.map(([name, ...at]) => [...at.map(place), pdfOperators[name]].join(' ')).join('\n')
  const paint = (shape: Shape): string[] => {
    switch (shape.form) {
      case 'rim':
        return [`${toPoints(shape.strokeMm)} w`, write(traceEllipse(shape.rx, shape.ry)), 'S']
      case 'ink':
        if (shape.strokeMm === 0) return [write(shape.steps), 'f']
        return [`${toPoints(shape.strokeMm)} w 1 j`, write(shape.steps), 'B']
      case 'cut':
        return [write(shape.steps), 'f*']
    }
  }
  return ['q /Ink gs', `${inkRgb} RG ${inkRgb} rg`, ...shapes.flatMap(paint), 'Q\n'].join('\n')
}

/** A document of its own, sized in millimetres. */
export function toSvg({ widthMm, heightMm, shapes }: Drawing): string {
  const [cx, cy] = [widthMm / 2, heightMm / 2]
  const write = ([name, ...at]: OutlineCommand) =>
    name + at.map((mm, index) => round(index % 2 === 0 ? mm + cx : cy - mm, 3)).join(' ')
  const d = (steps: readonly OutlineCommand[]) => `d="${steps.map(write).join('')}"`
  const stroke = (mm: number) => `stroke="${inkHex}" stroke-width="${round(mm, 3)}"`
  const paint = (shape: Shape): string => {
    switch (shape.form) {
      case 'rim': {
        const [rx, ry] = [round(shape.rx, 3), round(shape.ry, 3)]
        const radii =
          rx === ry ? `circle cx="${cx}" cy="${cy}" r="${rx}"` : `ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}"`
        return `<${radii} fill="none" ${stroke(shape.strokeMm)}/>`
      }
      case 'ink':
        if (shape.strokeMm === 0) return `<path ${d(shape.steps)}/>`
        return `<path ${stroke(shape.strokeMm)} stroke-linejoin="round" ${d(shape.steps)}/>`
      case 'cut':
        return `<path fill-rule="evenodd" ${d(shape.steps)}/>`
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${widthMm} ${heightMm}" fill="${inkHex}">`,
    ...shapes.map(paint),
    '</svg>',
  ].join('')
}

export function traceEllipse(rx: number, ry: number): OutlineCommand[] {
  const [ax, ay] = [rx * circleArm, ry * circleArm]
  return [
    ['M', rx, 0],
    ['C', rx, ay, ax, ry, 0, ry],
    ['C', -ax, ry, -rx, ay, -rx, 0],
    ['C', -rx, -ay, -ax, -ry, 0, -ry],
    ['C', ax, -ry, rx, -ay, rx, 0],
    ['Z'],
  ]
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits
  return Math.round(value * factor) / factor
}
