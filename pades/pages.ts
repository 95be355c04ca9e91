import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { isArray, isReference, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'

export interface Page {
  readonly object: number
  readonly dictionary: PdfDictionary
  /** The nodes of the tree above it, nearest first: what it inherits from. */
  readonly above: readonly PdfDictionary[]
}

/** The pages in order (ISO 32000-2, 7.7.3). A node that is reached twice, or written directly, is refused. */
export function readPages(document: PdfDocument): Page[] {
  const pages: Page[] = []
  const seen = new Set<number>()
  const { budget } = document.shared
  const visit = (value: PdfValue | undefined, depth: number, above: readonly PdfDictionary[]): void => {
    budget.check('depth', depth)
    budget.work(32)
    const node = document.dictionary(value)
    if (node === null || !isReference(value))
      throw new PadesError('PADES_MALFORMED', 'the page tree has a node that is no object')
    if (seen.has(value.number))
      throw new PadesError('PADES_MALFORMED', `the page tree leads twice to object ${value.number}`)
    seen.add(value.number)
    const kids = document.resolve(node.entries.get('Kids'))
    const type = nameOf(document.resolve(node.entries.get('Type')))
    if (type === 'Pages' || isArray(kids)) {
      if (!isArray(kids) || type !== 'Pages')
        throw new PadesError('PADES_MALFORMED', `node ${value.number} of the page tree is neither page nor pages`)
      const path = [node, ...above]
      for (const kid of kids.items) visit(kid, depth + 1, path)
    } else {
      pages.push({ object: value.number, dictionary: node, above })
      budget.check('pages', pages.length)
    }
  }
  visit(document.catalog.entries.get('Pages'), 0, [])
  return pages
}
