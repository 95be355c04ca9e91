import type { PdfDocument } from './document.ts'
import { forEachReference, isDictionary, type PdfReference, type PdfValue } from './objects.ts'

/** Who refers to an object: the number of the object, 0 for the trailer, and under which key of its dictionary ('' elsewhere). */
export interface Holder {
  readonly object: number
  readonly key: string
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
  const note = (object: number, key: string, value: PdfValue): void => {
    const hold = ({ number }: PdfReference): void => {
      budget.work(8)
      const holders = graph.get(number)
      if (holders !== undefined) holders.push({ object, key })
      else {
        graph.set(number, [{ object, key }])
        waiting.push(number)
      }
    }
    forEachReference(value, hold, budget)
  }
  const noteEntries = (object: number, value: PdfValue): void => {
    if (isDictionary(value)) for (const [key, entry] of value.entries) note(object, key, entry)
    else note(object, '', value)
  }
  // Private keys of a trailer (OpenOffice's /AdditionalStreams) are no part of the document that readers show.
  for (const key of ['Root', 'Info', 'Encrypt']) note(0, key, document.trailer.entries.get(key) ?? null)
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const object = document.object(number)
    if (object !== null) noteEntries(number, object.value)
  }
  return graph
}
