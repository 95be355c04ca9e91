// `check-templates`: does every template in force still look as two people approved it? For after an upgrade, before the server is started:
// the folder is locked meanwhile.
import { createLog, loadConfig, systemClock, systemIds } from '../../platform/index.ts'
import { openHouse } from '../wire.ts'

export interface CheckTemplatesOptions {
  readonly json?: true
}

/** Draws the approved specimens again and prints what differs; exit code 1 where one does. Nothing is replaced. */
export async function checkTemplates({ json }: CheckTemplatesOptions): Promise<void> {
  const house = await openHouse({
    ...loadConfig(),
    clock: systemClock,
    ids: systemIds,
    log: createLog({ level: 'error' }),
  })
  try {
    const checks = await house.licences.checkTemplates()
    for (const { typeCode, templateVersion, revision, outcome, differences } of checks) {
      const found = differences.map(({ page, what }) => (page === null ? what : `page ${page + 1}: ${what}`))
      const told = { typeCode, templateVersion, revision, outcome, differences: found }
      console.log(json ? JSON.stringify(told) : [typeCode, templateVersion, outcome, ...found].join('  '))
    }
    if (!json) console.log(`${checks.length} compared`)
    if (checks.some(({ outcome }) => outcome !== 'same')) process.exitCode = 1
  } finally {
    await house.close()
  }
}
