/** A file of this size has rows, whatever is in it; it is not read through. */
const LARGE = 1 << 20

/**
 * Whether a file to be handed in has nothing in it, or (CSV) nothing below its first row. Both encodings that are taken have their line
 * feeds in ASCII, so bytes are asked.
 */
export async function emptinessOf(file: File): Promise<'empty' | 'header-only' | undefined> {
  if (file.size === 0) return 'empty'
  if (file.size > LARGE || !/\.csv$/i.test(file.name)) return undefined
  const text = new TextDecoder('latin1').decode(await file.arrayBuffer()).replace(/^\u00ef\u00bb\u00bf/, '')
  const lines = text.split(/\r\n|\r|\n/).filter((line) => /[^\s,;"]/.test(line))
  if (lines.length === 0) return 'empty'
  return lines.length === 1 ? 'header-only' : undefined
}
