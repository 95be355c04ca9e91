import type { Layout } from './layout.ts'

/** The same words in Chinese and English. */
export interface Words {
  readonly zh: string
  readonly en: string
}

export type FieldType =
  | 'text'
  | 'long-text'
  | 'date'
  | 'date-range-end'
  | 'money'
  | 'number'
  | 'credit-code'
  | 'identity-number'
  | 'choice'
  | 'picture'
  | 'table'

/**
 * Whether other departments may be given a field where its type is shared: `hidden` never is. `masked` says to people that it is
 * personal. A public check shows the holder, masked, and the days alone, whatever stands here.
 */
export type Disclosure = 'public' | 'masked' | 'hidden'

/** Fields with a role give the licence its holders and dates; a licence has as many holders as it has `holder-name` fields filled in. */
export type FieldRole = 'holder-name' | 'holder-code' | 'valid-from' | 'valid-until' | 'issued-on'

export interface Choice {
  readonly value: string
  readonly label: Words
}

export interface TableColumn {
  readonly name: string
  readonly label: Words
  readonly type: 'text' | 'number' | 'date'
  readonly required: boolean
  readonly maxLength?: number
}

/** One item of a licence, as the form asks for it and `licence.json` keeps it. */
export interface FieldDefinition {
  readonly name: string
  readonly label: Words
  readonly type: FieldType
  readonly required: boolean
  readonly disclosure: Disclosure
  readonly role?: FieldRole
  /** Characters, at most (of each cell for a table: see its columns). */
  readonly maxLength?: number
  /** Printed after a money or number value. */
  readonly unit?: Words
  /** Digits after the point of a money or number value, at most. Default 2. */
  readonly decimals?: number
  readonly choices?: readonly Choice[]
  readonly columns?: readonly TableColumn[]
  /** Rows of a table, at least and at most. */
  readonly rows?: { readonly min: number; readonly max: number }
  /** Of a picture: pixels of its sides, at least and at most, and bytes, at most. */
  readonly picture?: { readonly minSide: number; readonly maxSide: number; readonly maxBytes: number }
  /** A date that may not be before the value of this other date field. */
  readonly notBefore?: string
  /** Latest date that makes sense: `today` refuses what lies in the future. */
  readonly latest?: 'today'
  /** For a date-range-end: may stay empty, which means without end (长期). */
  readonly mayBeOpen?: boolean
  readonly hint?: Words
}

export interface FieldGroup {
  readonly name: Words
  readonly fields: readonly string[]
}

/** How long a licence is valid when no field says so. */
export type ValidityRule =
  /** The fields with roles `valid-from` and `valid-until` decide; without them it starts on the day of issue and has no end. */
  | { readonly kind: 'fields' }
  /** A whole number of years from `validFrom`; the last day is the day before the anniversary. */
  | { readonly kind: 'years'; readonly years: number }
  | { readonly kind: 'without-end' }

/** Parts of the printed number (证照编号), in order. */
export type NumberPart =
  | { readonly text: string }
  /** Six digits of GB/T 2260. */
  | { readonly area: true }
  | { readonly year: true }
  /** `YYYYMMDD` of the day of issue. */
  | { readonly day: true }
  | { readonly sequence: number }
  /** ISO 7064 MOD 11,10 over the digits written so far. */
  | { readonly checkDigit: true }

export interface NumberRule {
  readonly parts: readonly NumberPart[]
  /** When the count starts again at 1. */
  readonly restarts: 'never' | 'yearly' | 'daily'
}

/** What a person enters for a licence: a value for each field by name. Pictures are base64, tables arrays of rows. */
export type LicenceInput = Readonly<Record<string, unknown>>

/** A made-up picture as shapes, painted one over the other; coordinates are pixels. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly paper: Rgb
  readonly shapes: readonly (
    | { readonly ellipse: readonly [x: number, y: number, rx: number, ry: number]; readonly colour: Rgb }
    | { readonly box: readonly [x: number, y: number, width: number, height: number]; readonly colour: Rgb }
    | {
        readonly line: readonly [x1: number, y1: number, x2: number, y2: number]
        readonly width: number
        readonly colour: Rgb
      }
  )[]
}

/** Red, green, blue from 0 to 255. */
export type Rgb = readonly [number, number, number]

/** Which page of an uploaded document something stands on. */
export type BodyPage = 'first' | 'last'

/**
 * A type whose document is uploaded, not drawn (批文, 证明, 鉴定报告, 办事结果). Of the layout the places of QR code and seal hold for it,
 * counted from the nearest edges of the page; everything else there is drawn in specimens alone.
 */
export interface UploadedBody {
  readonly qr: { readonly page: BodyPage }
  /** At the layout's place, or on the last occurrence of a text, moved to the right and up by millimetres. */
  readonly seal: { readonly page: BodyPage } | { readonly text: string; readonly right?: number; readonly up?: number }
}

/** A licence type: what it holds (may be sent to a form as JSON, but for `layout`) and what it looks like. */
export interface LicenceDefinition {
  readonly typeCode: string
  readonly templateVersion: number
  readonly name: Words
  readonly groups: readonly FieldGroup[]
  readonly fields: readonly FieldDefinition[]
  readonly validity: ValidityRule
  readonly number: NumberRule
  /** A made-up holder: valid input, but for its pictures. */
  readonly example: LicenceInput
  /** The example's pictures by field, drawn when asked for. */
  readonly examplePictures?: Readonly<Record<string, Drawing>>
  readonly layout: Layout
  /** Left out: the document is drawn from the layout. */
  readonly body?: UploadedBody
}
