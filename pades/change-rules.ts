import type { PdfDocument } from './document.ts'
import { type FormField, formFields } from './form-fields.ts'
import type { ObjectChange } from './object-changes.ts'
import {
  forEachReference,
  type IndirectObject,
  isArray,
  isDictionary,
  isReference,
  nameOf,
  type PdfDictionary,
  type PdfValue,
  sameValue,
} from './objects.ts'
import { readPages } from './pages.ts'
import type { Permissions } from './permissions.ts'
import {
  documentKeys,
  fieldKeys,
  isLockedOnly,
  isRaised,
  isShown,
  isTimeStamp,
  partsOf,
  signingKeys,
  upwardKeys,
} from './permitted-entries.ts'
import { type Holder, type ReferenceGraph, referenceGraph } from './reference-graph.ts'
import type { LaterChange } from './signed-pdf.ts'

/** Explains changed objects by rules; what no rule explains is not permitted. */
export function explainChanges(
  signed: PdfDocument,
  current: PdfDocument,
  changes: ReadonlyMap<number, ObjectChange>,
  permissions: Permissions,
): LaterChange[] {
  return new ChangeJudge(signed, current, changes, permissions).judge()
}

const emptyDictionary: PdfDictionary = { kind: 'dictionary', entries: new Map() }

class ChangeJudge {
  readonly #signed: PdfDocument
  readonly #current: PdfDocument
  readonly #changes: ReadonlyMap<number, ObjectChange>
  readonly #permissions: Permissions
  readonly #before: ReferenceGraph
  readonly #after: ReferenceGraph
  readonly #explained = new Set<number>()
  readonly #findings: LaterChange[] = []
  readonly #same = (left: PdfValue, right: PdfValue) => sameValue(left, right, this.#current.shared.budget)
  /** Widgets of signatures that were added and may be. */
  readonly #newWidgets = new Set<number>()

  constructor(
    signed: PdfDocument,
    current: PdfDocument,
    changes: ReadonlyMap<number, ObjectChange>,
    permissions: Permissions,
  ) {
    this.#signed = signed
    this.#current = current
    this.#changes = changes
    this.#permissions = permissions
    this.#before = referenceGraph(signed)
    this.#after = referenceGraph(current)
  }

  judge(): LaterChange[] {
    this.#trailer()
    this.#catalog()
    this.#form()
    this.#pages()
    for (const [number, { before, after }] of this.#changes) {
      if (this.#explained.has(number)) continue
      if (!this.#isReachable(number, after !== null)) {
        this.#unused(number, after)
        continue
      }
      const what = before === null ? 'was added' : after === null ? 'was removed' : 'was changed'
      this.#refuse(number, `Object ${number} ${what}, which no rule permits.`)
    }
    return this.#findings
  }

  /** What nobody refers to is not shown; a new object must also have been unknown to what is signed. */
  #isReachable(number: number, exists: boolean): boolean {
    return this.#after.has(number) || (exists && this.#before.has(number))
  }

  /** A certified document gains nothing that serves nothing: what is hidden in it today may be shown tomorrow. */
  #unused(number: number, after: IndirectObject | null): void {
    if (this.#permissions.docMdp === null || after === null) return
    const type = isDictionary(after.value) && after.stream !== null ? nameOf(after.value.entries.get('Type')) : null
    if (type === 'ObjStm' || type === 'XRef') return
    this.#refuse(number, `Object ${number} was added, to which nothing refers.`)
  }

  #add(verdict: LaterChange['verdict'], kind: LaterChange['kind'], object: number | null, detail: string): void {
    this.#findings.push({ verdict, kind, object, page: null, rect: null, detail })
  }

  #refuse(object: number | null, detail: string): void {
    this.#add('not-permitted', 'object-changed', object, detail)
  }

  get #root(): number {
    const root = this.#signed.trailer.entries.get('Root')
    return isReference(root) ? root.number : 0
  }

  #trailer(): void {
    const [before, after] = [this.#signed.trailer.entries, this.#current.trailer.entries]
    for (const key of documentKeys) {
      if (!this.#same(before.get(key) ?? null, after.get(key) ?? null))
        this.#refuse(null, `The trailer's /${key} was changed.`)
    }
    this.#metadata(
      { object: 0, key: 'Info' },
      before.get('Info'),
      after.get('Info'),
      'The document information was changed.',
    )
  }

  #catalog(): void {
    const [before, after] = [this.#signed.catalog.entries, this.#current.catalog.entries]
    const root = this.#root
    this.#explained.add(root)
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(key), after.get(key)]
      const holder = { object: root, key }
      if (key === 'DSS') this.#evidence(holder, now)
      else if (key === 'Extensions') this.#explainTree([holder], now)
      else if (key === 'Metadata') this.#metadata(holder, old, now, 'The document metadata was changed.')
      else if (key === 'Version' && isRaised(old, now)) continue
      else if (key !== 'AcroForm') this.#unchanged(root, key, old, now, 'the catalog')
    }
  }

  /** The same entry, or the same content moved into an object of its own or out of it. */
  #unchanged(object: number, key: string, old: PdfValue | undefined, now: PdfValue | undefined, where: string): void {
    if (this.#same(old ?? null, now ?? null)) return
    const same = this.#same(this.#signed.resolve(old), this.#current.resolve(now))
    const isStream = (value: PdfValue | undefined, document: PdfDocument): boolean =>
      isReference(value) && document.object(value.number)?.stream !== null
    if (!same || isStream(old, this.#signed) || isStream(now, this.#current)) {
      this.#refuse(object, `/${key} of ${where} was changed.`)
    } else if (isReference(now)) this.#explainObject(now.number, [{ object, key }])
  }

  #evidence(holder: Holder, value: PdfValue | undefined): void {
    const count = this.#explained.size
    this.#explainTree([holder], value)
    const isNew = !this.#signed.catalog.entries.has('DSS')
    if (isNew || this.#explained.size > count) {
      this.#add('permitted', 'evidence-added', null, 'Evidence for long-term validation (DSS) was added.')
    }
  }

  #metadata(holder: Holder, old: PdfValue | undefined, now: PdfValue | undefined, detail: string): void {
    const number = isReference(now) ? now.number : null
    const isChanged =
      number === null
        ? !this.#same(old ?? null, now ?? null)
        : this.#changes.has(number) || !this.#same(old ?? null, now!)
    if (!isChanged) return
    if ((this.#permissions.docMdp ?? 3) < 3) this.#refuse(number, detail)
    else {
      this.#explainTree([holder], now)
      this.#add('permitted', 'metadata-changed', number, detail)
    }
  }

  /**
   * Explains everything changed below a value that a rule lets change as a whole. A new object can stand there whoever else uses
   * it, since each of its users is judged by itself. One that was there before must belong to this place alone: what else uses
   * it would change with it, unseen.
   */
  #explainTree(roots: readonly Holder[], value: PdfValue | undefined): void {
    const members = this.#reachableFrom(value)
    if (![...members].some((number) => this.#changes.has(number))) return
    const owned = this.#ownedBy(roots, members)
    for (const number of members) {
      if (!this.#changes.has(number) || this.#explained.has(number)) continue
      this.#explained.add(number)
      if (!owned.has(number))
        this.#refuse(number, `Object ${number} was changed, and something else that was signed uses it too.`)
    }
  }

  /** The same for one object without what is below it. */
  #explainObject(number: number, roots: readonly Holder[]): void {
    if (!this.#changes.has(number) || this.#explained.has(number)) return
    this.#explained.add(number)
    if (!this.#ownedBy(roots, new Set([number])).has(number)) {
      this.#refuse(number, `Object ${number} was changed, and something else that was signed uses it too.`)
    }
  }

  #reachableFrom(value: PdfValue | undefined): Set<number> {
    const members = new Set<number>()
    const waiting: PdfValue[] = [value ?? null]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      forEachReference(
        next,
        ({ number }) => {
          if (members.has(number) || number === this.#root) return
          members.add(number)
          waiting.push(this.#current.object(number)?.value ?? null)
        },
        this.#current.shared.budget,
        upwardKeys,
      )
    }
    return members
  }

  /** The members that only the roots and other such members refer to, then and now. */
  #ownedBy(roots: readonly Holder[], members: ReadonlySet<number>): Set<number> {
    const owned = new Set(members)
    const mayHold = ({ object, key }: Holder): boolean =>
      owned.has(object) || roots.some((root) => root.object === object && root.key === key)
    for (let isStable = false; !isStable; ) {
      isStable = true
      for (const number of owned) {
        if (this.#isNew(number)) continue
        const holders = [...(this.#before.get(number) ?? []), ...(this.#after.get(number) ?? [])]
        this.#current.shared.budget.work(1 + holders.length)
        if (holders.every(mayHold)) continue
        owned.delete(number)
        isStable = false
      }
    }
    return owned
  }

  /** Whether the number meant nothing in what is signed, and nothing signed referred to it. */
  #isNew(number: number): boolean {
    return this.#changes.get(number)?.before === null && !this.#before.has(number)
  }

  #form(): void {
    const [old, now] = [this.#signed.catalog.entries.get('AcroForm'), this.#current.catalog.entries.get('AcroForm')]
    const before = this.#signed.dictionary(old) ?? emptyDictionary
    const after = this.#current.dictionary(now) ?? emptyDictionary
    const root = this.#root
    const form = isReference(now) ? now.number : root
    if (isReference(now)) this.#explainObject(now.number, [{ object: root, key: 'AcroForm' }])
    // Fonts and defaults for text are used by no signature field.
    const hasOnlySeals = formFields(this.#signed).every(({ type }) => type === 'Sig')
    for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
      if (key === 'Fields' || key === 'SigFlags') continue
      if (hasOnlySeals && (key === 'DR' || key === 'DA'))
        this.#explainTree([{ object: form, key }], after.entries.get(key))
      else this.#unchanged(form, key, before.entries.get(key), after.entries.get(key), 'the form')
    }
    this.#fieldList(form, before, after)
    this.#fields()
  }

  /** Fields may be added at the end, none may go. */
  #fieldList(form: number, before: PdfDictionary, after: PdfDictionary): void {
    const list = after.entries.get('Fields')
    if (isReference(list)) this.#explainObject(list.number, [{ object: form, key: 'Fields' }])
    const old = this.#signed.resolve(before.entries.get('Fields'))
    const now = this.#current.resolve(list)
    const newItems = isArray(now) ? now.items : []
    const kept = new Set(newItems.flatMap((item) => (isReference(item) ? [item.number] : [])))
    const isKept = (isArray(old) ? old.items : []).every((item, index) =>
      isReference(item) ? kept.has(item.number) : this.#same(item, newItems[index] ?? null),
    )
    if (!isKept) this.#refuse(form, 'A field was taken out of the form.')
  }

  #fields(): void {
    const before = new Map(formFields(this.#signed).map((field) => [field.name, field]))
    const seen = new Set<string>()
    const signatures = new Set<number>()
    for (const field of formFields(this.#current)) {
      if (field.type === 'Sig' && isReference(field.value)) {
        if (signatures.has(field.value.number)) {
          this.#add('undecided', 'structure', field.object, `Two fields hold the signature that "${field.name}" holds.`)
        }
        signatures.add(field.value.number)
      }
      if (seen.has(field.name))
        this.#add('undecided', 'structure', field.object, `Two fields are named "${field.name}".`)
      seen.add(field.name)
      const old = before.get(field.name)
      if (old === undefined) this.#newField(field)
      else if (old.object !== field.object)
        this.#refuse(field.object, `The field "${field.name}" was replaced by another.`)
      else this.#knownField(old, field)
    }
    for (const name of before.keys()) if (!seen.has(name)) this.#refuse(null, `The field "${name}" was removed.`)
  }

  #newField(field: FormField): void {
    const { object, name, dictionary } = field
    if (object === null || field.type !== 'Sig' || !this.#isNew(object) || !this.#hasNewSignature(field)) {
      this.#refuse(object, `A field "${name}" was added that holds no new signature.`)
      return
    }
    const holdsTimeStamp = isTimeStamp(this.#current, this.#current.dictionary(field.value))
    const strange = partsOf(this.#current, field)
      .flatMap(({ entries }) => [...entries.keys()])
      .find((key) => !fieldKeys.has(key))
    if (strange !== undefined) this.#refuse(object, `The new signature field "${name}" has a /${strange}.`)
    else if (!holdsTimeStamp && this.#permissions.docMdp !== null) {
      this.#refuse(object, `A signature "${name}" was added to a certified document.`)
    } else if (holdsTimeStamp && isShown(this.#current, field)) {
      // Anybody can have a time stamp; nobody answers for what it shows.
      this.#refuse(object, `The time stamp "${name}" is visible and could hide what is signed.`)
    } else this.#addSignature(field, holdsTimeStamp)
    this.#explained.add(object)
    for (const widget of field.widgets) this.#newWidgets.add(widget)
    for (const [key, value] of dictionary.entries) {
      if (!upwardKeys.has(key)) this.#explainTree([{ object, key }], value)
    }
  }

  /** A signature dictionary that was signed already, shown by another field, would let anyone draw over the page. */
  #hasNewSignature({ value }: FormField): boolean {
    return isReference(value) && this.#isNew(value.number) && isDictionary(this.#current.resolve(value))
  }

  #addSignature({ object, name }: FormField, holdsTimeStamp: boolean): void {
    if (holdsTimeStamp)
      this.#add('permitted', 'document-time-stamp-added', object, `A document time stamp "${name}" was added.`)
    else this.#add('permitted', 'signature-added', object, `A signature "${name}" was added.`)
  }

  /** A field that was there: an empty signature field may be signed, nothing else may happen to it. */
  #knownField(old: FormField, field: FormField): void {
    const wasSigned = isDictionary(this.#signed.resolve(old.value))
    const isSigned = field.type === 'Sig' && this.#hasNewSignature(field)
    if (old.type !== 'Sig' || wasSigned || !isSigned || old.object === null) return
    const { name, object } = field
    const { docMdp } = this.#permissions
    const holdsTimeStamp = isTimeStamp(this.#current, this.#current.dictionary(field.value))
    if (docMdp === 1 || this.#permissions.isLocked(name)) {
      this.#refuse(object, `The field "${name}" was signed although it must not be.`)
    } else if (holdsTimeStamp && (docMdp !== null || isShown(this.#current, field))) {
      // It would stand for nobody's signature, whatever its picture shows.
      this.#refuse(object, `The field "${name}" was made for a signature and holds a time stamp.`)
    } else this.#addSignature(field, holdsTimeStamp)
    for (const number of new Set([old.object, ...field.widgets])) this.#signedField(number)
  }

  #signedField(number: number): void {
    const before = this.#signed.object(number)?.value
    const after = this.#current.object(number)?.value
    if (!isDictionary(before) || !isDictionary(after)) return
    this.#explained.add(number)
    for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
      if (signingKeys.has(key)) this.#explainTree([{ object: number, key }], after.entries.get(key))
      else if (key === 'F' && isLockedOnly(before.entries.get(key), after.entries.get(key))) continue
      else this.#unchanged(number, key, before.entries.get(key), after.entries.get(key), 'a signature field')
    }
  }

  #pages(): void {
    const before = readPages(this.#signed)
    const after = readPages(this.#current)
    if (before.length !== after.length || before.some(({ object }, index) => object !== after[index]!.object)) {
      this.#refuse(null, 'Pages were added, removed or put in another order.')
      return
    }
    const holders = after.map(({ object }) => ({ object, key: 'Annots' }))
    before.forEach(({ object, dictionary }, index) => {
      const old = dictionary.entries
      const now = after[index]!.dictionary.entries
      this.#explained.add(object)
      for (const key of new Set([...old.keys(), ...now.keys()])) {
        if (key !== 'Annots') this.#unchanged(object, key, old.get(key), now.get(key), `page ${index + 1}`)
      }
      const list = now.get('Annots')
      if (isReference(list)) this.#explainObject(list.number, holders)
      this.#annotations(object, index + 1, old.get('Annots'), list)
    })
  }

  #annotations(page: number, pageNumber: number, old: PdfValue | undefined, now: PdfValue | undefined): void {
    const before = this.#signed.resolve(old)
    const after = this.#current.resolve(now)
    const kept = isArray(before) ? before.items : []
    const items = isArray(after) ? after.items : []
    let next = 0
    for (const item of items) {
      if (next < kept.length && this.#same(item, kept[next]!)) next++
      else if (!isReference(item) || !this.#newWidgets.has(item.number)) {
        this.#refuse(page, `Page ${pageNumber} was given an annotation that belongs to no new signature.`)
      }
    }
    if (next < kept.length) this.#refuse(page, `An annotation was taken from page ${pageNumber}.`)
  }
}
