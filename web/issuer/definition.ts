import type { Text } from '../kit/language.ts'

/** A licence type as `/api/catalogue/{typeCode}` answers it, reduced to what the form uses. */
export interface Definition {
  readonly typeCode: string
  readonly name: Text
  readonly groups: readonly { readonly name: Text; readonly fields: readonly string[] }[]
  readonly fields: readonly Field[]
  readonly example: Readonly<Record<string, unknown>>
  /** What the catalogue says of the type, as far as lists and agreements ask. */
  readonly entry?: {
    readonly searchFields?: readonly string[]
    readonly sharing: { readonly fields: readonly string[] }
  }
  /** There where the document is uploaded, not drawn. */
  readonly body?: object
}

export interface Field {
  readonly name: string
  readonly label: Text
  readonly type:
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
  readonly required: boolean
  readonly role?: string
  readonly maxLength?: number
  readonly unit?: Text
  readonly decimals?: number
  readonly choices?: readonly { readonly value: string; readonly label: Text }[]
  readonly columns?: readonly Column[]
  readonly rows?: { readonly min: number; readonly max: number }
  readonly picture?: { readonly minSide: number; readonly maxSide: number; readonly maxBytes: number }
  readonly notBefore?: string
  readonly latest?: 'today'
  readonly mayBeOpen?: boolean
  readonly hint?: Text
}

export interface Column {
  readonly name: string
  readonly label: Text
  readonly type: 'text' | 'number' | 'date'
  readonly required: boolean
  readonly maxLength?: number
}
