import { explainAnnotations } from './annotation-changes.ts'
import { ChangeContext } from './change-context.ts'
import { placeChanges } from './change-places.ts'
import type { PdfDocument } from './document.ts'
import { isEvidence, isExtensions } from './evidence-shape.ts'
import { explainFields } from './field-changes.ts'
import { explainResources } from './fill-field.ts'
import { formFields, hasOnlySignatureFields } from './form-fields.ts'
import type { ObjectChange } from './object-changes.ts'
import {
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  isString,
  nameOf,
  type PdfDictionary,
  type PdfValue,
} from './objects.ts'
import { readPages } from './pages.ts'
import type { Permissions } from './permissions.ts'
import { documentKeys, isRaised } from './permitted-entries.ts'
import { type Holder, type Outgoing, referencesOf } from './reference-graph.ts'
import type { LaterChange } from './signed-pdf.ts'

/** What was changed, what may be, and whether an object served something in a permitted state between. */
export interface ChangesToExplain {
  readonly changes: ReadonlyMap<number, ObjectChange>
  readonly permissions: Permissions
  readonly wasInUse: (number: number) => boolean
}

/** Explains changed objects by rules; what no rule explains is not permitted. */
export function explainChanges(
  signed: PdfDocument,
  current: PdfDocument,
  { changes, permissions, wasInUse }: ChangesToExplain,
): LaterChange[] {
  const context = new ChangeContext(signed, current, changes, permissions)
  new ChangeJudge(context, wasInUse).judge()
  return placeChanges(context)
}

/** Under which keys stands what is drawn, or drawn with (ISO 32000-2, 7.8.3 and 12.5.5). */
const drawingKeys = new Set([
  ...['Resources', 'XObject', 'Font', 'ExtGState', 'ColorSpace', 'Pattern', 'Shading', 'Properties', 'Contents'],
  ...['AP', 'SMask', 'Group', 'CharProcs'],
])

const nameOfReference = ({ number, generation }: Outgoing): number => number * 65_536 + generation

const emptyDictionary: PdfDictionary = { kind: 'dictionary', entries: new Map() }

class ChangeJudge {
  readonly #context: ChangeContext
  readonly #wasInUse: (number: number) => boolean

  constructor(context: ChangeContext, wasInUse: (number: number) => boolean) {
    this.#context = context
    this.#wasInUse = wasInUse
  }

  judge(): void {
    this.#unclearReferences()
    this.#secondUses()
    this.#trailer()
    this.#catalog()
    this.#form()
    this.#pages()
    for (const [number, { before, after }] of this.#context.changes) {
      if (this.#context.explained.has(number)) continue
      if (!this.#isReachable(number, after !== null)) {
        this.#unused(number, after)
        continue
      }
      const what = before === null ? 'was added' : after === null ? 'was removed' : 'was changed'
      this.#context.refuse(number, `Object ${number} ${what}, which no rule permits.`)
    }
  }

  /**
   * Readers part ways where a reference has another generation than its object, where it leads to nothing or to null, and where it leads to
   * an object that is nothing but a reference. What was written so before sealing stays as it was; no update may come near.
   */
  #unclearReferences(): void {
    const { signed, current, changes, after } = this.#context
    const { budget } = current.shared
    for (const [number, { after: object }] of changes)
      if (object !== null && (object.value === null || isReference(object.value)))
        this.#unclear(number, `Object ${number} is nothing, or nothing but a reference.`)
    for (const holder of after.keys()) {
      const object = current.object(holder)
      if (object === null) continue
      const change = changes.get(holder)
      const references = referencesOf(object, budget)
      budget.work(references.length * 4)
      const old = change?.before ? new Set(referencesOf(change.before, budget).map(nameOfReference)) : null
      for (const reference of references) {
        const { number, generation } = reference
        if (changes.has(number)) {
          if (changes.get(number)!.after?.generation !== generation)
            this.#unclear(
              holder,
              `Object ${holder} refers to another generation of object ${number}, or to what was removed.`,
            )
        } else if (change !== undefined && !old?.has(nameOfReference(reference))) {
          const target = signed.object(number)
          if (target === null || target.generation !== generation || target.value === null || isReference(target.value))
            this.#unclear(holder, `Object ${holder} refers to nothing, or in a roundabout way, by object ${number}.`)
        }
      }
    }
  }

  #unclear(object: number, detail: string): void {
    this.#context.add('undecided', 'structure', object, detail, null)
  }

  /** What nobody refers to is not shown; a new object must also have been unknown to what is signed. */
  #isReachable(number: number, exists: boolean): boolean {
    return this.#context.after.has(number) || (exists && this.#context.before.has(number))
  }

  /** A certified document gains nothing that serves nothing: what is hidden in it today may be shown tomorrow. */
  #unused(number: number, after: IndirectObject | null): void {
    if (this.#context.permissions.docMdp === null || after === null) return
    const type = isDictionary(after.value) && after.stream !== null ? nameOf(after.value.entries.get('Type')) : null
    if (type === 'ObjStm' || type === 'XRef' || this.#wasInUse(number)) return
    this.#context.refuse(number, `Object ${number} was added, to which nothing refers.`)
  }

  /**
   * Some entries of catalog, form and pages may change whatever they are. What is used as something else too, as a dictionary of resources,
   * say, would show elsewhere what stands there.
   */
  #secondUses(): void {
    const { root } = this.#context
    const form = this.#context.current.catalog.entries.get('AcroForm')
    // A reference of a signature names the catalog as what it is about (ISO 32000-2, 12.8.1, table 256).
    if (!this.#isOnly(root, { object: 0, key: 'Root' }))
      this.#context.refuse(root, 'The catalog is used as something else too.')
    if (isReference(form) && !this.#isOnly(form.number, { object: root, key: 'AcroForm' }))
      this.#context.refuse(form.number, 'The form is used as something else too.')
    for (const { object } of readPages(this.#context.current))
      if (this.#isResource(object)) this.#context.refuse(object, 'A page is used as something else too.')
  }

  /** Whether an object is held by that place alone, then and now, and named by signatures. */
  #isOnly(number: number, place: Holder): boolean {
    return this.#holdersOf(number).every(
      ({ object, key }) =>
        (object === place.object && key === place.key) || (key === 'Reference' && this.#isSignature(object)),
    )
  }

  /** Whether something draws with an object: pages are held by many things, but never by resources or as content. */
  #isResource(number: number): boolean {
    // An object that is nothing but a reference has no key of its own, and no writer makes one.
    const isDetour = (object: number): boolean =>
      [this.#context.signed, this.#context.current].some((document) => isReference(document.object(object)?.value))
    return this.#holdersOf(number).some(
      ({ object, key }) => drawingKeys.has(key) || (key === '' && object !== 0 && isDetour(object)),
    )
  }

  #holdersOf(number: number): readonly Holder[] {
    const { before, after, current } = this.#context
    const holders = [...(before.get(number) ?? []), ...(after.get(number) ?? [])]
    current.shared.budget.work(holders.length)
    return holders
  }

  #isSignature(number: number): boolean {
    return [this.#context.signed, this.#context.current].every((document) => {
      const value = document.object(number)?.value ?? null
      return value === null || (isDictionary(value) && value.entries.has('ByteRange'))
    })
  }

  #trailer(): void {
    const [before, after] = [this.#context.signed.trailer.entries, this.#context.current.trailer.entries]
    for (const key of documentKeys) {
      if (!this.#context.same(before.get(key) ?? null, after.get(key) ?? null))
        this.#context.refuse(null, `The trailer's /${key} was changed.`)
    }
    this.#metadata(
      { object: 0, key: 'Info' },
      before.get('Info'),
      after.get('Info'),
      'The document information was changed.',
    )
  }

  #catalog(): void {
    const [before, after] = [this.#context.signed.catalog.entries, this.#context.current.catalog.entries]
    const root = this.#context.root
    this.#context.explained.add(root)
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(key), after.get(key)]
      const holder = { object: root, key }
      if ((key === 'DSS' || key === 'Extensions') && this.#isStream(now))
        this.#context.refuse(root, `/${key} of the catalog is no dictionary.`)
      if (key === 'DSS') this.#evidence(holder, now)
      else if (key === 'Extensions') this.#extensions(holder, now)
      else if (key === 'Metadata') this.#metadata(holder, old, now, 'The document metadata was changed.')
      else if (key === 'Version' && isRaised(old, now)) continue
      else if (key !== 'AcroForm') this.#context.unchanged(root, key, old, now, 'the catalog')
    }
  }

  #isStream(value: PdfValue | undefined): boolean {
    const object = isReference(value) ? this.#context.current.object(value.number) : null
    return object !== null && object.stream !== null
  }

  /** Explains what was changed below an entry of the catalog; answers whether anything was, or the entry itself. */
  #isChangedBelow(holder: Holder, value: PdfValue | undefined): boolean {
    const context = this.#context
    const count = context.explained.size
    context.explainTree([holder], value)
    return (
      context.explained.size > count ||
      !context.same(context.signed.catalog.entries.get(holder.key) ?? null, value ?? null)
    )
  }

  #extensions(holder: Holder, value: PdfValue | undefined): void {
    if (this.#isChangedBelow(holder, value) && !isExtensions(this.#context.current, value))
      this.#unclear(holder.object, '/Extensions of the catalog holds what does not belong there.')
  }

  #evidence(holder: Holder, value: PdfValue | undefined): void {
    if (!this.#isChangedBelow(holder, value)) return
    if (!isEvidence(this.#context.current, value))
      this.#unclear(holder.object, 'The evidence for long-term validation (DSS) holds what does not belong there.')
    this.#context.add('permitted', 'evidence-added', null, 'Evidence for long-term validation (DSS) was added.')
  }

  #metadata(holder: Holder, old: PdfValue | undefined, now: PdfValue | undefined, detail: string): void {
    const number = isReference(now) ? now.number : null
    const isChanged =
      number === null
        ? !this.#context.same(old ?? null, now ?? null)
        : this.#context.changes.has(number) || !this.#context.same(old ?? null, now!)
    if (!isChanged) return
    if ((this.#context.permissions.docMdp ?? 3) < 3) this.#context.refuse(number, detail)
    else {
      this.#context.explainTree([holder], now)
      this.#context.add('permitted', 'metadata-changed', number, detail)
    }
  }

  #form(): void {
    const [old, now] = [
      this.#context.signed.catalog.entries.get('AcroForm'),
      this.#context.current.catalog.entries.get('AcroForm'),
    ]
    const before = this.#context.signed.dictionary(old) ?? emptyDictionary
    const after = this.#context.current.dictionary(now) ?? emptyDictionary
    const root = this.#context.root
    const form = isReference(now) ? now.number : root
    if (isReference(now)) this.#context.explainObject(now.number, [{ object: root, key: 'AcroForm' }])
    const hasOnlySeals = hasOnlySignatureFields(this.#context.signed)
    const mayFillFields = formFields(this.#context.signed).some(
      ({ type, name }) => type !== 'Sig' && this.#context.permissions.mayBeFilled(name),
    )
    for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
      if (key === 'Fields' || key === 'SigFlags') continue
      if (key === 'DR' && (mayFillFields || hasOnlySeals))
        explainResources(this.#context, form, before.entries.get(key), after.entries.get(key))
      // Defaults for text are used by no signature field; writers add them with the first that they make.
      else if (key === 'DA' && hasOnlySeals && !before.entries.has(key) && isString(after.entries.get(key))) continue
      else this.#context.unchanged(form, key, before.entries.get(key), after.entries.get(key), 'the form')
    }
    this.#fieldList(form, before, after)
    explainFields(this.#context)
  }

  /** Fields may be added at the end, none may go. */
  #fieldList(form: number, before: PdfDictionary, after: PdfDictionary): void {
    const list = after.entries.get('Fields')
    if (isReference(list)) this.#context.explainObject(list.number, [{ object: form, key: 'Fields' }])
    const old = this.#context.signed.resolve(before.entries.get('Fields'))
    const now = this.#context.current.resolve(list)
    const newItems = isArray(now) ? now.items : []
    const kept = new Set(newItems.flatMap((item) => (isReference(item) ? [item.number] : [])))
    const isKept = (isArray(old) ? old.items : []).every((item, index) =>
      isReference(item) ? kept.has(item.number) : this.#context.same(item, newItems[index] ?? null),
    )
    if (!isKept) this.#context.refuse(form, 'A field was taken out of the form.')
  }

  #pages(): void {
    const before = readPages(this.#context.signed)
    const after = readPages(this.#context.current)
    if (before.length !== after.length || before.some(({ object }, index) => object !== after[index]!.object)) {
      this.#context.refuse(null, 'Pages were added, removed or put in another order.')
      return
    }
    const holders = after.map(({ object }) => ({ object, key: 'Annots' }))
    before.forEach(({ object, dictionary }, index) => {
      const old = dictionary.entries
      const now = after[index]!.dictionary.entries
      this.#context.explained.add(object)
      for (const key of new Set([...old.keys(), ...now.keys()])) {
        if (key !== 'Annots') this.#context.unchanged(object, key, old.get(key), now.get(key), `page ${index + 1}`)
      }
      const list = now.get('Annots')
      if (isReference(list)) this.#context.explainObject(list.number, holders)
      explainAnnotations(this.#context, { object, index }, old.get('Annots'), list)
    })
  }
}
