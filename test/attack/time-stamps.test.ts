import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { embedCms, type PreparedSeal, prepareDocumentTimeStamp } from '../../pades/write/index.ts'
import { tsp } from '../../pki/index.ts'
import { judge, later, pki, seal, withAnswers } from '../verifier/past.ts'

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
