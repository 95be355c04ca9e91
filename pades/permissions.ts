import type { PdfDocument } from './document.ts'
import { docMdpOf, signedFields } from './form-fields.ts'
import { isArray, nameOf, numberOf, type PdfDictionary } from './objects.ts'

/** What the signatures of a revision permit to be changed later. */
export interface Permissions {
  /** The strictest DocMDP permission; null where no signature certifies or locks the document. */
  readonly docMdp: 1 | 2 | 3 | null
  /** Whether a signature locks the field with this name. */
  isLocked(fieldName: string): boolean
  /**
   * Whether the field with this name may be filled in: where a certification leaves forms open, or where signatures that certify
   * nothing say which fields they lock and leave this one out. Without either word nothing may be filled.
   */
  mayBeFilled(fieldName: string): boolean
}

/**
 * The permissions in force after a revision (ISO 32000-2, 12.8.2.2, 12.8.2.4 and 12.7.5.5): DocMDP of certifying signatures,
 * /P of field locks, and FieldMDP. Null when the signature in question is not among the revision's own.
 */
export function permissionsAfter(signed: PdfDocument, signature: number | null): Permissions | null {
  return signedFields(signed).some(({ object }) => object === signature) ? permissionsOf(signed) : null
}

/** The permissions that all signatures of a document leave together. */
export function permissionsOf(signed: PdfDocument): Permissions {
  let docMdp: 1 | 2 | 3 | null = null
  const tighten = (permission: 1 | 2 | 3 | null): void => {
    if (permission !== null && (docMdp === null || permission < docMdp)) docMdp = permission
  }
  const locks = new Set<PdfDictionary>()
  for (const { field, signature: dictionary } of signedFields(signed)) {
    tighten(docMdpOf(signed, dictionary))
    const lock = signed.dictionary(field.dictionary.entries.get('Lock'))
    if (lock !== null) {
      locks.add(lock)
      const permission = numberOf(signed.resolve(lock.entries.get('P')))
      if (permission !== null) tighten(permission === 2 || permission === 3 ? permission : 1)
    }
    for (const parameters of fieldMdpParameters(signed, dictionary)) locks.add(parameters)
  }
  const isLocked = (name: string): boolean => [...locks].some((lock) => lockCovers(signed, lock, name))
  const isOpen = docMdp === null ? locks.size > 0 : docMdp > 1
  return { docMdp, isLocked, mayBeFilled: (name) => isOpen && !isLocked(name) }
}

function fieldMdpParameters(document: PdfDocument, signature: PdfDictionary): PdfDictionary[] {
  const references = document.resolve(signature.entries.get('Reference'))
  if (!isArray(references)) return []
  document.shared.budget.work(references.items.length)
  return references.items.flatMap((item) => {
    const reference = document.dictionary(item)
    const isFieldMdp = nameOf(document.resolve(reference?.entries.get('TransformMethod'))) === 'FieldMDP'
    const parameters = isFieldMdp ? document.dictionary(reference?.entries.get('TransformParams')) : null
    return parameters === null ? [] : [parameters]
  })
}

/** /Action All, Include or Exclude with /Fields; a lock that says none of these covers everything. */
function lockCovers(document: PdfDocument, lock: PdfDictionary, name: string): boolean {
  const action = nameOf(document.resolve(lock.entries.get('Action')))
  const fields = document.resolve(lock.entries.get('Fields'))
  if (isArray(fields)) document.shared.budget.work(fields.items.length)
  const names = isArray(fields) ? fields.items.map((item) => document.text(item)) : []
  const isNamed = names.some((listed) => listed !== null && (listed === name || name.startsWith(`${listed}.`)))
  return action === 'Include' ? isNamed : action === 'Exclude' ? !isNamed : true
}
