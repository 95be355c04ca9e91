import { describe, expect, it } from 'vitest'
import { createGatherer, type EvidenceSource, findSubject, verifyDocument } from '../../verifier/index.ts'
import { makeOcsp } from '../fixtures/levels.ts'
import {
  crls,
  evidence,
  fromNow,
  IDENTIFIER,
  LIST_ADDRESS,
  NOW,
  page,
  pki,
  policy,
  sealedLicence,
  statementText,
} from './world.ts'

const good = await evidence()
const skipLists = { trustList: 'skipped', status: 'skipped' } as const
const bytes = await sealedLicence()

function source(change: Partial<EvidenceSource> = {}) {
  const asked: string[] = []
  const all: EvidenceSource = {
    crls: async () => crls,
    trustList: async () => good.trustList,
    statusList: async (address) => {
      asked.push(address)
      return good.statusLists.get(address) ?? null
    },
    licenceStatus: async (identifier) => {
      asked.push(identifier)
      return null
    },
    ...change,
  }
  return { all, asked }
}

describe('findSubject', () => {
  it('reads identifier and statement of a licence', () => {
    expect(findSubject(bytes)).toEqual({
      identifier: IDENTIFIER,
      statementText: expect.stringMatching(/^HTTPS:\/\/LICENCE\.EXAMPLE\.GOV\.CN\/Q\/[A-Z2-7]+$/),
      certificates: expect.arrayContaining([pki.get('seal').certificate, pki.get('ca').certificate]),
    })
  })

  it('finds nothing in what is no licence', async () => {
    expect(findSubject(await page())).toEqual({ identifier: null, statementText: null, certificates: [] })
    expect(findSubject(new Uint8Array(100))).toEqual({ identifier: null, statementText: null })
  })
})

describe('createGatherer', () => {
  it('asks for the list of the issuer and the licence, and what it brings is enough', async () => {
    const { all, asked } = source()
    const found = await createGatherer(all)(findSubject(bytes))
    expect(asked.sort()).toEqual([IDENTIFIER, LIST_ADDRESS].sort())
    expect((await verifyDocument({ name: 'a', bytes }, found, policy, NOW)).verdict).toBe('accepted')
  })

  it('never asks an address that the document chose: an unknown issuer has none', async () => {
    const { all, asked } = source({ trustList: async () => null })
    await createGatherer(all)({ identifier: null, statementText: statementText() })
    expect(asked).toEqual([IDENTIFIER])
  })

  it('asks about the certificates of the document where the source answers for some, and nowhere else', async () => {
    const answers = [await makeOcsp({ about: pki.get('seal'), by: pki.get('ca'), thisUpdate: fromNow(-1000) })]
    let asked: readonly Uint8Array[] = []
    const { all } = source({
      crls: async () => [await pki.crl('root')],
      ocsps: async (certificates) => {
        asked = certificates
        return answers
      },
    })
    const found = await createGatherer(all)(findSubject(bytes))
    expect(asked).toEqual(expect.arrayContaining([pki.get('seal').certificate, pki.get('ca').certificate]))
    expect(found.ocsps).toEqual(answers)
    const report = await verifyDocument({ name: 'a', bytes }, found, { ...policy, ...skipLists }, NOW)
    expect(report.verdict).toBe('accepted')
    const without = { ...found, ocsps: [] }
    const missing = await verifyDocument({ name: 'a', bytes }, without, { ...policy, ...skipLists }, NOW)
    expect(missing).toMatchObject({ verdict: 'undecided', subIndication: 'CERTIFICATE_CHAIN_GENERAL_FAILURE' })
  })

  it('takes failure, silence and nonsense of a source as evidence missing', async () => {
    const failing = source({
      crls: () => Promise.reject(new Error('down')),
      ocsps: () => Promise.reject(new Error('down')),
      trustList: async () => 'no list',
      licenceStatus: () => {
        throw new Error('down')
      },
    })
    const none = { crls: [], ocsps: [], trustList: 'no list', statusLists: new Map(), live: null }
    expect(await createGatherer(failing.all)(findSubject(bytes))).toEqual(none)
    let aborted = false
    const silent = source({
      statusList: (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true
          })
        }),
    })
    const found = await createGatherer(silent.all, { timeoutMs: 30 })(findSubject(bytes))
    expect(found.statusLists.size).toBe(0)
    expect(aborted).toBe(true)
  })

  it('asks nothing about a subject it does not know', async () => {
    const { all, asked } = source()
    const found = await createGatherer(all)({ identifier: 'x', statementText: 'y' })
    expect(asked).toEqual([])
    expect(found).toMatchObject({ live: null, trustList: good.trustList })
  })
})
