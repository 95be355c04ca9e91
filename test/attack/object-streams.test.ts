// What lies in object streams has offsets of its own, and is what a cross-reference makes of it: neither may stand for what was signed.
import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { isReference } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { isAccepted, makeSealer, openPdf } from '../pades/documents.ts'
import { evidence, sealedLicence, verify } from '../verifier/world.ts'
import { docMdp, signForm } from './signed-form.ts'
import { bytesOf, lastXrefOf, objectStreamOf, streamOf, textOf, withRevision } from './xref-streams.ts'

/**
 * Other pages under a seal, without a key: the signature dictionary moves into an object stream, in whose data its /Contents has the offsets
 * of a gap that is wherever the forger wants it. Only the octets outside the gap are digested, and those are as they were.
 */
function forge(sealed: Uint8Array, way: 'written into its field' | 'behind two references'): Uint8Array {
  const text = textOf(sealed)
  const [, from, to, length] = /\/ByteRange \[0 (\d+) (\d+) (\d+) *\]/.exec(text)!.map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const signed = text.slice(0, from) + text.slice(to, to + length)
  const cms = text.slice(from + 1, to - 1).replace(/0+$/, '')
  const oldXref = lastXrefOf(text.slice(0, to + length))
  const gapStart = text.lastIndexOf('%%EOF', from) + 6
  const gapEnd = oldXref + 1400 + ((oldXref + 1400 - gapStart) % 2)
  const base = openPdf(sealed.subarray(0, gapStart))
  const root = base.trailer.entries.get('Root')
  if (!isReference(root)) throw new Error('no root')
  const [page] = readPages(base)
  const hasTwo = way === 'behind two references'
  const field = ['<< /FT /Sig /T (Seal1) /V ', ' >>']
  const [before, after] = hasTwo ? ['', ''] : field
  const dictionary = `${before}<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 ${gapStart} ${gapEnd} ${signed.length - gapStart}] /Contents `
  const head = '101 0 '
  const unpacked = `${(head + dictionary).padEnd(gapStart)}<${cms.padEnd(gapEnd - gapStart - 2, '0')}> >>${after}`
  const packed = deflateSync(Buffer.from(unpacked, 'latin1'), { level: 9 }).toString('latin1')
  const fonts = '<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>'
  const form = `<< /Fields [${hasTwo ? 103 : 101} 0 R] /SigFlags 3 >>`
  const revision = withRevision(signed.slice(0, gapStart), {
    objects: [
      [100, streamOf('BT /F1 24 Tf 60 300 Td (forged) Tj ET')],
      [page!.object, writeDictionary(page!.dictionary, { Contents: '100 0 R', Resources: fonts })],
      [root.number, writeDictionary(base.catalog, { AcroForm: form })],
      ...(hasTwo
        ? ([
            [103, field.join('104 0 R')],
            [104, '101 0 R'],
          ] as const)
        : []),
      [102, streamOf(packed, `/Type /ObjStm /N 1 /First ${head.length} /Filter /FlateDecode`)],
      // The old end of the file leads to the offset of its own cross-reference: there stands the forger's.
      [105, 'null'],
    ],
    entries: [[101, 2, 102, 0]],
    at: new Map([[105, oldXref - '105 0 obj\nnull\nendobj\n'.length]]),
    number: 150,
    root: `${root.number} 0 R`,
    previous: base.chain[0]!.section.offset,
  })
  if (lastXrefOf(revision) !== oldXref || revision.length > gapEnd) throw new Error('the forgery does not fit')
  return bytesOf(revision.padEnd(gapEnd) + signed.slice(gapStart))
}

describe('a signature dictionary in an object stream', () => {
  it.each(['written into its field', 'behind two references'] as const)('covers nothing: %s', async (way) => {
    const sealed = await sealedLicence()
    expect((await verify(sealed, await evidence())).verdict).toBe('accepted')
    const forged = forge(sealed, way)
    const pdf = readSignedPdf(forged)
    expect(pdf.ok && pdf.signatures).toMatchObject([{ field: 'Seal1', byteRange: 'bad', signedRanges: [] }])
    expect((await verify(forged, await evidence())).verdict).toBe('refused')
  })
})

const pageWith = (resources: string) =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [] /Resources << /Font << /F1 6 0 R >> ${resources} >> >>`
const shared = (page: string, content: string, catalog = '') =>
  [
    [1, `<< /Type /Catalog /Pages 2 0 R /AcroForm 5 0 R ${catalog}>>`],
    [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'],
    [3, page],
    [4, streamOf(content)],
    [5, '<< /Fields [] >>'],
    [6, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'],
  ] as const
const certifications = ['', docMdp(1), docMdp(2), docMdp(3)]

describe('an object whose entry stays as it was signed', () => {
  let sealer: Awaited<ReturnType<typeof makeSealer>>
  beforeAll(async () => {
    sealer = await makeSealer()
  })

  /** Signs, appends an update that adds evidence to the catalog, and tells whether both are accepted. */
  async function acceptedBeforeAndAfter(
    text: string,
    certification: string,
    update: Partial<Parameters<typeof withRevision>[1]>,
  ): Promise<readonly boolean[]> {
    const signed = signForm(sealer, bytesOf(text), certification)
    const catalog = writeDictionary(openPdf(signed).catalog, { DSS: '<< /Certs [] >>' })
    const later = withRevision(textOf(signed), {
      ...update,
      objects: [[1, catalog], ...(update.objects ?? [])],
      number: 170,
      previous: lastXrefOf(textOf(signed)),
    })
    return [await isAccepted(signed), await isAccepted(bytesOf(later))]
  }

  it.each(certifications)(
    'is not filled in later, in an object stream beyond the signed end %s',
    async (certification) => {
      const page = pageWith('/XObject 50 0 R')
      const beyond = 60_000
      const picture = '1 1 1 rg 50 90 200 30 re f 0 g BT /F1 12 Tf 60 100 Td (To be paid: 999999) Tj ET'
      const text = withRevision('%PDF-1.7\n', {
        objects: [
          ...shared(page, 'BT /F1 12 Tf 60 100 Td (To be paid: 100) Tj ET /Fm0 Do'),
          [
            52,
            streamOf(
              picture,
              '/Type /XObject /Subtype /Form /BBox [0 0 300 200] /Resources << /Font << /F1 6 0 R >> >>',
            ),
          ],
        ],
        entries: [
          [50, 2, 51, 0],
          [51, 1, beyond, 0],
        ],
        number: 100,
      })
      const objects = [
        [
          51,
          objectStreamOf([
            [50, '<< /Fm0 52 0 R >>'],
            [3, page],
          ]),
        ],
      ] as const
      const at = new Map([[51, beyond]])
      for (const entries of [[], [[3, 2, 51, 1]]] as const)
        expect(await acceptedBeforeAndAfter(text, certification, { objects, entries, at })).toEqual([true, false])
    },
  )

  it.each(certifications)(
    'does not change with the length of the object stream that it lies in %s',
    async (certification) => {
      const [head, value, rest] = ['50 0 ', '/DeviceGray', 'endstream%']
      const length = head.length + value.length
      const text = withRevision('%PDF-1.7\n', {
        objects: [
          ...shared(
            pageWith('/XObject << /Im1 14 0 R >>'),
            'BT /F1 12 Tf 20 130 Td (and 999999 more) Tj ET q 200 0 0 30 20 120 cm /Im1 Do Q',
            '/Extensions << /X 8 0 R >> ',
          ),
          [8, String(length)],
          [
            14,
            streamOf(
              '\xff',
              '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace 50 0 R /BitsPerComponent 8',
            ),
          ],
          [51, `<< /Type /ObjStm /N 1 /First ${head.length} /Length 8 0 R >>\nstream\n${head}${value}${rest}endstream`],
        ],
        entries: [[50, 2, 51, 0]],
        number: 100,
      })
      const objects = [[8, String(length + rest.length)]] as const
      expect(await acceptedBeforeAndAfter(text, certification, { objects })).toEqual([true, false])
    },
  )
})
