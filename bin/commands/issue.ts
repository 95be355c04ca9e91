// `issue`: one licence from the data folder's own register. The folder is locked meanwhile, so no server may be running on it.
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createLog, loadConfig, systemClock, systemIds } from '../../platform/index.ts'
import { callerPath, readCallerFile } from '../caller-path.ts'
import { demoIssuerOf, makeDemonstration } from '../demonstration.ts'
import { CommandError } from '../errors.ts'
import { tellFirstStart } from '../first-start.ts'
import { trustFolderOf, writeTrustFolder } from '../trust-folder.ts'
import { openHouse } from '../wire.ts'
import { definitionOf } from './example.ts'
import { commandLineCaller } from './set-up.ts'

interface IssueOptions {
  readonly type: string
  readonly data: string
  readonly out: string
  readonly level?: string
  readonly key?: string
  readonly department?: string
}

/** Mints and writes the PDF; prints what the API would answer. Every fault of the data is named at once. */
export async function issue({ type, data, out, level, key, department }: IssueOptions): Promise<void> {
  const { typeCode } = definitionOf(type)
  const entered = parseData((await readCallerFile(data)).toString('utf8'))
  const target = callerPath(out)
  await mkdir(dirname(target), { recursive: true })
  const config = loadConfig()
  if (config.isProduction && department === undefined) {
    throw new CommandError('DEPARTMENT_NOT_NAMED', 'in production say for which department: --department with its code')
  }
  tellFirstStart(config)
  const house = await openHouse({ ...config, clock: systemClock, ids: systemIds, log: createLog({ level: 'warn' }) })
  try {
    if (!config.isProduction) await makeDemonstration(house)
    const caller = commandLineCaller(department ?? demoIssuerOf(typeCode).code)
    const [outcome] = await house.licences.issueLicences(caller, [
      { key: key ?? `cli-${randomUUID()}`, typeCode, data: entered, level },
    ])
    if (!outcome?.ok) throw outcome?.error
    await writeFile(target, await house.licences.readDocument(caller, outcome.licence.identifier))
    await house.licences.publishLists()
    await writeTrustFolder(trustFolderOf(config.dataDir), await house.trustMaterial())
    console.log(JSON.stringify(outcome.licence))
  } finally {
    await house.close()
  }
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CommandError('DATA_FILE_NOT_JSON', 'the data file is no JSON', { cause })
  }
}
