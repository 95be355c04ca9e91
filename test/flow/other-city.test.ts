// A licence in another city: whoever trusts only that city's root accepts it once that root has certified ours.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKeyStore } from '../../key-store/index.ts'
import { openPkiIntake } from '../../pki-service/index.ts'
import { systemIds } from '../../platform/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { engines } from '../support/engines.ts'
import { makeOtherCity, type OtherCity } from '../support/other-city.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse } from '../support/service.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

let house: House
let city: OtherCity
beforeAll(async () => {
  house = await openHouse(await engines[0]!.open())
  city = await makeOtherCity(house.clock.now())
}, 60_000)
afterAll(() => house.close())

const mint = async (key: string, level = 'B-LT'): Promise<Uint8Array> => {
  const request = { key, typeCode: businessLicence, data: exampleOf(), level }
  const [outcome] = await house.licences.issueLicences(clerk, [request])
  if (!outcome?.ok) throw outcome?.error
  await house.licences.publishLists()
  return house.licences.readDocument(clerk, outcome.licence.identifier)
}

/** As a verifier in that city would: its own root, its own list, and what this house publishes. */
const judgeThere = async (pdf: Uint8Array) => {
  const evidence = {
    crls: [...(await house.pki.crls()), await city.list(house.clock.now())],
    trustList: await house.licences.trustList(),
    statusLists: await house.licences.statusLists(),
    live: null,
  }
  const at = new Date(house.clock.now().getTime() + 1000)
  return verifyDocument({ name: 'licence.pdf', bytes: pdf }, evidence, { trustAnchors: [city.root] }, at)
}

it('is undecided while no path leads there, and accepted when there is one', async () => {
  const early = await mint('early')
  expect(await judgeThere(early)).toMatchObject({ verdict: 'undecided', indication: 'INDETERMINATE' })
  const keyStore = await createKeyStore({ folder: temporaryFolder(), passphrase: 'for tests' })
  const { database, clock } = house
  const intake = await openPkiIntake({ database, keyStore, clock, ids: systemIds, baseUrl: 'https://licence.test' })
  const certificate = await city.cross(house.pki.anchors()[0]!)
  expect(await intake.importCross({ name: 'shenyang', certificate, anchor: city.root })).toMatchObject({ isNew: true })
  keyStore.close()
  await house.pki.rotateSigners()
  // Lists that nothing changed are signed again within a day.
  house.clock.advance(25 * 3_600_000)
  await house.pki.refreshCrls()
  await house.pki.refreshAnswers()
  const licence = await mint('late')
  const report = await judgeThere(licence)
  expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED', licence: { status: 'in force' } })
  // That city's own list is what speaks of the cross certificate: it does not stand in the document.
  expect(report.signatures[0]).toMatchObject({ level: 'B-T' })
}, 60_000)

it('leads there for its archive time stamp too', async () => {
  expect(await judgeThere(await mint('archive', 'B-LTA'))).toMatchObject({ verdict: 'accepted' })
}, 60_000)
