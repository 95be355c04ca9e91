import type { CatalogueEntry } from '../domain/type-entry.ts'
import type { Deps } from './deps.ts'
import { foldHolderCode } from './holder-key.ts'
import { keyedHash } from './sealed-content.ts'

type WithMac = { readonly keys: Pick<Deps['keys'], 'mac'> }

/** Whose licences, of which type. */
interface Owner {
  readonly departmentCode: string
  readonly typeCode: string
}

/**
 * The keyed hash that the licences of a department are found by which have this value in a field: written in any width, with any
 * spaces, in small letters or capitals, a number with separators or noughts behind its point.
 */
export const fieldMac = (
  deps: WithMac,
  { departmentCode, typeCode }: Owner,
  field: string,
  value: string,
): Uint8Array => keyedHash(deps, 'field', [departmentCode, typeCode, field, foldValue(value)].join('\n'))

function foldValue(value: string): string {
  const text = foldHolderCode(value)
  if (!/^\d[\d,]*(\.\d+)?$/.test(text)) return text
  const [whole, fraction = ''] = text.replaceAll(',', '').split('.')
  const rest = fraction.replace(/0+$/, '')
  return rest === '' ? whole! : `${whole}.${rest}`
}

/** The keyed hashes of a licence's fields, of those that its type's entry has it found by and that hold a value. */
export function fieldMacsOf(
  deps: WithMac,
  entry: Pick<CatalogueEntry, 'searchFields'> | undefined,
  owner: Owner,
  fields: Readonly<Record<string, unknown>>,
): Uint8Array[] {
  return (entry?.searchFields ?? []).flatMap((name) => {
    const value = fields[name]
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    return text === '' ? [] : [fieldMac(deps, owner, name, text)]
  })
}
