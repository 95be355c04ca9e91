import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ReadLimits, readSignedPdf } from '../../pades/read/index.ts'
import { concat, isAccepted, makePdf, makeSealer, patch } from './documents.ts'

/** A document of the objects given, numbered from 1, with a right cross-reference. */
function pdfOf(objects: readonly string[], trailer = '/Root 1 0 R'): Uint8Array {
  let text = '%PDF-1.7\n'
  const offsets = objects.map((object, index) => {
    const offset = text.length
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const xref = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`
  return concat(
    `${text}${xref}trailer\n<< /Size ${objects.length + 1} ${trailer} >>\nstartxref\n${text.length}\n%%EOF\n`,
  )
}

const pages = '<< /Type /Pages /Kids [] /Count 0 >>'
const catalog = '<< /Type /Catalog /Pages 2 0 R >>'
const code = (bytes: Uint8Array, limits?: Partial<ReadLimits>): string => {
  const result = readSignedPdf(bytes, limits)
  return result.ok ? 'ok' : result.code
}

let sealed: Uint8Array
beforeAll(async () => {
  sealed = (await makeSealer()).seal(await makePdf({ pages: 2 }))
})

describe('readSignedPdf', () => {
  it('reads the smallest document there is', () => {
    expect(readSignedPdf(pdfOf([catalog, pages]))).toMatchObject({
      ok: true,
      version: '1.7',
      pageCount: 0,
      signatures: [],
    })
  })

  it('says with a code what is no PDF', () => {
    expect(code(new Uint8Array())).toBe('PADES_NOT_A_PDF')
    expect(code(new TextEncoder().encode('<html>'))).toBe('PADES_NOT_A_PDF')
    expect(code(concat('%PDF-1.7\n'))).toBe('PADES_XREF_BROKEN')
  })

  it('says that a document is encrypted, and guesses nothing about it', () => {
    expect(code(pdfOf([catalog, pages, '<< /Filter /Standard >>'], '/Root 1 0 R /Encrypt 3 0 R'))).toBe(
      'PADES_ENCRYPTED',
    )
  })

  const broken: Readonly<Record<string, readonly [string, () => Uint8Array]>> = {
    'a key given twice': [
      'PADES_DUPLICATE_KEY',
      () => pdfOf(['<< /Type /Catalog /Pages 2 0 R /Pages 1 0 R >>', pages]),
    ],
    'a key given twice, once as null': [
      'PADES_DUPLICATE_KEY',
      () => pdfOf(['<< /Type /Catalog /Pages null /Pages 2 0 R >>', pages]),
    ],
    'a key given twice, once with #': [
      'PADES_DUPLICATE_KEY',
      () => pdfOf(['<< /Type /Catalog /Pages 2 0 R /P#61ges 1 0 R >>', pages]),
    ],
    'an offset that points at another object': [
      'PADES_OBJECT_NOT_WHERE_LISTED',
      () => patch(pdfOf([catalog, pages]), '2 0 obj', '3 0 obj'),
    ],
    'an offset that points at no object': [
      'PADES_OBJECT_NOT_WHERE_LISTED',
      () => patch(pdfOf([catalog, pages]), '2 0 obj', '2 0 xbj'),
    ],
    'a generation other than listed': [
      'PADES_OBJECT_NOT_WHERE_LISTED',
      () => patch(pdfOf([catalog, pages]), '2 0 obj', '2 1 obj'),
    ],
    'an entry of nineteen bytes': [
      'PADES_XREF_BROKEN',
      () => patch(pdfOf([catalog, pages]), '00000 n \n', '00000 n\nx'),
    ],
    'an offset outside the file': [
      'PADES_OBJECT_NOT_WHERE_LISTED',
      () => patch(pdfOf([catalog, pages]), '0000000009', '9999999999'),
    ],
    'a chain that leads back': [
      'PADES_XREF_LOOP',
      () => {
        const plain = Buffer.from(pdfOf([catalog, pages])).toString('latin1')
        return pdfOf([catalog, pages], `/Root 1 0 R /Prev ${/startxref\n(\d+)/.exec(plain)![1]}`)
      },
    ],
    'a page tree that leads back': [
      'PADES_MALFORMED',
      () => pdfOf([catalog, '<< /Type /Pages /Kids [2 0 R] /Count 1 >>']),
    ],
    'a page that is no object': [
      'PADES_MALFORMED',
      () => pdfOf([catalog, '<< /Type /Pages /Kids [<< /Type /Page >>] /Count 1 >>']),
    ],
    'a field that is reached twice': [
      'PADES_MALFORMED',
      () => pdfOf(['<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [3 0 R 3 0 R] >> >>', pages, '<< /T (a) >>']),
    ],
    'references that lead in a circle': [
      'PADES_MALFORMED',
      () => pdfOf(['<< /Type /Catalog /Pages 3 0 R >>', '3 0 R', '2 0 R']),
    ],
  }
  for (const [name, [expected, make]] of Object.entries(broken)) {
    it(`refuses ${name}`, () => expect(code(make())).toBe(expected))
  }

  it('refuses two answers for one object in a section', () => {
    const text = Buffer.from(pdfOf([catalog, pages])).toString('latin1')
    expect(code(concat(text.replace('trailer', '2 1\n0000000009 00000 n \ntrailer')))).toBe('PADES_XREF_BROKEN')
  })

  it('refuses a stream whose /Length is wrong where it needs the stream', () => {
    const file = '<< /UF (a.json) /EF << /F 4 0 R >> >>'
    const root = '<< /Type /Catalog /Pages 2 0 R /AF [3 0 R] >>'
    const files = (length: number) => {
      const result = readSignedPdf(pdfOf([root, pages, file, `<< /Length ${length} >>\nstream\nabcdef\nendstream`]))
      return result.ok ? result.embeddedFiles() : result
    }
    expect(files(6)).toMatchObject({ ok: true, files: [{ name: 'a.json', bytes: new TextEncoder().encode('abcdef') }] })
    for (const length of [0, 3, 5, 8, 99999, -1])
      expect(files(length)).toMatchObject({ ok: false, code: 'PADES_STREAM_LENGTH_WRONG' })
  })

  it('stops at its limits: depth, values, work, inflated bytes', () => {
    const deep = pdfOf([`<< /Type /Catalog /Pages 2 0 R /X ${'['.repeat(500)}${']'.repeat(500)} >>`, pages])
    expect(code(deep)).toBe('PADES_LIMIT_EXCEEDED')
    const wide = pdfOf([`<< /Type /Catalog /Pages 2 0 R /X [${'0 '.repeat(5000)}] >>`, pages])
    expect(code(wide, { values: 1000 })).toBe('PADES_LIMIT_EXCEEDED')
    expect(code(wide, { work: 1000 })).toBe('PADES_LIMIT_EXCEEDED')
    expect(code(wide, { fileBytes: 1000 })).toBe('PADES_LIMIT_EXCEEDED')
    const bomb = Buffer.from(deflateSync(new Uint8Array(1_000_000))).toString('latin1')
    const result = readSignedPdf(
      pdfOf([
        '<< /Type /Catalog /Pages 2 0 R /AF [3 0 R] >>',
        pages,
        '<< /UF (a) /EF << /F 4 0 R >> >>',
        `<< /Filter /FlateDecode /Length ${bomb.length} >>\nstream\n${bomb}\nendstream`,
      ]),
      { streamBytes: 100_000 },
    )
    expect(result.ok && result.embeddedFiles()).toMatchObject({ ok: false, code: 'PADES_LIMIT_EXCEEDED' })
  })

  it('answers within a second to a file made to be slow', () => {
    const started = performance.now()
    code(concat('%PDF-1.7\n', 'startxref\n9\n'.repeat(200_000), '%%EOF'))
    code(concat('%PDF-1.7\n', '<'.repeat(2_000_000), 'startxref\n9\n%%EOF'))
    code(concat('%PDF-1.7\nxref\n', '0 0\n'.repeat(500_000), 'trailer << >> startxref\n9\n%%EOF'))
    code(concat('%PDF-1.7\n1 0 obj ', '('.repeat(2_000_000), 'startxref\n9\n%%EOF'))
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  it('never throws, and never accepts, whatever is cut from a sealed document', async () => {
    for (let length = 0; length < sealed.length; length += 61) {
      expect(await isAccepted(sealed.subarray(0, length))).toBe(false)
    }
  })

  it('never throws for a document with random bytes in it (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(sealed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }),
        (changes) => {
          const changed = sealed.slice()
          for (const [at, byte] of changes) changed[at] = byte
          expect(readSignedPdf(changed).ok).toBeTypeOf('boolean')
        },
      ),
      { numRuns: 300 },
    )
  })
})
