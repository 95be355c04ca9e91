import type { Queryable } from '../../platform/index.ts'
import type { LicenceState } from '../domain/licence.ts'
import type { LicenceRow } from './licences.ts'

/** Of one department, or of all in an administrative division (GB/T 2260, six digits). */
type ListScope = { readonly departmentCode: string } | { readonly areaCode: string }

export type ListFilter = ListScope & {
  readonly typeCode?: string | undefined
  readonly states?: readonly LicenceState[] | undefined
  /** On which side of its days of validity a licence is, on this day. */
  readonly dates?: { readonly day: string; readonly side: 'before' | 'within' | 'after' | 'not after' } | undefined
  readonly number?: string | undefined
  /** Those of them that these identifiers name. */
  readonly identifiers?: readonly string[] | undefined
  readonly before?: bigint | undefined
  readonly limit: number
}

/** What lists tell of a licence, and what its data are opened by. */
export type ListedRow = Pick<
  LicenceRow,
  | 'sequence'
  | 'identifier'
  | 'typeCode'
  | 'printedNumber'
  | 'state'
  | 'issuedOn'
  | 'validFrom'
  | 'validUntil'
  | 'wrappedDataKey'
  | 'sealedData'
  | 'dataDigest'
  | 'collectedFrom'
  | 'statusReportedAt'
>

const listedColumns = `sequence, identifier, type_code as "typeCode", printed_number as "printedNumber", state, issued_on as "issuedOn",
  valid_from as "validFrom", valid_until as "validUntil", wrapped_data_key as "wrappedDataKey", sealed_data as "sealedData",
  data_digest as "dataDigest", collected_from as "collectedFrom", status_reported_at as "statusReportedAt"`

/** Licences of a department or a division, newest first, `limit` at most, before a place in that order. */
export function listLicences(db: Queryable, filter: ListFilter): Promise<ListedRow[]> {
  const [scope, code] =
    'departmentCode' in filter ? ['department_code', filter.departmentCode] : ['area_code', filter.areaCode]
  const parameters: unknown[] = [code, filter.limit]
  const where = [`${scope} = $1`]
  const add = (condition: (placeholder: string) => string, value: unknown) => {
    parameters.push(value)
    where.push(condition(`$${parameters.length}`))
  }
  if (filter.typeCode !== undefined) add((p) => `type_code = ${p}`, filter.typeCode)
  if (filter.states !== undefined) add((p) => `state = any(${p})`, filter.states)
  if (filter.number !== undefined) add((p) => `printed_number = ${p}`, filter.number)
  if (filter.identifiers !== undefined) add((p) => `identifier = any(${p})`, filter.identifiers)
  if (filter.before !== undefined) add((p) => `sequence < ${p}`, filter.before.toString())
  if (filter.dates?.side === 'before') add((p) => `valid_from > ${p}`, filter.dates.day)
  if (filter.dates?.side === 'after') add((p) => `valid_until < ${p}`, filter.dates.day)
  if (filter.dates?.side === 'not after') add((p) => `(valid_until is null or valid_until >= ${p})`, filter.dates.day)
  if (filter.dates?.side === 'within')
    add((p) => `valid_from <= ${p} and (valid_until is null or valid_until >= ${p})`, filter.dates.day)
  return db.query<ListedRow>(
    `select ${listedColumns} from licence.licences where ${where.join(' and ')} order by sequence desc limit $2`,
    parameters,
  )
}
