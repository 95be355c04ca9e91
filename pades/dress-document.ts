import { primitives } from '../pki/index.ts'
import { rectangleOf } from './change-places.ts'
import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { emptyFields, formFields, signedFields } from './form-fields.ts'
import { appendUpdate, firstFreeNumber, referenceTo, type UpdatedObject } from './incremental-update.ts'
import { Budget, uploadLimits } from './limits.ts'
import { isArray, isDictionary, numberOf, type PdfReference, type PdfValue } from './objects.ts'
import type { PageView } from './page-view.ts'
import { readLayers } from './page-words/optional-content.ts'
import { type FontMemory, readPageGlyphs } from './page-words/page-glyphs.ts'
import { revisionId } from './reserve-contents.ts'
import { markedPages, type PlacedMark, placeMarks, placeOnPage } from './seal-marks.ts'
import { pictureBody } from './seal-objects.ts'
import type { SealAppearance, SealMark } from './seal-options.ts'
import { checkSealable, forEachValue } from './sealable.ts'
import type { Rectangle } from './signed-pdf.ts'
import { beijingDate, hexText } from './text.ts'
import { catalogWith, emptyDictionary, pageWith } from './update-objects.ts'
import { hex, writeDictionary } from './write-value.ts'

/** A file that goes with the document (ISO 32000-2, 7.11.4, 14.13). */
export interface AttachedFile {
  /** ASCII. */
  readonly name: string
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly relationship: 'Data' | 'Supplement'
  readonly description: string
}

/** One picture, drawn at places of the pages as they are shown. No page bears two. */
export interface PlacedPicture {
  readonly appearance: SealAppearance
  readonly marks: readonly SealMark[]
  /** Whether anything may lie under it: what is opaque must not hide what the page says. */
  readonly mayCover: boolean
}

/** What a document that somebody made elsewhere gets before its first seal. */
export interface DocumentDress {
  readonly pictures: readonly PlacedPicture[]
  readonly files: readonly AttachedFile[]
  /** The XMP packet that takes the place of the document's own. */
  readonly xmp: Uint8Array
  readonly modifiedAt: Date
  /** Whether the field of a later seal will have such a name (the part before the first full stop). */
  readonly isSealField?: (name: string) => boolean
}

/**
 * Adds pictures, files and metadata to a document without signatures, as one incremental update: the document is the byte prefix of what
 * comes back. Same input, same bytes.
 *
 * @throws PadesError a code of reading, and what `inspectPdf` refuses; PADES_ALREADY_SIGNED; PADES_FIELDS_EMPTY: a signature could
 *   still be put into it; PADES_FILES_EMBEDDED: it carries files, of which nobody who looks at its pages knows; PADES_FIELD_NAME_TAKEN: a later seal's field would have the name
 *   of one of its own; PADES_PLACE_TAKEN: an opaque picture would lie over text or an annotation; PADES_PLACEMENT_INVALID,
 *   PADES_PAGE_NOT_FOUND, PADES_PAGE_UNREADABLE
 */
export function dressDocument(pdf: Uint8Array, dress: DocumentDress): Uint8Array {
  const document = new PdfDocument(shareBytes(pdf, new Budget(uploadLimits, pdf.length)), pdf.length)
  checkSealable(document)
  if (signedFields(document).length > 0)
    throw new PadesError(
      'PADES_ALREADY_SIGNED',
      'the document has a signature: what is added now would change what it says',
    )
  // Whoever verifies takes one for a seal of a joint issue that is missing; ours might come to stand in it.
  if (emptyFields(document).length > 0)
    throw new PadesError('PADES_FIELDS_EMPTY', 'the document has signature fields without a signature')
  const { isSealField } = dress
  if (isSealField && formFields(document).some(({ name }) => isSealField(name.split('.', 1)[0]!)))
    throw new PadesError(
      'PADES_FIELD_NAME_TAKEN',
      'the document has a field with the name that the field of a seal has',
    )
  refuseFiles(document)
  const writer = new UpdateWriter(document)
  const pages = dress.pictures.flatMap((picture) => drawPicture(document, writer, picture))
  const files = dress.files.map((file) => ({ name: file.name, reference: writer.addFile(file, dress.modifiedAt) }))
  const metadata = writer.allot(`<< /Type /Metadata /Subtype /XML /Length ${dress.xmp.length} >>`, dress.xmp)
  const objects = [...pages, catalogOf(document, files, metadata), ...writer.objects]
  const digest = primitives.digestSync('SHA-256', dress.xmp)
  return appendUpdate(document, objects, revisionId(document, 'dress', [digest])).bytes
}

/** Numbers the objects of an update. */
class UpdateWriter {
  readonly objects: UpdatedObject[] = []
  #next: number

  constructor(document: PdfDocument) {
    this.#next = firstFreeNumber(document)
  }

  allot(body: string, stream?: Uint8Array): PdfReference {
    const number = this.#next++
    this.objects.push({ number, generation: 0, body, ...(stream !== undefined && { stream }) })
    return { kind: 'reference', number, generation: 0 }
  }

  /** The embedded file and its specification; answers the latter's reference. */
  addFile({ name, bytes, mediaType, relationship, description }: AttachedFile, modifiedAt: Date): PdfReference {
    const date = `(${beijingDate(modifiedAt)})`
    const parameters = `<< /Size ${bytes.length} /CreationDate ${date} /ModDate ${date} >>`
    const subtype = mediaType.replace('/', '#2F')
    const stream = this.allot(
      `<< /Type /EmbeddedFile /Subtype /${subtype} /Params ${parameters} /Length ${bytes.length} >>`,
      bytes,
    )
    const written = `<${hex(new TextEncoder().encode(name))}>`
    const at = referenceTo(stream)
    return this.allot(
      `<< /Type /Filespec /F ${written} /UF ${written} /EF << /F ${at} /UF ${at} >> /AFRelationship /${relationship} /Desc ${hexText(description)} >>`,
    )
  }
}

function catalogOf(
  document: PdfDocument,
  files: readonly { readonly name: string; readonly reference: PdfReference }[],
  metadata: PdfReference,
): UpdatedObject {
  // A name tree is in the order of its names (7.9.6).
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
  const tree = sorted.map(({ name, reference }) => `<${hex(new TextEncoder().encode(name))}> ${referenceTo(reference)}`)
  const names = document.dictionary(document.catalog.entries.get('Names')) ?? emptyDictionary
  return catalogWith(document, {
    Metadata: referenceTo(metadata),
    AF: `[${files.map(({ reference }) => referenceTo(reference)).join(' ')}]`,
    Names: writeDictionary(names, { EmbeddedFiles: `<< /Names [${tree.join(' ')}] >>` }),
  })
}

function drawPicture(document: PdfDocument, writer: UpdateWriter, { appearance, marks, mayCover }: PlacedPicture) {
  const placed = placeMarks(document, marks)
  if (!mayCover) for (const mark of placed) refuseCovering(document, mark)
  const picture = referenceTo(writer.allot(pictureBody(appearance), appearance.content))
  const allot = (body: string, stream?: Uint8Array) => writer.allot(body, stream)
  return markedPages(document, placed, appearance.bbox, picture, allot).map(({ view, entries }) =>
    pageWith(document, view, [], entries),
  )
}

/** Files that go with the document already: in its name tree, with a page or as an annotation. */
function refuseFiles(document: PdfDocument): void {
  const look = (value: PdfValue, depth: number): void => {
    document.shared.budget.check('depth', depth)
    if (isArray(value)) for (const item of value.items) look(item, depth + 1)
    if (!isDictionary(value)) return
    document.shared.budget.work(value.entries.size)
    if (value.entries.has('EF') || value.entries.has('Collection'))
      throw new PadesError('PADES_FILES_EMBEDDED', 'the document carries other files: hand it in without them')
    for (const item of value.entries.values()) look(item, depth + 1)
  }
  forEachValue(document, (value) => look(value, 0))
}

/** @throws PadesError PADES_PLACE_TAKEN */
function refuseCovering(document: PdfDocument, placed: PlacedMark): void {
  const { mark, view } = placed
  const [left, bottom] = [mark.x, mark.y]
  const [right, top] = [left + mark.width, bottom + mark.height]
  const taken = (what: string): never => {
    throw new PadesError('PADES_PLACE_TAKEN', `page ${mark.page + 1}: ${what} stands where the QR code would`)
  }
  const fonts: FontMemory = new Map()
  for (const { box, text, isHidden } of readPageGlyphs(document, view, mark.page, readLayers(document), fonts)) {
    if (isHidden || text?.trim() === '') continue
    if (box[0] < right && box[2] > left && box[1] < top && box[3] > bottom) taken('text')
  }
  const place = placeOnPage(placed)
  for (const [x0, y0, x1, y1] of annotationsOf(document, view))
    if (x0 < place.x + place.width && x1 > place.x && y0 < place.y + place.height && y1 > place.y)
      taken('an annotation')
}

/** What an annotation draws by where it has no appearance of its own, which some readers do beyond its /Rect (12.5.6). */
const drawnBy = ['QuadPoints', 'InkList', 'Vertices', 'L', 'CL']

/** The areas of a page's annotations, in its own space. */
function annotationsOf(document: PdfDocument, { dictionary }: PageView): Rectangle[] {
  const annotations = document.resolve(dictionary.entries.get('Annots'))
  if (!isArray(annotations)) return []
  return annotations.items.flatMap((item) => {
    const entries = document.dictionary(item)?.entries
    const drawn = drawnBy.map((key) => areaOf(numbersOf(document, entries?.get(key), 0)))
    return [rectangleOf(document, entries?.get('Rect')), ...drawn].filter((area) => area !== null)
  })
}

/** The numbers of an array, or of arrays in an array. */
function numbersOf(document: PdfDocument, value: PdfValue | undefined, depth: number): number[] {
  const resolved = document.resolve(value)
  if (!isArray(resolved)) return []
  document.shared.budget.work(resolved.items.length)
  return resolved.items.flatMap((item) => {
    const number = numberOf(document.resolve(item))
    return number !== null ? [number] : depth === 0 ? numbersOf(document, item, 1) : []
  })
}

/** What points span: x and y by turns. */
function areaOf(numbers: readonly number[]): Rectangle | null {
  if (numbers.length < 2) return null
  const area: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  numbers.forEach((number, index) => {
    const axis = index % 2
    area[axis] = Math.min(area[axis]!, number)
    area[axis + 2] = Math.max(area[axis + 2]!, number)
  })
  return area
}
