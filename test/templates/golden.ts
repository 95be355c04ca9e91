// Where golden pages lie, what they are called, and when a page is one of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../platform/package-root.ts'
import type { ExtremeInput, LicenceDefinition } from '../../templates/index.ts'
import { decodePng } from '../../templates/pictures/png.ts'

export const goldenPages = join(packageRoot, 'test/golden/pages')
export const goldenDpi = 60
/** Pages of extreme inputs: the first of each, and the last of the longest. */
export const extremePages = join(packageRoot, 'test/golden/extremes')
export const extremeDpi = 24

const stemOf = ({ name }: LicenceDefinition) => name.en.toLowerCase().replaceAll(' ', '-')

export function goldenName(definition: LicenceDefinition, page: number): string {
  return `${stemOf(definition)}-${page + 1}.png`
}

/** The pages of an extreme input that are kept, by name and number. */
export function extremeNames(definition: LicenceDefinition, { name }: ExtremeInput, count: number): [string, number][] {
  const stem = `${stemOf(definition)}-${name.replaceAll(' ', '-')}`
  const first: [string, number] = [`${stem}.png`, 0]
  return name === 'longest' && count > 1 ? [first, [`${stem}-last.png`, count - 1]] : [first]
}

const limits = { minSide: 1, maxSide: 10_000, maxBytes: 1 << 24 }

/** Versions of poppler smooth edges a little differently: a mean over the page, and the part of pixels that differ much. */
export function differenceTo(goldenPath: string, page: Uint8Array): { mean: number; strong: number } {
  const golden = decodePng(readFileSync(goldenPath), limits)
  const shown = decodePng(page, limits)
  if (JSON.stringify(shown.header) !== JSON.stringify(golden.header)) return { mean: 255, strong: 1 }
  let sum = 0
  let strong = 0
  for (const [i, value] of shown.rows.entries()) {
    const distance = Math.abs(value - golden.rows[i]!)
    sum += distance
    if (distance > 96) strong++
  }
  return { mean: sum / shown.rows.length, strong: strong / shown.rows.length }
}
