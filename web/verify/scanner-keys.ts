// Barcode scanners that play keyboard: one run of keys without a pause, ended by Enter.
import { statementFrom } from './verdict.ts'

/** Scanners leave a few milliseconds between two keys, more where the computer is busy. */
const LONGEST_PAUSE_MS = 400
const LONGEST_TEXT = 1000

export interface KeyStroke {
  readonly key: string
  /** Milliseconds since whenever. */
  readonly at: number
}

/**
 * Reads keys one by one; gives the statement when a run that holds one ends with Enter. What a scanner reads from other things gives nothing.
 */
export function createScannerKeys(): (stroke: KeyStroke) => string | undefined {
  let text = ''
  let last = Number.NEGATIVE_INFINITY
  return ({ key, at }) => {
    if (at - last > LONGEST_PAUSE_MS) text = ''
    last = at
    if (key === 'Enter') {
      const statement = statementFrom(text)
      text = ''
      return statement
    }
    if (key.length === 1 && text.length < LONGEST_TEXT) text += key
    return undefined
  }
}
