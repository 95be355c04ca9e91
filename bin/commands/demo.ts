// `demo`: one licence of every template in a folder, and what verifies them, made in memory without a server.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSignedPdf } from '../../pades/read/index.ts'
import { createLog, systemClock, systemIds } from '../../platform/index.ts'
import { callerPath } from '../caller-path.ts'
import { makeDemonstration, mintExamples } from '../demonstration.ts'
import { CommandError } from '../errors.ts'
import { writeTrustFolder } from '../trust-folder.ts'
import { type House, openHouse } from '../wire.ts'

const BASE_URL = 'http://localhost:8080'

/** Writes `<type>.pdf` and `<type>.json` for every type, and `trust/`; tells the path of each document once it is there. */
export async function demo(
  { out, level }: { out: string; level?: string },
  tell: (path: string) => void = (path) => console.log(path),
): Promise<void> {
  const folder = callerPath(out)
  // Asked first: what comes then takes a newcomer many seconds.
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new CommandError('FILE_UNWRITABLE', `不能在此建立文件夹 this cannot be made a folder: ${folder}`, { cause })
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'zhengyin-demo-'))
  try {
    const house = await openHouse({
      dataDir,
      inMemory: true,
      passphrase: Buffer.from(systemIds.bytes(32)).toString('base64'),
      baseUrl: BASE_URL,
      isProduction: false,
      clock: systemClock,
      ids: systemIds,
      log: createLog({ level: 'warn' }),
    })
    try {
      await writeDemo(house, folder, level, tell)
    } finally {
      await house.close()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function writeDemo(
  house: House,
  folder: string,
  level: string | undefined,
  tell: (path: string) => void,
): Promise<void> {
  await makeDemonstration(house)
  const examples = await mintExamples(house, level)
  for (const { definition, identifier, caller } of examples) {
    const name = join(folder, definition.name.en.toLowerCase().replaceAll(/[^a-z]+/g, '-'))
    const pdf = await house.licences.readDocument(caller, identifier)
    await writeFile(`${name}.pdf`, pdf)
    await writeFile(`${name}.json`, licenceJsonOf(pdf))
    tell(`${name}.pdf`)
  }
  await house.licences.publishLists()
  // A seal's certificate was issued after the first lists.
  await house.pki.refreshCrls()
  await writeTrustFolder(join(folder, 'trust'), await house.trustMaterial())
}

function licenceJsonOf(pdf: Uint8Array): Uint8Array {
  const read = readSignedPdf(pdf)
  const embedded = read.ok ? read.embeddedFiles() : undefined
  const file = embedded?.ok ? embedded.files.find(({ name }) => name === 'licence.json') : undefined
  if (!file) throw new Error('the minted document carries no licence.json')
  return file.bytes
}
