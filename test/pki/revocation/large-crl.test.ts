import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, crl } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import { extension, type Forged, forgeCa, forgeCrl, reasonCode } from '../../support/forge-pki.ts'

const { encodeBitString, encodeElement, encodeSequence, encodeTime, parseDer, readSequence, TAG } = asn1

/** As the table of a list hashes numbers. */
function hashOf(octets: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const octet of octets) hash = Math.imul(hash ^ octet, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** A signed list of `count` entries of 49 octets; `serialOf` writes the last 8 octets of each serial number. */
async function makeList(
  issuer: Forged,
  count: number,
  serialOf: (view: DataView, index: number) => void,
): Promise<Uint8Array> {
  const entry = encodeSequence(
    encodeElement(TAG.integer, new Uint8Array(16).fill(0x11)),
    encodeTime(testTimes.start),
    encodeSequence(reasonCode(4)),
  )
  const entries = new Uint8Array(count * entry.length)
  const view = new DataView(entries.buffer)
  for (let i = 0; i < count; i++) {
    entries.set(entry, i * entry.length)
    serialOf(new DataView(view.buffer, i * entry.length + 12, 8), i)
  }
  const empty = readSequence(parseDer(await forgeCrl({ issuer })), 'CertificateList')
  const fields = readSequence(empty[0], 'TBSCertList').map(({ raw }) => raw)
  const tbs = encodeSequence(...fields, encodeElement(TAG.sequence, entries))
  return encodeSequence(tbs, empty[1]!.raw, encodeBitString(await issuer.key.sign(tbs)))
}

describe('a list of many entries', () => {
  let issuer: Forged
  beforeAll(async () => {
    issuer = await forgeCa({ name: 'CA' })
  })

  it('is read, verified and searched in bounded time and memory', async () => {
    const count = 500_000
    const der = await makeList(issuer, count, (view, i) => view.setUint32(4, i))
    const before = process.memoryUsage().rss
    const started = performance.now()
    const list = crl.parseCrl(der)
    expect(list.entries.size).toBe(count)
    expect(await crl.verifyCrl(list, issuer.certificate, testTimes.now)).toBeNull()
    expect(list.entries.get(`${'11'.repeat(12)}${(count - 1).toString(16).padStart(8, '0')}`)).toMatchObject({
      reason: 'superseded',
      revocationDate: testTimes.start,
    })
    expect(list.entries.has(`${'11'.repeat(12)}ffffffff`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  })

  it('does not slow down by repeating one serial number', async () => {
    const list = crl.parseCrl(await makeList(issuer, 100_000, () => {}))
    const started = performance.now()
    expect(list.entries.has('00')).toBe(false)
    expect(list.entries.has('11'.repeat(16))).toBe(true)
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('answers about a number that shares its place with one repeated, without reading all of that each time', async () => {
    const count = 300_000
    const list = crl.parseCrl(await makeList(issuer, count, () => {}))
    const slots = 2 ** Math.ceil(Math.log2(count + 1))
    const repeated = new Uint8Array(16).fill(0x11)
    let other = repeated
    for (let i = 1; other === repeated; i++) {
      const one = Uint8Array.of(1, i >> 24, i >> 16, i >> 8, i)
      if ((hashOf(one) ^ hashOf(repeated)) % slots === 0) other = one
    }
    const started = performance.now()
    const isAny = () => true
    for (let i = 0; i < 2_000; i++) expect(list.entries.mayHave(asn1.toHex(other), isAny)).toBe(false)
    expect(list.entries.mayHave('11'.repeat(16), isAny)).toBe(true)
    // A number whose entries are all another issuer's: after some it is taken for listed, and the signature decides.
    expect(list.entries.mayHave('11'.repeat(16), () => false)).toBe(true)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('beyond 128 MiB is refused before it is looked at', () => {
    expect(() => crl.parseCrl(new Uint8Array(129 * 1024 * 1024))).toThrow(
      expect.objectContaining({ code: 'DER_LIMIT_EXCEEDED' }),
    )
  })

  const serial = Uint8Array.of(1)
  const entry = (...parts: Uint8Array[]) => encodeSequence(...parts)
  const time = encodeTime(testTimes.start)
  const utc = (text: string) => encodeElement(TAG.utcTime, new TextEncoder().encode(text))
  const integer = encodeElement(TAG.integer, serial)
  const malformed: readonly (readonly [string, Uint8Array])[] = [
    ['an entry that is no SEQUENCE', integer],
    ['an entry without a date', entry(integer)],
    ['an entry without a number', entry(time)],
    ['a serial number that is not minimal', entry(encodeElement(TAG.integer, Uint8Array.of(0, 1)), time)],
    ['an empty serial number', entry(encodeElement(TAG.integer, new Uint8Array(0)), time)],
    ['31 April', entry(integer, utc('260431000000Z'))],
    ['29 February of a year without', entry(integer, utc('270229000000Z'))],
    ['a date without seconds', entry(integer, utc('2604300000Z'))],
    ['hour 24', entry(integer, utc('260430240000Z'))],
    ['a field too many', entry(integer, time, encodeSequence(reasonCode(1)), time)],
    ['an unknown reason', entry(integer, time, encodeSequence(reasonCode(7)))],
    ['an extension twice', entry(integer, time, encodeSequence(reasonCode(1), reasonCode(1)))],
    ['no extensions where there must be some', entry(integer, time, encodeSequence())],
    ['an invalidity date that is none', entry(integer, time, encodeSequence(extension('2.5.29.24', integer)))],
    ['a length beyond the list', Uint8Array.of(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff)],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, 0, 0)],
  ]
  it.each(malformed)('is refused for %s', async (_, bad) => {
    const list = readSequence(parseDer(await forgeCrl({ issuer })), 'CertificateList')
    const fields = readSequence(list[0], 'TBSCertList').map(({ raw }) => raw)
    const good = entry(integer, utc('280229235959Z'), encodeSequence(reasonCode(1)))
    const make = (...entries: Uint8Array[]) =>
      encodeSequence(encodeSequence(...fields, encodeElement(TAG.sequence, ...entries)), list[1]!.raw, list[2]!.raw)
    expect(crl.parseCrl(make(good, good)).entries.size).toBe(2)
    expect(() => crl.parseCrl(make(good, bad))).toThrow(expect.objectContaining({ code: 'CRL_MALFORMED' }))
  })

  it('of version 1 has no extensions in its entries', async () => {
    const list = readSequence(parseDer(await forgeCrl({ issuer })), 'CertificateList')
    const [, ...fields] = readSequence(list[0], 'TBSCertList').map(({ raw }) => raw)
    const make = (...parts: Uint8Array[]) =>
      encodeSequence(
        encodeSequence(...fields, encodeElement(TAG.sequence, entry(integer, time, ...parts))),
        list[1]!.raw,
        list[2]!.raw,
      )
    expect(crl.parseCrl(make()).version).toBe(1)
    expect(() => crl.parseCrl(make(encodeSequence(reasonCode(1))))).toThrow(
      expect.objectContaining({ code: 'CRL_MALFORMED' }),
    )
  })
})
