// Where two reports say different things.
import type { JsonValue } from '../../licence-format/index.ts'

/**
 * `conclusion`: what was judged; `wording`: a sentence for people; `added`: a member that only the newer report has, never
 * an item of a list. */
export interface Difference {
  /** JSON Pointer (RFC 6901). */
  readonly path: string
  readonly kind: 'conclusion' | 'wording' | 'added'
}

const MOST = 1_000
/** Sentences and those who carry them; codes say the same without words. */
const WORDING = new Set(['message', 'explanation', 'reason', 'typeName', 'issuerName'])

/** The differences of a report now from the one that was stored, at most 1,000. */
export function findDifferences(stored: JsonValue, now: JsonValue): Difference[] {
  const found: Difference[] = []
  compare(stored, now, '', 'conclusion', found)
  return found
}

function compare(
  a: JsonValue | undefined,
  b: JsonValue | undefined,
  path: string,
  kind: 'conclusion' | 'wording',
  found: Difference[],
): void {
  if (found.length >= MOST || a === b) return
  if (a === undefined || b === undefined || !isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b))
    found.push({ path, kind })
  else {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const step = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (a[name] === undefined && !Array.isArray(a)) found.push({ path: step, kind: 'added' })
      else compare(a[name], b[name], step, WORDING.has(name) ? 'wording' : kind, found)
    }
  }
}

type Branch = Readonly<Record<string, JsonValue>>

const isBranch = (value: JsonValue): value is Branch => typeof value === 'object' && value !== null
