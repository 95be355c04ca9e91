// The whole house beside a PostgreSQL of its own, as the rows that measure services run it.
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDemonstration } from '../bin/demonstration.ts'
import { type House, openHouse } from '../bin/wire.ts'
import { createLog, systemClock, systemIds } from '../platform/index.ts'
import { startScratchPostgres } from '../tools/scratch-postgres.ts'
import type { Row } from './row.ts'

/** Gives the rows that are measured on it, with the demonstration made; none, said on stderr, where PostgreSQL is not installed. */
export async function* onBenchHouse(
  leftOut: string,
  measure: (house: House) => AsyncIterable<Row>,
): AsyncIterable<Row> {
  const postgres = await startScratchPostgres()
  if (!postgres) {
    console.error(`${leftOut}: left out, PostgreSQL 15 or newer is not installed`)
    return
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'zhengyin-bench-'))
  try {
    const house = await openHouse({
      dataDir,
      databaseUrl: postgres.url,
      passphrase: Buffer.from(systemIds.bytes(32)).toString('base64'),
      baseUrl: 'http://localhost:8080',
      isProduction: false,
      workers: Math.max(0, availableParallelism() - 1),
      clock: systemClock,
      ids: systemIds,
      log: createLog({ level: 'error' }),
    })
    try {
      await makeDemonstration(house)
      yield* measure(house)
    } finally {
      await house.close()
    }
  } finally {
    postgres.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
