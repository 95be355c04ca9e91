import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../licence-format/index.ts'
import { embedCms, type PreparedSeal, type PrepareSealOptions, prepareSeal } from '../../pades/write/index.ts'
import { cms, tsp } from '../../pki/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { claimsOf, codes, fromNow, licence, page, pki, statementText, verify } from '../verifier/world.ts'

// Something else than a seal in the field of a department that has not sealed.

const unsealed = await page({
  'licence.json': canonicalJson(licence()),
  'statement.txt': statementText(claimsOf(licence())),
})
const common = {
  appearance: { content: new TextEncoder().encode('1 0 0 RG 5 5 90 90 re S'), bbox: [0, 0, 100, 100] },
  name: '云汀市',
  signedAt: fromNow(-3_600_000),
} as const satisfies Partial<PrepareSealOptions>

function sealFirst(): Uint8Array {
  const { certificate, chain, key } = pki.get('seal')
  const { signatureAlgorithm } = key
  const signer = cms.compileSigner({ certificate, chain: chain.slice(0, -1), signatureAlgorithm })
  const place = { page: 0, x: 20, y: 20, width: 80, height: 80 }
  const prepared = prepareSeal(unsealed, {
    ...common,
    field: 'Seal1',
    place,
    docMdp: 2,
    preparedFields: [{ field: 'Seal2', place: { ...place, x: 110 }, lock: { action: 'All', permission: 1 } }],
    contentsLength: signer.maxLength,
  })
  const digest = prepared.digest()
  return embedCms(prepared, signer.assemble(digest, key.signSync!(signer.attributesToSign(digest))))
}

/** A picture in the empty field, under a time stamp that anybody can get. */
async function fillWithStamp(pdf: Uint8Array, calledStamp: 'by type' | 'by form'): Promise<Uint8Array> {
  const strangers = await createTestPki({
    root: {},
    ca: { under: 'root' },
    tsa: { under: 'ca', profile: 'time-stamp' },
  })
  const { certificate, chain, key } = strangers.get('tsa')
  const signer = tsp.compileTokenSigner({
    certificate,
    chain: chain.slice(0, -1),
    signatureAlgorithm: key.signatureAlgorithm,
    policy: '1.2.3.4',
    accuracySeconds: 1,
  })
  const prepared: PreparedSeal = prepareSeal(pdf, {
    ...common,
    field: 'Seal2',
    ...(calledStamp === 'by form' && { subFilter: 'ETSI.RFC3161' }),
    contentsLength: signer.maxLength,
  })
  if (calledStamp === 'by type') {
    // Of the same length: nothing moves.
    const at = Buffer.from(prepared.bytes.buffer).lastIndexOf('/Type /Sig /Filter /Adobe.PPKLite')
    prepared.bytes.set(Buffer.from('/Type /DocTimeStamp /Filter /Abcd'.padEnd(33)), at)
  }
  const { toSign, assemble } = signer.prepare({
    messageImprint: prepared.digest(),
    serialNumber: Uint8Array.of(7),
    genTime: fromNow(-1_800_000),
  })
  return embedCms(prepared, assemble(key.signSync!(toSign)))
}

describe('the field of a department that has not sealed', () => {
  it.each(['by type', 'by form'] as const)(
    'is not filled by what is a time stamp %s, whatever it shows',
    async (how) => {
      const report = await verify(await fillWithStamp(sealFirst(), how))
      expect(report.signatures.map(({ type }) => type)).toEqual(['signature', 'document-time-stamp'])
      expect(report.verdict).not.toBe('accepted')
      expect([...codes(report, 'failed'), ...codes(report, 'undecided')]).toContain('LATER_CHANGES_FORBIDDEN')
    },
  )
})
