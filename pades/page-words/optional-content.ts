import type { PdfDocument } from '../document.ts'
import { isArray, isReference, nameOf, type PdfValue } from '../objects.ts'

/** Whether what belongs to a layer, or to a rule about layers, is shown when the document is opened (ISO 32000-2, 8.11). */
export type IsShown = (membership: PdfValue | undefined) => boolean

/** Reads the layers of a document. What a formula decides (/VE, or a policy but the usual one) counts as hidden. */
export function readLayers(document: PdfDocument): IsShown {
  const properties = document.dictionary(document.catalog.entries.get('OCProperties'))
  const usual = document.dictionary(properties?.entries.get('D'))
  const listed = (key: string): Set<number> => {
    const list = document.resolve(usual?.entries.get(key))
    return new Set((isArray(list) ? list.items : []).flatMap((item) => (isReference(item) ? [item.number] : [])))
  }
  const [on, off] = [listed('ON'), listed('OFF')]
  const isOffAtFirst = nameOf(document.resolve(usual?.entries.get('BaseState'))) === 'OFF'
  const isOn = (number: number): boolean => (isOffAtFirst ? on.has(number) && !off.has(number) : !off.has(number))
  return (membership) => {
    if (membership === undefined || membership === null) return true
    const dictionary = document.dictionary(membership)
    if (nameOf(document.resolve(dictionary?.entries.get('Type'))) !== 'OCMD')
      return isReference(membership) && isOn(membership.number)
    const policy = nameOf(document.resolve(dictionary!.entries.get('P'))) ?? 'AnyOn'
    if (dictionary!.entries.has('VE') || policy !== 'AnyOn') return false
    const groups = dictionary!.entries.get('OCGs') ?? null
    const list = document.resolve(groups)
    const members = isArray(list) ? list.items : list === null ? [] : [groups]
    document.shared.budget.work(members.length)
    return members.length === 0 || members.some((member) => isReference(member) && isOn(member.number))
  }
}
