import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import { isDictionary } from './objects.ts'
import { SyntaxReader } from './syntax.ts'

/**
 * The length of file for which a file says that it is linearized (ISO 32000-2, F.3.3), or null. Where it is the length of the file some
 * readers begin with the cross-reference at its beginning, and see nothing of what was appended.
 */
export function linearizedLength(bytes: Uint8Array, from: number, budget: Budget): number | null {
  const reader = new SyntaxReader(bytes, from, Math.min(bytes.length, from + 1024), budget)
  try {
    reader.skipWhite()
    if (reader.takeInteger() < 0) return null
    reader.skipWhite()
    if (reader.takeInteger() < 0) return null
    reader.skipWhite()
    if (!reader.takeKeyword('obj')) return null
    const value = reader.readValue()
    if (!isDictionary(value) || !value.entries.has('Linearized')) return null
    const length = value.entries.get('L')
    return typeof length === 'number' ? length : Number.NaN
  } catch (error) {
    if (error instanceof PadesError && error.code !== 'PADES_LIMIT_EXCEEDED') return null
    throw error
  }
}
