import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { isArray, isDictionary, isReference, nameOf, type PdfDictionary, type PdfValue, sameValue } from './objects.ts'
import { readPages } from './pages.ts'

/** What a page may refer to in vain: readers leave it out, where for the rest poppler rebuilds the file. */
const dispensable: ReadonlySet<string> = new Set(['Resources', 'Annots', 'B', 'PieceInfo', 'Metadata'])
/** What a page that does not name it has from above (table 31): one that names nothing has it for some readers alone. */
const inherited = ['Resources', 'MediaBox', 'CropBox', 'Rotate'] as const
const NODE = 32

/**
 * Refuses a page tree (ISO 32000-2, 7.7.3) whose /Count and /Parent do not say what its /Kids say, that refers to what is not there, or whose pages
 * have values of other kinds than the standard names: readers go by one or by the other, to other pages, or to other resources.
 *
 * @throws PadesError PADES_MALFORMED
 */
export function checkPageTree(document: PdfDocument): void {
  // Which refuses what is too deep, or leads in a circle.
  readPages(document)
  new PageTree(document).visit(document.catalog.entries.get('Pages') ?? null, null, false)
}

class PageTree {
  readonly #document: PdfDocument

  constructor(document: PdfDocument) {
    this.#document = document
  }

  /** Answers how many pages stand below. */
  visit(value: PdfValue, parent: PdfValue, inheritsResources: boolean): number {
    const { budget } = this.#document.shared
    budget.work(NODE)
    const node = this.#document.dictionary(value)
    if (node === null || !isReference(value)) throw new PadesError('PADES_MALFORMED', 'the page tree is none')
    const expectEntry = (key: string, isRight: boolean): void => {
      if (isRight) return
      throw new PadesError(
        'PADES_MALFORMED',
        `the /${key} of node ${value.number} of the page tree is not what it has to be`,
      )
    }
    for (const [key, entry] of node.entries) expectEntry(key, dispensable.has(key) || this.#isThere(entry, 0))
    expectEntry('Parent', sameValue(node.entries.get('Parent') ?? null, parent, budget))
    for (const key of inherited) {
      const isEmpty = node.entries.has(key) && this.#document.resolve(node.entries.get(key)) === null
      expectEntry(key, !isEmpty || (key === 'Resources' && !inheritsResources))
    }
    const hasResources = inheritsResources || this.#document.dictionary(node.entries.get('Resources')) !== null
    const kids = this.#document.resolve(node.entries.get('Kids'))
    if (!isArray(kids)) {
      expectEntry('Type', nameOf(node.entries.get('Type')) === 'Page')
      expectEntry('Kids', !node.entries.has('Kids'))
      expectEntry('Resources', hasResources || this.#document.resolve(node.entries.get('Contents')) === null)
      expectEntry('Contents', this.#isContent(node))
      const annotations = this.#document.resolve(node.entries.get('Annots'))
      expectEntry('Annots', annotations === null || isArray(annotations))
      return 1
    }
    let count = 0
    for (const kid of kids.items) count += this.visit(kid, value, hasResources)
    expectEntry('Count', node.entries.get('Count') === count)
    return count
  }

  #isThere(value: PdfValue, depth: number): boolean {
    const { budget } = this.#document.shared
    budget.check('depth', depth)
    budget.work(8)
    if (isArray(value)) return value.items.every((item) => this.#isThere(item, depth + 1))
    return !isReference(value) || this.#document.target(value) !== null
  }

  /** No content, a stream, or an array of references to streams (table 31). */
  #isContent({ entries }: PdfDictionary): boolean {
    const contents = entries.get('Contents')
    const resolved = this.#document.resolve(contents)
    if (resolved === null) return true
    return isArray(resolved) ? resolved.items.every((item) => this.#isStream(item)) : this.#isStream(contents ?? null)
  }

  #isStream(value: PdfValue): boolean {
    const object = isReference(value) ? this.#document.target(value) : null
    return object !== null && object.stream !== null && isDictionary(object.value)
  }
}
