// Small files whose evidence asks for much: what a document brings along is read once, whoever names it.
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { appendValidationData } from '../../pades/write/index.ts'
import { asn1, OID, x509 } from '../../pki/index.ts'
import { findSubject, NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { forge, forgeCrl } from '../support/forge-pki.ts'
import { crlsAt, judge, later, NOW, pki, withAnswers } from '../verifier/past.ts'

const { encodeSequence: sequence, encodeOid, encodeOctetString, encodeContext, encodeElement, encodeInteger } = asn1
const BUDGET_MS = 5_000
const SET = 0x31

/** A PDF with a signature field, these entries in its catalog, and further objects from number 6 on. */
function pdfOf(catalog: string, contents: Uint8Array, more: readonly string[]): Uint8Array {
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> ${catalog} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>',
    '<< /Type /Annot /Subtype /Widget /FT /Sig /T (s) /Rect [0 0 0 0] /V 5 0 R >>',
    `<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Contents <${Buffer.from(contents).toString('hex')}> >>`,
    ...more,
  ]
  let text = '%PDF-1.7\n'
  const rows = objects.map((object, index) => {
    const at = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(at).padStart(10, '0')} 00000 n \n`
  })
  const at = text.length
  text += `xref\n0 ${rows.length + 1}\n0000000000 65535 f \n${rows.join('')}`
  text += `trailer\n<< /Size ${rows.length + 1} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

const references = (count: number, from: number) => Array.from({ length: count }, (_, i) => `${from + i} 0 R`).join(' ')

function packed(octets: Buffer): string {
  const data = deflateSync(octets).toString('latin1')
  return `<< /Filter /FlateDecode /Length ${data.length} >>\nstream\n${data}\nendstream`
}

/** A signature that nobody made, with so many time stamps that nobody made. */
function signedWithTokens(count: number): Uint8Array {
  const sha256 = sequence(encodeOid(OID.sha256))
  const imprint = sequence(sha256, encodeOctetString(new Uint8Array(32)))
  const time = asn1.encodeGeneralizedTime(new Date('2026-01-01T00:00:00Z'))
  const info = sequence(encodeInteger(1), encodeOid('1.2.3'), imprint, encodeInteger(1), time)
  const message = (content: Uint8Array, signers: Uint8Array) =>
    sequence(
      encodeOid(OID.signedData),
      encodeContext(0, sequence(encodeInteger(3), encodeElement(SET), content, signers)),
    )
  const stamped = sequence(encodeOid(OID.tstInfo), encodeContext(0, encodeOctetString(info)))
  const token = message(stamped, encodeElement(SET))
  const tokens = encodeElement(SET, ...Array.from({ length: count }, () => token))
  const signer = sequence(
    encodeInteger(3),
    asn1.encodeContextPrimitive(0, Uint8Array.of(1)),
    sha256,
    sequence(encodeOid(OID.ecdsaWithSHA256)),
    encodeOctetString(Uint8Array.of(1)),
    encodeElement(0xa1, sequence(encodeOid(OID.timeStampToken), tokens)),
  )
  return message(sequence(encodeOid(OID.data)), encodeElement(SET, signer))
}

const at = new Date('2026-06-01T00:00:00Z')
const policy = { trustAnchors: [], trustList: 'skipped' } as const

async function timeOf(pdf: Uint8Array): Promise<number> {
  const started = performance.now()
  findSubject(pdf)
  expect((await verifyDocument({ name: 'a.pdf', bytes: pdf }, NO_EVIDENCE, policy, at)).verdict).not.toBe('accepted')
  return performance.now() - started
}

describe('evidence of a small file', () => {
  it.each([16_000, 32_000])('is not keyed again for each of a thousand tokens (streams of %i)', async (size) => {
    const streams = Array.from({ length: 250 }, (_, i) => {
      const octets = Buffer.alloc(size, 1)
      octets.writeUInt32BE(i, size - 4)
      return packed(octets)
    })
    const room = `<< /Length 400000 >>\nstream\n${' '.repeat(400_000)}\nendstream`
    const dss = `/DSS << /Certs [${references(250, 6)}] >>`
    expect(await timeOf(pdfOf(dss, signedWithTokens(1000), [...streams, room]))).toBeLessThan(BUDGET_MS)
  })

  const COUNT = 10_000
  const streams = Array.from({ length: COUNT }, () => '<< /Length 2 >>\nstream\n0\x00\nendstream')
  const none = Uint8Array.of(0x30, 3, 2, 1, 0)

  it('is read once where a thousand keys of /VRI name one dictionary', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `/K${i} 6 0 R`).join(' ')
    const shared = ['<< /Cert 7 0 R /OCSP 7 0 R /CRL 7 0 R >>', `[${references(COUNT, 8)}]`]
    const pdf = pdfOf(`/DSS << /VRI << ${keys} >> >>`, none, [...shared, ...streams])
    expect(await timeOf(pdf)).toBeLessThan(BUDGET_MS)
  })

  it('is read once where a thousand dictionaries name one list', async () => {
    const one = '<< /Cert 6 0 R /OCSP 6 0 R /CRL 6 0 R >>'
    const keys = Array.from({ length: 1000 }, (_, i) => `/K${i} ${one}`).join(' ')
    const pdf = pdfOf(`/DSS << /VRI << ${keys} >> >>`, none, [`[${references(COUNT, 7)}]`, ...streams])
    expect(await timeOf(pdf)).toBeLessThan(BUDGET_MS)
  })
})

describe('lists that nobody signed', () => {
  it('are not read entry by entry for each certificate of their number', async () => {
    const authority = x509.parseCertificate(pki.get('ca').certificate)
    const { key } = await forge({ name: 'stranger' })
    const stranger = { certificate: authority, key, der: authority.raw }
    const serial = Uint8Array.of(5)
    const entries = Array.from({ length: 3_100 }, () => ({ serial }))
    const crls = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        forgeCrl({
          ...{ issuer: stranger, entries },
          ...{ thisUpdate: later(-3_600 - i, NOW), nextUpdate: later(86_400, NOW) },
        }),
      ),
    )
    const { der } = await forge({ name: 'junk', issuer: stranger, serial })
    const certificates = Array.from({ length: 26 }, (_, i) => {
      const one = Uint8Array.from(der)
      one[one.length - 1]! ^= i
      return one
    })
    const pdf = appendValidationData(await withAnswers(), { certificates, ocsps: [], crls })
    const outside = await crlsAt(later(-60, NOW))
    const started = performance.now()
    expect((await judge(pdf, { crls: outside })).verdict).toBe('accepted')
    expect(performance.now() - started).toBeLessThan(BUDGET_MS)
  })
})
