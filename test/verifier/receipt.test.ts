// Receipts: the verifier's signed word for a verification, believed through its certificate and a time stamp, years later too.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseReceipt, signReceipt } from '../../licence-format/index.ts'
import {
  type BundleMaterial,
  createReceipts,
  encodeReceiptFile,
  type ReceiptsOptions,
  type ReceiptUse,
  readReceiptFile,
  replayBundle,
  type SignedReceipt,
  verifyReceipt,
  writeBundle,
} from '../../verifier/bundle/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { makeToken } from '../fixtures/levels.ts'
import { createTestPki, testTimes } from '../fixtures/pki.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'
import { evidence, LIST_ADDRESS, NOW, policy, sealedLicence } from './world.ts'

const oneYear = new Date('2027-01-01T00:00:00Z')
const pki = await createTestPki({
  root: {},
  lists: { under: 'root' },
  receipts: { under: 'lists', profile: 'receipt-signer', notAfter: oneYear },
  revoked: {
    under: 'lists',
    profile: 'receipt-signer',
    notAfter: oneYear,
    revokedAt: new Date('2026-05-01T00:00:00Z'),
  },
  statusSigner: { under: 'lists', profile: 'status-list-signer' },
  seal: { under: 'lists' },
  tsa: { under: 'lists', profile: 'time-stamp' },
  otherRoot: {},
  otherCa: { under: 'otherRoot' },
  stranger: { under: 'otherCa', profile: 'receipt-signer' },
  strangeTsa: { under: 'otherCa', profile: 'time-stamp' },
})
type Name = Parameters<typeof pki.get>[0]
const anchors = [pki.get('root').certificate]
const crls = await pki.crls()
const YEARS_LATER = new Date('2029-06-15T00:00:00Z')

const found = await evidence()
const pdf = await sealedLicence()
const report = await verifyDocument({ name: 'a.pdf', bytes: pdf }, found, policy, NOW)
const material: BundleMaterial = {
  subject: { kind: 'document', name: 'a.pdf', bytes: pdf },
  evidence: found,
  policy,
  at: NOW,
  report,
}

const signerOf = (name: Name) => ({
  key: pki.get(name).key,
  chain: [pki.get(name).certificate, ...pki.get(name).chain.slice(0, -1)],
})
const stampBy = (name: Name, at = NOW) => ({
  stamp: async (digest: Uint8Array) => ({
    token: makeToken(pki.get(name), digest, at),
    certificates: [pki.get(name).certificate, ...pki.get(name).chain],
  }),
})
const make = (by: Name = 'receipts', more: Partial<ReceiptsOptions> = {}, of = material): Promise<SignedReceipt> =>
  createReceipts({ signer: async () => signerOf(by), now: () => NOW, ...more }).sign(of)

describe('createReceipts', () => {
  it('names what was verified, by which lists and policy, when and by whom; nothing of a holder', async () => {
    const { payload } = parseReceipt((await make()).jws)
    expect(payload).toMatchObject({
      subject: { kind: 'document', sha256: createHash('sha256').update(pdf).digest('hex') },
      validationTime: NOW.toISOString(),
      verdict: 'accepted',
      indication: 'TOTAL-PASSED',
      verifier: { name: expect.stringContaining('TEST receipts') },
      trustLists: [{ sequence: 1, sha256: createHash('sha256').update(found.trustList!).digest('hex') }],
      statusLists: [{ address: LIST_ADDRESS, issuedAt: expect.any(String) }],
    })
    expect(JSON.stringify(payload)).not.toContain(report.statement!.holder)
    expect(JSON.stringify(payload)).not.toContain(report.licence!.identifier)
  })

  it('hands out no receipt whose use is not on record', async () => {
    const uses: ReceiptUse[] = []
    const { jws } = await make('receipts', { record: async (use) => void uses.push(use) })
    expect(uses).toEqual([
      {
        at: NOW,
        receiptDigest: createHash('sha256').update(jws).digest('hex'),
        subjectDigest: createHash('sha256').update(pdf).digest('hex'),
      },
    ])
    await expect(make('receipts', { record: () => Promise.reject(new Error('disk full')) })).rejects.toThrow(
      'disk full',
    )
    await expect(make('receipts', { stamp: () => Promise.reject(new Error('no stamp')) })).rejects.toThrow('no stamp')
  })
})

describe('verifyReceipt', () => {
  it('believes a genuine one, and as a file of its own too', async () => {
    const receipt = await make('receipts', stampBy('tsa'))
    const outcome = await verifyReceipt(receipt, { anchors, crls, at: NOW })
    expect(outcome).toMatchObject({ valid: true, reason: null, provenAt: NOW.toISOString(), isRevocationChecked: true })
    expect(readReceiptFile(await encodeReceiptFile(receipt))).toEqual(receipt)
    expect(readReceiptFile(new TextEncoder().encode(`${receipt.jws}\n`))).toEqual({ jws: receipt.jws, timeStamp: null })
  })

  it('believes a stamped one after its certificate has ended, and one without a stamp no more', async () => {
    const later = { anchors, at: YEARS_LATER }
    expect(await verifyReceipt(await make('receipts', stampBy('tsa')), later)).toMatchObject({ valid: true })
    expect(await verifyReceipt(await make(), later)).toMatchObject({ valid: false, reason: 'SIGNER_NOT_TRUSTED' })
  })

  it('tells a key that was revoked after the stamped time from one that was revoked before', async () => {
    const times = { thisUpdate: new Date('2029-06-14T00:00:00Z'), nextUpdate: new Date('2029-06-20T00:00:00Z') }
    const lists = { anchors, crls: await pki.crls(times), at: YEARS_LATER }
    const before = new Date('2026-04-01T00:00:00Z')
    const early = await make('revoked', { ...stampBy('tsa', before), now: () => before })
    expect(await verifyReceipt(early, lists)).toMatchObject({ valid: true })
    const outcome = await verifyReceipt(await make('revoked', stampBy('tsa')), lists)
    expect(outcome).toMatchObject({
      valid: false,
      reason: 'SIGNER_NOT_TRUSTED',
      detail: expect.stringContaining('REVOKED'),
    })
  })

  it.each<[string, Name]>([
    ['a seal', 'seal'],
    ['a signer of status lists', 'statusSigner'],
    ['a verifier under another root', 'stranger'],
  ])('refuses one signed by %s', async (_what, name) => {
    expect(await verifyReceipt(await make(name), { anchors, at: NOW })).toMatchObject({
      valid: false,
      reason: 'SIGNER_NOT_TRUSTED',
    })
  })

  it('refuses a stamp over something else, of a stranger, or from later', async () => {
    const [receipt, other] = [await make('receipts', stampBy('tsa')), await make('receipts', stampBy('tsa'))]
    const swapped = { jws: receipt.jws, timeStamp: other.timeStamp }
    const strange = await make('receipts', stampBy('strangeTsa'))
    const early = await make('receipts', stampBy('tsa', YEARS_LATER))
    const reasons = await Promise.all(
      [swapped, strange, early].map(async (one) => (await verifyReceipt(one, { anchors, at: NOW })).reason),
    )
    expect(reasons).toEqual(['TIME_STAMP_WRONG', 'TIME_STAMP_NOT_TRUSTED', 'TIME_STAMP_WRONG'])
  })

  it('refuses one that says it was made later than it is proven to exist, or names another verifier', async () => {
    const fromLater = await make('receipts', { ...stampBy('tsa'), now: () => testTimes.leafEnd })
    expect((await verifyReceipt(fromLater, { anchors, at: NOW })).reason).toBe('FROM_LATER')
    const { payload } = parseReceipt((await make()).jws)
    const renamed = { ...payload, verifier: { ...payload.verifier, name: 'CN=Somebody' } }
    const jws = await signReceipt(renamed, signerOf('receipts'))
    expect((await verifyReceipt({ jws, timeStamp: null }, { anchors, at: NOW })).reason).toBe('NAME_WRONG')
  })

  it('refuses one with any character changed', async () => {
    const { jws } = await make()
    for (let at = 0; at < jws.length; at += 37) {
      const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1)
      const { valid } = await verifyReceipt({ jws: changed, timeStamp: null }, { anchors, at: NOW })
      expect(valid, `character ${at}`).toBe(false)
    }
  })

  it('refuses a payload that is not canonical, or has a member more or less', async () => {
    const { payload } = parseReceipt((await make()).jws)
    const { reason: _reason, ...less } = payload
    for (const wrong of [{ ...payload, more: 1 }, less, { ...payload, verdict: 'splendid' }, [], null]) {
      const jws = await signReceipt(wrong as never, signerOf('receipts'))
      expect((await verifyReceipt({ jws, timeStamp: null }, { anchors, at: NOW })).reason).toBe('MALFORMED')
    }
  })

  it.each([
    '',
    'a.b.c',
    '{',
    '{"format":"zhengyin-receipt"}',
    '[]',
    'null',
    '{"format":"zhengyin-receipt","receipt":{"jws":1,"timeStamp":null}}',
  ])('reads no receipt from %j', async (text) => {
    const read = () => readReceiptFile(new TextEncoder().encode(text))
    if (text.startsWith('{')) await toThrowWithCode(read, 'RECEIPT_FILE_MALFORMED')
    else expect((await verifyReceipt(read(), { anchors, at: NOW })).reason).toBe('MALFORMED')
  })
})

const stamped = await make('receipts', stampBy('tsa'))

describe('a bundle with a receipt', () => {
  it('is replayed with the receipt judged, by the roots given or by its own', async () => {
    const bundle = await writeBundle(material, stamped)
    const replay = await replayBundle(bundle, { anchors })
    expect([replay.same, replay.receipt?.reason]).toEqual([true, 'TIME_STAMP_NOT_TRUSTED'])
    const withLists = { ...material, evidence: { ...found, crls: [...found.crls, ...crls] } }
    const own = await make('receipts', stampBy('tsa'), withLists)
    expect((await replayBundle(await writeBundle(withLists, own), { anchors })).receipt).toMatchObject({ valid: true })
    expect((await replayBundle(await writeBundle(withLists, own))).receipt?.reason).toMatch(/NOT_TRUSTED$/)
  })

  it('cannot be put around another document, verdict or time', async () => {
    const changes: Partial<BundleMaterial>[] = [
      { subject: { kind: 'document', name: 'a.pdf', bytes: new Uint8Array([1]) } },
      { report: { ...report, verdict: 'refused' } },
      { at: new Date(NOW.getTime() + 1) },
      { policy: { ...policy, status: 'skipped' } },
      { evidence: { ...found, crls: [] } },
    ]
    for (const change of changes) {
      await toThrowWithCode(
        replayBundle(await writeBundle({ ...material, ...change }, stamped)),
        'BUNDLE_RECEIPT_OF_ANOTHER',
      )
    }
  })

  it('is refused where the signature of its receipt is not one', async () => {
    const [head, payload, signature] = stamped.jws.split('.') as [string, string, string]
    const forged = `${head}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    await toThrowWithCode(replayBundle(await writeBundle(material, { ...stamped, jws: forged })), 'BUNDLE_CHANGED')
  })
})
