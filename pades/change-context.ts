import type { PdfDocument } from './document.ts'
import type { ObjectChange } from './object-changes.ts'
import { forEachReference, isArray, isDictionary, isReference, numberOf, type PdfValue, sameValue } from './objects.ts'
import type { Permissions } from './permissions.ts'
import { upwardKeys } from './permitted-entries.ts'
import { type Holder, type ReferenceGraph, referenceGraph, referencesOf } from './reference-graph.ts'
import type { LaterChange } from './signed-pdf.ts'

/** A finding before its place on a page is looked up: `shown` is the object that shows it. */
export type PlacelessChange = Omit<LaterChange, 'page' | 'rect'> & { readonly shown: number | null }

/** Under which keys annotations and fields stand: lists, each other, and the structure of the document. */
const annotationHolders = new Set(['Annots', 'Fields', 'Kids', 'Parent', 'CO', 'Popup', 'IRT', 'Obj', 'K'])

/** Boundaries of pages: there 595 and 595.0 are one to every reader, and some writers make the one of the other. */
const boxes: ReadonlySet<string> = new Set(['MediaBox', 'CropBox', 'BleedBox', 'TrimBox', 'ArtBox'])

const isSameBox = (old: PdfValue | undefined, now: PdfValue | undefined): boolean =>
  isArray(old) &&
  isArray(now) &&
  old.items.length === 4 &&
  now.items.length === 4 &&
  old.items.every((item, index) => numberOf(item) !== null && numberOf(item) === numberOf(now.items[index]))

/** What the rules share while they explain the changes between a signed state and the present one. */
export class ChangeContext {
  readonly signed: PdfDocument
  readonly current: PdfDocument
  readonly changes: ReadonlyMap<number, ObjectChange>
  readonly permissions: Permissions
  readonly before: ReferenceGraph
  readonly after: ReferenceGraph
  readonly explained = new Set<number>()
  readonly findings: PlacelessChange[] = []
  /** Widgets of signatures that were added and may be. */
  readonly newWidgets = new Set<number>()

  constructor(
    signed: PdfDocument,
    current: PdfDocument,
    changes: ReadonlyMap<number, ObjectChange>,
    permissions: Permissions,
  ) {
    this.signed = signed
    this.current = current
    this.changes = changes
    this.permissions = permissions
    this.before = referenceGraph(signed)
    this.after = referenceGraph(current)
  }

  same(left: PdfValue, right: PdfValue): boolean {
    return sameValue(left, right, this.current.shared.budget)
  }

  add(
    verdict: LaterChange['verdict'],
    kind: LaterChange['kind'],
    object: number | null,
    detail: string,
    shown: number | null = object,
  ): void {
    this.findings.push({ verdict, kind, object, shown, detail })
  }

  refuse(object: number | null, detail: string, shown: number | null = object): void {
    this.add('not-permitted', 'object-changed', object, detail, shown)
  }

  get root(): number {
    const root = this.signed.trailer.entries.get('Root')
    return isReference(root) ? root.number : 0
  }

  /** The same entry, or a list or dictionary moved into an object of its own: of names, numbers and truth values some readers follow no reference. */
  unchanged(object: number, key: string, old: PdfValue | undefined, now: PdfValue | undefined, where: string): void {
    if (this.same(old ?? null, now ?? null) || (boxes.has(key) && isSameBox(old, now))) return
    // An entry that leads to null is no entry for some readers, and for others the end of what is inherited.
    const isThere = old !== undefined && now !== undefined
    const isMoved = (isArray(old) || isDictionary(old)) && isReference(now)
    // What groups of layers are named by is their number: one that is written out is another.
    const isWrittenOut = key === 'Resources' && isReference(old) && isDictionary(now)
    const same = isThere && (isMoved || isWrittenOut) && this.same(this.signed.resolve(old), this.current.resolve(now))
    const isStream = (value: PdfValue | undefined, document: PdfDocument): boolean =>
      isReference(value) && document.object(value.number)?.stream !== null
    if (!same || isStream(old, this.signed) || isStream(now, this.current)) {
      this.refuse(object, `/${key} of ${where} was changed.`)
    } else if (isReference(now)) this.explainObject(now.number, [{ object, key }])
  }

  /**
   * Explains everything changed below a value that a rule lets change as a whole. A new object can stand there whoever else uses
   * it, since each of its users is judged by itself. One that was there before must belong to this place alone: what else uses
   * it would change with it, unseen.
   */
  explainTree(roots: readonly Holder[], value: PdfValue | undefined): void {
    const members = this.#reachableFrom(value)
    if (![...members].some((number) => this.changes.has(number))) return
    const owned = this.#ownedBy(roots, members)
    for (const number of members) {
      if (!this.changes.has(number) || this.explained.has(number)) continue
      this.explained.add(number)
      if (!owned.has(number))
        this.refuse(number, `Object ${number} was changed, and something else that was signed uses it too.`)
    }
  }

  /** Whether anything below a value was changed that is not explained yet. */
  isTouched(value: PdfValue | undefined): boolean {
    for (const number of this.#reachableFrom(value))
      if (this.changes.has(number) && !this.explained.has(number)) return true
    return false
  }

  /** `explainTree` for one object without what is below it. */
  explainObject(number: number, roots: readonly Holder[]): void {
    if (!this.changes.has(number) || this.explained.has(number)) return
    this.explained.add(number)
    if (!this.#ownedBy(roots, new Set([number])).has(number)) {
      this.refuse(number, `Object ${number} was changed, and something else that was signed uses it too.`)
    }
  }

  #reachableFrom(value: PdfValue | undefined): Set<number> {
    const members = new Set<number>()
    const waiting: PdfValue[] = [value ?? null]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      forEachReference(
        next,
        ({ number }) => {
          if (members.has(number) || number === this.root) return
          members.add(number)
          waiting.push(this.current.object(number)?.value ?? null)
        },
        this.current.shared.budget,
        upwardKeys,
      )
    }
    return members
  }

  /** The members that only the roots and other such members refer to, then and now. What is given up gives up what it holds. */
  #ownedBy(roots: readonly Holder[], members: ReadonlySet<number>): Set<number> {
    const { budget } = this.current.shared
    const owned = new Set(members)
    const isRoot = ({ object, key }: Holder): boolean =>
      roots.some((root) => root.object === object && root.key === key)
    const waiting: number[] = []
    const giveUp = (number: number): void => {
      if (!this.isNew(number) && owned.delete(number)) waiting.push(number)
    }
    for (const number of members) {
      const holders = [...(this.before.get(number) ?? []), ...(this.after.get(number) ?? [])]
      budget.work(1 + holders.length)
      if (!holders.every((holder) => members.has(holder.object) || isRoot(holder))) giveUp(number)
    }
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop())
      for (const [document, graph] of [
        [this.signed, this.before],
        [this.current, this.after],
      ] as const) {
        const object = graph.has(number) ? document.object(number) : null
        const held = object === null ? [] : referencesOf(object, budget)
        budget.work(1 + held.length)
        for (const reference of held) if (!isRoot(reference.holder)) giveUp(reference.number)
      }
    return owned
  }

  /**
   * Whether an object is used as annotation or field and as nothing else, then and now. One that is a dictionary of resources as well
   * would show elsewhere what may be changed in it.
   */
  isOnlyAnnotation(number: number): boolean {
    const isFine = (graph: ReferenceGraph, document: PdfDocument, held: number, isList: boolean): boolean =>
      (graph.get(held) ?? []).every(({ object, key }) => {
        this.current.shared.budget.work(8)
        if (key === '') return !isList && isFine(graph, document, object, true)
        return annotationHolders.has(key) || (key === 'AcroForm' && !this.#isHeldByForm(document, number))
      })
    return isFine(this.before, this.signed, number, false) && isFine(this.after, this.current, number, false)
  }

  /** Whether a form that is written into the catalog uses the object in anything but its lists of fields. */
  #isHeldByForm(document: PdfDocument, number: number): boolean {
    const form = document.dictionary(document.catalog.entries.get('AcroForm'))
    let isHeld = false
    for (const [key, value] of form?.entries ?? []) {
      if (key === 'Fields' || key === 'CO') continue
      forEachReference(value, (reference) => void (isHeld ||= reference.number === number), document.shared.budget)
    }
    return isHeld
  }

  /** Whether the number meant nothing in what is signed, and nothing signed referred to it. */
  isNew(number: number): boolean {
    return this.changes.get(number)?.before === null && !this.before.has(number)
  }
}
