// Receipts of the verifier's own process: a key in a PKCS #12 file, as `openssl pkcs12 -export` or another key store writes it.
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVerifierReceipts, type VerifierReceiptsOptions } from '../../bin/verifier-receipts.ts'
import { createKeyStore } from '../../key-store/index.ts'
import { ca } from '../../pki/index.ts'
import { systemIds } from '../../platform/index.ts'
import { type BundleMaterial, verifyReceipt } from '../../verifier/bundle/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { createTestPki, testTimes } from '../fixtures/pki.ts'
import { testClock } from '../support/clock.ts'
import { testLog } from '../support/log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { evidence, NOW, policy, sealedLicence } from '../verifier/world.ts'

const PASSWORD = 'a passphrase of many words'
const folder = temporaryFolder()
const pki = await createTestPki({ root: {}, lists: { under: 'root' }, otherRoot: {} })
const anchors = [pki.get('root').certificate]
const END = new Date('2027-01-01T00:00:00Z')
const clock = testClock(NOW)
const passphraseFile = join(folder, 'passphrase')
writeFileSync(passphraseFile, `${PASSWORD}\n`)

/** A key of its own, certified for one purpose by the lists' CA, as a file. */
async function makeKeyFile(name: string, profile: ca.ProfileName): Promise<string> {
  const store = await createKeyStore({ folder: mkdtempSync(join(tmpdir(), 'zhengyin-keys-')), passphrase: PASSWORD })
  const { publicKey } = await store.generate('k', 'ec-p256', { isExportable: true })
  const issuer = pki.get('lists')
  const certificate = await ca.issueCertificate({
    profile,
    subject: [
      ['C', 'CN'],
      ['O', '云汀市核验中心'],
      ['CN', '核验回执'],
    ],
    subjectPublicKey: publicKey,
    serialNumber: Uint8Array.of(0x40, ...systemIds.bytes(15)),
    notBefore: testTimes.start,
    notAfter: END,
    key: issuer.key,
    issuer: { certificate: issuer.certificate },
  })
  const certificates = [certificate, issuer.certificate, ...issuer.chain]
  const file = await store.exportPkcs12('k', { password: PASSWORD, certificates }, { by: 'test', reason: 'test' })
  store.close()
  writeFileSync(join(folder, name), file)
  return join(folder, name)
}

const open = (keyFile: string, change: Partial<VerifierReceiptsOptions> = {}) =>
  openVerifierReceipts({ keyFile, passphraseFile, anchors, ids: systemIds, clock, log: testLog().log, ...change })
const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('zhengyin-receipts-'))

let keyFile: string
let material: BundleMaterial
beforeAll(async () => {
  keyFile = await makeKeyFile('receipts.p12', 'receipt-signer')
  const found = await evidence()
  const subject = { kind: 'document', name: 'a.pdf', bytes: await sealedLicence() } as const
  material = { subject, evidence: found, policy, at: NOW, report: await verifyDocument(subject, found, policy, NOW) }
})
afterAll(() => expect(left()).toEqual([]))

describe('openVerifierReceipts', () => {
  it('signs receipts that whoever has the root believes, and keeps no key once it is closed', async () => {
    const receipts = await open(keyFile)
    const receipt = await receipts.sign(material)
    expect(await verifyReceipt(receipt, { anchors, at: NOW })).toMatchObject({ valid: true, provenAt: null })
    await receipts.close()
    expect(left()).toEqual([])
  })

  it('refuses a key that nobody would believe: made for something else, or of another root', async () => {
    const other = await makeKeyFile('stamps.p12', 'time-stamp')
    await expect(open(other)).rejects.toMatchObject({ code: 'RECEIPT_KEY_REFUSED' })
    const strangers = [pki.get('otherRoot').certificate]
    await expect(open(keyFile, { anchors: strangers })).rejects.toMatchObject({ code: 'RECEIPT_KEY_REFUSED' })
  })

  it('refuses a wrong passphrase and what is no key file, and leaves nothing behind', async () => {
    const wrong = join(folder, 'wrong')
    writeFileSync(wrong, 'something else\n')
    await expect(open(keyFile, { passphraseFile: wrong })).rejects.toMatchObject({
      code: expect.stringMatching(/^KEY_/),
    })
    await expect(open(wrong)).rejects.toMatchObject({ code: expect.stringMatching(/^KEY_/) })
    expect(left()).toEqual([])
  })

  it('signs none past the end of its certificate', async () => {
    let now = NOW
    const receipts = await open(keyFile, { clock: { now: () => now } })
    now = new Date(END.getTime() + 1000)
    await expect(receipts.sign(material)).rejects.toMatchObject({ code: 'VERIFICATION_FORMAT_UNAVAILABLE' })
    await receipts.close()
  })
})
