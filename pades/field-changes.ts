import { drawsNothing, isContained } from './appearance-bounds.ts'
import type { ChangeContext } from './change-context.ts'
import { explainFilling } from './fill-field.ts'
import { type FormField, formFields } from './form-fields.ts'
import { isDictionary, isReference, type PdfValue } from './objects.ts'
import {
  fieldKeys,
  hasOnlyWidgets,
  isLockedOnly,
  isShown,
  isTimeStamp,
  partsOf,
  signingKeys,
  upwardKeys,
} from './permitted-entries.ts'

/** Explains what became of the form's fields: new signatures, prepared fields that were signed, and fields that were filled. */
export function explainFields(context: ChangeContext): void {
  new FieldJudge(context).judge()
}

class FieldJudge {
  readonly #context: ChangeContext

  constructor(context: ChangeContext) {
    this.#context = context
  }

  judge(): void {
    const before = new Map(formFields(this.#context.signed).map((field) => [field.name, field]))
    const seen = new Set<string>()
    const signatures = new Set<number>()
    for (const field of formFields(this.#context.current)) {
      if (field.type === 'Sig' && isReference(field.value)) {
        if (signatures.has(field.value.number)) {
          this.#context.add(
            'undecided',
            'structure',
            field.object,
            `Two fields hold the signature that "${field.name}" holds.`,
          )
        }
        signatures.add(field.value.number)
      }
      if (seen.has(field.name))
        this.#context.add('undecided', 'structure', field.object, `Two fields are named "${field.name}".`)
      seen.add(field.name)
      const old = before.get(field.name)
      if (old === undefined) this.#newField(field)
      else if (old.object !== field.object)
        this.#context.refuse(field.object, `The field "${field.name}" was replaced by another.`)
      else this.#knownField(old, field)
    }
    for (const name of before.keys())
      if (!seen.has(name)) this.#context.refuse(null, `The field "${name}" was removed.`)
  }

  #newField(field: FormField): void {
    const { object, name, dictionary } = field
    const shown = field.widgets[0] ?? object
    if (object === null || field.type !== 'Sig' || !this.#context.isNew(object) || !this.#hasNewSignature(field)) {
      this.#context.refuse(object, `A field "${name}" was added that holds no new signature.`, shown)
      return
    }
    const holdsTimeStamp = isTimeStamp(this.#context.current, this.#context.current.dictionary(field.value))
    const strange = partsOf(this.#context.current, field)
      .flatMap(({ entries }) => [...entries.keys()])
      .find((key) => !fieldKeys.has(key))
    if (strange !== undefined) this.#context.refuse(object, `The new signature field "${name}" has a /${strange}.`)
    else if (!hasOnlyWidgets(this.#context.current, field))
      this.#context.refuse(object, `The new signature field "${name}" has a part that is no widget of it.`, shown)
    else if (!holdsTimeStamp && !this.#maySignAnew(field)) {
      this.#context.refuse(object, `A signature "${name}" was added to a certified document.`, shown)
    } else if (holdsTimeStamp && isShown(this.#context.current, field)) {
      // Anybody can have a time stamp; nobody answers for what it shows.
      this.#context.refuse(object, `The time stamp "${name}" is visible and could hide what is signed.`, shown)
    } else this.#addSignature(field, holdsTimeStamp)
    this.#context.explained.add(object)
    for (const widget of field.widgets) this.#context.newWidgets.add(widget)
    for (const [key, value] of dictionary.entries) {
      if (!upwardKeys.has(key)) this.#context.explainTree([{ object, key }], value)
    }
  }

  /**
   * A certification that leaves forms open lets others sign (12.8.2.2.2), in a field of their own only where that shows nothing: a
   * picture of it could stand for anything ("sneaky signatures").
   */
  #maySignAnew(field: FormField): boolean {
    const { docMdp, isLocked } = this.#context.permissions
    return docMdp === null || (docMdp > 1 && !isLocked(field.name) && !isShown(this.#context.current, field))
  }

  /** A signature dictionary that was signed already, shown by another field, would let anyone draw over the page. */
  #hasNewSignature({ value }: FormField): boolean {
    return isReference(value) && this.#context.isNew(value.number) && isDictionary(this.#context.current.resolve(value))
  }

  #addSignature({ object, name, widgets }: FormField, holdsTimeStamp: boolean): void {
    const shown = widgets[0] ?? object
    if (holdsTimeStamp)
      this.#context.add(
        'permitted',
        'document-time-stamp-added',
        object,
        `A document time stamp "${name}" was added.`,
        shown,
      )
    else this.#context.add('permitted', 'signature-added', object, `A signature "${name}" was added.`, shown)
  }

  /** A field that was there: an empty signature field may be signed, nothing else may happen to it. */
  #knownField(old: FormField, field: FormField): void {
    const wasSigned = isDictionary(this.#context.signed.resolve(old.value))
    const isSigned = field.type === 'Sig' && this.#hasNewSignature(field)
    if (old.type !== 'Sig') explainFilling(this.#context, old, field)
    if (old.type !== 'Sig' || wasSigned || !isSigned || old.object === null) return
    const { name, object } = field
    const { docMdp } = this.#context.permissions
    const holdsTimeStamp = isTimeStamp(this.#context.current, this.#context.current.dictionary(field.value))
    if (docMdp === 1 || this.#context.permissions.isLocked(name)) {
      this.#context.refuse(object, `The field "${name}" was signed although it must not be.`)
    } else if (holdsTimeStamp && (docMdp !== null || isShown(this.#context.current, field))) {
      // It would stand for nobody's signature, whatever its picture shows.
      this.#context.refuse(object, `The field "${name}" was made for a signature and holds a time stamp.`)
    } else this.#addSignature(field, holdsTimeStamp)
    for (const number of new Set([old.object, ...field.widgets])) this.#signedField(number)
  }

  /** What stands in a prepared field stays within it. */
  #signedPicture(number: number, value: PdfValue | undefined): void {
    const { current } = this.#context
    const pictures = [...(current.dictionary(value)?.entries.values() ?? [])]
    const isWithin = (entry: PdfValue): boolean => {
      const object = isReference(entry) ? current.target(entry) : null
      return object !== null && isContained(current, object)
    }
    if (!pictures.every(isWithin) && !drawsNothing(current, value))
      this.#context.refuse(number, 'A seal was put into its field with a picture that has no bounds of its own.')
  }

  #signedField(number: number): void {
    const before = this.#context.signed.object(number)?.value
    const after = this.#context.current.object(number)?.value
    if (!isDictionary(before) || !isDictionary(after) || !this.#context.isOnlyAnnotation(number)) return
    this.#context.explained.add(number)
    for (const key of new Set([...before.entries.keys(), ...after.entries.keys()])) {
      if (key === 'AP') this.#signedPicture(number, after.entries.get(key))
      if (signingKeys.has(key)) this.#context.explainTree([{ object: number, key }], after.entries.get(key))
      else if (key === 'F' && isLockedOnly(before.entries.get(key), after.entries.get(key))) continue
      else this.#context.unchanged(number, key, before.entries.get(key), after.entries.get(key), 'a signature field')
    }
  }
}
