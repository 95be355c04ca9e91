import type { PdfDictionary, PdfName, PdfValue } from './objects.ts'

/** Writes a value in PDF syntax (ISO 32000-2, 7.3), ASCII only. Strings come out in hex, numbers as they were read. */
export function writeValue(value: PdfValue): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return String(value)
  switch (value.kind) {
    case 'real':
      return value.text
    case 'name':
      return writeName(value)
    case 'string':
      return `<${hex(value.bytes)}>`
    case 'reference':
      return `${value.number} ${value.generation} R`
    case 'array':
      return `[${value.items.map(writeValue).join(' ')}]`
    case 'dictionary':
      return writeDictionary(value)
  }
}

/** The dictionary with some entries replaced by text that is already PDF syntax; `null` leaves an entry out. */
export function writeDictionary(
  dictionary: PdfDictionary,
  replaced: Readonly<Record<string, string | null>> = {},
): string {
  let text = '<<'
  for (const [key, value] of dictionary.entries) {
    if (!Object.hasOwn(replaced, key)) text += ` ${writeName({ kind: 'name', name: key })} ${writeValue(value)}`
  }
  for (const [key, value] of Object.entries(replaced)) if (value !== null) text += ` /${key} ${value}`
  return `${text} >>`
}

/** Regular characters stand for themselves, all others as #xx (7.3.5). */
function writeName({ name }: PdfName): string {
  if (/^[A-Za-z0-9._+-]+$/.test(name)) return `/${name}`
  let text = '/'
  for (const character of name) {
    text += /[A-Za-z0-9._+-]/.test(character) ? character : `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  }
  return text
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'))

export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte]
  return text
}

/** A number as PDF writes it: no exponent, at most four decimals (a four-hundredth of a thousandth of an inch). */
export function writeNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4).replace(/\.?0+$/, '')
}
