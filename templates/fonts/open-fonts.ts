import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress, brotliDecompressSync } from 'node:zlib'
import { type Face, openFace } from './face.ts'

const folder = join(import.meta.dirname, 'faces')
const decompress = promisify(brotliDecompress)
const faceNames = ['sans-regular', 'sans-bold', 'serif-regular', 'serif-bold'] as const

/** The faces a layout may name, and the one characters of plane 2 fall back to. */
export interface FontSet {
  readonly faces: Readonly<Record<(typeof faceNames)[number], Face>>
  /** Opened at first use: it is large and few licences need it. */
  readonly fallback: () => Face
  /** Characters of the text that neither the face nor the fallback has, each once, in order of appearance. */
  missingGlyphs(text: string, face?: (typeof faceNames)[number]): string[]
}

/** Opens the four faces (about a tenth of a second each, side by side on the thread pool). */
export async function openFonts(): Promise<FontSet> {
  const opened = await Promise.all(
    faceNames.map(async (name) => openFace(name, await decompress(await readFile(join(folder, `${name}.ttf.br`))))),
  )
  const faces = Object.fromEntries(opened.map((face) => [face.name, face])) as FontSet['faces']
  let plane2: Face | undefined
  const fallback = () => {
    plane2 ??= openFace('plane-2', brotliDecompressSync(readFileSync(join(folder, 'plane-2.ttf.br'))))
    return plane2
  }
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
  }
}
