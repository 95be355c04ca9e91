import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cms } from '../../pki/index.ts'
import type { Verdict } from '../../verifier/index.ts'
import { clerk } from '../support/service.ts'
import { criticalOffsets, flip, type Minted, type MintedHouse, mint, mintEveryTemplate } from './minted.ts'

// The strongest single property of the house: what is signed cannot be changed by one byte, and what is not signed cannot help.

const isLong = Boolean(process.env['TEST_LONG'] ?? process.env['CI'])
/** Positions inside the signed ranges over all templates. */
const POSITIONS = isLong ? 2_000 : 480
/** Bits of a letter's case, of a digit, of the sign of a byte, and all of them. */
const MASKS = [0x01, 0x02, 0x10, 0x20, 0x80, 0xff] as const
const rank: Readonly<Record<Verdict, number>> = { refused: 0, undecided: 1, accepted: 2 }

let minted: MintedHouse
beforeAll(async () => {
  minted = await mintEveryTemplate()
})
afterAll(() => minted?.house.close())

const isOutsideGap = ({ gap }: Minted, at: number): boolean => at < gap[0] || at >= gap[1]

describe('a minted licence', () => {
  it('is accepted as it is, of every template', async () => {
    for (const { typeCode, pdf, identifier } of minted.licences) {
      const report = await minted.verify(pdf)
      expect(report, typeCode).toMatchObject({
        verdict: 'accepted',
        indication: 'TOTAL-PASSED',
        licence: { identifier },
      })
    }
  })

  it('leaves nothing unsigned but the hex string of its own signature', () => {
    for (const { pdf, signature, gap } of minted.licences) {
      expect(signature).toMatchObject({ coversWholeFile: true, laterChanges: 'none', docMdp: 1 })
      expect(String.fromCharCode(pdf[gap[0]]!, pdf[gap[1] - 1]!)).toBe('<>')
    }
  })
})

describe('one changed byte inside the signed ranges', () => {
  it('is never accepted at the places on which the structure hangs', async () => {
    const share = Math.floor(POSITIONS / 2 / minted.licences.length)
    for (const licence of minted.licences) {
      const offsets = criticalOffsets(licence)
      const step = Math.max(1, offsets.length / share)
      for (let i = 0; i < offsets.length; i += step) {
        const at = offsets[Math.floor(i)]!
        const mask = MASKS[Math.floor(i) % MASKS.length]!
        const { verdict, indication } = await minted.verify(flip(licence.pdf, at, mask))
        const where = `${licence.typeCode} byte ${at} ^ ${mask}`
        expect(verdict, where).not.toBe('accepted')
        expect(indication, where).not.toBe('TOTAL-PASSED')
      }
    }
  })

  it('is never accepted anywhere', async () => {
    const place = fc
      .nat(minted.licences.length - 1)
      .chain((n) => fc.tuple(fc.constant(minted.licences[n]!), fc.nat(minted.licences[n]!.pdf.length - 1)))
      .filter(([licence, at]) => isOutsideGap(licence, at))
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async ([licence, at], mask) => {
        const { verdict, indication } = await minted.verify(flip(licence.pdf, at, mask))
        expect(verdict).not.toBe('accepted')
        expect(indication).not.toBe('TOTAL-PASSED')
      }),
      { numRuns: POSITIONS / 2, endOnFailure: true },
    )
  })

  it('is never accepted in the embedded data and statement, at any of their bytes', async () => {
    const [{ pdf }] = minted.licences as [Minted]
    const file = Buffer.from(pdf)
    for (const [start, length] of [
      [file.indexOf('{"fields"'), 40],
      [file.indexOf('HTTPS://'), 40],
    ] as const) {
      expect(start).toBeGreaterThan(0)
      for (let at = start; at < start + length; at++)
        expect((await minted.verify(flip(pdf, at, 0x01))).verdict, `byte ${at}`).toBe('refused')
    }
  })
})

describe('a changed byte in the gap, which nobody signs', () => {
  /** Every bracket, the ends of the CMS, and a sample of digits and padding. */
  const placesIn = ({ gap: [from, to] }: Minted): number[] => {
    const step = Math.ceil((to - from) / (isLong ? 120 : 24))
    const sample = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step)
    return [from, from + 1, from + 2, ...sample, to - 2, to - 1]
  }

  it('never makes a refused or undecided verdict better', async () => {
    const { house, evidence } = minted
    const revoked = await mint(house, minted.licences[0]!.typeCode, 'property revoked')
    await house.licences.revoke(clerk, { identifier: revoked.identifier, reason: '吊销' })
    await house.licences.publishLists()
    house.clock.advance(1_000)
    const full = await evidence()
    const cases = [
      { licence: revoked, pdf: revoked.pdf, given: full },
      { licence: minted.licences[1]!, pdf: minted.licences[1]!.pdf, given: { ...full, trustList: null } },
      { licence: minted.licences[2]!, pdf: flip(minted.licences[2]!.pdf, 2_000, 1), given: full },
    ]
    for (const { licence, pdf, given } of cases) {
      const before = await minted.verify(pdf, given)
      expect(before.verdict).not.toBe('accepted')
      for (const at of placesIn(licence)) {
        for (const mask of [0x01, 0x06]) {
          const after = await minted.verify(flip(pdf, at, mask), given)
          expect(rank[after.verdict], `byte ${at} ^ ${mask}`).toBeLessThanOrEqual(rank[before.verdict])
        }
      }
    }
  })

  it('changes nothing that an accepted report says of the licence', async () => {
    for (const licence of minted.licences) {
      const before = await minted.verify(licence.pdf)
      for (const at of placesIn(licence)) {
        const after = await minted.verify(flip(licence.pdf, at, 0x01))
        if (after.verdict !== 'accepted') continue
        const { licence: judged, statement } = after
        expect({ judged, statement }).toEqual({ judged: before.licence, statement: before.statement })
        expect(after.signatures[0]!.signedDigest).toBe(before.signatures[0]!.signedDigest)
      }
    }
  })

  it('in the signature value, the signed attributes or the signer’s certificate is not accepted', async () => {
    for (const { pdf, gap, signature } of minted.licences) {
      const contents = signature.contents!
      const { certificates, signerInfos } = cms.parseSignedData(contents)
      const offsetOf = (part: Uint8Array) => part.byteOffset - contents.byteOffset
      const certificate = certificates.at(-1)!
      const digest = Buffer.from(contents).lastIndexOf(signerInfos[0]!.signedAttributes![1]!.values[0]!)
      const value = offsetOf(signerInfos[0]!.signature)
      for (const byte of [
        offsetOf(certificate) + 200,
        offsetOf(certificate) + 500,
        digest + 8,
        value + 12,
        contents.length - 1,
      ]) {
        for (const digit of [0, 1]) {
          const at = gap[0] + 1 + byte * 2 + digit
          expect((await minted.verify(flip(pdf, at, 0x01))).verdict, `byte ${at}`).not.toBe('accepted')
        }
      }
    }
  })
})

describe('bytes appended after the seal', () => {
  const isReported = ({
    verdict,
    signatures,
    documentChangedAfterSeal,
    findings,
  }: Awaited<ReturnType<MintedHouse['verify']>>) =>
    verdict !== 'accepted' &&
    (signatures.length === 0 || documentChangedAfterSeal || signatures.some(({ byteRange }) => byteRange === 'bad')) &&
    findings.some(({ outcome }) => outcome === 'failed' || outcome === 'undecided')

  it('are reported and not accepted, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(minted.licences.length - 1),
        fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 64 }),
          fc
            .constantFrom(
              '\n',
              '\r\n',
              ' ',
              '\0',
              '%',
              '%%EOF\n',
              '% comment\n',
              'startxref\n0\n%%EOF\n',
              'endobj',
              '%PDF-1.7\n',
            )
            .map((text) => new TextEncoder().encode(text)),
        ),
        async (n, tail) => {
          const report = await minted.verify(new Uint8Array(Buffer.concat([minted.licences[n]!.pdf, tail])))
          expect(isReported(report)).toBe(true)
        },
      ),
      { numRuns: isLong ? 300 : 60 },
    )
  })

  it('are reported when they are another whole licence or the licence once more', async () => {
    for (const [n, { pdf }] of minted.licences.entries()) {
      for (const other of [pdf, minted.licences[(n + 1) % minted.licences.length]!.pdf])
        expect(isReported(await minted.verify(new Uint8Array(Buffer.concat([pdf, other]))))).toBe(true)
    }
  })
})
