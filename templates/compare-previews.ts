import { inflateSync } from 'node:zlib'

/** Where two specimens differ: a page from 0 on, null of the whole; and in what. */
export interface PreviewDifference {
  readonly page: number | null
  readonly what: 'page-count' | 'page-size' | 'drawing' | 'text' | 'letters' | 'pictures'
}

/**
 * How far a line or letter may lie elsewhere, in points, and still be the same: 0.018 mm, less than one dot of a printer with 1200 to the
 * inch. It takes in what another rounding of widths does, and nothing that anybody sees.
 */
const tolerance = 0.05

const mostObjects = 100_000
const mostBytes = 64 << 20

interface PdfObject {
  readonly head: string
  /** As drawn: not compressed. */
  readonly stream: Buffer
}

/**
 * Compares two specimens that `renderPreview` made, perhaps by another version of it and with other fonts: pages, their sizes, what is drawn
 * where, which characters, their outlines, pictures. How the same was compressed or numbered makes no difference.
 *
 * @throws Error when one of them was not made here
 */
export function comparePreviews(before: Uint8Array, after: Uint8Array): PreviewDifference[] {
  const [old, fresh] = [readPreview(before), readPreview(after)]
  if (old.pages.length !== fresh.pages.length) return [{ page: null, what: 'page-count' }]
  return old.pages.flatMap((page, index) =>
    [...differences(page, fresh.pages[index]!)].map((what) => ({ page: index, what })),
  )
}

interface PreviewPage {
  readonly size: string
  readonly content: string
  readonly forms: readonly string[]
  readonly images: readonly string[]
  readonly fonts: readonly { readonly characters: string; readonly outlines: string }[]
}

function* differences(old: PreviewPage, fresh: PreviewPage): Generator<PreviewDifference['what']> {
  if (!isSameDrawing(old.size, fresh.size)) yield 'page-size'
  if (!isSameDrawing(old.content, fresh.content) || !isSameList(old.forms, fresh.forms, isSameDrawing)) yield 'drawing'
  const [before, after] = [old.fonts, fresh.fonts]
  if (!isSameList(before, after, (a, b) => a.characters === b.characters)) yield 'text'
  if (!isSameList(before, after, (a, b) => a.outlines === b.outlines)) yield 'letters'
  if (!isSameList(old.images, fresh.images, (a, b) => a === b)) yield 'pictures'
}

const isSameList = <T>(a: readonly T[], b: readonly T[], isSame: (a: T, b: T) => boolean): boolean =>
  a.length === b.length && a.every((one, index) => isSame(one, b[index]!))

/** Operators and names are the same, numbers nearly. */
function isSameDrawing(a: string, b: string): boolean {
  if (a === b) return true
  const [before, after] = [a.trim().split(/\s+/), b.trim().split(/\s+/)]
  return isSameList(before, after, (x, y) => x === y || Math.abs(Number(x) - Number(y)) <= tolerance)
}

function readPreview(bytes: Uint8Array): { pages: PreviewPage[] } {
  const objects = readObjects(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const at = (number: number): PdfObject => {
    const found = objects.get(number)
    if (!found) throw new Error('this specimen was not made here: an object is missing')
    return found
  }
  const tree = at(reference(at(1).head, 'Pages')).head
  const kids = numbersIn(/\/Kids\[([^\]]*)\]/.exec(tree)?.[1] ?? '')
  return { pages: kids.map((number) => readPage(at(number).head, at)) }
}

type At = (number: number) => PdfObject

function readPage(head: string, at: At): PreviewPage {
  const content = numbersIn(/\/Contents\[([^\]]*)\]/.exec(head)?.[1] ?? '')
    .map((number) => at(number).stream.toString('latin1'))
    .join('\n')
  const resources = at(reference(head, 'Resources')).head
  const named = (kind: string, uses: RegExp): PdfObject[] => {
    const table = new RegExp(`/${kind}<<(.*?)>>`).exec(resources)?.[1] ?? ''
    const numbers = new Map([...table.matchAll(/\/(\w+) (\d+) 0 R/g)].map(([, name, number]) => [name, Number(number)]))
    const used = new Set([...content.matchAll(uses)].map(([, name]) => name))
    return [...used].flatMap((name) => (numbers.has(name) ? [at(numbers.get(name)!)] : []))
  }
  const drawn = named('XObject', /\/(\w+) Do\b/g)
  return {
    size: /\/MediaBox\[([^\]]*)\]/.exec(head)?.[1] ?? '',
    content,
    forms: drawn.filter(isForm).map(({ stream }) => stream.toString('latin1')),
    images: drawn.filter((one) => !isForm(one)).map((image) => readImage(image, at)),
    fonts: named('Font', /\/(\w+) [\d.]+ Tf\b/g).map((font) => readFont(font, at)),
  }
}

const isForm = ({ head }: PdfObject): boolean => head.includes('/Subtype/Form')

function readImage({ head, stream }: PdfObject, at: At): string {
  const mask = /\/SMask (\d+) 0 R/.exec(head)?.[1]
  const sides = [...head.matchAll(/\/(?:Width|Height) \d+/g)].join(' ')
  return [sides, stream.toString('base64'), mask === undefined ? '' : at(Number(mask)).stream.toString('base64')].join()
}

function readFont({ head }: PdfObject, at: At): PreviewPage['fonts'][number] {
  const cidFont = at(numbersIn(/\/DescendantFonts\[([^\]]*)\]/.exec(head)?.[1] ?? '')[0] ?? 0).head
  const file = at(reference(at(reference(cidFont, 'FontDescriptor')).head, 'FontFile2')).stream
  return {
    characters: at(reference(head, 'ToUnicode')).stream.toString('latin1'),
    outlines: at(reference(cidFont, 'W')).head + file.toString('base64'),
  }
}

const reference = (head: string, name: string): number => Number(new RegExp(`/${name} (\\d+) 0 R`).exec(head)?.[1] ?? 0)
const numbersIn = (references: string): number[] =>
  [...references.matchAll(/(\d+) 0 R/g)].map(([, number]) => Number(number))

/** Objects by number, by the classic cross-reference table at the end (ISO 32000-1 §7.5.4). */
function readObjects(file: Buffer): Map<number, PdfObject> {
  const start = Number(/startxref\n(\d+)\n%%EOF\n?$/.exec(file.toString('latin1', Math.max(0, file.length - 64)))?.[1])
  const table = Number.isInteger(start) ? file.toString('latin1', start) : ''
  const count = Number(/^xref\n0 (\d+)\n/.exec(table)?.[1])
  if (!(count > 0 && count <= mostObjects))
    throw new Error('this specimen was not made here: it has no table of objects')
  const offsets = [...table.matchAll(/(\d{10}) \d{5} n/g)].map(([, offset]) => Number(offset))
  const objects = new Map<number, PdfObject>()
  for (const offset of offsets) {
    const [number, object] = readObject(file, offset)
    objects.set(number, object)
  }
  return objects
}

function readObject(file: Buffer, offset: number): [number, PdfObject] {
  const end = file.indexOf('endobj', offset)
  const streamAt = file.indexOf('>>stream\n', offset)
  const hasStream = streamAt >= 0 && streamAt < end
  const text = file.toString('latin1', offset, hasStream ? streamAt + 2 : Math.max(offset, end))
  const number = Number(/^(\d+) 0 obj\n/.exec(text)?.[1])
  if (!Number.isInteger(number))
    throw new Error('this specimen was not made here: an object is not where the table says')
  if (!hasStream) return [number, { head: text, stream: Buffer.alloc(0) }]
  const from = streamAt + '>>stream\n'.length
  const raw = file.subarray(from, from + Number(/\/Length (\d+)/.exec(text)?.[1] ?? 0))
  const isDeflated = text.includes('/Filter/FlateDecode')
  return [number, { head: text, stream: isDeflated ? inflateSync(raw, { maxOutputLength: mostBytes }) : raw }]
}
