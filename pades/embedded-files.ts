import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  type PdfDictionary,
  type PdfValue,
} from './objects.ts'
import type { EmbeddedFile } from './signed-pdf.ts'

/**
 * The embedded files of one state of a document: those of the name tree /EmbeddedFiles and of the catalog's /AF
 * (ISO 32000-2, 7.11.4 and 14.13), each file specification once, in the order in which they are met.
 */
export function embeddedFilesOf(document: PdfDocument): EmbeddedFile[] {
  const unpacked = new Map<IndirectObject, Uint8Array>()
  const files = specificationsOf(document).map((specification) => readFile(document, specification, unpacked))
  return files.filter((file) => file !== null)
}

/** What the same files are called. */
export const embeddedFileNames = (document: PdfDocument): string[] =>
  specificationsOf(document)
    .map((specification) => nameOfFile(document, specification))
    .filter((name) => name !== null)

function specificationsOf(document: PdfDocument): PdfDictionary[] {
  const specifications: PdfDictionary[] = []
  const seen = new Set<number>()
  const add = (value: PdfValue): void => {
    if (isReference(value)) {
      if (seen.has(value.number)) return
      seen.add(value.number)
    }
    const specification = document.dictionary(value)
    if (specification !== null) specifications.push(specification)
  }
  const names = document.dictionary(document.catalog.entries.get('Names'))
  walkNameTree(document, names?.entries.get('EmbeddedFiles'), add)
  const associated = document.resolve(document.catalog.entries.get('AF'))
  if (isArray(associated)) associated.items.forEach(add)
  return specifications
}

const nameOfFile = (document: PdfDocument, { entries }: PdfDictionary): string | null =>
  document.text(entries.get('UF') ?? entries.get('F'))

/** Many specifications may name one stream: it is unpacked once. */
function readFile(
  document: PdfDocument,
  specification: PdfDictionary,
  unpacked: Map<IndirectObject, Uint8Array>,
): EmbeddedFile | null {
  const streams = document.dictionary(specification.entries.get('EF'))
  const reference = streams?.entries.get('UF') ?? streams?.entries.get('F')
  const name = nameOfFile(document, specification)
  if (!isReference(reference) || name === null) return null
  const object = document.target(reference)
  if (object === null || object.stream === null || !isDictionary(object.value)) {
    throw new PadesError('PADES_MALFORMED', 'a file specification without a stream')
  }
  let bytes = unpacked.get(object)
  if (bytes === undefined) unpacked.set(object, (bytes = document.data(object)))
  return {
    name,
    bytes,
    relationship: nameOf(document.resolve(specification.entries.get('AFRelationship'))),
    mediaType: nameOf(document.resolve(object.value.entries.get('Subtype'))),
  }
}

function walkNameTree(document: PdfDocument, root: PdfValue | undefined, visit: (value: PdfValue) => void): void {
  const seen = new Set<number>()
  const walk = (value: PdfValue | undefined, depth: number): void => {
    document.shared.budget.check('depth', depth)
    if (isReference(value)) {
      if (seen.has(value.number))
        throw new PadesError('PADES_MALFORMED', `the name tree leads twice to object ${value.number}`)
      seen.add(value.number)
    }
    const node = document.dictionary(value)
    const names = document.resolve(node?.entries.get('Names'))
    if (isArray(names)) for (let i = 1; i < names.items.length; i += 2) visit(names.items[i]!)
    const kids = document.resolve(node?.entries.get('Kids'))
    if (isArray(kids)) for (const kid of kids.items) walk(kid, depth + 1)
  }
  walk(root, 0)
}

/** The XMP packet of the catalog's /Metadata, or null where there is none. */
export function xmpOf(document: PdfDocument): Uint8Array | null {
  const reference = document.catalog.entries.get('Metadata')
  const object = isReference(reference) ? document.target(reference) : null
  if (object === null || object.stream === null || !isDictionary(object.value)) return null
  return document.data(object)
}
