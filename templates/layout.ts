/**
 * The layout language: what a definition may say about its pages. Data only. Lengths are millimetres from the page's upper left
 * corner, `y` of a text is the base line of its first line, sizes of letters are points.
 *
 * A text is a template: `{fields.name}`, `{number}`, `{issuer}`, `{issuedOn}`, `{validFrom}`, `{validUntil}`, `{identifier}`, `{page}`.
 * A value is printed as its field's type says (dates as 2026年11月21日, money with its unit, an open end as 长期); a value after a bar
 * chooses another form: `{issuedOn|dotted}`, `{issuedOn|year}`, `{issuedOn|month}`, `{issuedOn|day}`, `{fields.idNumber|masked}`.
 */
export type FaceName = 'sans-regular' | 'sans-bold' | 'serif-regular' | 'serif-bold'

/** Red, green, blue from 0 to 1. */
export type Colour = readonly [number, number, number]

export interface TextStyle {
  readonly face: FaceName
  readonly size: number
  readonly colour?: Colour
  /** Added after every character, in millimetres. */
  readonly spacing?: number
}

/** How a text that is too long is made to fit: it wraps up to `lines`, shrinks down to `minSize`, then continues on a further page. */
export interface Fit {
  readonly lines: number
  readonly minSize: number
  /** Distance of base lines as a multiple of the size. Default 1.4. */
  readonly leading?: number
  /** Title over the rest of the text on the further page. Without it a text that does not fit is refused. */
  readonly continues?: string
}

export type Align = 'left' | 'centre' | 'right'

/**
 * When an element is on the page: a field is filled in (or is not), or a field's value is one of these. What is not drawn leaves its
 * place empty; nothing moves up.
 */
export type Condition =
  | { readonly field: string; readonly filled: boolean }
  | { readonly field: string; readonly oneOf: readonly string[] }

/** What every element may say of itself. */
export interface Conditional {
  readonly when?: Condition
}

/** A text on the page; with a width it is aligned within it and fitted to it. */
export interface TextElement extends Conditional {
  readonly kind: 'text'
  readonly text: string
  readonly x: number
  readonly y: number
  readonly width?: number
  readonly align?: Align
  readonly style: TextStyle
  readonly fit?: Fit
  /** Printed when every value in the text is empty. */
  readonly empty?: string
}

export interface Row {
  readonly label: string
  readonly text: string
  readonly fit?: Fit
  readonly empty?: string
  /** The text may use all the height that is left below it; for the last row. */
  readonly takesRest?: boolean
}

/** Rows of label and value below each other; a value of several lines moves the following rows down. */
export interface RowsElement extends Conditional {
  readonly kind: 'rows'
  readonly x: number
  readonly y: number
  readonly width: number
  /** All rows together may be this high. */
  readonly height: number
  readonly labelWidth: number
  /** Labels are spread to this many characters' width (两端对齐), as printed forms do. */
  readonly spreadLabels?: number
  /** From one row's last base line to the next one's first. */
  readonly gap: number
  readonly labelStyle: TextStyle
  readonly style: TextStyle
  readonly rows: readonly Row[]
}

export interface Cell {
  /** Columns this cell is wide. Default 1. */
  readonly span?: number
  readonly rowSpan?: number
  readonly text: string
  readonly heading?: boolean
  readonly align?: Align
  readonly fit?: Fit
  readonly empty?: string
}

/** A ruled form of fixed cells; texts are fitted to their cells and stand in the middle of them. */
export interface GridElement extends Conditional {
  readonly kind: 'grid'
  readonly x: number
  readonly y: number
  readonly columns: readonly number[]
  readonly rows: readonly { readonly height: number; readonly cells: readonly Cell[] }[]
  readonly headingStyle: TextStyle
  readonly style: TextStyle
  readonly line: { readonly width: number; readonly colour: Colour }
  readonly headingFill?: Colour
  readonly padding?: number
}

/** A ruled table of a table field's rows; rows that do not fit continue on a further page under the same heads. */
export interface TableElement extends Conditional {
  readonly kind: 'table'
  readonly field: string
  readonly x: number
  readonly y: number
  readonly height: number
  readonly columns: readonly {
    readonly column: string
    readonly title: string
    /** In smaller letters under the title. */
    readonly titleEn?: string
    readonly width: number
    readonly align?: Align
  }[]
  readonly rowHeight: number
  readonly headingStyle: TextStyle
  readonly style: TextStyle
  readonly line: { readonly width: number; readonly colour: Colour }
  readonly headingFill?: Colour
  readonly minSize: number
  /** Title over the rest of the table on a further page. Without it a table that does not fit is refused. */
  readonly continues?: string
}

export interface PictureElement extends Conditional {
  readonly kind: 'picture'
  readonly field: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** `cover` fills the box and cuts off what is outside, `contain` shows all of it. */
  readonly fit: 'cover' | 'contain'
}

export interface QrElement {
  readonly kind: 'qr'
  readonly x: number
  readonly y: number
  /** Side without the quiet zone: 25 mm or more (product decision: below that it cannot be read at 150 dpi). */
  readonly size: number
  readonly colour?: Colour
}

export interface LineElement extends Conditional {
  readonly kind: 'line'
  readonly from: readonly [number, number]
  readonly to: readonly [number, number]
  readonly width: number
  readonly colour: Colour
  readonly dash?: readonly [number, number]
}

export interface BoxElement extends Conditional {
  readonly kind: 'box'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly radius?: number
  readonly fill?: Colour
  readonly stroke?: { readonly width: number; readonly colour: Colour }
}

/** A frame of woven ribbon with rosettes at its corners. */
export interface BorderElement extends Conditional {
  readonly kind: 'border'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Width of the ribbon. */
  readonly band: number
  readonly pattern: 'ribbon' | 'wave' | 'lattice'
  readonly colour: Colour
  readonly accent?: Colour
}

/** A round guilloche: a flower of interlaced lines, as an emblem or, pale and large, as ground. */
export interface RosetteElement extends Conditional {
  readonly kind: 'rosette'
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly petals: number
  /** Times the line goes round before it closes: without a common factor with the petals it weaves through itself. Default 1. */
  readonly turns?: number
  /** Lines side by side. */
  readonly strands: number
  /** Radius of the open middle as part of the whole, 0 to 1. */
  readonly hollow: number
  readonly width: number
  readonly colour: Colour
}

/** Fine parallel waves over an area, as the ground of banknotes has them. */
export interface WavesElement extends Conditional {
  readonly kind: 'waves'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly distance: number
  readonly amplitude: number
  readonly wavelength: number
  readonly lineWidth: number
  readonly colour: Colour
}

export type LayoutElement =
  | TextElement
  | RowsElement
  | GridElement
  | TableElement
  | PictureElement
  | QrElement
  | LineElement
  | BoxElement
  | BorderElement
  | RosetteElement
  | WavesElement

export interface PageLayout {
  readonly width: number
  readonly height: number
  readonly elements: readonly LayoutElement[]
}

/** The further page: its fixed elements and the column into which unfinished texts and tables flow. */
export interface ContinuationLayout extends PageLayout {
  readonly body: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly titleStyle: TextStyle
  readonly style: TextStyle
  /** Printed where a text breaks off on its first page. */
  readonly note: string
}

export interface Layout {
  readonly pages: readonly PageLayout[]
  readonly continuation?: ContinuationLayout
  /** Where the middle of the seal comes: over issuer and date, as custom has it. */
  readonly seal: { readonly page: number; readonly x: number; readonly y: number }
}
