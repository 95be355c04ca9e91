import type { Database, Queryable } from '../../platform/index.ts'

/** Licences whose holders were hashed as their code was written, in their order, after one of them. */
export async function listHoldersToFold(db: Queryable, after: string, limit: number): Promise<string[]> {
  const rows = await db.query<{ identifier: string }>(
    'select identifier from licence.holders_to_fold where identifier > $1 order by identifier limit $2',
    [after, limit],
  )
  return rows.map(({ identifier }) => identifier)
}

/** Sets the keyed hashes of a licence's holders, in their places, and takes it off the list; what was erased meanwhile stays erased. */
export const refoldHolders = (db: Database, identifier: string, codeMacs: readonly Uint8Array[]): Promise<void> =>
  db.transaction(async (tx) => {
    for (const [index, mac] of codeMacs.entries())
      await tx.query(
        'update licence.holders set code_mac = $3 where identifier = $1 and place = $2 and code_mac is distinct from $3',
        [identifier, index + 1, mac],
      )
    await tx.query('delete from licence.holders_to_fold where identifier = $1', [identifier])
  })
