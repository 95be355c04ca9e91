/**
 * templates/fonts: the four faces of Noto Sans and Noto Serif SC and the plane-2 fallback, opened once, subset directly per licence.
 *
 * It does not lay out text and knows no PDF objects but the font file itself. Invariant: glyph 0 (.notdef) is never handed out for a
 * character.
 */
export type { Face } from './face.ts'
export { createFonts, type FontSet, openFonts } from './open-fonts.ts'
export { type GlyphOutline, glyphOutline, type PathCommand } from './outline.ts'
