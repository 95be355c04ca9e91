import type { Queryable } from '../../platform/index.ts'

export interface HolderSearch {
  /** Keyed hashes; one of them at least, both where both are known. */
  readonly codeMac?: Uint8Array | undefined
  readonly nameMac?: Uint8Array | undefined
  readonly departmentCodes: readonly string[]
  readonly before?: bigint | undefined
  readonly limit: number
}

/** Licences of departments that a holder is found on, newest first, before a place in that order. */
export function findOfHolder(
  db: Queryable,
  { codeMac, nameMac, departmentCodes, before, limit }: HolderSearch,
): Promise<{ identifier: string; sequence: bigint }[]> {
  const of = [codeMac && 'h.code_mac = $4', nameMac && `h.name_mac = $${codeMac ? 5 : 4}`].filter((one) => one)
  return db.query(
    `select l.identifier, l.sequence from licence.licences l
     where l.identifier in (select h.identifier from licence.holders h where ${of.join(' and ')})
       and l.department_code = any($1) and ($2::bigint is null or l.sequence < $2) order by l.sequence desc limit $3`,
    [departmentCodes, before?.toString() ?? null, limit, ...[codeMac, nameMac].filter((mac) => mac)],
  )
}
