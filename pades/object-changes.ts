import { forEachEntry, sameEntry } from './cross-reference.ts'
import type { ChainLink, PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import type { Budget } from './limits.ts'
import { type IndirectObject, isDictionary, nameOf, sameBytes, sameValue } from './objects.ts'
import { referenceGraph } from './reference-graph.ts'

/** An object whose content is not what it was. */
export interface ObjectChange {
  readonly before: IndirectObject | null
  readonly after: IndirectObject | null
}

/**
 * Compares, by number, every object that a later cross-reference lists, and every one that can be reached now, with what the signed
 * revision has under it: an entry that is the same can mean another object where it points behind the signed end, or where what it
 * depends on was changed (a length, an object stream).
 *
 * @throws PadesError where the signed revision's own cannot be read
 */
export function changedObjects(
  signed: PdfDocument,
  current: PdfDocument,
  later: readonly ChainLink[],
): Map<number, ObjectChange> {
  const changes = new Map<number, ObjectChange>()
  const compare = (number: number): void => {
    const before = signed.object(number)
    const after = current.object(number)
    if (!sameObject(before, after, current.shared.budget)) changes.set(number, { before, after })
  }
  const compareListed = (number: number): void => {
    if (sameEntry(signed.entry(number), current.entry(number))) return
    const before = signed.object(number)
    if (before !== null && isObjectStream(before)) {
      throw new PadesError('PADES_MALFORMED', `object stream ${number}, in which signed objects lie, was replaced`)
    }
    compare(number)
  }
  for (const { section } of later) forEachEntry(section, current.shared.budget, compareListed)
  for (const number of referenceGraph(current).keys()) if (!changes.has(number)) compare(number)
  return changes
}

function isObjectStream(object: IndirectObject): boolean {
  return isDictionary(object.value) && object.stream !== null && nameOf(object.value.entries.get('Type')) === 'ObjStm'
}

function sameObject(left: IndirectObject | null, right: IndirectObject | null, budget: Budget): boolean {
  if (left === right) return true
  if (left === null || right === null) return false
  if (left.generation !== right.generation || !sameValue(left.value, right.value, budget)) return false
  if (left.stream === null || right.stream === null) return left.stream === right.stream
  budget.work(left.stream.length)
  return sameBytes(left.stream, right.stream)
}
