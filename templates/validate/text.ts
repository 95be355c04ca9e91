import { type Fault, fault } from './fault.ts'

const lineFeed = '\n'
/** Controls, marks that turn the direction of writing, invisible and private characters, halves of surrogate pairs. */
const forbidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u
const otherSpaces = /[^\S\n\r\t\u3000 ]/gu

/**
 * A text as it is kept: ends trimmed, odd spaces made plain, accents joined to their letters. Nothing else is changed, so that a name
 * stays as its holder writes it.
 */
export function normaliseText(text: string, mayHaveLines: boolean): string {
  let normal = text.replace(otherSpaces, ' ')
  if (/\p{M}/u.test(normal)) normal = normal.normalize('NFC')
  normal = mayHaveLines ? normal.replace(/\r\n?/g, lineFeed).replace(/\n{2,}/g, lineFeed) : normal
  return normal.trim()
}

/** Faults of a normalised text that need no font: characters that must not be there, and length. */
export function checkText(text: string, pointer: string, maxLength: number, mayHaveLines: boolean): Fault[] {
  const checked = mayHaveLines ? text.replaceAll(lineFeed, '') : text
  const character = forbidden.exec(checked)?.[0]
  if (character !== undefined) return [fault(pointer, 'CHARACTER_NOT_ALLOWED', codePointName(character))]
  return [...text].length > maxLength ? [fault(pointer, 'TEXT_TOO_LONG', String(maxLength))] : []
}

function codePointName(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
