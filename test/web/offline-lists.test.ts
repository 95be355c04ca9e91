import { describe, expect, it } from 'vitest'
import { acceptLists, type OfferedLists } from '../../web/verify/offline/accept-lists.ts'
import { createEngine } from '../../web/verify/offline/engine.ts'
import { areStale, isClockBehind, type KeptLists } from '../../web/verify/offline/lists.ts'
import {
  crls,
  fromNow,
  LIST_ADDRESS,
  NOW,
  policy,
  sealedLicence,
  statementText,
  statusList,
  trustList,
} from '../verifier/world.ts'

const HOUR = 3_600_000

const offer = async (change: Partial<OfferedLists> = {}): Promise<OfferedLists> => ({
  roots: { anchors: policy.trustAnchors },
  crls,
  trustList: await trustList({ sequenceNumber: 5 }),
  statusLists: new Map([[LIST_ADDRESS, await statusList()]]),
  asOf: NOW,
  ...change,
})
const keep = async (change: Partial<OfferedLists> = {}, kept: KeptLists | null = null): Promise<KeptLists> =>
  (await acceptLists(await offer(change), kept)).lists

describe('acceptLists', () => {
  it('keeps lists whose signatures hold, and remembers how high they stand', async () => {
    const { lists, refusedOlder } = await acceptLists(await offer(), null)
    expect(refusedOlder).toBe(false)
    expect(lists.memory.trustListSequence).toBe(5)
    expect([...lists.statusLists.keys()]).toEqual([LIST_ADDRESS])
    expect(lists.memory.latestTime).toEqual(NOW)
  })

  it('refuses a trust list of a lower sequence and stays with the newer one', async () => {
    const kept = await keep()
    const older = await offer({ trustList: await trustList({ sequenceNumber: 4 }), asOf: fromNow(HOUR) })
    const { lists, refusedOlder } = await acceptLists(older, kept)
    expect(refusedOlder).toBe(true)
    expect([lists.trustList, lists.memory.trustListSequence, lists.asOf]).toEqual([kept.trustList, 5, kept.asOf])
  })

  it('refuses a status list from before the one it has, and one that is signed by somebody else', async () => {
    const kept = await keep()
    const mine = kept.statusLists.get(LIST_ADDRESS)
    const older = new Map([[LIST_ADDRESS, await statusList({ issuedAt: fromNow(-HOUR) })]])
    expect((await acceptLists(await offer({ statusLists: older }), kept)).refusedOlder).toBe(true)
    expect((await keep({ statusLists: older }, kept)).statusLists.get(LIST_ADDRESS)).toBe(mine)
    const forged = new Map([[LIST_ADDRESS, await statusList({ signer: 'seal', issuedAt: fromNow(0) })]])
    expect((await keep({ statusLists: forged }, kept)).statusLists.get(LIST_ADDRESS)).toBe(mine)
    expect((await keep({ statusLists: forged })).statusLists.size).toBe(0)
  })

  it('does not take a list under the address of another', async () => {
    const swapped = new Map([[`${LIST_ADDRESS}0`, await statusList()]])
    expect((await keep({ statusLists: swapped })).statusLists.size).toBe(0)
  })

  it('throws for a trust list that its signer may not sign, and for one that is none', async () => {
    await expect(keep({ trustList: await trustList({ signer: 'seal' }) })).rejects.toThrowError()
    await expect(keep({ trustList: 'no list' })).rejects.toThrowError()
    await expect(keep({ roots: { anchors: [] } })).rejects.toThrowError()
  })

  it('takes a newer trust list and keeps status lists that were not offered again', async () => {
    const kept = await keep()
    const newer = { trustList: await trustList({ sequenceNumber: 6 }), statusLists: new Map<string, string>() }
    const lists = await keep({ ...newer, asOf: fromNow(HOUR) }, kept)
    expect(lists.memory.trustListSequence).toBe(6)
    expect(lists.statusLists.get(LIST_ADDRESS)).toBe(kept.statusLists.get(LIST_ADDRESS))
    expect(lists.asOf).toEqual(fromNow(HOUR))
  })
})

describe('isClockBehind and areStale', () => {
  it('tell a clock that is a week behind from one that is a minute off', async () => {
    const { memory } = await keep()
    expect(isClockBehind(fromNow(-7 * 24 * HOUR), memory)).toBe(true)
    expect(isClockBehind(fromNow(-60_000), memory)).toBe(false)
    expect(isClockBehind(fromNow(365 * 24 * HOUR), memory)).toBe(false)
  })

  it('ask again after a minute, without any list, and when the clock has turned back', async () => {
    const lists = await keep()
    expect([areStale(null, NOW), areStale(lists, fromNow(61_000)), areStale(lists, fromNow(-HOUR))]).toEqual([
      true,
      true,
      true,
    ])
    expect(areStale(lists, fromNow(30_000))).toBe(false)
  })
})

describe('createEngine', () => {
  it('accepts a licence and its QR by the kept lists alone', async () => {
    const lists = await keep()
    const engine = createEngine(() => lists)
    expect((await engine.checkDocument('a.pdf', await sealedLicence(), NOW)).verdict).toBe('accepted')
    expect((await engine.checkStatement(statementText(), NOW)).verdict).toBe('accepted')
  })

  it('judges nothing with a clock behind the lists: undecided, whatever the document is', async () => {
    const lists = await keep()
    const engine = createEngine(() => lists)
    const lastWeek = fromNow(-7 * 24 * HOUR)
    for (const report of [
      await engine.checkDocument('a.pdf', await sealedLicence(), lastWeek),
      await engine.checkDocument('a.pdf', new Uint8Array(9), lastWeek),
      await engine.checkStatement(statementText(), lastWeek),
    ]) {
      expect(report).toMatchObject({ verdict: 'undecided', reason: 'CLOCK_BEHIND', licence: null, statement: null })
      expect(report.explanation.word.zh).toContain('时钟')
    }
  })

  it('accepts nothing without lists, nor with lists that have run out', async () => {
    expect((await createEngine(() => null).checkDocument('a.pdf', await sealedLicence(), NOW)).verdict).not.toBe(
      'accepted',
    )
    const lists = await keep()
    const engine = createEngine(() => lists)
    expect((await engine.checkStatement(statementText(), fromNow(30 * 24 * HOUR))).verdict).toBe('undecided')
  })

  it('refuses what the status list says is revoked', async () => {
    const lists = await keep({ statusLists: new Map([[LIST_ADDRESS, await statusList({ value: 1 })]]) })
    const engine = createEngine(() => lists)
    expect((await engine.checkDocument('a.pdf', await sealedLicence(), NOW)).verdict).toBe('refused')
  })
})
