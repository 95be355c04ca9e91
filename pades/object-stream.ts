import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { type IndirectObject, isDictionary, nameOf } from './objects.ts'
import { isRegular, SyntaxReader } from './syntax.ts'

/**
 * Every object of an object stream, in order of index (ISO 32000-2, 7.5.7).
 *
 * @throws PadesError PADES_OBJECT_NOT_WHERE_LISTED, PADES_MALFORMED; as `PdfDocument.data`
 */
export function readObjectStream(document: PdfDocument, container: IndirectObject): IndirectObject[] {
  const { budget } = document.shared
  const dictionary = container.value
  if (!isDictionary(dictionary) || container.stream === null || nameOf(dictionary.entries.get('Type')) !== 'ObjStm') {
    throw new PadesError('PADES_OBJECT_NOT_WHERE_LISTED', `object ${container.number} is no object stream`)
  }
  const data = document.data(container)
  const count = dictionary.entries.get('N')
  const first = dictionary.entries.get('First')
  if (typeof count !== 'number' || typeof first !== 'number' || count < 0 || first < 0 || first > data.length) {
    throw new PadesError('PADES_MALFORMED', `object stream ${container.number} without proper /N and /First`)
  }
  const header = new SyntaxReader(data, 0, first, budget)
  const places: [number: number, offset: number][] = []
  const numbers = new Set<number>()
  for (let i = 0; i < count; i++) {
    header.skipWhite()
    const number = header.takeInteger()
    header.skipWhite()
    const offset = header.takeInteger()
    if (number < 0 || offset < 0)
      throw new PadesError('PADES_MALFORMED', `the head of object stream ${container.number}`)
    // Of one number twice some readers take the first object, others the last.
    if (numbers.has(number))
      throw new PadesError('PADES_MALFORMED', `object ${number} stands twice in object stream ${container.number}`)
    numbers.add(number)
    places.push([number, first + offset])
  }
  return places.map(([number, from], index) => {
    const end = places[index + 1]?.[1] ?? data.length
    if (from > end || end > data.length || (isRegular(data[end - 1]) && isRegular(data[end])))
      throw new PadesError('PADES_MALFORMED', `the offsets of object stream ${container.number}`)
    const reader = new SyntaxReader(data, from, end, budget)
    const value = reader.readValue()
    reader.skipWhite()
    if (reader.position !== end) throw new PadesError('PADES_MALFORMED', `object ${number} does not fill its place`)
    return {
      number,
      generation: 0,
      value,
      stream: null,
      start: 0,
      end: 0,
      packed: data.subarray(from, end),
      references: null,
    }
  })
}
