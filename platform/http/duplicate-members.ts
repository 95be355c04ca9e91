import type { Fault } from '../errors.ts'
import { MOST_FAULTS, toPointer } from '../unfit.ts'

interface Level {
  /** Names met so far; undefined in an array. */
  readonly names: Set<string> | undefined
  /** The member or index now being read. */
  at: string | number
}

/**
 * Members that stand twice in one object (RFC 7493 §2.3). `JSON.parse` keeps the last and another reader the first, so that two would
 * see two requests in one text. `text` is known to be JSON.
 */
export function findDuplicateMembers(text: string): Fault[] {
  const faults: Fault[] = []
  const levels: Level[] = []
  let expectsName = false
  for (let i = 0; i < text.length && faults.length < MOST_FAULTS; i++) {
    const level = levels.at(-1)
    switch (text[i]) {
      case '{':
        levels.push({ names: new Set(), at: '' })
        expectsName = true
        break
      case '[':
        levels.push({ names: undefined, at: 0 })
        expectsName = false
        break
      case '}':
      case ']':
        levels.pop()
        expectsName = false
        break
      case ',':
        if (typeof level!.at === 'number') level!.at++
        expectsName = level!.names !== undefined
        break
      case '"': {
        const end = endOfString(text, i)
        if (expectsName) {
          const name = JSON.parse(text.slice(i, end)) as string
          level!.at = name
          if (level!.names!.has(name)) {
            const pointer = toPointer(levels.map(({ at }) => at))
            faults.push({ pointer, code: 'MEMBER_TWICE', detail: 'this member stands here more than once' })
          }
          level!.names!.add(name)
          expectsName = false
        }
        i = end - 1
      }
    }
  }
  return faults
}

/** Where the text after a string begins whose opening quote is at `from`; the end of the text where it is not closed. */
export function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return quote + 1
  }
  return text.length
}
