// The picture of a seal as vectors: for a PDF as operators of a form XObject, for pages as SVG. No font is needed to
// show either.
import { SealError } from '../errors.ts'
import { drawInvoice } from './picture/draw-invoice.ts'
import { drawOval } from './picture/draw-oval.ts'
import { drawRound } from './picture/draw-round.ts'
import { drawSquare } from './picture/draw-square.ts'
import { type Drawing, inkResources, toPdfContent, toPoints, toSvg } from './picture/drawing.ts'
import type { OutlineSource } from './picture/outline.ts'
import { validatePictureSpec } from './picture/validate-spec.ts'
import type { SealPictureSpec } from './seal-picture-spec.ts'

export type { Outline, OutlineCommand, OutlineSource, SealType } from './picture/outline.ts'
export { isPictureSpec, validatePictureSpec } from './picture/validate-spec.ts'

/** A finished picture. */
export interface SealPicture {
  /** Operators of a content stream in points, origin at the lower left of the box. Needs `resources`. */
  readonly content: string
  readonly resources: string
  /** A document of its own, sized in millimetres. */
  readonly svg: string
  readonly widthMm: number
  readonly heightMm: number
}

/** The box a seal covers on the page, in points. */
export function sealSizeInPoints(diameterMm: number): number {
  return toPoints(diameterMm)
}

/** Draws a seal of true size; the same spec gives the same octets. Throws as `layOutSeal` does. */
export function drawSealPicture(spec: SealPictureSpec, outlines: OutlineSource): SealPicture {
  const drawing = layOutSeal(spec, outlines)
  return {
    content: toPdfContent(drawing),
    resources: inkResources,
    svg: toSvg(drawing),
    widthMm: drawing.widthMm,
    heightMm: drawing.heightMm,
  }
}

/**
 * The shapes of a seal. Throws `SEAL_PICTURE_REFUSED` with every fault of the spec, `SEAL_PICTURE_GLYPH_MISSING` where nothing is wrong but
 * that the types lack characters, each of which is named.
 */
export function layOutSeal(spec: SealPictureSpec, outlines: OutlineSource): Drawing {
  const faults = validatePictureSpec(spec, outlines)
  if (faults.length === 0) return draw(spec, outlines)
  const isOnlyType = faults.every(({ code }) => code === 'CHARACTER_MISSING_IN_TYPE')
  const message = faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ')
  throw new SealError(isOnlyType ? 'SEAL_PICTURE_GLYPH_MISSING' : 'SEAL_PICTURE_REFUSED', message, { faults })
}

function draw(spec: SealPictureSpec, outlines: OutlineSource): Drawing {
  switch (spec.shape) {
    case 'round':
      return drawRound(spec, outlines)
    case 'oval':
      return drawOval(spec, outlines)
    case 'invoice':
      return drawInvoice(spec, outlines)
    case 'square':
      return drawSquare(spec, outlines)
  }
}
