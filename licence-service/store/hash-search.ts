import type { Queryable } from '../../platform/index.ts'

/** Keyed hashes to search by; one kind of them at least, all kinds that are known together. */
export interface HashSearch {
  readonly codeMac?: Uint8Array | undefined
  readonly nameMac?: Uint8Array | undefined
  /** Of the value of a field, one for each department: any of them. */
  readonly fieldMacs?: readonly Uint8Array[] | undefined
  readonly departmentCodes: readonly string[]
  readonly before?: bigint | undefined
  readonly limit: number
}

/** A place behind every other. */
const BEHIND_ALL = 2n ** 63n - 1n

/** Licences of departments that a holder, or the value of a field, is found on, newest first, before a place in that order. */
export function findByHash(
  db: Queryable,
  { codeMac, nameMac, fieldMacs, departmentCodes, before, limit }: HashSearch,
): Promise<{ identifier: string; sequence: bigint }[]> {
  const parameters: unknown[] = [(before ?? BEHIND_ALL).toString(), limit]
  const next = (value: unknown) => `$${parameters.push(value)}`
  const holder = [codeMac && `h.code_mac = ${next(codeMac)}`, nameMac && `h.name_mac = ${next(nameMac)}`].filter(
    Boolean,
  )
  if (holder.length === 0)
    // Each hash by itself: of several at once PostgreSQL would read and sort every licence that has the value.
    return db.query(
      `select found.identifier, found.sequence from unnest(${next(fieldMacs ?? [])}::bytea[]) as one(mac) cross join lateral (
         select f.identifier, f.sequence from licence.searched_fields f
         where f.mac = one.mac and f.sequence < $1 order by f.sequence desc limit $2) found
       order by found.sequence desc limit $2`,
      parameters,
    )
  const alsoField = fieldMacs
    ? `and exists (select from licence.searched_fields f where f.identifier = l.identifier and f.mac = any(${next(fieldMacs)}::bytea[]))`
    : ''
  return db.query(
    `select l.identifier, l.sequence from licence.licences l
     where l.identifier in (select h.identifier from licence.holders h where ${holder.join(' and ')}) ${alsoField}
       and l.department_code = any(${next(departmentCodes)}) and l.sequence < $1
     order by l.sequence desc limit $2`,
    parameters,
  )
}
