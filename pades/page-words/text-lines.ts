import type { Budget } from '../limits.ts'
import type { PageGlyph } from './page-glyphs.ts'

/** A character of a line, with the box of its glyph. */
export interface LineCharacter {
  /** Normalised (NFKC); null for a glyph of which nobody says what it means. */
  readonly character: string | null
  readonly glyph: PageGlyph
}

/** How far off its line a glyph may stand, and how far from the one before it, in sizes of the type. */
const OFF_LINE = 0.35
const WIDEST_GAP = 4
/** Type made bold by printing it twice: the second glyph stands this close to the first. */
const PRINTED_TWICE = 0.12

/** Full width and half width, radicals and ideographs, ligatures and letters are one (UAX #15). White space is none. */
export const normalised = (text: string): string[] => [
  ...text.normalize('NFKC').replace(/[\s\u200b-\u200d\ufeff]+/gu, ''),
]

/**
 * Puts the glyphs of a page into lines as they are seen, whatever order the content has them in: of one direction, on one base line,
 * in order, cut where a gap says that two texts only stand side by side.
 */
export function textLines(glyphs: readonly PageGlyph[], budget: Budget): LineCharacter[][] {
  budget.work(glyphs.length * 32)
  const byDirection = new Map<number, Placed[]>()
  for (const glyph of glyphs) {
    const [dx, dy] = glyph.direction
    const degrees = (Math.round((Math.atan2(dy, dx) * 180) / Math.PI) + 360) % 360
    const placed = { glyph, along: glyph.x * dx + glyph.y * dy, across: glyph.y * dx - glyph.x * dy }
    const same = byDirection.get(degrees)
    if (same === undefined) byDirection.set(degrees, [placed])
    else same.push(placed)
  }
  return [...byDirection.values()].flatMap(linesOf).flatMap(cutAtGaps)
}

interface Placed {
  readonly glyph: PageGlyph
  readonly along: number
  readonly across: number
}

function linesOf(glyphs: Placed[]): Placed[][] {
  glyphs.sort((a, b) => a.across - b.across)
  const lines: Placed[][] = []
  let first: Placed | null = null
  for (const placed of glyphs) {
    const isSame =
      first !== null && placed.across - first.across <= OFF_LINE * Math.min(placed.glyph.size, first.glyph.size)
    if (isSame) lines.at(-1)!.push(placed)
    else {
      lines.push([placed])
      first = placed
    }
  }
  return lines.map((line) => line.sort((a, b) => a.along - b.along))
}

function cutAtGaps(line: Placed[]): LineCharacter[][] {
  const parts: LineCharacter[][] = [[]]
  let before: Placed | null = null
  for (const placed of line) {
    const { glyph, along } = placed
    if (before !== null) {
      const step = along - before.along
      const isTwice = before.glyph.text === glyph.text && step < PRINTED_TWICE * glyph.size && step < glyph.advance / 2
      if (isTwice && glyph.text !== null) continue
      if (step - before.glyph.advance > WIDEST_GAP * Math.max(glyph.size, before.glyph.size)) parts.push([])
    }
    const characters = glyph.text === null ? [null] : normalised(glyph.text)
    for (const character of characters) parts.at(-1)!.push({ character, glyph })
    before = placed
  }
  return parts
}
