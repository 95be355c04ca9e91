import type { PdfDocument } from './document.ts'
import { type IndirectObject, isDictionary, isReference, nameOf, type PdfValue } from './objects.ts'
import { referenceGraph } from './reference-graph.ts'

/** A place that refers to an object: the key it stands under, and the key, or the object, of the dictionary with that key. */
interface Place {
  readonly key: string
  readonly within: string | IndirectObject
}

/** What it costs to look at a value, in octets read. */
const VALUE = 4

/** Where font files, files and alternate pictures hang (ISO 32000-2, 9.9, 7.11.4, 8.9.5.4): no content has a place there. */
const dataPlaces: ReadonlyMap<string, string> = new Map([
  ['FontFile', 'FontDescriptor'],
  ['FontFile2', 'FontDescriptor'],
  ['FontFile3', 'FontDescriptor'],
  ...['F', 'UF', 'DOS', 'Mac', 'Unix'].map((key) => [key, 'EF'] as const),
])

/**
 * The streams that readers come to as the data of a font, a picture or a file, and by no other way: what a stream says of itself anybody may
 * write into content too, and readers do not look there.
 */
export function heldData(document: PdfDocument): ReadonlySet<number> {
  const places = placesOf(document)
  const onlyKeys = new Map([...places].map(([number, held]) => [number, onlyKey(held)]))
  const isWithin = ({ within }: Place, key: string): boolean =>
    typeof within === 'string' ? within === key : within.stream === null && onlyKeys.get(within.number) === key
  const isDataPlace = (place: Place): boolean => {
    const above = dataPlaces.get(place.key)
    return above !== undefined && isWithin(place, above)
  }
  // Resources name pictures as they like, so the key above tells; masks and alternates hang on a picture.
  const isPicturePlace = (place: Place): boolean =>
    isWithin(place, 'XObject') ||
    ((place.key === 'SMask' || place.key === 'Mask') && typeof place.within === 'object' && isPicture(place.within)) ||
    (place.key === 'Image' && isWithin(place, 'Alternates'))
  const found = new Set<number>()
  for (const [number, held] of places) {
    const object = document.object(number)
    if (object === null || object.stream === null) continue
    const mayBePicture = isPicture(object)
    if (held.every((place) => isDataPlace(place) || (mayBePicture && isPicturePlace(place)))) found.add(number)
  }
  return found
}

/** The key of all these places, where it is one. */
function onlyKey(held: readonly Place[]): string | null {
  const key = held[0]?.key ?? null
  return held.every((place) => place.key === key) ? key : null
}

const isPicture = ({ value, stream }: IndirectObject): boolean =>
  stream !== null && isDictionary(value) && nameOf(value.entries.get('Subtype')) === 'Image'

/** All places that refer to an object, for every object that can be reached. */
function placesOf(document: PdfDocument): ReadonlyMap<number, readonly Place[]> {
  const { budget } = document.shared
  const places = new Map<number, Place[]>()
  const visit = (value: PdfValue, key: string, within: string | IndirectObject): void => {
    if (typeof value !== 'object' || value === null) return
    if (isReference(value)) {
      const known = places.get(value.number)
      if (known === undefined) places.set(value.number, [{ key, within }])
      else known.push({ key, within })
    } else if (value.kind === 'array') {
      budget.work(value.items.length * VALUE)
      for (const item of value.items) visit(item, key, within)
    } else if (value.kind === 'dictionary') {
      budget.work(value.entries.size * VALUE)
      for (const [own, item] of value.entries) visit(item, own, key)
    }
  }
  for (const key of ['Root', 'Info', 'Encrypt']) visit(document.trailer.entries.get(key) ?? null, key, '')
  for (const number of referenceGraph(document).keys()) {
    const object = document.object(number)
    if (object === null) continue
    if (isDictionary(object.value)) {
      budget.work(object.value.entries.size * VALUE)
      for (const [key, item] of object.value.entries) visit(item, key, object)
    } else visit(object.value, '', '')
  }
  return places
}
