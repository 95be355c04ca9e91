// mint.service: the whole licence service, durable. Every licence is validated, numbered, rendered, stated, sealed, verified, stored
// and registered, in PostgreSQL and as files on disk, in groups as a batch sends them.
import { performance } from 'node:perf_hooks'
import { demoIssuerOf, systemCaller } from '../bin/demonstration.ts'
import type { House } from '../bin/wire.ts'
import { compileTemplate, findTemplate, openFonts } from '../templates/index.ts'
import { onBenchHouse } from './bench-house.ts'
import { benchInput } from './licences.ts'
import { type Row, row } from './row.ts'

const BUSINESS_LICENCE = '11100000MB0143028R001'
const GROUP = 200
const WARM_UP_GROUPS = 8
const GROUPS = 20
/** Groups under way at once: while one waits for the database, another computes. */
const AT_ONCE = 3
const LEVELS = [
  { row: 'mint.service', level: 'B-T' },
  { row: 'mint.service-blt', level: 'B-LT' },
] as const

/** Mints groups until so many are done; answers licences a second. */
async function mintGroups(
  house: House,
  inputs: readonly object[],
  { name, level, groups }: { name: string; level: string; groups: number },
): Promise<number> {
  const caller = systemCaller(demoIssuerOf(BUSINESS_LICENCE).code)
  let next = 0
  const work = async () => {
    while (next < groups) {
      const group = next++
      const requests = Array.from({ length: GROUP }, (_, n) => ({
        key: `${name}-${group}-${n}`,
        typeCode: BUSINESS_LICENCE,
        data: inputs[(group * GROUP + n) % inputs.length],
        level,
      }))
      for (const outcome of await house.licences.issueLicences(caller, requests))
        if (!outcome.ok) throw new Error('the bench’s own licence was not issued', { cause: outcome.error })
    }
  }
  const begin = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return (groups * GROUP * 1000) / (performance.now() - begin)
}

async function makeInputs(): Promise<object[]> {
  const definition = findTemplate(BUSINESS_LICENCE)
  if (!definition) throw new Error('the business licence is not defined')
  const compiled = compileTemplate(definition, await openFonts())
  return Array.from({ length: GROUP }, (_, n) => benchInput(compiled, n))
}

/** `mint.service` and `mint.service-blt`, where PostgreSQL is installed. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  const wanted = LEVELS.filter(({ row: name }) => only === undefined || only === name)
  if (wanted.length === 0) return
  yield* onBenchHouse('mint.service and mint.service-blt', (house) => levelRows(house, wanted))
}

async function* levelRows(house: House, wanted: readonly (typeof LEVELS)[number][]): AsyncIterable<Row> {
  const inputs = await makeInputs()
  for (const { row: name, level } of wanted) {
    await mintGroups(house, inputs, { name: `warm-up ${name}`, level, groups: WARM_UP_GROUPS })
    const cpu = process.cpuUsage()
    const rate = await mintGroups(house, inputs, { name, level, groups: GROUPS })
    const { user, system } = process.cpuUsage(cpu)
    const micros = (user + system) / (GROUPS * GROUP)
    const note = `${level} with own TSA${level === 'B-T' ? '' : ' and OCSP'}, P-256, groups of ${GROUP}, ${AT_ONCE} at once, one process beside PostgreSQL (fsync on), blobs on disk, verified before registering; ${micros.toFixed(0)} µs of this process a licence`
    yield row(name, rate, '/s', note)
  }
}
