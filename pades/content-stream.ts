import type { Budget } from './limits.ts'
import type { PdfValue } from './objects.ts'
import { isWhite, latin1, SyntaxReader } from './syntax.ts'

/**
 * Calls `visit` for every operator of a content stream (ISO 32000-2, 7.8.2) with its operands. An inline image comes as the operator
 * `BI`, and ends the reading: where its data end only a decoder knows.
 *
 * @returns whether everything was read
 * @throws PadesError as the syntax reader
 */
export function readOperators(
  data: Uint8Array,
  budget: Budget,
  visit: (operator: string, operands: readonly PdfValue[]) => void,
): boolean {
  const reader = new SyntaxReader(data, 0, data.length, budget)
  let operands: PdfValue[] = []
  for (;;) {
    reader.skipWhite()
    if (reader.position >= data.length) return true
    if (startsOperand(data[reader.position]!) || !isRegular(data[reader.position]!) || isWord(data, reader.position)) {
      operands.push(reader.readValue())
      continue
    }
    const from = reader.position
    while (reader.position < data.length && isRegular(data[reader.position]!) && reader.position - from < 8) {
      reader.position++
    }
    const operator = latin1(data, from, reader.position)
    visit(operator, operands)
    budget.work(8)
    if (operator === 'BI') return false
    operands = []
  }
}

const delimiters = new Set([...'()<>[]{}/%'].map((character) => character.charCodeAt(0)))
const isRegular = (byte: number): boolean => !isWhite(byte) && !delimiters.has(byte)

/** Digits, signs, points. */
const startsOperand = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e

/** `true`, `false` and `null` are operands. */
function isWord(data: Uint8Array, at: number): boolean {
  const text = latin1(data, at, Math.min(at + 6, data.length))
  return /^(true|false|null)(?![^\s()<>[\]{}/%])/.test(text)
}
