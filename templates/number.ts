import type { LicenceDefinition, NumberPart } from './definition.ts'
import { TemplateError } from './errors.ts'

/** ISO 7064 MOD 11,10 over the digits of `text`. */
function mod11Digit(text: string): number {
  let product = 10
  for (const character of text) {
    const digit = character.charCodeAt(0) - 48
    if (digit < 0 || digit > 9) continue
    const sum = (product + digit) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10
}

/**
 * The printed number (证照编号) by the type's rule.
 *
 * @param place `areaCode` six digits of GB/T 2260, `issuedOn` YYYY-MM-DD, `sequence` the issuer's own count from 1
 * @throws TemplateError NUMBER_EXHAUSTED when the count has more digits than the rule has room for
 */
export function formatLicenceNumber(
  definition: LicenceDefinition,
  place: { areaCode: string; issuedOn: string; sequence: number },
): string {
  let text = ''
  for (const part of definition.number.parts) text += formatPart(part, place, text)
  return text
}

/** The greatest count that the rule of a type's numbers has room for. */
export const lastSequence = ({ number }: Pick<LicenceDefinition, 'number'>): number =>
  Math.min(...number.parts.map((part) => ('sequence' in part ? 10 ** part.sequence - 1 : Number.MAX_SAFE_INTEGER)))

function formatPart(
  part: NumberPart,
  place: { areaCode: string; issuedOn: string; sequence: number },
  before: string,
): string {
  if ('text' in part) return part.text
  if ('area' in part) return place.areaCode
  if ('year' in part) return place.issuedOn.slice(0, 4)
  if ('day' in part) return place.issuedOn.replaceAll('-', '')
  if ('checkDigit' in part) return String(mod11Digit(before))
  const digits = String(place.sequence)
  if (digits.length > part.sequence) {
    throw new TemplateError('NUMBER_EXHAUSTED', `the number has room for ${part.sequence} digits of the count`)
  }
  return digits.padStart(part.sequence, '0')
}
