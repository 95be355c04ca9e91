// What another reader shows of a document: pdf-lib's view of pages, annotations and embedded files, as a digest. It ignores
// cross-references and takes the last object of each number in the file, so it falls for what our own reader must not let through.
import { createHash } from 'node:crypto'
import {
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFName,
  type PDFObject,
  PDFRawStream,
  PDFRef,
  PDFStream,
} from '@cantoo/pdf-lib'

export interface ShownPages {
  readonly pages: string
  /** Of what is drawn over the pages, without widgets that have no area; names, attachments. */
  readonly rest: string
}

/** Null where pdf-lib cannot read it. */
export async function showPages(bytes: Uint8Array): Promise<ShownPages | null> {
  try {
    const pdf = await PDFDocument.load(bytes, { ignoreEncryption: true, updateMetadata: false })
    const pages = pdf.getPages().map(({ node }) => node)
    const catalog = pdf.catalog
    const own = ['Parent', 'Annots', 'LastModified', 'PieceInfo', 'Metadata']
    const annotations = pages.map((page) =>
      (page.Annots()?.asArray() ?? []).filter((annotation) => hasArea(pdf, annotation)),
    )
    return {
      pages: digestOf(pdf, pages, own),
      rest: digestOf(
        pdf,
        [...annotations.flat(), catalog.get(PDFName.of('Names')), catalog.get(PDFName.of('AF'))],
        ['P', 'Parent', 'V', 'Metadata'],
      ),
    }
  } catch {
    return null
  }
}

function hasArea(pdf: PDFDocument, annotation: PDFObject): boolean {
  const dictionary = pdf.context.lookup(annotation)
  if (!(dictionary instanceof PDFDict)) return false
  const rect = pdf.context.lookup(dictionary.get(PDFName.of('Rect')))
  const numbers = rect instanceof PDFArray ? rect.asArray().map(String).map(Number) : []
  return !(numbers.length === 4 && numbers[0] === numbers[2] && numbers[1] === numbers[3])
}

/** Everything that can be reached from some objects, but for some entries. */
function digestOf(pdf: PDFDocument, roots: readonly (PDFObject | undefined)[], without: readonly string[]): string {
  const hash = createHash('sha256')
  const seen = new Map<string, number>()
  const walk = (object: PDFObject | undefined): void => {
    if (object instanceof PDFRef) {
      const known = seen.get(object.tag)
      if (known === undefined) {
        seen.set(object.tag, seen.size)
        walk(pdf.context.lookup(object))
      } else hash.update(`ref ${known} `)
    } else if (object instanceof PDFStream) {
      walk(object.dict)
      hash.update(object instanceof PDFRawStream ? object.contents : object.getContents())
    } else if (object instanceof PDFDict) {
      for (const [key, value] of object.entries()) {
        if (without.includes(key.decodeText())) continue
        hash.update(`${key.decodeText()} `)
        walk(value)
      }
    } else if (object instanceof PDFArray) {
      hash.update(`[${object.size()} `)
      for (const value of object.asArray()) walk(value)
    } else hash.update(`${object ?? 'nothing'} `)
  }
  for (const root of roots) walk(root)
  return hash.digest('hex')
}
