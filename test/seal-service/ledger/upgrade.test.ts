// A database from before the ledger: its rows are linked at the first start.
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate, packagePath, systemIds } from '../../../platform/index.ts'
import type { Dependencies } from '../../../seal-service/dependencies.ts'
import { checkLedger } from '../../../seal-service/operations/ledger/check-ledger.ts'
import { createSequencer } from '../../../seal-service/operations/ledger/link-rows.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { testClock } from '../../support/clock.ts'
import { engines } from '../../support/engines.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { putSeal, recordUses } from './world.ts'

const migrations = packagePath('seal-service', 'store', 'migrations')
const before = temporaryFolder()

it.each(engines)('rows from before the ledger are linked, oldest first, in slices ($name)', async ({ open }) => {
  for (const file of readdirSync(migrations).filter((name) => name < '0007'))
    copyFileSync(join(migrations, file), join(before, file))
  const database = await open()
  try {
    await migrate(database, { schema: 'seal', folder: before })
    await putSeal(database)
    const hour = 3_600_000
    const late = await recordUses(database, 600, new Date(testTimes.now.getTime() + hour))
    const early = await recordUses(database, 600, testTimes.now)
    await migrate(database, { schema: 'seal', folder: migrations })
    const clock = testClock(testTimes.now)
    const sequencer = createSequencer({ database, clock, ids: systemIds } as unknown as Dependencies)
    expect(await sequencer.link()).toMatchObject({ linked: 2400 })
    const keys = await database.query<{ entry_key: string }>(
      `select entry_key from seal.ledger_links where table_name = 'seal_uses' order by sequence`,
    )
    const useOf = ({ entry_key }: { entry_key: string }) => (JSON.parse(entry_key) as string[])[0]!
    expect(new Set(keys.slice(0, 1200).map(useOf))).toEqual(new Set(early))
    expect(new Set(keys.slice(1200).map(useOf))).toEqual(new Set(late))
    const witness = { head: null, setAside: [], checkpoints: [] }
    expect(await checkLedger(database, { trust: null, witness })).toMatchObject({ sound: true, waiting: 0 })
  } finally {
    await database.close()
  }
})
