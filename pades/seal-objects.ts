import type { PdfDocument } from './document.ts'
import { type FormField, formFields } from './form-fields.ts'
import { firstFreeNumber, referenceTo, type UpdatedObject } from './incremental-update.ts'
import { isArray, isReference, numberOf, type PdfDictionary, type PdfReference } from './objects.ts'
import { inheritedEntry } from './page-view.ts'
import { type Page, readPages } from './pages.ts'
import { afterContents, reservedEntries } from './reserve-contents.ts'
import { type NewField, planSeal, type SealPlan } from './seal-checks.ts'
import { cmBetween, markedPages, type PlacedMark, turnedPicture } from './seal-marks.ts'
import type { PrepareSealOptions, SealAppearance, SealPlace } from './seal-options.ts'
import { beijingDate, hexText } from './text.ts'
import { catalogWith, emptyDictionary, formWith, numbered, pageWith } from './update-objects.ts'
import { writeDictionary, writeNumber, writeValue } from './write-value.ts'

/** The objects of an update that seals: those replaced, the fields made, and last the signature dictionary. */
export function sealObjects(document: PdfDocument, options: PrepareSealOptions): UpdatedObject[] {
  const { filled, made, prepared, marks } = planSeal(document, options)
  const update = new SealUpdate(document, options)
  if (filled !== null) update.fill(filled)
  if (made !== null) update.make(made, marks)
  if (prepared.length > 0) update.prepare(prepared)
  return update.finish()
}

interface ChangedPage {
  readonly page: Page
  readonly widgets: string[]
  /** Entries that are replaced. */
  readonly entries: Readonly<Record<string, string>>
}

class SealUpdate {
  readonly #document: PdfDocument
  readonly #options: PrepareSealOptions
  readonly #signature: PdfReference
  readonly #objects: UpdatedObject[] = []
  readonly #pages = new Map<number, ChangedPage>()
  readonly #fields: string[] = []
  #next: number
  /** What the signature locks, as its field says. */
  #lock: PdfDictionary | null = null

  constructor(document: PdfDocument, options: PrepareSealOptions) {
    this.#document = document
    this.#options = options
    this.#next = firstFreeNumber(document)
    this.#signature = this.#allot()
  }

  #allot(): PdfReference {
    return { kind: 'reference', number: this.#next++, generation: 0 }
  }

  #add(reference: PdfReference, body: string, stream?: Uint8Array): void {
    const { number, generation } = reference
    this.#objects.push({ number, generation, body, ...(stream !== undefined && { stream }) })
  }

  /** The new field that holds the seal, and the marks that go with it: all show one picture. */
  make(field: NewField, [first, ...marks]: readonly PlacedMark[]): void {
    const widget = this.#allot()
    const picture = this.#allot()
    const turned =
      first === undefined ? null : turnedPicture(first, this.#options.appearance.bbox, referenceTo(picture))
    const shown = turned === null ? picture : this.#allot()
    this.#addField(field, widget, ` /V ${referenceTo(this.#signature)}`, shown)
    this.#addPicture(picture)
    if (turned !== null) this.#add(shown, turned.body, turned.content)
    if (marks.length > 0) this.#mark(marks, picture)
  }

  #mark(marks: readonly PlacedMark[], picture: PdfReference): void {
    const allot = (body: string, stream?: Uint8Array): PdfReference => {
      const reference = this.#allot()
      this.#add(reference, body, stream)
      return reference
    }
    const { bbox } = this.#options.appearance
    for (const { view, entries } of markedPages(this.#document, marks, bbox, referenceTo(picture), allot)) {
      const onPage = this.#pages.get(view.object) ?? { page: view, widgets: [], entries: {} }
      this.#pages.set(view.object, { ...onPage, entries })
    }
  }

  /** A field that stands there empty is given the signature, and its widget the picture. */
  fill({ object, widgets, dictionary }: FormField): void {
    const picture = this.#allot()
    const frame = frameOf(this.#document, widgets[0]!)
    if (frame === null) this.#addPicture(picture)
    else this.#addFramed(picture, frame, rotationAt(this.#document, widgets[0]!))
    for (const number of new Set([object!, ...widgets])) {
      const old = this.#document.object(number)!
      const body = writeDictionary(old.value as PdfDictionary, {
        ...(number === object && { V: referenceTo(this.#signature) }),
        ...(widgets.includes(number) && { AP: `<< /N ${referenceTo(picture)} >>` }),
      })
      this.#objects.push({ ...numbered(old), body })
    }
    this.#lock = this.#document.dictionary(dictionary.entries.get('Lock'))
  }

  /** Empty fields for later seals. Until they are filled they show an empty picture: PDF/A wants one (ISO 19005-3, 6.3.3). */
  prepare(fields: SealPlan['prepared']): void {
    const names = formFields(this.#document).map(({ name }) => name)
    const all = new Set([...names, this.#options.field, ...fields.map(({ field }) => field)])
    const locked = [...all].map(hexText).join(' ')
    for (const field of fields) {
      const widget = this.#allot()
      const blank = this.#allot()
      const { width, height } = field.place
      this.#add(blank, pictureBody({ content: new Uint8Array(), bbox: [0, 0, width, height] }), new Uint8Array())
      const lock = field.lock === undefined ? null : this.#allot()
      this.#addField(field, widget, lock === null ? '' : ` /Lock ${referenceTo(lock)}`, blank)
      if (lock !== null) this.#add(lock, `<< /Type /SigFieldLock /Action /Include /Fields [${locked}] /P 1 >>`)
    }
  }

  /** Field and widget in one; /F 132 = print, locked (12.5.3). */
  #addField({ field, place, page }: NewField, widget: PdfReference, entries: string, picture: PdfReference): void {
    const reference = referenceTo(this.#document.object(page.object)!)
    this.#add(
      widget,
      `<< /Type /Annot /Subtype /Widget /FT /Sig /T ${hexText(field)}${entries} /P ${reference} /Rect ${rectangle(place)} /F 132 /AP << /N ${referenceTo(picture)} >> >>`,
    )
    this.#fields.push(referenceTo(widget))
    const onPage = this.#pages.get(page.object) ?? { page, widgets: [], entries: {} }
    onPage.widgets.push(referenceTo(widget))
    this.#pages.set(page.object, onPage)
  }

  #addPicture(picture: PdfReference): void {
    const { appearance } = this.#options
    this.#add(picture, pictureBody(appearance), appearance.content)
  }

  /**
   * The picture inside another one that has the box of what was shown before: where only content and resources of an appearance
   * change, everybody sees that a field was filled.
   */
  #addFramed(picture: PdfReference, frame: SealAppearance['bbox'], rotation: number): void {
    const inner = this.#allot()
    const content = new TextEncoder().encode(
      `q ${cmBetween(this.#options.appearance.bbox, frame, rotation, 4)} cm /Seal Do Q`,
    )
    const resources = `<< /XObject << /Seal ${referenceTo(inner)} >> >>`
    this.#add(picture, pictureBody({ content, bbox: frame, resources }), content)
    this.#addPicture(inner)
  }

  finish(): UpdatedObject[] {
    const document = this.#document
    const signature = {
      ...{ number: this.#signature.number, generation: 0 },
      body: signatureBody(this.#options, this.#references()),
      reserved: { digits: this.#options.contentsLength * 2, after: afterContents },
    }
    return [
      ...[...this.#pages.values()].map(({ page, widgets, entries }) => pageWith(document, page, widgets, entries)),
      ...this.#documentObjects(),
      ...this.#objects,
      signature,
    ]
  }

  /** Form and catalog, where they change: fields more, and which signature certifies (12.8.6). */
  #documentObjects(): UpdatedObject[] {
    const document = this.#document
    const entries: Record<string, string> = {}
    if (this.#options.docMdp !== undefined) {
      const permissions = document.dictionary(document.catalog.entries.get('Perms')) ?? emptyDictionary
      entries['Perms'] = writeDictionary(permissions, { DocMDP: referenceTo(this.#signature) })
    }
    const needsFlags = document.dictionary(document.catalog.entries.get('AcroForm'))?.entries.get('SigFlags') !== 3
    if (this.#fields.length > 0 || needsFlags) return formWith(document, this.#fields, entries)
    return this.#options.docMdp === undefined ? [] : [catalogWith(document, entries)]
  }

  /** What the signature says of later changes (12.8.2): the certification, and the lock of its field. */
  #references(): string {
    const { docMdp } = this.#options
    const references = []
    if (docMdp !== undefined)
      references.push(
        `<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${docMdp} /V /1.2 >> >>`,
      )
    if (this.#lock !== null) {
      const root = writeValue(this.#document.trailer.entries.get('Root')!)
      references.push(
        `<< /Type /SigRef /TransformMethod /FieldMDP /Data ${root} /TransformParams ${writeDictionary(this.#lock, { Type: '/TransformParams', P: null, V: '/1.2' })} >>`,
      )
    }
    return references.length === 0 ? '' : ` /Reference [${references.join(' ')}]`
  }
}

/** How far the page of a widget is turned, clockwise: 0, 90, 180 or 270; 0 where that is uncertain. */
function rotationAt(document: PdfDocument, widget: number): number {
  const page = readPages(document).find(({ dictionary }) => {
    const annotations = document.resolve(dictionary.entries.get('Annots'))
    return isArray(annotations) && annotations.items.some((item) => isReference(item) && item.number === widget)
  })
  const rotate = page && numberOf(document.resolve(inheritedEntry(page, 'Rotate')))
  return typeof rotate === 'number' && rotate % 90 === 0 ? ((rotate % 360) + 360) % 360 : 0
}

/** /BBox of the picture that a widget shows, if it has an area. */
function frameOf(document: PdfDocument, widget: number): SealAppearance['bbox'] | null {
  const shown = document.dictionary(document.dictionary(document.object(widget)?.value)?.entries.get('AP'))
  const box = document.resolve(document.dictionary(shown?.entries.get('N'))?.entries.get('BBox'))
  const [x0, y0, x1, y1] = isArray(box) ? box.items.map((item) => numberOf(document.resolve(item))) : []
  if (typeof x0 !== 'number' || typeof y0 !== 'number' || typeof x1 !== 'number' || typeof y1 !== 'number') return null
  return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null
}

function rectangle({ x, y, width, height }: SealPlace): string {
  return `[${[x, y, x + width, y + height].map(writeNumber).join(' ')}]`
}

/** The head of a picture's stream. */
export function pictureBody({ content, bbox, deflated, resources }: SealAppearance): string {
  const filter = deflated === true ? ' /Filter /FlateDecode' : ''
  return `<< /Type /XObject /Subtype /Form /BBox [${bbox.map(writeNumber).join(' ')}] /Resources ${resources ?? '<< >>'}${filter} /Length ${content.length} >>`
}

/** The signature dictionary (12.8.1, table 255). It ends where the digits of /Contents begin. */
function signatureBody({ signedAt, name, reason, subFilter }: PrepareSealOptions, references: string): string {
  const why = reason === undefined ? '' : ` /Reason ${hexText(reason)}`
  return `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /${subFilter ?? 'ETSI.CAdES.detached'} /M (${beijingDate(signedAt)}) /Name ${hexText(name)}${why}${references} ${reservedEntries}`
}
