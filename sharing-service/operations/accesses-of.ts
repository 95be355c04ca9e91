import { type AccessKind, listAccessesOf } from '../store/accesses.ts'
import { namesOfMatters } from '../store/matters.ts'
import type { Deps } from './deps.ts'

/** One access of a department, as the holder may know it: not who the clerk was. */
export interface HolderAccess {
  /** Sorts those of one instant. */
  readonly access: string
  readonly at: Date
  readonly what: AccessKind
  readonly typeCode: string | null
  readonly identifier: string | null
  readonly departmentCode: string
  readonly matter: string
  /** What the department calls the matter, or called it; null where it has none of this code. */
  readonly matterName: string | null
  /** Null once it is kept no longer. */
  readonly purpose: string | null
  readonly fields: readonly string[]
  /** False where it was refused. */
  readonly isGranted: boolean
  /** True where it was answered that there is nothing. */
  readonly isEmpty: boolean
}

const DIGITS = 18

/** Whatever departments fetched, checked or were refused of a holder (keyed hash, hexadecimal) up to an instant, newest first. */
export async function accessesOf(deps: Deps, holderKey: string, until: Date, most: number): Promise<HolderAccess[]> {
  const before = { at: new Date(until.getTime() + 1), access: 0n }
  const rows = await listAccessesOf(deps.database, holderKey, before, most)
  const nameOf = await namesOfMatters(deps.database, rows)
  return Promise.all(
    rows.map(async (row) => ({
      access: String(row.access).padStart(DIGITS, '0'),
      at: row.at,
      what: row.what,
      typeCode: row.typeCode,
      identifier: row.identifier,
      departmentCode: row.departmentCode,
      matter: row.matterCode,
      matterName: nameOf(row),
      purpose: (await deps.accesses.reasonOf(row))?.purpose ?? null,
      fields: row.fields,
      isGranted: row.answer === 'given' || row.answer === 'nothing' || row.answer.startsWith('check:'),
      isEmpty: row.answer === 'nothing',
    })),
  )
}
