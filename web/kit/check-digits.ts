const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const creditWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
const identityWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** A day that exists: 2026-02-30 does not. */
export function isRealDay(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false
  const at = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
}

/** Unified social credit code, 18 characters with its check character (GB 32100-2015, modulus 31). */
export function isCreditCode(code: string): boolean {
  if (code.length !== 18) return false
  const values = [...code].map((character) => creditAlphabet.indexOf(character))
  if (values.includes(-1)) return false
  const sum = creditWeights.reduce((total, weight, place) => total + weight * (values[place] as number), 0)
  return values[17] === (31 - (sum % 31)) % 31
}

/** Citizen identity number, 18 characters with a real birth date and its check character (GB 11643-1999, ISO 7064 MOD 11-2). */
export function isIdentityNumber(code: string): boolean {
  if (!/^[1-9]\d{16}[\dX]$/.test(code)) return false
  if (!isRealDay(`${code.slice(6, 10)}-${code.slice(10, 12)}-${code.slice(12, 14)}`)) return false
  const sum = identityWeights.reduce((total, weight, place) => total + weight * Number(code[place]), 0)
  return code[17] === '10X98765432'[sum % 11]
}
