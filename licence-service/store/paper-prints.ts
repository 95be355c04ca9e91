import type { Queryable } from '../../platform/index.ts'

/** A sheet that a licence was printed on. */
export interface PaperPrint {
  /** Counted from one, for each licence. */
  readonly print: number
  readonly paperSerial: string
  readonly at: Date
  readonly by: string
}

const columns = `print, paper_serial as "paperSerial", at, by`

/** The sheets of a licence in their order. */
export const listPrints = (db: Queryable, identifier: string): Promise<PaperPrint[]> =>
  db.query<PaperPrint>(`select ${columns} from licence.paper_prints where identifier = $1 order by print`, [identifier])

/**
 * Records the next sheet of a licence whose row the caller holds; undefined where the sheet's number is on record for another licence. A
 * sheet that is on record for this one is answered as it stands.
 */
export async function recordPrint(
  tx: Queryable,
  licence: { readonly identifier: string; readonly typeCode: string },
  sheet: Omit<PaperPrint, 'print'>,
): Promise<PaperPrint | undefined> {
  const { identifier, typeCode } = licence
  const [known] = await tx.query<PaperPrint & { identifier: string }>(
    `select ${columns}, identifier from licence.paper_prints where type_code = $1 and paper_serial = $2`,
    [typeCode, sheet.paperSerial],
  )
  if (known) {
    const { identifier: of, ...print } = known
    return of === identifier ? print : undefined
  }
  const [added] = await tx.query<PaperPrint>(
    `insert into licence.paper_prints (identifier, print, type_code, paper_serial, at, by)
     select $1, coalesce(max(print), 0) + 1, $2, $3, $4, $5 from licence.paper_prints where identifier = $1
     on conflict (type_code, paper_serial) do nothing returning ${columns}`,
    [identifier, typeCode, sheet.paperSerial, sheet.at, sheet.by],
  )
  return added
}
