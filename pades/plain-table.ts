import { type Section, standsAt } from './cross-reference.ts'
import type { Budget } from './limits.ts'
import { latin1 } from './syntax.ts'

/** The head of a part of a table: first number, how many, the end of the line. */
const SUBSECTION = /^(0|[1-9]\d{0,6}) (0|[1-9]\d{0,6}) ?(?:\r\n|\r|\n)/
const LONGEST_HEAD = 24
const ENTRY = 20
const PART = 32

/** A part of a table as it is written: numbers from `first`, and where its entries begin. */
export interface TablePart {
  readonly first: number
  readonly count: number
  readonly at: number
}

/**
 * The parts of a cross-reference table (ISO 32000-2, 7.5.4) that is written as all readers take it, without comments, signs or stray white
 * space; null where it is written otherwise. `end` is where the entries end, `trailer` where the word stands.
 *
 * @param start where `xref` is to stand
 */
export function readPlainTable(
  bytes: Uint8Array,
  start: number,
  section: Section,
  budget: Budget,
): { readonly parts: readonly TablePart[]; readonly end: number; readonly trailer: number } | null {
  if (!standsAt(bytes, start, 'xref')) return null
  let at = afterLine(bytes, start + 4)
  if (at < 0) return null
  // Some writers leave a line empty there, and others before the trailer.
  if (bytes[at] === 10) at++
  const parts: TablePart[] = []
  for (;;) {
    budget.work(PART)
    let trailer = at
    while (afterLine(bytes, trailer) > 0) trailer = afterLine(bytes, trailer)
    if (standsAt(bytes, trailer, 'trailer')) return { parts, end: at, trailer }
    const [head, first, count] = SUBSECTION.exec(latin1(bytes, at, Math.min(at + LONGEST_HEAD, section.end))) ?? []
    if (head === undefined) return null
    at += head.length
    parts.push({ first: Number(first), count: Number(count), at })
    at += Number(count) * ENTRY
  }
}

/** Offset after the end of a line that stands here, or -1. */
function afterLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 13) return bytes[at + 1] === 10 ? at + 2 : at + 1
  return bytes[at] === 10 ? at + 1 : -1
}

/** Of a table that begins with 1 and a free entry some readers think that it begins with 0. */
export const beginsShifted = (bytes: Uint8Array, { first, count, at }: TablePart): boolean =>
  first === 1 && count > 0 && bytes[at + 17] === 0x66
