import type { PdfDocument } from './document.ts'
import type { Budget } from './limits.ts'
import { forEachReference, type IndirectObject, isDictionary, type PdfValue } from './objects.ts'

/** Who refers to an object: the number of the object, 0 for the trailer, and under which key of its dictionary ('' elsewhere). */
export interface Holder {
  readonly object: number
  readonly key: string
}

/** A reference to an object by its number. */
export interface Outgoing {
  readonly number: number
  readonly generation: number
  readonly holder: Holder
}

/** For every object that can be reached from the trailer, all its holders; also for numbers that nothing stands behind. */
export type ReferenceGraph = ReadonlyMap<number, readonly Holder[]>

const graphs = new WeakMap<PdfDocument, ReferenceGraph>()

/** Walks everything a reader of this state could come to, once. Throws `PadesError` when any of it cannot be read. */
export function referenceGraph(document: PdfDocument): ReferenceGraph {
  let graph = graphs.get(document)
  if (graph === undefined) graphs.set(document, (graph = walkReferences(document)))
  return graph
}

function walkReferences(document: PdfDocument): ReferenceGraph {
  const graph = new Map<number, Holder[]>()
  const waiting: number[] = []
  const { budget } = document.shared
  const note = ({ number, holder }: Outgoing): void => {
    const holders = graph.get(number)
    if (holders !== undefined) holders.push(holder)
    else {
      graph.set(number, [holder])
      waiting.push(number)
    }
  }
  // Private keys of a trailer (OpenOffice's /AdditionalStreams) are no part of the document that readers show.
  const roots: Outgoing[] = []
  for (const key of ['Root', 'Info', 'Encrypt'])
    collect(roots, { object: 0, key }, document.trailer.entries.get(key) ?? null, budget)
  roots.forEach(note)
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const object = document.object(number)
    if (object === null) continue
    const references = referencesOf(object, budget)
    budget.work(8 * references.length)
    for (const reference of references) note(reference)
  }
  return graph
}

/** What an object refers to, found once: most objects are the same in every state of a document. */
export function referencesOf(object: IndirectObject, budget: Budget): readonly Outgoing[] {
  if (object.references !== null) return object.references
  const { number, value } = object
  const found: Outgoing[] = []
  if (isDictionary(value))
    for (const [key, entry] of value.entries) collect(found, { object: number, key }, entry, budget)
  else collect(found, { object: number, key: '' }, value, budget)
  object.references = found
  return found
}

function collect(found: Outgoing[], holder: Holder, value: PdfValue, budget: Budget): void {
  if (typeof value === 'object')
    forEachReference(value, ({ number, generation }) => void found.push({ number, generation, holder }), budget)
}
