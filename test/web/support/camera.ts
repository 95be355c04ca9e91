import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../support/tools.ts'

interface GreyPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** The first page of a PDF in grey at a resolution, drawn by poppler. */
export function renderPage(pdfPath: string, dotsPerInch: number, folder: string): GreyPicture {
  return readPgm(draw(pdfPath, dotsPerInch, folder, 'pgm'))
}

/** The same in colour, as a picture file. */
export const renderPhoto = (pdfPath: string, dotsPerInch: number, folder: string): string =>
  draw(pdfPath, dotsPerInch, folder, 'png')

function draw(pdfPath: string, dotsPerInch: number, folder: string, kind: 'pgm' | 'png'): string {
  const stem = join(folder, 'page')
  const args = ['-r', String(dotsPerInch), kind === 'pgm' ? '-gray' : '-png', '-f', '1', '-singlefile', pdfPath, stem]
  const { status, output } = run('pdftoppm', args)
  if (status !== 0) throw new Error(output)
  return `${stem}.${kind}`
}

/** Binary PGM: `P5 width height 255`, one whitespace, then the pixels. */
function readPgm(path: string): GreyPicture {
  const bytes = readFileSync(path)
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 64).toString('latin1'))
  if (!head) throw new Error(`${path} is no 8-bit PGM`)
  return { width: Number(head[1]), height: Number(head[2]), pixels: bytes.subarray(head[0].length) }
}

/**
 * A camera that shows the page on a grey desk: a Y4M of `width` × `height` (even numbers), the page in its middle,
 * cut where it is larger.
 */
export function writeCamera(path: string, page: GreyPicture, width: number, height: number): void {
  const luma = new Uint8Array(width * height).fill(120)
  const [left, top] = [Math.trunc((width - page.width) / 2), Math.trunc((height - page.height) / 2)]
  for (let y = Math.max(0, top); y < Math.min(height, top + page.height); y++) {
    const from = (y - top) * page.width + Math.max(0, -left)
    const count = Math.min(page.width, width)
    luma.set(page.pixels.subarray(from, from + count), y * width + Math.max(0, left))
  }
  const chroma = new Uint8Array((width * height) / 2).fill(128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma])
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]),
  )
}
