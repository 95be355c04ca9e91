import type { LicenceDefinition } from '../definition.ts'
import type { TextStyle } from '../layout.ts'
import type { CompiledText } from './licence-text.ts'
import type { CompiledStyle, Press } from './press.ts'
import { numeral, pointsPerMm } from './units.ts'

/** Draws the part of an element that depends on the licence. */
export type Drawer = (press: Press) => void

/** What further pages offer to elements that may run over. */
export interface Overflow {
  readonly style: CompiledStyle
  /** Printed where a text breaks off. */
  readonly note: string
}

/** Where elements are compiled: collects a page's fixed content and gives out styles, texts and form XObjects. */
export interface Workshop {
  readonly definition: LicenceDefinition
  /** Points. */
  readonly pageHeight: number
  readonly overflow: Overflow | undefined
  /** Content stream operators of the page's fixed part, in order. */
  readonly fixed: string[]
  style(style: TextStyle): CompiledStyle
  text(text: string): CompiledText
  /** Registers a form XObject with its bounding box; the same content is kept once. Returns its resource name. */
  form(box: readonly [number, number, number, number], content: string): string
}

/** Horizontal millimetres to points. */
export const across = (mm: number): number => mm * pointsPerMm

/** Millimetres from the top to points from the bottom. */
export const upFrom = (workshop: Workshop, mm: number): number => workshop.pageHeight - mm * pointsPerMm

/** Width of a fixed text in points. */
export function fixedWidth(style: CompiledStyle, text: string, spacing = style.spacing): number {
  const widths = [...text].map((c) => style.typeCase.widths[style.typeCase.codeOf(c.codePointAt(0)!)]!)
  return (widths.reduce((sum, w) => sum + w, 0) * style.size) / 1000 + Math.max(0, widths.length - 1) * spacing
}

/** Operators that set a fixed text, x and y in points. */
export function fixedLine(style: CompiledStyle, text: string, x: number, y: number, spacing = style.spacing): string {
  const codes = [...text].map((c) =>
    style.typeCase.codeOf(c.codePointAt(0)!).toString(16).toUpperCase().padStart(4, '0'),
  )
  const font = `/${style.typeCase.resource} ${numeral(style.size)} Tf ${numeral(spacing)} Tc`
  return `${style.colour}BT ${font} ${numeral(x)} ${numeral(y)} Td <${codes.join('')}> Tj ET\n`
}
