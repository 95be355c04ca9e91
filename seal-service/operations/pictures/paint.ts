// What keeps a processor busy with pictures; runs in a thread of its own, so it loads no database.
import { artworkOfPixels, artworkOfSvg, scaleDown } from '../../domain/picture/artwork.ts'
import { ArtworkFault, type ArtworkFaultCode } from '../../domain/picture/artwork-fault.ts'
import { hashLook, lookedAtSide } from '../../domain/picture/likeness.ts'
import { type Coverage, rasterise } from '../../domain/picture/raster.ts'
import { readSvg } from '../../domain/picture/read-svg.ts'
import type { SealArtwork } from '../../domain/seal-picture-spec.ts'
import { decodePng } from './decode-png.ts'
import { encodePng } from './encode-png.ts'

export type PaintTask =
  /** A seal's SVG as PNG. */
  | { readonly kind: 'png'; readonly svg: string; readonly dpi: number }
  /** SVG or PNG, known by its content. */
  | { readonly kind: 'artwork'; readonly bytes: Uint8Array }
  /** How seals look. */
  | { readonly kind: 'looks'; readonly svgs: readonly string[] }

export type Painted =
  | { readonly kind: 'png'; readonly bytes: Uint8Array }
  | { readonly kind: 'artwork'; readonly artwork: SealArtwork }
  /** A refusal is an answer: errors lose their parts on the way between threads. */
  | { readonly kind: 'refused'; readonly code: ArtworkFaultCode; readonly detail: string }
  | { readonly kind: 'looks'; readonly looks: readonly Uint8Array[] }

const mmPerInch = 25.4

export async function paint(task: PaintTask): Promise<Painted> {
  switch (task.kind) {
    case 'png':
      return { kind: 'png', bytes: await encodePng(paintSvg(task.svg, task.dpi / mmPerInch), task.dpi) }
    case 'looks':
      return { kind: 'looks', looks: task.svgs.map((svg) => hashLook(paintSvg(svg, 'look'))) }
    case 'artwork':
      try {
        return { kind: 'artwork', artwork: readArtwork(task.bytes) }
      } catch (error) {
        if (!(error instanceof ArtworkFault)) throw error
        return { kind: 'refused', code: error.code, detail: error.message }
      }
  }
}

/** At so many pixels a millimetre, or as large as looks are compared. */
function paintSvg(svg: string, scaling: number | 'look'): Coverage {
  const { width, height, shapes } = readSvg(svg)
  const scale = scaling === 'look' ? lookedAtSide / Math.max(width, height) : scaling
  const mapping = { scale, offsetX: 0, offsetY: 0, isUpwards: false }
  return rasterise(shapes, Math.round(width * scale), Math.round(height * scale), mapping)
}

const pngStart = 0x89

function readArtwork(bytes: Uint8Array): SealArtwork {
  if (bytes[0] === pngStart) return artworkOfPixels(scaleDown(decodePng(bytes)))
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', 'neither a PNG nor an SVG in UTF-8')
  }
  return artworkOfSvg(readSvg(text))
}
