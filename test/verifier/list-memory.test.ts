import { describe, expect, it } from 'vitest'
import { type Evidence, rememberLists, type UsedList } from '../../verifier/index.ts'
import { codes, fromNow, LIST_ADDRESS, NOW, sealedLicence, statusList, trustList, verify } from './world.ts'

const genuine = await sealedLicence()
const hour = 3_600_000
const memoryOf = async (found: Parameters<typeof verify>[1], at = NOW) =>
  rememberLists({}, (await verify(genuine, found, at)).lists)

describe('a list older than one that was seen', () => {
  it('of trust is refused by its number', async () => {
    const memory = await memoryOf({ trustList: await trustList({ sequenceNumber: 9 }) })
    const older = await trustList({ sequenceNumber: 8 })
    const report = await verify(genuine, { trustList: older, memory })
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toContain('TRUST_LIST_ROLLED_BACK')
    expect(report.lists).toEqual([])
    for (const sequenceNumber of [9, 10])
      expect((await verify(genuine, { trustList: await trustList({ sequenceNumber }), memory })).verdict).toBe(
        'accepted',
      )
  })

  it('of trust is refused by its time where the number stayed the same', async () => {
    const memory = await memoryOf({ trustList: await trustList({ issuedAt: fromNow(-1000) }) })
    const report = await verify(genuine, { trustList: await trustList({ issuedAt: fromNow(-hour) }), memory })
    expect(codes(report, 'undecided')).toContain('TRUST_LIST_ROLLED_BACK')
  })

  it('of status is refused by its time', async () => {
    const memory = await memoryOf({ status: { issuedAt: fromNow(-1000), value: 1 } })
    const report = await verify(genuine, { status: { issuedAt: fromNow(-60_000) }, memory })
    expect(report).toMatchObject({ verdict: 'undecided', licence: { status: 'unknown' } })
    expect(codes(report, 'undecided')).toContain('STATUS_LIST_ROLLED_BACK')
  })

  it('is no older one where it was current on the day that is judged', async () => {
    const later = fromNow(2 * hour)
    const memory = await memoryOf({ trustList: await trustList({ sequenceNumber: 9, issuedAt: fromNow(hour) }) }, later)
    expect(Object.keys(memory)).toHaveLength(2)
    expect((await verify(genuine, { memory })).verdict).toBe('accepted')
    expect((await verify(genuine, { memory }, later)).verdict).toBe('undecided')
  })
})

describe('what is remembered', () => {
  it('is what was believed: neither a forged list nor one of the future turns the others away', async () => {
    const forged = await trustList({ sequenceNumber: 1_000_000, signer: 'seal' })
    const future = await trustList({ sequenceNumber: 1_000_000, issuedAt: fromNow(hour) })
    const damaged = `${(await trustList({ sequenceNumber: 1_000_000 })).slice(0, -3)}AAA`
    for (const list of [forged, future, damaged]) expect(await memoryOf({ trustList: list })).toEqual({})
    const statusLists = new Map([[LIST_ADDRESS, await statusList({ issuedAt: fromNow(-1), signer: 'seal' })]])
    expect(Object.keys(await memoryOf({ statusLists }))).toHaveLength(1)
  })

  it('names list, number, times and digest', async () => {
    const { lists } = await verify(genuine, { trustList: await trustList({ sequenceNumber: 4 }) })
    expect(lists).toEqual([
      {
        kind: 'trust-list',
        key: expect.stringMatching(/^own [0-9a-f]{32}$/),
        name: null,
        sequence: 4,
        issuedAt: fromNow(-hour).toISOString(),
        validUntil: fromNow(7 * 24 * hour).toISOString(),
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      expect.objectContaining({ kind: 'status-list', name: LIST_ADDRESS, sequence: null }),
    ])
  })

  it('only rises, and is the same object where nothing did', () => {
    const seen = (sequence: number): UsedList => ({
      kind: 'trust-list',
      key: 'own a',
      name: null,
      sequence,
      issuedAt: NOW.toISOString(),
      validUntil: null,
      digest: '',
    })
    const memory: Evidence['memory'] = rememberLists({}, [seen(3), seen(5), seen(4)])
    expect(memory).toEqual({ 'own a': { sequence: 5, issuedAt: NOW.toISOString() } })
    expect(rememberLists(memory!, [seen(5), seen(1)])).toBe(memory)
  })
})
