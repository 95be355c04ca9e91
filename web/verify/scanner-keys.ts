// Barcode scanners that play keyboard: a burst of keys much faster than fingers, ended by Enter.
import { statementFrom } from './verdict.ts'

/** Fingers leave more than this between two keys; scanners seldom more than a third of it. */
const LONGEST_PAUSE_MS = 60
const LONGEST_TEXT = 1000

export interface KeyStroke {
  readonly key: string
  /** Milliseconds since whenever. */
  readonly at: number
}

/**
 * Reads keys one by one; gives the statement when a burst that holds one ends with Enter. What a person types, and what a scanner reads
 * from other things, gives nothing.
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
