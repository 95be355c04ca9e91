// seal.affected: what a compromise puts in doubt, of a seal with a hundred thousand uses: both counts and the first page, in PostgreSQL.
import { performance } from 'node:perf_hooks'
import { openDatabase } from '../platform/index.ts'
import { countAffected, findCheckpointBefore, listAffected } from '../seal-service/store/affected.ts'
import { testTimes } from '../test/fixtures/pki.ts'
import { createLedgerPki, createLedgerWorld, sealId, seedHistory } from '../test/seal-service/ledger/world.ts'
import { startScratchPostgres } from '../tools/scratch-postgres.ts'
import { type Row, row } from './row.ts'

const USES = 100_000
const PAGE = 200
const TIMES = 5

/** Seconds until both are there, the median; where PostgreSQL is installed. */
export async function* affectedRows(): AsyncIterable<Row> {
  const postgres = await startScratchPostgres()
  if (!postgres) {
    console.error('seal.affected is left out: PostgreSQL 15 or newer is not installed')
    return
  }
  const database = await openDatabase({ url: postgres.url })
  try {
    await createLedgerWorld(database, await createLedgerPki())
    await seedHistory(database, USES, USES / 5)
    const since = new Date(testTimes.now.getTime() + (USES / 2) * 60_000)
    const seconds: number[] = []
    let doubtful = 0
    for (let time = 0; time < TIMES; time++) {
      const begin = performance.now()
      const judging = { sealId, since, covered: await findCheckpointBefore(database, since) }
      doubtful = (await countAffected(database, judging)).doubtful
      await listAffected(database, judging, null, null, PAGE)
      seconds.push((performance.now() - begin) / 1000)
    }
    const note = `${USES} uses on record, half of them stamped, a checkpoint at a fifth, ${doubtful} in doubt; goal < 5 s`
    yield row('seal.affected', seconds.sort((a, b) => a - b)[Math.floor(TIMES / 2)]!, 's', note)
  } finally {
    await database.close()
    postgres.stop()
  }
}
