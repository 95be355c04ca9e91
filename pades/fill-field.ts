import { isContained } from './appearance-bounds.ts'
import { describeDrawing } from './appearance-content.ts'
import type { ChangeContext } from './change-context.ts'
import { rectangleOf } from './change-places.ts'
import type { FormField } from './form-fields.ts'
import { isArray, isDictionary, isReference, isString, nameOf, type PdfDictionary, type PdfValue } from './objects.ts'
import { isPlainFont } from './plain-font.ts'
import { referenceGraph } from './reference-graph.ts'

/** Field flags (ISO 32000-2, table 227 and 229). */
const READ_ONLY = 1
const PUSH_BUTTON = 1 << 16

/** What filling may change in a field and its widgets: never where it stands, what it is, or what it does. */
const fillingKeys: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Tx', new Set(['V', 'RV', 'AP', 'M'])],
  ['Ch', new Set(['V', 'I', 'AP', 'M'])],
  ['Btn', new Set(['V', 'AS', 'M'])],
])

/**
 * Explains a field that was filled in (12.8.2.2.2, table 257): its value and the pictures of it, where certification and locks
 * leave it open. A text or choice shows in its own rectangle, and draws nothing but text; a button switches to a state that was
 * signed with it.
 */
export function explainFilling(context: ChangeContext, old: FormField, field: FormField): void {
  const numbers = [...new Set([old.object, ...old.widgets])].filter((number) => number !== null)
  const keys = fillingKeys.get(old.type ?? '')
  if (keys === undefined || old.type !== field.type) return
  const mayBeFilled = context.permissions.mayBeFilled(old.name) && (old.flags & READ_ONLY) === 0
  const isChanged = (number: number): boolean =>
    (context.changes.has(number) && !context.explained.has(number)) ||
    (mayBeFilled && context.isTouched(dictionaryOf(context, number)?.entries.get('AP')))
  const changed = numbers.filter(isChanged)
  if (changed.length === 0) return
  const shown = old.widgets[0] ?? old.object
  for (const number of changed) context.explained.add(number)
  if (!mayBeFilled) {
    context.refuse(old.object, `The field "${old.name}" was filled in although it must not be.`, shown)
    return
  }
  if (!numbers.every((number) => context.isOnlyAnnotation(number))) {
    context.refuse(old.object, `The field "${old.name}" was filled in, and something else uses it too.`, shown)
    return
  }
  const covering =
    old.type === 'Btn' && !old.widgets.every((number) => isMark(context, number))
      ? 'a mark that covers more than itself'
      : null
  const fault =
    covering ?? changed.map((number) => explainPart(context, old, number, keys)).find((found) => found !== null)
  if (fault !== undefined && fault !== null)
    context.refuse(old.object, `The field "${old.name}" was filled in with ${fault}.`, shown)
  else context.add('permitted', 'field-filled', old.object, `The field "${old.name}" was filled in.`, shown)
}

const dictionaryOf = (context: ChangeContext, number: number): PdfDictionary | null =>
  context.current.dictionary(context.current.object(number)?.value)

/** In points: how large a button may be whose state changes. What another state shows is signed, but nobody saw it. */
const LARGEST_MARK = 40

/** Whether a button is as small as boxes to tick are, with pictures that stay within. */
function isMark({ signed }: ChangeContext, number: number): boolean {
  const widget = signed.dictionary(signed.object(number)?.value)
  const [x0, y0, x1, y1] = rectangleOf(signed, widget?.entries.get('Rect')) ?? []
  if (x0 === undefined || x1! - x0 > LARGEST_MARK || y1! - y0! > LARGEST_MARK) return false
  const states = signed.dictionary(signed.dictionary(widget!.entries.get('AP'))?.entries.get('N'))
  return [...(states?.entries.values() ?? [])].every((state) => {
    const picture = isReference(state) ? signed.target(state) : null
    return picture !== null && isContained(signed, picture)
  })
}

/** What is wrong with one changed part of a filled field, or null. What is not of filling is told by itself. */
function explainPart(
  context: ChangeContext,
  field: FormField,
  number: number,
  keys: ReadonlySet<string>,
): string | null {
  const before = context.signed.object(number)?.value
  const after = context.current.object(number)?.value
  if (!isDictionary(before) || !isDictionary(after)) return 'something that is no field'
  let fault: string | null = null
  for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
    const [old, now] = [before.entries.get(key), after.entries.get(key)]
    if (!keys.has(key)) {
      context.unchanged(number, key, old, now, `the field "${field.name}"`)
      continue
    }
    if (context.same(old ?? null, now ?? null) && !context.isTouched(now)) continue
    context.explainTree([{ object: number, key }], now)
    fault ??= faultOf(context, field, key, now, before)
  }
  return fault
}

function faultOf(
  context: ChangeContext,
  field: FormField,
  key: string,
  now: PdfValue | undefined,
  before: PdfDictionary,
): string | null {
  const { current } = context
  if (key === 'V' || key === 'RV') return isValue(context, now, field.type) ? null : 'a value that is none of its kind'
  if (key === 'AP') return appearanceFault(context, now)
  if (key !== 'AS') return null
  if ((field.flags & PUSH_BUTTON) !== 0) return 'a state, which a push button has not'
  const states = context.signed.dictionary(context.signed.dictionary(before.entries.get('AP'))?.entries.get('N'))
  const state = nameOf(current.resolve(now))
  return state === 'Off' || (state !== null && states?.entries.has(state))
    ? null
    : 'a state that was not signed with it'
}

function isValue(context: ChangeContext, value: PdfValue | undefined, type: string | null): boolean {
  const { current } = context
  const resolved = current.resolve(value)
  if (resolved === null) return true
  if (type === 'Btn') return nameOf(resolved) !== null
  if (isArray(resolved)) return type === 'Ch' && resolved.items.every((item) => isString(current.resolve(item)))
  const isStream = isReference(value) && current.target(value)?.stream !== null
  return isString(resolved) || (type === 'Tx' && isStream)
}

/** Entries of the picture of a filled field: nothing that makes it depend on anything else. */
const pictureKeys = new Set('Type Subtype FormType BBox Matrix Resources Length Filter DecodeParms'.split(' '))
const pictureResources = new Set(['Font', 'ProcSet'])

/** Names of fonts that signed fields and comments, or the form itself, already asked for: until now readers took others for them. */
function namesInSigned({ signed }: ChangeContext, form: number): ReadonlySet<string> {
  const names = new Set<string>()
  const note = (text: string | null): void => {
    signed.shared.budget.work(8 * (text ?? '').length)
    for (const word of (text ?? '').split(/[\s()<>[\]{}%]+|(?=\/)/)) names.add(word)
  }
  const own = signed.dictionary(signed.catalog.entries.get('AcroForm'))
  note(signed.text(own?.entries.get('DA')))
  for (const holder of [form, ...referenceGraph(signed).keys()]) {
    const value = signed.object(holder)?.value
    if (isDictionary(value) && value.entries.has('DA')) note(signed.text(value.entries.get('DA')))
  }
  return names
}

function appearanceFault(context: ChangeContext, value: PdfValue | undefined): string | null {
  const { current } = context
  const appearance = current.dictionary(value)
  if (appearance === null) return null
  for (const [key, entry] of appearance.entries) {
    const object = isReference(entry) ? current.target(entry) : null
    if (key !== 'N' || object === null || object.stream === null || !isDictionary(object.value))
      return 'pictures other than one that is always shown'
    if (!isContained(current, object)) return 'a picture without bounds of its own'
    const strange = [...object.value.entries.keys()].find((entryKey) => !pictureKeys.has(entryKey))
    if (strange !== undefined) return `a picture that has a /${strange}`
    const resources = current.dictionary(object.value.entries.get('Resources'))
    const other = [...(resources?.entries.keys() ?? [])].find((entryKey) => !pictureResources.has(entryKey))
    if (other !== undefined) return `a picture that uses a /${other}`
    const fonts = current.dictionary(resources?.entries.get('Font'))?.entries.values() ?? []
    if (![...fonts].every((font) => isPlainFont(current, font))) return 'letters that are pictures (Type 3)'
    if (describeDrawing(current, object).hasPictures) return 'a picture that is more than text'
  }
  return null
}

/** Fonts may be added to the form's resources (/DR), for fields that are filled in; none may be replaced. */
export function explainResources(
  context: ChangeContext,
  form: number,
  old: PdfValue | undefined,
  now: PdfValue | undefined,
): void {
  const [before, after] = [context.signed.dictionary(old), context.current.dictionary(now)]
  if (after === null) {
    context.unchanged(form, 'DR', old, now, 'the form')
    return
  }
  const holder = isReference(now) ? now.number : form
  if (isReference(now)) context.explainObject(now.number, [{ object: form, key: 'DR' }])
  for (const key of new Set([...(before?.entries.keys() ?? []), ...after.entries.keys()])) {
    const [oldEntry, newEntry] = [before?.entries.get(key), after.entries.get(key)]
    if (key !== 'Font') {
      context.unchanged(holder, key, oldEntry, newEntry, "the form's resources")
      continue
    }
    if (isReference(newEntry))
      context.explainObject(newEntry.number, [{ object: holder, key: isReference(now) ? 'Font' : 'DR' }])
    const fonts = context.signed.dictionary(oldEntry)?.entries ?? new Map<string, PdfValue>()
    const added = context.current.dictionary(newEntry)?.entries ?? new Map<string, PdfValue>()
    for (const [name, font] of fonts) {
      if (!context.same(font, added.get(name) ?? null))
        context.refuse(form, `The font "${name}" of the form was replaced.`)
    }
    const isLarger = [...added.keys()].some((name) => !fonts.has(name))
    const named = isLarger ? namesInSigned(context, form) : new Set<string>()
    for (const [name, font] of added) {
      if (fonts.has(name)) continue
      const isNamed = named.has(`/${name}`)
      if (isReference(font) && context.isNew(font.number) && isPlainFont(context.current, font) && !isNamed)
        context.explainTree([], font)
      else context.refuse(form, `The font "${name}" that was added to the form is none of its own.`)
    }
  }
}
