import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { sealDocumentSync } from '../../pades/write/index.ts'
import { asn1, cms } from '../../pki/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { evidence, fromNow, NOW, page, pki, policy } from '../verifier/world.ts'

// Certificates that come with a signature are not signed: anyone can add to them, and what a verifier remembers must not grow with that.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const JUNK = 2 << 20
const DOCUMENTS = 24

it('remembers nothing of the megabytes that come with a signature', async () => {
  const blank = await page()
  const { key, certificate } = pki.get('stranger')
  const found = await evidence()
  const verifyOne = async (n: number): Promise<void> => {
    const junk = asn1.encodeSequence(asn1.encodeOctetString(new Uint8Array(JUNK).fill(n)))
    const signer = cms.compileSigner({ certificate, chain: [junk], signatureAlgorithm: key.signatureAlgorithm })
    const bytes = sealDocumentSync(
      blank,
      {
        field: 'Seal1',
        place: { page: 0, x: 20, y: 20, width: 80, height: 80 },
        appearance: { content: new Uint8Array(), bbox: [0, 0, 100, 100] },
        name: 'stranger',
        signedAt: fromNow(-1000),
      },
      signer,
      key,
    )
    const report = await verifyDocument({ name: 'a.pdf', bytes }, found, policy, NOW)
    expect(report.signatures[0]?.integrity).toBe('intact')
    expect(report.verdict).toBe('undecided')
  }
  await verifyOne(255)
  const held = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      await setImmediate()
      collect()
    }
    const { heapUsed, arrayBuffers, external } = process.memoryUsage()
    return heapUsed + Math.max(arrayBuffers, external)
  }
  const before = await held()
  for (let n = 0; n < DOCUMENTS; n++) await verifyOne(n)
  expect((await held()) - before).toBeLessThan((DOCUMENTS * JUNK) / 2)
})
