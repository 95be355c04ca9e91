import * as pkijs from 'pkijs'
import { beforeAll, describe, expect, it } from 'vitest'
import { ca, crl, x509 } from '../../../pki/index.ts'
import { createTestPki, makeTestKey, testTimes } from '../../fixtures/pki.ts'

const revokedAt = new Date('2026-05-01T08:00:00Z')
const makePki = () =>
  createTestPki({
    root: {},
    issuing: { under: 'root' },
    other: { under: 'root' },
    seal: { under: 'issuing' },
    'seal-revoked': { under: 'issuing', revokedAt, reason: 'cessationOfOperation' },
  })

describe('verifyCrl', () => {
  let pki: Awaited<ReturnType<typeof makePki>>
  let issuer: x509.Certificate
  let list: crl.Crl
  beforeAll(async () => {
    pki = await makePki()
    issuer = x509.parseCertificate(pki.get('issuing').certificate)
    list = crl.parseCrl(await pki.crl('issuing'))
  })

  it('finds the entry with its date and reason', async () => {
    expect(await crl.verifyCrl(list, issuer, testTimes.now)).toBeNull()
    const revoked = x509.parseCertificate(pki.get('seal-revoked').certificate)
    expect(crl.findRevocation(list, revoked)).toMatchObject({
      revocationDate: revokedAt,
      reason: 'cessationOfOperation',
    })
    expect(crl.findRevocation(list, x509.parseCertificate(pki.get('seal').certificate))).toBeUndefined()
    expect(list.cRLNumber).toBe(1n)
  })

  it('counts from thisUpdate to before nextUpdate, and at no other time', async () => {
    const { thisUpdate, nextUpdate } = testTimes
    expect(await crl.verifyCrl(list, issuer, new Date(thisUpdate.getTime() - 1))).toBe('NOT_YET_ISSUED')
    expect(await crl.verifyCrl(list, issuer, thisUpdate)).toBeNull()
    expect(await crl.verifyCrl(list, issuer, new Date(nextUpdate.getTime() - 1))).toBeNull()
    expect(await crl.verifyCrl(list, issuer, nextUpdate)).toBe('STALE')
  })

  it('does not count for another issuer, nor with a changed octet', async () => {
    const other = x509.parseCertificate(pki.get('other').certificate)
    expect(await crl.verifyCrl(list, other, testTimes.now)).toBe('ISSUER_MISMATCH')
    const changed = list.raw.slice()
    changed[changed.length - 1]! ^= 1
    expect(await crl.verifyCrl(crl.parseCrl(changed), issuer, testTimes.now)).toBe('SIGNATURE_INVALID')
  })

  it('reads the same under pkijs', () => {
    const theirs = pkijs.CertificateRevocationList.fromBER(list.raw as Uint8Array<ArrayBuffer>)
    expect(theirs.thisUpdate.value).toEqual(list.thisUpdate)
    expect(
      theirs.revokedCertificates!.map((entry) =>
        Buffer.from(entry.userCertificate.valueBlock.valueHexView).toString('hex'),
      ),
    ).toEqual([...list.entries.keys()])
    expect(new Uint8Array(theirs.toSchema(true).toBER(false))).toEqual(list.raw)
  })
})

describe('issueCrl', () => {
  it('refuses a foreign key, times in the wrong order, and a serial number twice', async () => {
    const pki = await makePki()
    const { certificate, key } = pki.get('issuing')
    const entry = { serialNumber: new Uint8Array(16).fill(5), revocationDate: revokedAt }
    const sound = {
      issuer: { certificate },
      key,
      thisUpdate: testTimes.thisUpdate,
      nextUpdate: testTimes.nextUpdate,
      crlNumber: 2,
      entries: [entry],
    }
    expect(crl.parseCrl(await ca.issueCrl(sound)).entries.size).toBe(1)
    for (const changes of [
      { key: makeTestKey() },
      { thisUpdate: testTimes.nextUpdate },
      { entries: [entry, entry] },
      { entries: [{ ...entry, revocationDate: testTimes.now }] },
      { issuer: { certificate: pki.get('seal').certificate }, key: pki.get('seal').key },
    ]) {
      await expect(ca.issueCrl({ ...sound, ...changes })).rejects.toThrow(
        expect.objectContaining({ code: 'CRL_REFUSED' }),
      )
    }
  })

  it('writes the invalidity date where there is one, and no reason code for unspecified', async () => {
    const { certificate, key } = (await makePki()).get('issuing')
    const invalidityDate = new Date('2026-04-01T00:00:00Z')
    const der = await ca.issueCrl({
      issuer: { certificate },
      key,
      thisUpdate: testTimes.thisUpdate,
      nextUpdate: testTimes.nextUpdate,
      crlNumber: 2n ** 70n,
      entries: [
        { serialNumber: Uint8Array.of(0xff, 1), revocationDate: revokedAt, reason: 'unspecified', invalidityDate },
      ],
    })
    const list = crl.parseCrl(der)
    expect(list.cRLNumber).toBe(2n ** 70n)
    expect([...list.entries.values()]).toEqual([
      { serialNumberHex: '00ff01', revocationDate: revokedAt, reason: 'unspecified', invalidityDate },
    ])
  })
})
