import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tsp } from '../../pki/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, exampleOf, type House, openHouse } from '../support/service.ts'

// Documents that are raised or renewed by a time-stamp authority, or among others, that they should not depend on.

describe('raising documents', () => {
  let house: House
  let isAnswering = true
  let poison: string | null = null
  let isStranger = false
  beforeAll(async () => {
    const stranger = await createTestPki({
      root: {},
      ca: { under: 'root' },
      tsa: { under: 'ca', profile: 'time-stamp' },
    })
    const { certificate, chain, key } = stranger.get('tsa')
    house = await openHouse(await engines[0]!.open(), {
      revocation: (real) => ({
        answers: (...question) => (isAnswering ? real.answers(...question) : Promise.reject(new Error('away'))),
      }),
      timestamper: (real) => ({
        ...real,
        async stamp(imprints) {
          if (!isStranger) return real.stamp(imprints)
          const stamps = await real.stamp(imprints)
          const signer = tsp.compileTokenSigner({
            certificate,
            chain: [],
            signatureAlgorithm: key.signatureAlgorithm,
            policy: '1.2.3.4',
            accuracySeconds: 1,
          })
          const tokens = imprints.map((messageImprint, index) => {
            const serialNumber = Uint8Array.of(1, index)
            const { toSign, assemble } = signer.prepare({ messageImprint, serialNumber, genTime: house.clock.now() })
            return assemble(key.signSync!(toSign))
          })
          return { ...stamps, tokens, certificates: [certificate, ...chain] }
        },
      }),
      sealer: (real) => ({
        ...real,
        async augmentDocuments(requests) {
          if (!requests.some(({ identifier }) => identifier === poison)) return real.augmentDocuments(requests)
          const shortfall = new Error('nobody answers about one of these certificates')
          return requests.map(({ identifier, pdf, level }) => ({ identifier, pdf, level, shortfall, archive: null }))
        },
      }),
    })
  })
  afterAll(() => house.close())

  let count = 0
  const mint = async (level: string): Promise<string> => {
    const request = { key: `raised ${++count}`, typeCode: businessLicence, data: exampleOf(), level }
    const [outcome] = await house.licences.issueLicences(clerk, [request])
    if (!outcome?.ok) throw outcome?.error
    return outcome.licence.identifier
  }

  it('does not leave others below their level because nobody answers about one of them', async () => {
    isAnswering = false
    const identifiers = [await mint('B-LT'), await mint('B-LT'), await mint('B-LT'), await mint('B-LT')]
    isAnswering = true
    poison = identifiers[1]!
    expect(await house.licences.raiseToTarget()).toEqual({ done: 3, left: 1 })
    poison = null
    expect(await house.licences.raiseToTarget()).toEqual({ done: 1, left: 0 })
  })

  it('does not take a time stamp that proves nothing for a renewal', async () => {
    const identifier = await mint('B-LTA')
    const before = await house.licences.readDocument(clerk, identifier)
    const soon = new Date(house.clock.now().getTime() + 100 * 24 * 3_600_000)
    const ends = 'update licence.licences set archive_until = $2 where identifier = $1'
    await house.database.query(ends, [identifier, soon])
    isStranger = true
    expect(await house.licences.renewArchives()).toEqual({ done: 0, left: 1 })
    expect(Buffer.compare(await house.licences.readDocument(clerk, identifier), before)).toBe(0)
    isStranger = false
    expect(await house.licences.renewArchives()).toEqual({ done: 1, left: 0 })
  })
})
