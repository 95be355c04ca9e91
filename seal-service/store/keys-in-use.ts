import type { Queryable } from '../../platform/index.ts'
import { endedStates } from '../domain/seal.ts'
import { isMissingTable } from './missing-table.ts'

/** A key that the house's own authority certified and that a department signs with now. */
export interface KeyInUse {
  readonly departmentCode: string
  /** The seal whose key it is; null for a key of statements. */
  readonly seal: { readonly id: string; readonly name: string } | null
  readonly certificate: Uint8Array
}

interface KeyRow {
  department_code: string
  id: string | null
  name: string | null
  certificate: Uint8Array
}

/** Of every seal that has not ended its key in use, and every department's statement key in use; none before the first start. */
export async function listKeysInUse(db: Queryable): Promise<KeyInUse[]> {
  try {
    const rows = await db.query<KeyRow>(
      `select s.department_code, s.id, s.name, c.certificate
       from seal.seals s join seal.seal_certificates c on c.seal_id = s.id and c.number = s.certificate_number
       where c.source = 'own' and s.state <> all($1)
       union all
       select department_code, null, null, certificate from seal.statement_keys where state = 'active'
       order by department_code, id`,
      [endedStates],
    )
    return rows.map(({ department_code: departmentCode, id, name, certificate }) => ({
      departmentCode,
      seal: id === null ? null : { id, name: name! },
      certificate,
    }))
  } catch (error) {
    if (isMissingTable(error)) return []
    throw error
  }
}
