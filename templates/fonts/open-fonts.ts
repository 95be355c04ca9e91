import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress, brotliDecompressSync } from 'node:zlib'
import { type Face, openFace } from './face.ts'

const folder = join(import.meta.dirname, 'faces')
const decompress = promisify(brotliDecompress)
const faceNames = ['sans-regular', 'sans-bold', 'serif-regular', 'serif-bold'] as const
type FaceName = (typeof faceNames)[number]

/** The faces a layout may name, and the one characters of plane 2 fall back to. */
export interface FontSet {
  /** Each is opened at first use, which takes about a tenth of a second and blocks; `warm` opens them beforehand. */
  readonly faces: Readonly<Record<FaceName, Face>>
  /** Opened at first use: it is large and few licences need it. */
  readonly fallback: () => Face
  /** Characters of the text that neither the face nor the fallback has, each once, in order of appearance. */
  missingGlyphs(text: string, face?: FaceName): string[]
  /** Opens the four faces side by side on the thread pool. */
  warm(): Promise<void>
}

const pathOf = (name: string) => join(folder, `${name}.ttf.br`)

/** The fonts, none of them opened yet. */
export function createFonts(): FontSet {
  const opened = new Map<string, Face>()
  const keep = (name: string, ttf: Uint8Array): Face => {
    const face = openFace(name, ttf)
    opened.set(name, face)
    return face
  }
  const open = (name: string): Face => opened.get(name) ?? keep(name, brotliDecompressSync(readFileSync(pathOf(name))))
  const faces = Object.defineProperties(
    {},
    Object.fromEntries(faceNames.map((name) => [name, { enumerable: true, get: () => open(name) }])),
  ) as FontSet['faces']
  const fallback = () => open('plane-2')
  return {
    faces,
    fallback,
    missingGlyphs(text, face = 'serif-regular') {
      const missing = new Set<string>()
      for (const character of text) {
        const codePoint = character.codePointAt(0)!
        if (faces[face].glyphOf(codePoint) === 0 && (codePoint < 0x20000 || fallback().glyphOf(codePoint) === 0)) {
          missing.add(character)
        }
      }
      return [...missing]
    },
    async warm() {
      await Promise.all(
        faceNames.map(async (name) => {
          const ttf = await decompress(await readFile(pathOf(name)))
          if (!opened.has(name)) keep(name, ttf)
        }),
      )
    },
  }
}

/** The fonts with their four faces opened. */
export async function openFonts(): Promise<FontSet> {
  const fonts = createFonts()
  await fonts.warm()
  return fonts
}
