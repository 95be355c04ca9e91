// A database from before the ledger: its rows are linked at the first start.
import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate, packagePath, systemIds } from '../../../platform/index.ts'
import { checkLedger } from '../../../seal-service/operations/ledger/check-ledger.ts'
import { createSequencer } from '../../../seal-service/operations/ledger/link-rows.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { testClock } from '../../support/clock.ts'
import { engines } from '../../support/engines.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { putSeal, recordUses, sealId } from './world.ts'

const migrations = packagePath('seal-service', 'store', 'migrations')
const [before, between] = [temporaryFolder(), temporaryFolder()]

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
    const sequencer = createSequencer({ database, clock, ids: systemIds })
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

it.each(engines)(
  'makings that were linked before they had generations are found whole after it ($name)',
  async ({ open }) => {
    for (const file of readdirSync(migrations).filter((name) => name < '0013'))
      copyFileSync(join(migrations, file), join(between, file))
    const database = await open()
    try {
      await migrate(database, { schema: 'seal', folder: between })
      await putSeal(database)
      const making = (phase: string, digest: string) =>
        database.query(
          `insert into seal.maker_uses (use_id, phase, seal_id, layout, info_digest, eseal_digest, caller_id, at)
         values ('0199a3c2-0000-7000-8000-000000000001', $1, $2, 'V5', decode(repeat('ab', 32), 'hex'), ${digest}, 'test', $3)`,
          [phase, sealId, testTimes.now],
        )
      await making('intended', 'null')
      await making('made', "decode(repeat('cd', 32), 'hex')")
      const deps = { database, clock: testClock(testTimes.now), ids: systemIds }
      const { linked } = await createSequencer(deps).link()
      expect(linked).toBeGreaterThanOrEqual(2)
      await migrate(database, { schema: 'seal', folder: migrations })
      const witness = { head: null, setAside: [], checkpoints: [] }
      expect(await checkLedger(database, { trust: null, witness })).toMatchObject({ sound: true, waiting: 0 })
      await expect(making('made', "decode(repeat('cd', 32), 'hex')")).rejects.toThrow()
    } finally {
      await database.close()
    }
  },
)
