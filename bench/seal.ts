// seal.service: documents sealed by the running seal service: decided, counted against a quota, signed, time-stamped, on record and in the
// ledger, in PostgreSQL. Beside it what most guides show: @signpdf, in memory, without a stamp, a picture, a quota or a record.
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { demoIssuerOf, systemCaller } from '../bin/demonstration.ts'
import type { House } from '../bin/wire.ts'
import { encodeStatementSync, formatIdentifier } from '../licence-format/index.ts'
import type { Principal } from '../platform/index.ts'
import type { SealRequest } from '../seal-service/index.ts'
import { compileTemplate, findTemplate, openFonts, renderLicence } from '../templates/index.ts'
import { createTestPki } from '../test/fixtures/pki.ts'
import { onBenchHouse } from './bench-house.ts'
import { benchLicence } from './licences.ts'
import { measure } from './measure.ts'
import { createPlainSigner } from './plain-peer.ts'
import { type Row, row } from './row.ts'
import { affectedRows } from './seal-affected.ts'

const BUSINESS_LICENCE = '11100000MB0143028R001'
const GROUP = 200
const WARM_UP_GROUPS = 5
const GROUPS = 20
/** Groups under way at once: while one waits for the database, another computes. */
const AT_ONCE = 3
const PEER = 'pdf-lib + @signpdf (RSA-2048, B-B, in memory)'

type Sample = Pick<SealRequest, 'pdf' | 'place' | 'unsignedDigest'>

/** As many drawn licences as a group has, each another. */
async function drawSamples(): Promise<Sample[]> {
  const definition = findTemplate(BUSINESS_LICENCE)
  if (!definition) throw new Error('the business licence is not defined')
  const compiled = compileTemplate(definition, await openFonts())
  const pki = await createTestPki({ root: {}, statement: { under: 'root', profile: 'statement' } })
  const { key, certificate } = pki.get('statement')
  const issuedAt = new Date('2026-11-21T08:00:00Z')
  return Array.from({ length: GROUP }, (_, n) => {
    const licence = benchLicence(compiled, n, issuedAt)
    const statementText = encodeStatementSync(licence.claims, { key, certificate, baseUrl: 'http://localhost:8080' })
    const options = { ...licence, statementText, pictures: new Map(), createdAt: issuedAt }
    const { pdf, sealCentre } = renderLicence(compiled, options)
    return { pdf, place: sealCentre, unsignedDigest: createHash('sha256').update(pdf).digest('hex') }
  })
}

/** Ends the leave without quota that a seal begins with, and gives one with. */
async function setQuota(house: House, caller: Principal, sealId: string): Promise<void> {
  const { departmentCode } = caller
  const account = { username: 'bench-keeper', name: 'Bench', password: null, departmentCode }
  const id = await house.directory.makeAccount({ ...account, roles: ['seal-keeper'] })
  const keeper: Principal = { id, name: 'Bench', kind: 'person', departmentCode, roles: ['seal-keeper'] }
  for (const standing of await house.seals.uses.authorisations(keeper, sealId))
    await house.seals.uses.endAuthorisation(keeper, { sealId, authorisationId: standing.id, reason: 'bench' })
  await house.seals.uses.authorise(keeper, {
    sealId,
    delegatedFrom: null,
    terms: {
      ...{ grantee: { kind: 'role', id: 'issuer' }, purposes: ['licences'], needsSecondPerson: false },
      ...{ perDay: 1_000_000, perMinute: 1_000_000, from: null, until: null },
    },
    once: { key: 'bench', requestDigest: new Uint8Array(32) },
  })
}

/** Seals groups until so many are done; answers documents a second. */
async function sealGroups(
  house: House,
  samples: readonly Sample[],
  sealId: string,
  { name, groups }: { readonly name: string; readonly groups: number },
): Promise<number> {
  const issuer = demoIssuerOf(BUSINESS_LICENCE).code
  const caller = systemCaller(issuer)
  let next = 0
  const work = async () => {
    while (next < groups) {
      const group = next++
      const requests = samples.map((sample, n): SealRequest => {
        const serial = `${name}${String(group * GROUP + n).padStart(20 - name.length, '0')}`
        const identifier = formatIdentifier({ typeCode: BUSINESS_LICENCE, issuerCode: issuer, serial, version: 1 })
        return { ...sample, identifier, typeCode: BUSINESS_LICENCE, sealId, level: 'B-T' }
      })
      for (const sealed of await house.seals.sealDocuments(caller, requests))
        if (sealed.level !== 'B-T')
          throw new Error('a seal of the bench is without its stamp', { cause: sealed.shortfall })
    }
  }
  const begin = performance.now()
  // As a running house does: linked every second, and here to the last row.
  let linking: Promise<unknown> = Promise.resolve()
  const linker = setInterval(() => {
    linking = house.seals.ledger.link()
  }, 1000)
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    clearInterval(linker)
  }
  await linking
  await house.seals.ledger.link()
  return (groups * GROUP * 1000) / (performance.now() - begin)
}

async function measurePeer(samples: readonly Sample[]): Promise<number> {
  const sign = createPlainSigner()
  let n = 0
  const { peer } = await measure({ peer: () => sign(samples[n++ % samples.length]!.pdf) })
  return peer!.perSecond
}

/** The rows of the group, or the one that is asked for. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  if (only !== 'seal.affected') yield* onBenchHouse('seal.service', serviceRows)
  if (only !== 'seal.service') yield* affectedRows()
}

async function* serviceRows(house: House): AsyncIterable<Row> {
  // As the running house does: what is used is linked meanwhile.
  const linking = setInterval(() => void house.seals.ledger.link(), 1000)
  try {
    const samples = await drawSamples()
    const caller = systemCaller(demoIssuerOf(BUSINESS_LICENCE).code)
    const sealId = (await house.seals.seals(caller.departmentCode))[0]!.id
    await setQuota(house, caller, sealId)
    await sealGroups(house, samples, sealId, { name: 'WARM', groups: WARM_UP_GROUPS })
    const cpu = process.cpuUsage()
    const rate = await sealGroups(house, samples, sealId, { name: 'RUN', groups: GROUPS })
    const { user, system } = process.cpuUsage(cpu)
    const micros = (user + system) / (GROUPS * GROUP)
    const note = `B-T with own TSA, P-256, quota, ledger linked to its last row, groups of ${GROUP}, ${AT_ONCE} at once, one process beside PostgreSQL (fsync on), ${Math.round(samples[0]!.pdf.length / 1024)} KiB each; ${micros.toFixed(0)} µs of this process a document`
    yield row('seal.service', rate, '/s', note, PEER, await measurePeer(samples))
  } finally {
    clearInterval(linking)
  }
}
