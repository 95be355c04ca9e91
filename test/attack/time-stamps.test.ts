import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { embedCms, type PreparedSeal, prepareDocumentTimeStamp } from '../../pades/write/index.ts'
import { tsp } from '../../pki/index.ts'
import { stampDocument } from '../fixtures/levels.ts'
import { archived, crlsAt, day, judge, later, NOW, pki, SEALED, seal, sealed, withAnswers } from '../verifier/past.ts'

const sha1 = ({ bytes, byteRange }: PreparedSeal) => {
  const [, length, from] = byteRange
  const hash = createHash('sha1').update(bytes.subarray(0, length)).update(bytes.subarray(from))
  return new Uint8Array(hash.digest())
}

/** A document time stamp whose imprint is of a weak digest: two documents may share it. */
function stampBySha1(pdf: Uint8Array, at: Date): Uint8Array {
  const { certificate, chain, key } = pki.get('tsa')
  const signer = tsp.compileTokenSigner({
    certificate,
    chain: chain.slice(0, -1),
    signatureAlgorithm: key.signatureAlgorithm,
    policy: '1.2.156.10197.6.1.4.9',
    accuracySeconds: 1,
  })
  const prepared = prepareDocumentTimeStamp(pdf, { contentsLength: signer.maxLength, at })
  const { toSign, assemble } = signer.prepare({
    messageImprint: { algorithm: 'SHA-1', digest: sha1(prepared) },
    serialNumber: Uint8Array.of(7, 7),
    genTime: at,
  })
  return embedCms(prepared, assemble(key.signSync!(toSign)))
}

describe('a document time stamp by SHA-1', () => {
  it('proves nothing: whoever finds collisions stamps one document and shows another', async () => {
    const report = await judge(stampBySha1(await withAnswers(), later(5)))
    const stamp = report.signatures.find(({ type }) => type === 'document-time-stamp')
    expect(stamp).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
    })
    expect(seal(report).level).toBe('B-LT')
  })
})

describe('a stamp that is not sure of its time', () => {
  const revoked = day('2023-01-01')
  const at = later(-60, NOW)
  const judgeWith = async (accuracySeconds: number, stampedAt: Date) => {
    const pdf = await withAnswers({
      by: 'sealRevoked',
      stamp: { at: stampedAt, accuracySeconds },
      answeredAt: later(7200, stampedAt),
    })
    return judge(pdf, { crls: await crlsAt(at) })
  }

  it('proves the latest time that it may mean: a revocation within its accuracy counts', async () => {
    const stampedAt = later(-60, revoked)
    expect(seal(await judgeWith(1, stampedAt))).toMatchObject({
      indication: 'TOTAL-PASSED',
      bestSignatureTime: stampedAt.toISOString(),
    })
    expect(seal(await judgeWith(30, stampedAt))).toMatchObject({
      indication: 'TOTAL-PASSED',
      bestSignatureTime: later(30, stampedAt).toISOString(),
    })
    expect(seal(await judgeWith(120, stampedAt))).toMatchObject({
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
    })
  })

  it('proves nothing beyond an hour', async () => {
    const report = await judgeWith(2_147_483_647, SEALED)
    expect(seal(report)).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE', level: 'B-B' })
    expect(report.findings.map(({ code }) => code)).toContain('TIME_STAMP_NOT_TRUSTED')
    expect(seal(await judgeWith(3600, SEALED))).toMatchObject({ indication: 'TOTAL-PASSED' })
    expect(seal(await judgeWith(3601, SEALED))).toMatchObject({ indication: 'INDETERMINATE' })
  })

  it('as a document time stamp too, and never for more than it says', async () => {
    const archive = async (accuracySeconds: number) =>
      judge(
        stampDocument(sealed({ by: 'sealRevoked', stamp: null }), {
          by: pki.get('tsa'),
          at: later(-60, revoked),
          accuracySeconds,
        }),
        {
          crls: await crlsAt(at),
        },
      )
    expect(seal(await archive(1))).toMatchObject({ indication: 'TOTAL-PASSED' })
    expect(seal(await archive(120))).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' })
    expect(seal(await archive(7200))).toMatchObject({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' })
  })

  it('contradicts no stamp over it that lies within its accuracy', async () => {
    const inner = { at: later(1200), accuracySeconds: 1800 }
    const report = await judge(await archived({ stamp: inner, answeredAt: later(3100), archived: [{ at: later(30) }] }))
    expect(report.findings.map(({ code }) => code)).not.toContain('TIME_STAMP_ORDER_WRONG')
  })
})
