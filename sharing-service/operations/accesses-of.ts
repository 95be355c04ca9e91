import { listAccessesOf } from '../store/accesses.ts'
import type { Deps } from './deps.ts'

/** One access of a department, as the holder may know it: not who the clerk was. */
export interface HolderAccess {
  /** Sorts those of one instant. */
  readonly access: string
  readonly at: Date
  readonly identifier: string | null
  readonly departmentCode: string
  readonly matter: string
  /** Null once it is kept no longer. */
  readonly purpose: string | null
  readonly fields: readonly string[]
  /** False where it was refused. */
  readonly isGranted: boolean
}

const DIGITS = 18

/** Whatever departments fetched, checked or were refused of a holder (keyed hash, hexadecimal) up to an instant, newest first. */
export async function accessesOf(deps: Deps, holderKey: string, until: Date, most: number): Promise<HolderAccess[]> {
  const before = { at: new Date(until.getTime() + 1), access: 0n }
  const rows = await listAccessesOf(deps.database, holderKey, before, most)
  return Promise.all(
    rows.map(async (row) => ({
      access: String(row.access).padStart(DIGITS, '0'),
      at: row.at,
      identifier: row.identifier,
      departmentCode: row.departmentCode,
      matter: row.matterCode,
      purpose: (await deps.accesses.reasonOf(row))?.purpose ?? null,
      fields: row.fields,
      isGranted: row.answer === 'given' || row.answer === 'nothing' || row.answer.startsWith('check:'),
    })),
  )
}
