// Junk that anybody can add to a sealed document must not keep the verifier from reading what says that a key was stolen.
import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { appendValidationData } from '../../pades/write/index.ts'
import { ca, OID, x509 } from '../../pki/index.ts'
import { addData, sealAt, stampDocument } from '../fixtures/levels.ts'
import { extKeyUsage, forge, forgeOcsp } from '../support/forge-pki.ts'
import {
  answerOf,
  crlAt,
  crlsAt,
  day,
  judge,
  later,
  NOW,
  pki,
  SEALED,
  seal,
  sealed,
  withAnswers,
} from '../verifier/past.ts'
import { page } from '../verifier/world.ts'

const at = day('2023-06-01')
const listed = later(-60, at)
const theft = day('2022-02-01')
const utc = (time: Date): string => `${time.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`

/** The same list or answer with another time in it: its signature no longer fits. */
function forged(genuine: Uint8Array, was: string, becomes: string): Uint8Array {
  const bytes = Buffer.from(genuine)
  const place = bytes.indexOf(was)
  expect(place).toBeGreaterThan(0)
  bytes.write(becomes, place, 'latin1')
  return new Uint8Array(bytes)
}
const flood = (genuine: Uint8Array, was: Date, newest: Date, count: number) =>
  Array.from({ length: count }, (_, i) => forged(genuine, utc(was), utc(later(-i, newest))))

let current: Uint8Array
let outside: Uint8Array[]
beforeAll(async () => {
  const issuer = pki.get('ca')
  const { serialNumber } = x509.parseCertificate(pki.get('seal').certificate)
  current = await ca.issueCrl({
    ...{ issuer: { certificate: issuer.certificate }, key: issuer.key, crlNumber: 7 },
    ...{ thisUpdate: listed, nextUpdate: later(86_400, at) },
    entries: [{ serialNumber, revocationDate: theft, reason: 'keyCompromise' }],
  })
  outside = [current, ...(await Promise.all((['root', 'tsaCa'] as const).map((name) => crlAt(name, listed))))]
})

describe('a seal whose key was stolen before it sealed', () => {
  it.each([16, 60, 240])('is not made good by %i lists that nobody signed', async (count) => {
    const document = await withAnswers()
    expect((await judge(document, { at, crls: outside })).verdict).toBe('refused')
    const drowned = addData(document, { crls: flood(current, listed, later(-1, at), count) })
    const report = await judge(drowned, { at, crls: outside })
    expect(report.verdict).not.toBe('accepted')
    // As long as all of them can be looked at, nothing changes.
    if (count < 100) expect(seal(report).subIndication).toBe('REVOKED_NO_POE')
  })

  it('is not made good by answers that nobody signed, made in a future year', async () => {
    const status = { kind: 'revoked' as const, revocationDate: theft, reason: 'keyCompromise' as const }
    const revoked = await answerOf('seal', later(-3_600, at), { status })
    const lists = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(-86_400, at))))
    const thisUpdate = later(2)
    const genuine = await answerOf('seal', thisUpdate)
    const ocsps = Array.from({ length: 16 }, (_, i) =>
      forged(genuine, `20${utc(thisUpdate)}`, `204901010000${10 + i}Z`),
    )
    const report = await judge(addData(await withAnswers(), { ocsps }), { at, crls: lists, ocsps: [revoked] })
    expect(report.verdict).toBe('refused')
  })

  it.each([197, 198, 199])('is not made good by %i certificates of its CA’s name', async (count) => {
    const alone = { ...pki.get('seal'), chain: [] }
    const pdf = sealAt(await page(), alone, { field: 'Seal1', signedAt: SEALED, docMdp: 1 }, [
      { at: SEALED, by: pki.get('tsa') },
    ])
    const { certificate, key } = pki.get('ca')
    const place = Buffer.from(certificate).indexOf(Buffer.from(key.publicKey).subarray(-64))
    const bogus = Array.from({ length: count }, () => {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const one = Uint8Array.from(certificate)
      one.set(publicKey.export({ type: 'spki', format: 'der' }).subarray(-64), place)
      return one
    })
    const ocsps = await Promise.all((['seal', 'ca', 'tsa', 'tsaCa'] as const).map((name) => answerOf(name, later(2))))
    const certificates = [...bogus, certificate, ...pki.get('tsa').chain.slice(0, -1)]
    const report = await judge(appendValidationData(pdf, { certificates, ocsps, crls: [] }), { at, crls: outside })
    expect(report.verdict).not.toBe('accepted')
  })
})

describe('a seal of which the document itself tells that its key was stolen', () => {
  const now = day('2022-03-05')
  const told = { kind: 'revoked', revocationDate: day('2022-02-20'), reason: 'keyCompromise' } as const
  const issuer = x509.parseCertificate(pki.get('ca').certificate)
  const certificate = x509.parseCertificate(pki.get('seal').certificate)

  it('is not made good by answers appended that nobody signed, whatever older lists at hand say', async () => {
    const crls = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(3_600))))
    const answer = await answerOf('seal', later(7_200), { status: told })
    const marked = stampDocument(addData(sealed(), { ocsps: [answer] }), { at: later(10_800), by: pki.get('tsa') })
    expect((await judge(sealed(), { at: now, crls })).verdict).toBe('accepted')
    expect((await judge(marked, { at: now, crls })).verdict).toBe('refused')
    const { key } = await forge({ name: 'stranger' })
    const stranger = { certificate: issuer, key, der: issuer.raw }
    const junk = await Promise.all(
      Array.from({ length: 205 }, (_, i) => {
        const times = { thisUpdate: later(14_400 + i), nextUpdate: later(86_400, now) }
        const singles = [{ certificate, issuer: stranger, status: 'good' as const, ...times }]
        return forgeOcsp({ signer: stranger, by: 'name', singles, producedAt: times.thisUpdate })
      }),
    )
    expect((await judge(addData(marked, { ocsps: junk }), { at: now, crls })).verdict).not.toBe('accepted')
    // What only vouches is not missed.
    expect((await judge(addData(sealed(), { ocsps: junk }), { at: now, crls })).verdict).toBe('accepted')
  })

  it('is read of in lists at hand, however many certificates of its key come along', async () => {
    const { key, chain } = pki.get('seal')
    const others = await Promise.all(
      Array.from({ length: 210 }, () =>
        // Of the number that lists may name, so that each is asked about.
        forge({ issuer: { certificate: issuer, key, der: issuer.raw }, key, serial: certificate.serialNumber }),
      ),
    )
    const lists = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(3_600))))
    const crowd = appendValidationData(sealed(), { certificates: others.map(({ der }) => der), ocsps: [], crls: [] })
    expect((await judge(crowd, { at: now, crls: lists })).verdict).toBe('accepted')
    const { serialNumber } = certificate
    const entries = [{ serialNumber, revocationDate: theft, reason: 'keyCompromise' as const }]
    const times = { thisUpdate: later(7_200), nextUpdate: later(86_400, now) }
    const ca7 = { issuer: { certificate: chain[0]! }, key: pki.get('ca').key, crlNumber: 7, ...times, entries }
    expect((await judge(crowd, { at: now, crls: [...lists, await ca.issueCrl(ca7)] })).verdict).toBe('refused')
  })
})

describe('a seal that lists at hand call good', () => {
  it('stays so beside a hundred answers that nobody signed, all with the same made-up responders', async () => {
    const now = day('2022-03-05')
    const crls = await Promise.all((['root', 'ca', 'tsaCa'] as const).map((name) => crlAt(name, later(3_600))))
    const certificate = x509.parseCertificate(pki.get('seal').certificate)
    const issuer = x509.parseCertificate(pki.get('ca').certificate)
    const { key } = await forge({ name: 'stranger' })
    const asCa = { certificate: issuer, key, der: issuer.raw }
    const made = { name: 'responder', key, issuer: asCa, extensions: [extKeyUsage(OID.ocspSigning)] }
    const delegates = await Promise.all(Array.from({ length: 16 }, () => forge(made)))
    const ocsps = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const times = { thisUpdate: later(7_200 + i), nextUpdate: later(86_400, now) }
        const singles = [{ certificate, issuer: asCa, status: { revokedAt: theft, reason: 1 }, ...times }]
        const certificates = delegates.map(({ der }) => der)
        return forgeOcsp({ signer: delegates[0]!, by: 'name', singles, producedAt: times.thisUpdate, certificates })
      }),
    )
    expect((await judge(addData(sealed(), { ocsps }), { at: now, crls })).verdict).toBe('accepted')
  })
})

describe('a time stamp of a revoked authority', () => {
  it('dates nothing back, however many lists are added that nobody signed', async () => {
    const lists = await crlsAt(later(-60, NOW))
    const backdated = await withAnswers({ stamp: { by: 'tsaRevoked' } })
    const crls = flood(await crlAt('tsaCa', later(-60, NOW)), later(-60, NOW), later(-1, NOW), 16)
    for (const document of [backdated, addData(backdated, { crls })])
      expect((await judge(document, { crls: lists })).verdict).toBe('undecided')
  })
})
