import { isString, type PdfValue } from './objects.ts'
import { latin1 } from './syntax.ts'

const utf16 = new TextDecoder('utf-16be')
const utf8 = new TextDecoder()

/** The text of a text string (ISO 32000-2, 7.9.2.2): UTF-16BE or UTF-8 with their marks, else one character a byte. */
export function textOf(value: PdfValue | undefined): string | null {
  if (!isString(value)) return null
  const { bytes } = value
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16.decode(bytes)
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return utf8.decode(bytes)
  return latin1(bytes, 0, bytes.length)
}

/** In UTF-16BE with its mark. */
const LONGEST_DATE = 64

/** The instant a date string names (7.9.4), `D:YYYYMMDDHHmmSSOHH'mm'`; null where it is none. Without an offset UTC is taken. */
export function dateOf(value: PdfValue | undefined): Date | null {
  const text = isString(value) && value.bytes.length <= LONGEST_DATE ? textOf(value) : null
  const parts = text?.match(
    /^D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z(?:00'?(?:00'?)?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?$/,
  )
  if (!parts) return null
  const number = (index: number, otherwise: number): number => Number(parts[index] ?? otherwise)
  const [year, month, day, hour, minute, second] = [
    number(1, 0),
    number(2, 1),
    number(3, 1),
    number(4, 0),
    number(5, 0),
    number(6, 0),
  ]
  const offset = (number(8, 0) * 60 + number(9, 0)) * (parts[7] === '-' ? -1 : 1)
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const exists =
    local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return exists ? new Date(local.getTime() - offset * 60_000) : null
}

const BEIJING_OFFSET_MS = 8 * 3_600_000

/** A date string with the offset of Beijing: `D:20261121160000+08'00'`. */
export function beijingDate(date: Date): string {
  const text = new Date(date.getTime() + BEIJING_OFFSET_MS).toISOString()
  return `D:${text.slice(0, 19).replace(/[-T:]/g, '')}+08'00'`
}

/** A text string in hex, UTF-16BE with its mark, brackets included. */
export function hexText(text: string): string {
  let hex = '<FEFF'
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).toUpperCase().padStart(4, '0')
  return `${hex}>`
}
