// The words of a seal, as far as two seals are compared by them.
import type { SealPictureSpec } from '../seal-picture-spec.ts'

/** All that is written on it, normalised: width and composition (NFKC), no case, no space, bracket or dot; parts apart by a bar. */
export function wordsOf(spec: SealPictureSpec): string {
  const parts = partsOf(spec).map((part) =>
    (part ?? '')
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s()·.,'’&-]/g, ''),
  )
  return parts.join('|')
}

/** A second language says the same again, and a code is every seal's own: neither counts. */
function partsOf(spec: SealPictureSpec): (string | null)[] {
  switch (spec.shape) {
    case 'round':
    case 'oval':
      return [spec.ringText, spec.lowerText]
    case 'invoice':
      return [spec.ringText, spec.taxNumber, spec.serial === null ? null : String(spec.serial)]
    case 'square':
      return [spec.text + (spec.ending ?? '')]
  }
}

/** How many characters must be changed, added or taken to make one of the other (Levenshtein). */
export function editDistance(one: string, other: string): number {
  const [a, b] = [[...one], [...other]]
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, character] of a.entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (character === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}
