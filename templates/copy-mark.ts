import { deflateSync } from 'node:zlib'
import type { CopyFacts } from '../licence-format/index.ts'
import { fillColour, numeral as n } from './draw/units.ts'
import { TemplateError } from './errors.ts'
import type { FontSet } from './fonts/index.ts'
import { glyphOutline } from './fonts/outline.ts'

/** Name of the mark and of its graphics state among the page's resources. */
export const copyMarkName = 'CM'
/** Nothing under the marks is hidden. */
export const copyMarkOpacity = `/ExtGState<</${copyMarkName}<</ca 0.3>>>>`

/** The words of a mark as outlines around the origin, in points at a size of 10. */
export interface CopyMark {
  readonly content: string
  readonly box: readonly [number, number, number, number]
}

const angle = Math.PI / 6
const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
/** Size that `setLine` sets at, in points. */
export const drawnSize = 10
const largestSize = 15
const leading = 1.5
/** Between two marks, as parts of the size. */
const gaps = { along: 5, across: 7 }

/** What a copy says of itself across every page: for whom, for what, until when. */
const linesOf = ({ cause, recipient, expiresAt }: CopyFacts): string[] => [
  `加注件 仅供 ${recipient} 使用`,
  `用途：${cause}`,
  `有效至 ${expiresAt.slice(0, 16).replace('T', ' ')}`,
]

/**
 * Makes the mark of a copy (加注件). Outlines and not text: whoever copies or searches the page gets the licence's own words in order.
 *
 * @throws TemplateError GLYPH_MISSING when no face has a character of purpose or recipient
 */
export function makeCopyMark(fonts: FontSet, facts: CopyFacts): CopyMark {
  const lines = linesOf(facts).map((line) => setLine(fonts, line))
  const width = Math.max(...lines.map((line) => line.width))
  const height = lines.length * leading * drawnSize
  const paths = lines.map((line, index) => {
    const up = height / 2 - (index + 0.75) * leading * drawnSize
    return `q 1 0 0 1 ${n(-line.width / 2)} ${n(up)} cm\n${line.path}f Q\n`
  })
  return {
    content: `${fillColour([0.62, 0.12, 0.12])}${paths.join('')}`,
    box: [-width / 2, -height / 2, width / 2, height / 2],
  }
}

/**
 * The same for a document that was made elsewhere: content of a form of the page's size, deflated, with the words written out at every
 * place, and the form's resources.
 *
 * @throws TemplateError GLYPH_MISSING
 */
export function drawCopyMarks(
  fonts: FontSet,
  facts: CopyFacts,
  page: { readonly width: number; readonly height: number },
): { readonly content: Uint8Array; readonly resources: string } {
  const mark = makeCopyMark(fonts, facts)
  const content = placeCopyMarks(mark, page).replaceAll(`/${copyMarkName} Do`, mark.content)
  return { content: deflateSync(content), resources: `<<${copyMarkOpacity}>>` }
}

/** Glyphs side by side from the origin, as outlines. Throws TemplateError GLYPH_MISSING. */
export function setLine(fonts: FontSet, line: string): { readonly path: string; readonly width: number } {
  let width = 0
  let path = ''
  for (const character of line) {
    const codePoint = character.codePointAt(0)!
    const face = fonts.faces['serif-regular']
    const outline = glyphOutline(face, codePoint) ?? glyphOutline(fonts.fallback(), codePoint)
    if (outline === undefined)
      throw new TemplateError('GLYPH_MISSING', `no face has a glyph for ${character}`, { subject: character })
    const scale = drawnSize / outline.unitsPerEm
    for (const [verb, ...numbers] of outline.commands) {
      const placed = numbers.map((value, i) => n(value * scale + (i % 2 === 0 ? width : 0)))
      path += `${placed.join(' ')} ${{ M: 'm', L: 'l', C: 'c', Z: 'h' }[verb]}\n`
    }
    width += outline.advance * scale
  }
  return { path, width }
}

/**
 * Content that puts the mark all over a page, slanting, every other row moved by half: whatever part of the page is shown elsewhere has
 * one on it.
 */
export function placeCopyMarks({ box }: CopyMark, page: { readonly width: number; readonly height: number }): string {
  const widest = box[2] - box[0]
  const room = 0.82 * Math.min(page.width / cosine, page.height / sine)
  const scale = Math.min(largestSize / drawnSize, room / widest)
  const size = drawnSize * scale
  const width = widest * scale
  const step = { along: width + gaps.along * size, across: (box[3] - box[1]) * scale + gaps.across * size }
  const reach = Math.hypot(page.width, page.height) / 2
  const [columns, rows] = [Math.ceil(reach / step.along) + 1, Math.ceil(reach / step.across)]
  const [a, b] = [n(cosine * scale), n(sine * scale)]
  const matrix = `${a} ${b} ${n(-sine * scale)} ${a}`
  let content = `/Artifact BMC q /${copyMarkName} gs\n`
  for (let row = -rows; row <= rows; row++) {
    for (let column = -columns; column <= columns; column++) {
      const along = (column + (row % 2 === 0 ? 0 : 0.5)) * step.along
      const across = row * step.across
      const [x, y] = [along * cosine - across * sine, along * sine + across * cosine]
      const isOnPage = Math.abs(x) < (page.width + width) / 2 && Math.abs(y) < (page.height + width) / 2
      if (isOnPage) {
        const place = `${n(page.width / 2 + x)} ${n(page.height / 2 + y)}`
        content += `q ${matrix} ${place} cm /${copyMarkName} Do Q\n`
      }
    }
  }
  return `${content}Q EMC\n`
}
