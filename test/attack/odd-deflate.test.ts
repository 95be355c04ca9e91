// Compressed data of which readers make different things, and what makes some of them rebuild a file that others read.
import { randomBytes } from 'node:crypto'
import { constants, deflateSync, inflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { inflate } from '../../pades/inflate.ts'
import { inspectPdf } from '../../pades/write/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { inSequence, isAccepted, makeSealer, openPdf, read, update } from '../pades/documents.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { emptyDeflate, partedDeflate, tablesDeflate } from './odd-deflate.ts'
import {
  type Attack,
  annotation,
  docMdp,
  formObjects,
  numbers,
  object,
  pdfOf,
  rewritten,
  signForm,
  stream,
  withField,
} from './signed-form.ts'
import { bytesOf, lastXrefOf, streamOf, streamPdfOf, textOf, withRevision, type XrefEntry } from './xref-streams.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})
const certify = (permission: 1 | 3, objects: readonly string[] = formObjects) =>
  signForm(sealer, pdfOf(objects), docMdp(permission))
const ofSeal = (file: Uint8Array) => read(file).signatures.find(({ field }) => field === 'Seal1')!.laterChanges
const latin1 = (octets: Uint8Array) => Buffer.from(octets).toString('latin1')
const compressed = (number: number, octets: Uint8Array, entries: string) => ({
  ...object(number, `<< ${entries} /Filter /FlateDecode /Length ${octets.length} >>`),
  stream: new Uint8Array(octets),
})
const form = '/Type /XObject /Subtype /Form /BBox [0 0 20 20]'
const icon = 'q 1 0 0 rg 0 0 9 9 re f Q'

describe('compressed data', () => {
  it('are refused where some readers lose the beginning of a stored block', () => {
    const { octets, held } = partedDeflate('q ', `${icon} `)
    expect(inflateSync(octets).toString('latin1')).toBe(held)
    throwsWithCode(() => inflate(octets, 1 << 20), 'PADES_COMPRESSED_DATA_BROKEN')
  })

  it('are counted by the tables that their blocks ask for', () => {
    let units = 0
    expect(inflate(tablesDeflate(100), 1 << 20, (count) => (units += count))).toHaveLength(0)
    expect(units).toBeGreaterThan(100 * 32_768)
  })

  it('are read as zlib writes them, at every level and by every strategy', () => {
    const texts = [Buffer.alloc(0), randomBytes(70_000), Buffer.from(icon.repeat(9_000)), randomBytes(3)]
    for (const strategy of [constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED])
      for (let level = 0; level <= 9; level++)
        for (const text of [...texts, Buffer.concat(texts)])
          expect(Buffer.from(inflate(deflateSync(text, { level, strategy }), 1 << 20)).equals(text)).toBe(true)
  })
})

describe('what a later change draws by', () => {
  const noteOf =
    (octets: Uint8Array): Attack =>
    (document, free) => [
      ...annotation('/Subtype /Text /Rect [500 700 520 720]', { text: '', entries: form })(document, free).slice(0, 2),
      compressed(free + 1, octets, form),
    ]

  it('is inflated alike by all readers', async () => {
    expect(await isAccepted(update(certify(3), noteOf(deflateSync(icon))))).toBe(true)
    expect(await isAccepted(update(certify(3), noteOf(Buffer.concat([deflateSync(icon), Buffer.from('\r\n')]))))).toBe(
      true,
    )
    expect(await isAccepted(update(certify(3), noteOf(partedDeflate('q ', 'Q % nothing').octets)))).toBe(false)
    expect(await isAccepted(update(certify(3), noteOf(Buffer.concat([deflateSync(icon), Buffer.from('\n0 g')]))))).toBe(
      false,
    )
  })

  it('is no compressed stream that comes to nothing, but of the shortest: some readers draw it as it stands', () => {
    const stamp =
      (octets: Uint8Array): Attack =>
      (document, free) => [
        object(free, '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>'),
        object(
          free + 1,
          `<< /FT /Sig /T (stamp) /V ${free} 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 2 /AP << /N ${free + 2} 0 R >> >>`,
        ),
        withField(document, free + 1),
        compressed(free + 2, octets, form),
      ]
    expect(ofSeal(update(certify(1), stamp(deflateSync(''))))).toBe('permitted')
    expect(ofSeal(update(certify(1), stamp(emptyDeflate(1))))).toBe('permitted')
    expect(ofSeal(update(certify(1), stamp(emptyDeflate(9))))).not.toBe('permitted')
    const drawn = Buffer.concat([deflateSync(''), Buffer.from(`\n${icon}`)])
    expect(ofSeal(update(certify(1), stamp(drawn)))).not.toBe('permitted')
  })
})

describe('evidence that is added', () => {
  const evidence =
    (parameters: string, extensions?: string): Attack =>
    (document, free) => {
      const octets = deflateSync(Buffer.from(inSequence('evidence'), 'latin1'))
      const entries = { DSS: `<< /Certs [${free} 0 R] >>`, ...(extensions !== undefined && { Extensions: extensions }) }
      return [
        rewritten(document, numbers.catalog, entries),
        compressed(free, octets, parameters.replace('#', String(free + 1))),
        ...(parameters.includes('#') ? [object(free + 1, '<< /Type /Pages /Kids [] /Count 0 >>')] : []),
      ]
    }

  it('keeps nothing in the parameters of its filter', async () => {
    expect(await isAccepted(update(certify(1), evidence('')))).toBe(true)
    expect(await isAccepted(update(certify(1), evidence('/DecodeParms << /Predictor 1 >>')))).toBe(true)
    expect(await isAccepted(update(certify(1), evidence('/DecodeParms << /Predictor 1 /Spare # 0 R >>')))).toBe(false)
    expect(await isAccepted(update(certify(1), evidence('/DecodeParms << /Predictor 1 /Spare (text) >>')))).toBe(false)
  })

  it('comes with extensions of the standard’s own keys', async () => {
    const standard = '<< /ESIC << /BaseVersion /1.7 /ExtensionLevel 2 >> >>'
    expect(await isAccepted(update(certify(1), evidence('', standard)))).toBe(true)
    expect(
      await isAccepted(update(certify(1), evidence('', standard.replace('Level 2', 'Level 2 /Note (text)')))),
    ).toBe(false)
  })

  it('is no object stream in which others find another catalog', async () => {
    const signed = signForm(sealer, streamPdfOf(formObjects), docMdp(1))
    const catalog = writeDictionary(openPdf(signed).catalog, { DSS: '<< /Certs [41 0 R] >>' })
    const packed = (octets: Buffer) =>
      bytesOf(
        withRevision(textOf(signed), {
          objects: [
            [41, streamOf(inSequence('evidence'))],
            [42, streamOf(latin1(octets), '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode')],
          ],
          entries: [[numbers.catalog, 2, 42, 0]],
          ...{ number: 43, previous: lastXrefOf(textOf(signed)) },
        }),
      )
    expect(await isAccepted(packed(deflateSync(Buffer.from(`1 0 ${catalog}`, 'latin1'))))).toBe(true)
    expect(await isAccepted(packed(partedDeflate('1 0 ', catalog).octets))).toBe(false)
  })
})

describe('a document to be sealed', () => {
  const withContent = (octets: Buffer) =>
    pdfOf(formObjects.map((body, index) => (index === 3 ? streamOf(latin1(octets), '/Filter /FlateDecode') : body)))

  it('draws the same for all readers', () => {
    expect(inspectPdf(withContent(deflateSync(icon))).pages).toHaveLength(2)
    for (const octets of [partedDeflate('q ', 'Q % nothing').octets, emptyDeflate(9)])
      throwsWithCode(() => inspectPdf(withContent(octets)), 'PADES_COMPRESSED_DATA_BROKEN')
  })

  it('gives no reader a reason to rebuild it, by objects that nothing refers to either', () => {
    const file = (entries: readonly (readonly [number, ...XrefEntry])[], page = formObjects[2]!) =>
      bytesOf(
        withRevision('%PDF-1.7\n', {
          objects: formObjects.map((body, index) => [index + 1, index === 2 ? page : body] as const),
          entries,
          ...{ number: 51, size: 70 },
        }),
      )
    expect(inspectPdf(file([])).pages).toHaveLength(2)
    for (const entry of [
      [52, 1, 3_000_000, 0],
      [52, 2, numbers.font, 0],
    ] as const)
      throwsWithCode(() => inspectPdf(file([entry])), 'PADES_XREF_BROKEN')
    const otherGeneration = formObjects[2]!.replace('/F1 6 0 R', '/F1 6 0 R /F2 6 5 R')
    throwsWithCode(() => inspectPdf(file([], otherGeneration)), 'PADES_XREF_BROKEN')
    const referringTo = (number: number) => formObjects[2]!.replace('/F1 6 0 R', `/F1 6 0 R /F2 ${number} 0 R`)
    expect(inspectPdf(file([], referringTo(40))).pages).toHaveLength(2)
    for (const beyond of [69, 99]) throwsWithCode(() => inspectPdf(file([], referringTo(beyond))), 'PADES_XREF_BROKEN')
  })
})

describe('an update', () => {
  it('lists no number that something signed names as its object stream', async () => {
    const base = bytesOf(
      withRevision('%PDF-1.7\n', {
        objects: [...formObjects.map((body, index) => [index + 1, body] as const), [52, '(nothing)']],
        entries: [[51, 2, 52, 0]],
        ...{ number: 53, size: 54 },
      }),
    )
    const signed = textOf(signForm(sealer, base, docMdp(1)))
    const catalog = writeDictionary(openPdf(bytesOf(signed)).catalog, { DSS: '<< /Certs [71 0 R] >>' })
    const withEvidence = (more: readonly (readonly [number, string])[]) =>
      bytesOf(
        withRevision(signed, {
          objects: [[numbers.catalog, catalog], [71, streamOf(inSequence('evidence'))], ...more],
          ...{ number: 72, previous: lastXrefOf(signed) },
        }),
      )
    expect(await isAccepted(withEvidence([]))).toBe(true)
    expect(await isAccepted(withEvidence([[52, '(nothing)']]))).toBe(false)
  })

  it('is read by lengths of the generation that it names', async () => {
    const evidence =
      (generation: number): Attack =>
      (document, free) => {
        const body = inSequence('evidence')
        return [
          rewritten(document, numbers.catalog, { DSS: `<< /Certs [${free} 0 R] >>` }),
          object(free + 1, String(body.length)),
          { ...stream(free, body), body: `<< /Length ${free + 1} ${generation} R >>` },
        ]
      }
    expect(await isAccepted(update(certify(1), evidence(0)))).toBe(true)
    expect(await isAccepted(update(certify(1), evidence(3)))).toBe(false)
  })
})
