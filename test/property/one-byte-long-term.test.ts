import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flip, type Minted, type MintedHouse, mintEveryTemplate } from './minted.ts'

// The same property at B-LTA: what the seal signs cannot be changed; the evidence appended to it is not signed by the seal, so a damaged one
// may cost the level, and never changes what an accepted report says.

const isLong = Boolean(process.env['TEST_LONG'] ?? process.env['CI'])
const PLACES = isLong ? 2_000 : 90

let minted: MintedHouse
beforeAll(async () => {
  minted = await mintEveryTemplate('B-LTA')
})
afterAll(() => minted?.house.close())

/** Spread over [from, to). */
const places = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + Math.floor(((i + 0.37) * (to - from)) / count))

const eachPlace = async (
  rangesOf: (licence: Minted) => [number, number][],
  check: (licence: Minted, at: number) => Promise<void>,
) => {
  for (const licence of minted.licences.slice(0, isLong ? undefined : 2)) {
    for (const [from, to] of rangesOf(licence))
      for (const at of places(from, to, Math.ceil(PLACES / 2))) await check(licence, at)
  }
}

describe('one changed byte of a licence at B-LTA', () => {
  it('is nowhere before: each is accepted as it is', async () => {
    for (const { pdf, typeCode } of minted.licences) {
      const report = await minted.verify(pdf)
      expect(report, typeCode).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED' })
      expect(report.signatures.map(({ type, level }) => [type, level])).toEqual([
        ['signature', 'B-LTA'],
        ['document-time-stamp', 'not-pades'],
      ])
    }
  })

  it('is never accepted under the seal', async () => {
    await eachPlace(
      ({ signature }) => signature.signedRanges.map(([from, to]) => [from, to]),
      async ({ pdf, typeCode }, at) => {
        const { verdict } = await minted.verify(flip(pdf, at, 0x01))
        expect(verdict, `${typeCode} byte ${at}`).not.toBe('accepted')
      },
    )
  })

  it('behind the seal is refused, or leaves all that the seal says as it was', async () => {
    for (const { pdf, signature, typeCode } of minted.licences.slice(0, isLong ? undefined : 2)) {
      const before = await minted.verify(pdf)
      for (const at of places(signature.signedLength, pdf.length, PLACES)) {
        const after = await minted.verify(flip(pdf, at, 0x01))
        if (after.verdict !== 'accepted') continue
        const where = `${typeCode} byte ${at}`
        expect(after.licence, where).toEqual(before.licence)
        expect(after.statement, where).toEqual(before.statement)
        expect(after.signatures[0], where).toMatchObject({
          integrity: 'intact',
          signedDigest: before.signatures[0]!.signedDigest,
        })
      }
    }
  })

  it('in the seal’s own CMS is refused: the document time stamp covers it too', async () => {
    const [{ pdf, gap }] = minted.licences as [Minted]
    for (const at of places(gap[0] + 1, gap[1] - 1, PLACES)) {
      expect((await minted.verify(flip(pdf, at, 0x01))).verdict, `byte ${at}`).not.toBe('accepted')
    }
  })
})
