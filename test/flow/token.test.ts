// The whole house with its seal keys in a PKCS #11 token (SoftHSM2), also where the token's server dies while a batch is minted.
// TEST_LONG=1 mints the batch of 1,000.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { demoIssuerOf, makeDemonstration, systemCaller } from '../../bin/demonstration.ts'
import { type House, openHouse } from '../../bin/wire.ts'
import { createLog, systemClock, systemIds, type TokenConfig } from '../../platform/index.ts'
import { businessLicence, exampleOf } from '../support/running-house.ts'
import { apiKeyIn, launchServer } from '../support/server-process.ts'
import { isServerMissing, isSoftHsmMissing, makeSoftHsm, serveSoftHsm } from '../support/soft-hsm.ts'
import { isMissing, run } from '../support/tools.ts'

const BATCH = process.env['TEST_LONG'] ? 1000 : 150
const GROUP = 50

const cleanUps: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-token-'))
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe.skipIf(isSoftHsmMissing() || isMissing('pdfsig'))('a house whose seal keys live in a token', () => {
  it('mints a licence that pdfsig accepts, configured by the environment, its PIN told nowhere', async () => {
    const hsm = makeSoftHsm('seals of a city')
    cleanUps.push(() => hsm.remove())
    const folder = newFolder()
    const server = await launchServer(folder, {
      PKCS11_MODULE: hsm.token.module,
      PKCS11_TOKEN_LABEL: hsm.token.label,
      PKCS11_PIN_FILE: hsm.token.pinFile,
      LOG_LEVEL: 'debug',
    })
    cleanUps.push(() => server.kill())
    const key = await apiKeyIn(server, 'market')
    const body = { typeCode: businessLicence, data: exampleOf(businessLicence) }
    const minted = await server.call('/api/licences', { key, once: 'token-1', body })
    expect(minted.status).toBe(201)
    const document = await server.call(`/api/licences/${minted.json.identifier}/document`, { key })
    const file = join(folder, 'licence.pdf')
    writeFileSync(file, document.bytes)
    expect(run('pdfsig', ['-nocert', file]).output).toContain('Signature is Valid')
    const keys = join(folder, 'keys', 'seal')
    const kindOf = (name: string) => readFileSync(join(keys, name), 'utf8').split(':')[0]
    const signingKeys = readdirSync(keys).filter((name) => name.endsWith('.signing.key'))
    const seals = signingKeys.filter((name) => name.startsWith('seal-'))
    expect(seals.length).toBeGreaterThan(0)
    expect(new Set(seals.map(kindOf))).toEqual(new Set(['Zhengyin-Token-Key-1']))
    expect(server.output() + server.log()).not.toContain(readFileSync(hsm.token.pinFile, 'utf8').trim())
    await server.kill('SIGTERM')
  })
})

async function openTokenHouse(dataDir: string, token: TokenConfig): Promise<House> {
  return openHouse({
    dataDir,
    inMemory: true,
    passphrase: 'a passphrase for tests',
    token,
    baseUrl: 'http://licences.example.test',
    isProduction: false,
    clock: systemClock,
    ids: systemIds,
    log: createLog({ level: 'silent' }),
  })
}

describe.skipIf(isSoftHsmMissing() || isServerMissing())('a token server killed while a batch is minted', () => {
  it(`loses none of ${BATCH} licences and doubles none`, async () => {
    const hsm = makeSoftHsm()
    cleanUps.push(() => hsm.remove())
    const server = serveSoftHsm(hsm)
    await server.start()
    cleanUps.push(() => server.kill())
    const { module, label, pinFile } = server.token
    const house = await openTokenHouse(newFolder(), { module, label, pinFile, keys: ['seals', 'statements'] })
    cleanUps.push(() => house.close())
    await makeDemonstration(house)
    const caller = systemCaller(demoIssuerOf(businessLicence).code)
    const data = exampleOf(businessLicence)
    let [kills, isOver] = [0, false]
    const killing = (async () => {
      while (!isOver) {
        await delay(150 + 100 * (kills % 5))
        await server.kill()
        kills++
        await delay(100)
        await server.start()
      }
    })()
    const identifiers: string[] = []
    for (let first = 0; first < BATCH; first += GROUP) {
      const requests = Array.from({ length: GROUP }, (_, index) => ({
        key: `batch-${first + index}`,
        typeCode: businessLicence,
        data,
      }))
      for (const outcome of await house.licences.issueLicences(caller, requests)) {
        if (!outcome.ok) throw outcome.error
        identifiers.push(outcome.licence.identifier)
      }
    }
    isOver = true
    await killing
    expect(kills).toBeGreaterThan(1)
    expect(identifiers).toHaveLength(BATCH)
    expect(new Set(identifiers).size).toBe(BATCH)
    const rows = await house.database.query<{ count: string }>(
      `select count(*) as count from licence.licences where state = 'in force'`,
    )
    expect(Number(rows[0]?.count)).toBe(BATCH)
    const numbers = new Set<string>()
    for (const identifier of identifiers.filter((_, index) => index % 25 === 0)) {
      const pdf = await house.licences.readDocument(caller, identifier)
      numbers.add(identifier)
      const file = join(newFolder(), 'licence.pdf')
      writeFileSync(file, pdf)
      if (!isMissing('pdfsig')) expect(run('pdfsig', ['-nocert', file]).output).toContain('Signature is Valid')
    }
    expect(numbers.size).toBe(BATCH / 25)
  }, 600_000)
})
