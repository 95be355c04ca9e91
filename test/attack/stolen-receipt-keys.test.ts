// Receipts of verifications that were forged with stolen keys: what they say would be taken for a verifier's word.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ca, tsp, x509 } from '../../pki/index.ts'
import { createReceipts, type SignedReceipt, verifyReceipt } from '../../verifier/bundle/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { makeToken } from '../fixtures/levels.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { extension, forgeCa } from '../support/forge-pki.ts'
import { evidence, NOW, policy, sealedLicence } from '../verifier/world.ts'

const day = (text: string) => new Date(`${text}T00:00:00Z`)
const theft = day('2026-05-01')
const early = day('2026-04-01')
const stolen = { revokedAt: theft, reason: 'keyCompromise' } as const
const pki = await createTestPki({
  root: {},
  lists: { under: 'root' },
  receipts: { under: 'lists', profile: 'receipt-signer', notAfter: day('2027-01-01') },
  revoked: { under: 'lists', profile: 'receipt-signer', notAfter: day('2027-01-01'), ...stolen },
  tsa: { under: 'lists', profile: 'time-stamp' },
  tsaRevoked: { under: 'lists', profile: 'time-stamp', ...stolen },
})
type Name = keyof typeof pki.entities
const crls = await pki.crls()
const found = await evidence()
const pdf = await sealedLicence()
const material = {
  subject: { kind: 'document', name: 'a.pdf', bytes: pdf },
  evidence: found,
  policy,
  at: NOW,
  report: await verifyDocument({ name: 'a.pdf', bytes: pdf }, found, policy, NOW),
} as const

interface Forgery {
  readonly by?: Name
  /** When it says it was made. */
  readonly at?: Date
  /** null: no stamp */
  readonly tsa?: Name | null
  readonly accuracySeconds?: number
  /** Before the certificates of its authorities. */
  readonly beside?: readonly Uint8Array[]
}

const make = ({
  by = 'revoked',
  at = early,
  tsa = 'tsa',
  accuracySeconds,
  beside = [],
}: Forgery): Promise<SignedReceipt> => {
  const { key, certificate, chain } = pki.get(by)
  return createReceipts({
    signer: async () => ({ key, chain: [certificate, ...beside, ...chain.slice(0, -1)] }),
    now: () => at,
    ...(tsa && {
      stamp: async (digest) => ({
        token: makeToken(pki.get(tsa), digest, at, accuracySeconds),
        certificates: [pki.get(tsa).certificate, ...pki.get(tsa).chain],
      }),
    }),
  }).sign(material)
}
const judge = (receipt: SignedReceipt, lists = crls, at = NOW) =>
  verifyReceipt(receipt, { anchors: [pki.get('root').certificate], crls: lists, at })

const listOf = (
  name: 'root' | 'lists',
  thisUpdate: Date,
  nextUpdate: Date,
  entries: readonly ca.RevokedEntry[] = [],
) => {
  const { certificate, key } = pki.get(name)
  return ca.issueCrl({ issuer: { certificate }, key, crlNumber: 5, thisUpdate, nextUpdate, entries })
}

describe('a receipt by a stolen key', () => {
  it('stands where an honest stamp is older than the revocation, and not where it is younger', async () => {
    expect(await judge(await make({}))).toMatchObject({ valid: true, provenAt: early.toISOString() })
    expect(await judge(await make({ at: NOW }))).toMatchObject({ valid: false, reason: 'SIGNER_NOT_TRUSTED' })
    expect(await judge(await make({ tsa: null }))).toMatchObject({ valid: false, reason: 'SIGNER_NOT_TRUSTED' })
  })

  it('is not believed by another certificate of its authority, over which nothing is told of the theft', async () => {
    const { certificate, key } = pki.get('lists')
    const { subject, extensions } = x509.parseCertificate(certificate)
    const root = pki.get('root')
    const other = await forgeCa({
      issuer: { certificate: x509.parseCertificate(root.certificate), key: root.key, der: root.certificate },
      ...{ name: subject.raw, key },
      extensions: [
        extension('2.5.29.14', extensions.get('2.5.29.14')!.value),
        extension('1.2.3.4', Uint8Array.of(5, 0), true),
      ],
    })
    const { serialNumber } = x509.parseCertificate(pki.get('receipts').certificate)
    const entry = { serialNumber, revocationDate: day('2026-04-30'), reason: 'keyCompromise' } as const
    const told = [
      ...crls,
      await listOf('lists', day('2026-03-01'), day('2026-09-01')),
      await listOf('lists', day('2026-05-01'), day('2026-05-08'), [entry]),
    ]
    for (const beside of [[], [other.der]]) {
      const receipt = await make({ by: 'receipts', at: day('2026-06-01'), beside })
      expect(await judge(receipt, told)).toMatchObject({ valid: false, reason: 'SIGNER_NOT_TRUSTED' })
    }
  })

  it('is dated back by no stamp of an authority whose key was stolen too', async () => {
    const forged = await judge(await make({ tsa: 'tsaRevoked' }))
    expect(forged).toMatchObject({ valid: false, reason: 'TIME_STAMP_NOT_TRUSTED', provenAt: null })
    expect(await judge(await make({ by: 'receipts', tsa: 'tsaRevoked' }))).toMatchObject({ valid: false })
  })

  it('is not believed as of the time that its bundle names, where lists of later tell of the theft', async () => {
    const then = day('2026-04-02')
    for (const tsa of ['tsaRevoked', null] as const)
      expect((await judge(await make({ tsa }), crls, then)).valid, `${tsa}`).toBe(false)
  })

  it('is not believed where it was stamped between theft and revocation (invalidityDate)', async () => {
    const { serialNumber } = x509.parseCertificate(pki.get('receipts').certificate)
    const told = {
      serialNumber,
      revocationDate: theft,
      reason: 'keyCompromise',
      invalidityDate: day('2026-03-01'),
    } as const
    const lists = [await pki.crl('root'), await listOf('lists', day('2026-06-15'), day('2026-06-22'), [told])]
    expect(await judge(await make({ by: 'receipts' }), lists)).toMatchObject({
      valid: false,
      reason: 'SIGNER_NOT_TRUSTED',
    })
    expect(await judge(await make({ by: 'receipts', at: day('2026-02-01') }), lists)).toMatchObject({ valid: true })
  })

  it('is not believed by lists from before its stamp that have run out', async () => {
    const january = await Promise.all(
      (['root', 'lists'] as const).map((name) => listOf(name, day('2026-01-02'), day('2026-01-03'))),
    )
    expect((await judge(await make({ at: NOW }), january)).valid).toBe(false)
    expect((await judge(await make({ by: 'receipts', at: NOW }), january)).valid).toBe(false)
    expect((await judge(await make({ at: NOW }), [...january, ...crls])).valid).toBe(false)
    expect(await judge(await make({ by: 'receipts', at: NOW }), [...january, ...crls])).toMatchObject({ valid: true })
  })

  it('is not believed by a stamp that may be younger than the theft by its own accuracy', async () => {
    const at = new Date(theft.getTime() - 60_000)
    expect(await judge(await make({ at }))).toMatchObject({ valid: true })
    expect(await judge(await make({ at, accuracySeconds: 60 }))).toMatchObject({ reason: 'SIGNER_NOT_TRUSTED' })
    expect(await judge(await make({ at, accuracySeconds: 7200 }))).toMatchObject({ reason: 'TIME_STAMP_WRONG' })
  })

  it('is not believed by a stamp over a digest that does not count', async () => {
    const receipt = await make({})
    const { certificate, chain, key } = pki.get('tsa')
    const signer = tsp.compileTokenSigner({
      certificate,
      chain: chain.slice(0, -1),
      signatureAlgorithm: key.signatureAlgorithm,
      policy: '1.2.156.10197.6.1.4.9',
      accuracySeconds: 1,
    })
    const digest = new Uint8Array(createHash('sha1').update(receipt.jws).digest())
    const { toSign, assemble } = signer.prepare({
      messageImprint: { algorithm: 'SHA-1', digest },
      serialNumber: Uint8Array.of(7),
      genTime: early,
    })
    const timeStamp = { ...receipt.timeStamp!, token: assemble(key.signSync!(toSign)) }
    expect(await judge({ ...receipt, timeStamp })).toMatchObject({ valid: false, reason: 'TIME_STAMP_WRONG' })
  })
})
