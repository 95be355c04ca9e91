import { describe, expect, it } from 'vitest'
import { createGatherer, type EvidenceSource, findSubject, verifyDocument } from '../../verifier/index.ts'
import { crls, evidence, IDENTIFIER, LIST_ADDRESS, NOW, page, policy, sealedLicence, statementText } from './world.ts'

const good = await evidence()
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
    })
  })

  it('finds nothing in what is no licence', async () => {
    expect(findSubject(await page())).toEqual({ identifier: null, statementText: null })
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

  it('takes failure, silence and nonsense of a source as evidence missing', async () => {
    const failing = source({
      crls: () => Promise.reject(new Error('down')),
      trustList: async () => 'no list',
      licenceStatus: () => {
        throw new Error('down')
      },
    })
    const none = { crls: [], trustList: 'no list', statusLists: new Map(), live: null }
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
