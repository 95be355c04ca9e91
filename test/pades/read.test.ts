import { beforeAll, describe, expect, it } from 'vitest'
import { unpadContents } from '../../pades/contents.ts'
import { isReference, type PdfDictionary } from '../../pades/objects.ts'
import { beijingDate, dateOf, hexText, textOf } from '../../pades/text.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { makePdf, makeSealer, read, update } from './documents.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
})

const file = { name: 'licence.json', text: '{"number":"1"}' }

describe('embeddedFiles', () => {
  for (const objectStreams of [false, true]) {
    it(`gives name, bytes and media type, ${objectStreams ? 'also out of object streams' : 'once each'}`, async () => {
      const pdf = read(await makePdf({ file, objectStreams }))
      const result = pdf.embeddedFiles()
      expect(result.ok && result.files).toMatchObject([{ name: file.name, mediaType: 'application/json' }])
      expect(result.ok && new TextDecoder().decode(result.files[0]!.bytes)).toBe(file.text)
    })
  }

  it('takes the files of the revision that a signature covers, not later ones', async () => {
    const sealed = sealer.sign(await makePdf({ file }))
    const forged = update(sealed, (document, free) => {
      const root = document.trailer.entries.get('Root')
      const number = isReference(root) ? root.number : 0
      const content = '{"number":"2"}'
      return [
        {
          number: free,
          generation: 0,
          body: `<< /Length ${content.length} >>`,
          stream: new TextEncoder().encode(content),
        },
        { number: free + 1, generation: 0, body: `<< /UF (licence.json) /EF << /F ${free} 0 R >> >>` },
        {
          number,
          generation: 0,
          body: writeDictionary(document.object(number)!.value as PdfDictionary, {
            Names: null,
            AF: `[${free + 1} 0 R]`,
          }),
        },
      ]
    })
    const pdf = read(forged)
    const texts = (result: ReturnType<typeof pdf.embeddedFiles>) =>
      result.ok ? result.files.map(({ bytes }) => new TextDecoder().decode(bytes)) : []
    expect(texts(pdf.embeddedFiles(pdf.signatures[0]))).toEqual([file.text])
    expect(texts(pdf.embeddedFiles())).toEqual(['{"number":"2"}'])
  })
})

describe('revisions', () => {
  it('tells for each save where it lies and what it added and replaced', async () => {
    const pdf = await makePdf({ pages: 2 })
    const sealed = sealer.sign(pdf)
    const { revisions, pageCount } = read(sealed)
    expect(pageCount).toBe(2)
    expect(revisions.map(({ start }) => start)).toEqual([0, revisions[0]!.end])
    expect(revisions[1]!.end).toBe(sealed.length)
    expect(revisions[1]!.added).toHaveLength(3)
    expect(revisions[1]!.replaced).toHaveLength(2)
    expect(revisions[1]!.freed).toEqual([])
  })
})

describe('unpadContents', () => {
  const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

  it('takes the padding off by the length of the value, even when the value ends with zeros', () => {
    expect(unpadContents(bytes('0403010000'.padEnd(20, '0')))).toEqual({
      value: bytes('0403010000'),
      paddingIsZero: true,
    })
    expect(unpadContents(bytes(`3081800401${'00'.repeat(126)}0000`))).toMatchObject({ paddingIsZero: true })
  })

  it('finds the end of an indefinite length', () => {
    expect(unpadContents(bytes('3080040102248004010300000000000000'))).toEqual({
      value: bytes('30800401022480040103' + '00000000'),
      paddingIsZero: true,
    })
  })

  it('tells when something else than zeros stands in the padding', () => {
    expect(unpadContents(bytes('04010500ff'))).toEqual({ value: bytes('040105'), paddingIsZero: false })
  })

  it('finds no value in nothing, in zeros, or in a length that is too long', () => {
    for (const hex of ['', '0000', '30', '3005', '308400ffffff00', '3080', '30800401', '0480', '1fffffffffffff01']) {
      expect(unpadContents(bytes(hex))).toHaveProperty('fault')
    }
  })
})

describe('text and dates', () => {
  const string = (text: string, form: 'hex' | 'literal' = 'literal') =>
    ({ kind: 'string', form, bytes: new Uint8Array(Buffer.from(text, 'latin1')), start: 0, end: 0 }) as const

  it('writes text as UTF-16BE that every reader understands, beyond plane 0 too', () => {
    expect(hexText('证𠮷')).toBe('<FEFF8BC1D842DFB7>')
    expect(textOf(string('\xfe\xff\x8b\xc1'))).toBe('证')
    expect(textOf(string('\xef\xbb\xbf\xe8\xaf\x81'))).toBe('证')
    expect(textOf(string('Seal'))).toBe('Seal')
  })

  it('writes time with the offset of Beijing, over the end of the day too', () => {
    expect(beijingDate(new Date('2026-12-31T16:00:00Z'))).toBe("D:20270101000000+08'00'")
    expect(dateOf(string("D:20270101000000+08'00'"))).toEqual(new Date('2026-12-31T16:00:00Z'))
  })

  it('reads every form of a date and none that does not exist', () => {
    expect(dateOf(string('D:2026'))).toEqual(new Date('2026-01-01T00:00:00Z'))
    expect(dateOf(string('D:20261121080000Z'))).toEqual(new Date('2026-11-21T08:00:00Z'))
    expect(dateOf(string("D:20261121080000Z00'00'"))).toEqual(new Date('2026-11-21T08:00:00Z'))
    expect(dateOf(string("D:20261121030000-05'00"))).toEqual(new Date('2026-11-21T08:00:00Z'))
    for (const text of ['D:20260230', 'D:20261301', 'D:20261121250000', '20261121', 'now'])
      expect(dateOf(string(text))).toBeNull()
  })
})
