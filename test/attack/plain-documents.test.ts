import { describe, expect, it } from 'vitest'
import type { TrustedEntity } from '../../licence-format/index.ts'
import { codes, fromNow, MARKET, page, seal, trustList, verify, withEntity } from '../verifier/world.ts'

// Documents that are no licences, sealed with a department's seal: what keeps a licence from passing must keep these from passing too.

type State = TrustedEntity['services'][number]['states'][number]['state']
const sealState = (state: State, since: Date) =>
  trustList({
    entities: withEntity(MARKET, (entity) => ({
      ...entity,
      services: entity.services.map((one) =>
        one.kind === 'seal' ? { ...one, states: [...one.states, { state, since }] } : one,
      ),
    })),
  })

describe('a plain document under a department’s seal', async () => {
  const document = seal(await page(), 'seal')

  it('is accepted while the seal is in use, also by the list of a seal that ends later', async () => {
    expect((await verify(document)).verdict).toBe('accepted')
    const later = await sealState('retired', fromNow(60_000))
    expect((await verify(document, { trustList: later })).verdict).toBe('accepted')
  })

  it.each<[State, string]>([
    ['retired', 'SEAL_OUT_OF_USE'],
    ['withdrawn', 'SEAL_OUT_OF_USE'],
    ['compromised', 'SEAL_COMPROMISED'],
  ])('is not accepted once the seal is %s, though its certificate is not revoked', async (state, code) => {
    const report = await verify(document, { trustList: await sealState(state, fromNow(-60_000)) })
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual([code])
  })

  it('whose list is missing is judged by its path alone, as before', async () => {
    expect((await verify(document, { trustList: null })).verdict).toBe('accepted')
  })
})
