import type { OutlineSource } from '../../../seal-service/index.ts'
import { createFonts, glyphOutline } from '../../../templates/fonts/index.ts'

/** The outlines of the shipped faces, as the wiring gives them to the seal service. */
export async function openSealTypes(): Promise<OutlineSource> {
  const fonts = createFonts()
  await fonts.warm()
  const faces = { song: 'serif-regular', 'song-bold': 'serif-bold', sans: 'sans-regular' } as const
  return (codePoint, type = 'song') => glyphOutline(fonts.faces[faces[type]], codePoint)
}
