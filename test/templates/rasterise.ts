// Pages of a PDF as grey pixels, by poppler.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../support/tools.ts'

export interface GreyPage {
  readonly width: number
  readonly height: number
  /** 0 black … 255 white, row by row from the top. */
  readonly pixels: Uint8Array
}

/** Every page at the resolution, as PNG files' bytes. */
export function pagesAsPng(pdf: Uint8Array, dpi: number): Uint8Array[] {
  return rasterise(pdf, dpi, ['-gray', '-png'])
}

/** Every page at the resolution. */
export function pagesAsGrey(pdf: Uint8Array, dpi: number): GreyPage[] {
  return rasterise(pdf, dpi, ['-gray']).map((pgm) => {
    const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(Buffer.from(pgm.subarray(0, 40)).toString('latin1'))!
    return { width: Number(head[1]), height: Number(head[2]), pixels: pgm.subarray(head[0].length) }
  })
}

function rasterise(pdf: Uint8Array, dpi: number, options: readonly string[]): Uint8Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-pages-'))
  try {
    writeFileSync(join(folder, 'in.pdf'), pdf)
    const { status, output } = run('pdftoppm', [
      '-r',
      String(dpi),
      ...options,
      join(folder, 'in.pdf'),
      join(folder, 'page'),
    ])
    if (status !== 0 || output !== '') throw new Error(`pdftoppm: ${output}`)
    const pages = readdirSync(folder)
      .filter((name) => name.startsWith('page'))
      .sort()
    return pages.map((name) => new Uint8Array(readFileSync(join(folder, name))))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Text of a PDF by poppler. */
export function textOf(pdf: Uint8Array): string {
  return run('pdftotext', ['-', '-'], pdf).stdout
}
