// Codes that carry their own check character: GB 32100, GB 11643, ISO 7064 (GB/T 17710).
import { isCalendarDate } from './dates.ts'

const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const DIGIT_ZERO = 0x30
const DIGIT_NINE = 0x39
const LETTER_A = 0x41
const CREDIT_CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const CREDIT_CODE = /^[0-9A-HJ-NP-RTUW-Y]{2}\d{6}[0-9A-HJ-NP-RTUW-Y]{10}$/
const IDENTITY_NUMBER = /^\d{17}[0-9X]$/
const IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** Check character of ISO 7064 MOD 37,36 over `text`, which holds only 0-9 and A-Z. */
export function mod3736(text: string): string {
  let product = 36
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    product = (product + (code <= DIGIT_NINE ? code - DIGIT_ZERO : code - LETTER_A + 10)) % 36 || 36
    product = (product * 2) % 37
  }
  return ALPHANUMERIC.charAt((37 - product) % 36)
}

/** The 18th character of a unified social credit code, from its first 17 (GB 32100-2015). */
export function creditCodeCheckCharacter(first17: string): string {
  let sum = 0
  let weight = 1
  for (let i = 0; i < 17; i++) {
    sum += CREDIT_CODE_ALPHABET.indexOf(first17.charAt(i)) * weight
    weight = (weight * 3) % 31
  }
  return CREDIT_CODE_ALPHABET.charAt((31 - (sum % 31)) % 31)
}

/** Whether `text` is a unified social credit code with its right check character (GB 32100-2015). */
export function isCreditCode(text: string): boolean {
  return CREDIT_CODE.test(text) && creditCodeCheckCharacter(text) === text.charAt(17)
}

/** Whether `text` is a citizen's identity number: a real birth date and the right check character (GB 11643-1999). */
export function isIdentityNumber(text: string): boolean {
  if (!IDENTITY_NUMBER.test(text)) return false
  if (!isCalendarDate(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`)) return false
  if (text.slice(6, 10) < '1800') return false
  const sum = IDENTITY_WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0)
  return '10X98765432'.charAt(sum % 11) === text.charAt(17)
}
