import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../licence-format/index.ts'
import { embedCms, type PreparedField, prepareSeal } from '../../pades/write/index.ts'
import { cms } from '../../pki/index.ts'
import { claimsOf, codes, fromNow, licence, live, page, pki, statementText, verify } from './world.ts'

// A licence of several departments: fields for all seals are prepared before the first, each later seal fills its own.

type Name = Parameters<typeof pki.get>[0]
const unsealed = await page({
  'licence.json': canonicalJson(licence()),
  'statement.txt': statementText(claimsOf(licence())),
})
const fields: readonly PreparedField[] = [
  { field: 'Seal2', place: { page: 0, x: 110, y: 20, width: 80, height: 80 }, lock: { action: 'All', permission: 1 } },
]

function seal(pdf: Uint8Array, name: Name, field: string): Uint8Array {
  const { certificate, chain, key } = pki.get(name)
  const parts = { certificate, chain: chain.slice(0, -1), signatureAlgorithm: key.signatureAlgorithm }
  const isSm2 = key.signatureAlgorithm === 'SM2-with-SM3'
  const signer = isSm2 ? cms.compileGmSigner(parts) : cms.compileSigner(parts)
  const prepared = prepareSeal(pdf, {
    field,
    ...(field === 'Seal1'
      ? { place: { page: 0, x: 20, y: 20, width: 80, height: 80 }, docMdp: 2 as const, preparedFields: fields }
      : {}),
    ...(isSm2 ? { subFilter: cms.GM_SUB_FILTER } : {}),
    appearance: { content: new TextEncoder().encode('1 0 0 RG 5 5 90 90 re S'), bbox: [0, 0, 100, 100] },
    name: '云汀市',
    signedAt: fromNow(-3_600_000),
    contentsLength: signer.maxLength,
  })
  const digest = prepared.digest(isSm2 ? 'SM3' : 'SHA-256')
  return embedCms(prepared, signer.assemble(digest, key.signSync!(signer.attributesToSign(digest))))
}

const joint = (second: Name, first: Name = 'seal') => seal(seal(unsealed, first, 'Seal1'), second, 'Seal2')

describe('a licence of two departments', () => {
  it('is accepted with both seals; its digest is that of the last', async () => {
    const pdf = joint('sealOfLand')
    const report = await verify(pdf)
    expect(report).toMatchObject({ verdict: 'accepted', documentChangedAfterSeal: false })
    expect(report.signatures.map(({ level, laterChanges }) => [level, laterChanges])).toEqual([
      ['B-B', 'permitted'],
      ['B-B', 'none'],
    ])
    const [first, last] = report.signatures
    const confirmed = await verify(pdf, { live: live({ sealedDigest: last!.signedDigest }) })
    expect(codes(confirmed, 'passed')).toContain('REGISTER_AGREES')
    const other = await verify(pdf, { live: live({ sealedDigest: first!.signedDigest }) })
    expect(codes(other, 'failed')).toEqual(['REGISTER_DISAGREES'])
  })

  it('is not decided before all have sealed', async () => {
    const report = await verify(seal(unsealed, 'seal', 'Seal1'))
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toEqual(['JOINT_SEAL_MISSING'])
  })

  it.each<[string, Name, Name, string, string]>([
    ['the second is of nobody the trust list knows', 'seal', 'sealUnlisted', 'refused', 'SEAL_NOT_LISTED'],
    ['the second leads to no trusted root', 'seal', 'stranger', 'refused', 'SEAL_NOT_LISTED'],
    ['the second was revoked', 'seal', 'sealRevoked', 'refused', 'CERTIFICATE_REVOKED'],
    ['the first was revoked', 'sealRevoked', 'seal', 'refused', 'CERTIFICATE_REVOKED'],
    ['the first has expired', 'sealExpired', 'sealOfLand', 'undecided', 'CERTIFICATE_OUT_OF_BOUNDS'],
  ])('is not accepted when %s', async (_, first, second, verdict, code) => {
    const report = await verify(joint(second, first))
    expect(report.verdict).toBe(verdict)
    expect([...codes(report, 'failed'), ...codes(report, 'undecided')]).toContain(code)
  })

  it('is refused without a seal of its own issuer', async () => {
    const report = await verify(joint('sealOfLand', 'sealOfLand'))
    expect(codes(report, 'failed')).toContain('SEAL_OF_OTHER_DEPARTMENT')
  })

  it('is refused when a byte under the first seal, or the second, was changed', async () => {
    const pdf = joint('sealOfLand')
    for (const at of [200, seal(unsealed, 'seal', 'Seal1').length + 40]) {
      const report = await verify(pdf.with(at, pdf[at]! ^ 1))
      expect(report.verdict, `byte ${at}`).not.toBe('accepted')
    }
  })
})

describe('an SM2 seal beside another (GB/T 35275)', () => {
  it('is judged like it, and is no PAdES', async () => {
    const report = await verify(joint('sealSm2'))
    expect(report.verdict).toBe('accepted')
    expect(report.signatures[1]).toMatchObject({
      integrity: 'intact',
      level: 'not-pades',
      indication: 'TOTAL-PASSED',
      signedBy: 'TEST sealSm2',
    })
  })

  it('is broken by a changed byte', async () => {
    const pdf = joint('sealSm2')
    const report = await verify(pdf.with(200, pdf[200]! ^ 1))
    expect(report.verdict).not.toBe('accepted')
  })

  it('of a damaged CMS is refused', async () => {
    const pdf = joint('sealSm2')
    const from = Buffer.from(pdf).lastIndexOf('/Contents <') + 11
    const report = await verify(pdf.with(from + 10, 0x39))
    expect(report.verdict).toBe('refused')
    expect(report.signatures[1]!.integrity).not.toBe('intact')
  })
})
