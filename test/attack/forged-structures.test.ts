import { beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { concat, isAccepted, makeSealer, onlySignature, patch, update } from '../pades/documents.ts'
import { docMdp, formObjects, numbers, pdfOf, signForm, stream } from './signed-form.ts'

// The classes of Mladenov and others (2019) on documents of our own: universal signature forgery (USF), incremental saving (ISA),
// signature wrapping (SWA). The CMS stays as it was in all of them.

let sealer: Awaited<ReturnType<typeof makeSealer>>
const sealed: Uint8Array[] = []
beforeAll(async () => {
  sealer = await makeSealer()
  const pdf = pdfOf(formObjects)
  sealed.push(
    signForm(sealer, pdf),
    ...([1, 2, 3] as const).map((permission) => signForm(sealer, pdf, docMdp(permission))),
  )
})

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const rangeOf = (text: string) => /\/ByteRange \[0 (\d{8}) (\d{8}) (\d{8})\]/.exec(text)!
const contentsOf = (text: string): { from: number; to: number } => {
  const [, from, to] = rangeOf(text).map(Number)
  return { from: from!, to: to! }
}

async function refusesEach(forge: (pdf: Uint8Array, text: string) => Uint8Array): Promise<void> {
  for (const pdf of sealed) {
    expect(await isAccepted(pdf)).toBe(true)
    const forged = forge(pdf, latin1(pdf))
    expect(await isAccepted(forged)).toBe(false)
  }
}

describe('universal signature forgery: a signature without what makes it one', () => {
  const range = (written: string) => (pdf: Uint8Array, text: string) => {
    const [whole] = rangeOf(text)
    return patch(pdf, whole, written.padEnd(whole.length))
  }
  const contents = (written: string) => (_: Uint8Array, text: string) => {
    const { from, to } = contentsOf(text)
    return concat(text.slice(0, from), written.padEnd(to - from), text.slice(to))
  }
  const forgeries: Readonly<Record<string, (pdf: Uint8Array, text: string) => Uint8Array>> = {
    'no /ByteRange': range(''),
    'an empty /ByteRange': range('/ByteRange []'),
    'a /ByteRange of null': range('/ByteRange null'),
    'a /ByteRange of zeros': range('/ByteRange [0 0 0 0]'),
    'a /ByteRange of one stretch': range('/ByteRange [0 999]'),
    'a /ByteRange of six numbers': range('/ByteRange [0 9 9 9 9 9]'),
    'a negative /ByteRange': range('/ByteRange [0 -1 -1 9]'),
    'a /ByteRange of reals': range('/ByteRange [0.0 9.0 9.0 9.0]'),
    'a /ByteRange elsewhere': range('/ByteRange 2 0 R'),
    'a /ByteRange of names': range('/ByteRange [/a /b /c /d]'),
    'empty /Contents': contents('<>'),
    'no /Contents': (pdf) => patch(pdf, '/Contents <30', '/Contentz <30'),
    '/Contents of null': contents('null'),
    '/Contents of zeros': (_, text) => {
      const { from, to } = contentsOf(text)
      return concat(text.slice(0, from + 1), '0'.repeat(to - from - 2), text.slice(to - 1))
    },
    '/Contents elsewhere': contents('2 0 R'),
    '/Contents that say nothing but their length': contents('<3080>'),
    '/Contents in brackets twice': (_, text) => {
      const { from, to } = contentsOf(text)
      return concat(text.slice(0, from), '<', text.slice(from, to - 2), '>', text.slice(to))
    },
  }
  for (const [name, forge] of Object.entries(forgeries)) it(`is refused: ${name}`, () => refusesEach(forge))
})

describe('incremental saving: an update that hides as much of itself as it can', () => {
  const object = `${numbers.content} 0 obj\n<< /Length 5 >>\nstream\nBT ET\nendstream\nendobj\n`
  const xrefOf = (text: string): string => /startxref\n(\d+)\n%%EOF\n$/.exec(text)![1]!
  const signatureOf = (text: string): string => {
    const from = text.lastIndexOf(' 0 obj', contentsOf(text).from)
    const start = text.lastIndexOf('\n', from) + 1
    return text.slice(start, text.indexOf('endobj\n', from) + 7)
  }
  const forgeries: Readonly<Record<string, (pdf: Uint8Array, text: string) => Uint8Array>> = {
    'with all that belongs to it': (pdf) => update(pdf, () => [stream(numbers.content, 'BT ET')]),
    'an object alone': (pdf) => concat(pdf, object),
    'an object and an end of file': (pdf) => concat(pdf, object, '%%EOF\n'),
    'an object and the old startxref': (pdf, text) => concat(pdf, object, `startxref\n${xrefOf(text)}\n%%EOF\n`),
    'an object and a trailer without cross-reference': (pdf, text) =>
      concat(pdf, object, `trailer\n<< /Root 1 0 R /Prev ${xrefOf(text)} >>\nstartxref\n${pdf.length}\n%%EOF\n`),
    'an object and an empty cross-reference': (pdf, text) =>
      concat(
        pdf,
        object,
        `xref\n0 0\ntrailer\n<< /Size 99 /Root 1 0 R /Prev ${xrefOf(text)} >>\nstartxref\n${pdf.length + object.length}\n%%EOF\n`,
      ),
    'with a copy of the signature': (pdf, text) => concat(pdf, object, signatureOf(text)),
    'with a copy of the signature, listed': (pdf, text) => {
      const copy = signatureOf(text)
      const number = Number.parseInt(copy, 10)
      const at = pdf.length + object.length
      const entry = (offset: number) => `${String(offset).padStart(10, '0')} 00000 n \n`
      const table = `xref\n${numbers.content} 1\n${entry(pdf.length)}${number} 1\n${entry(at)}`
      const trailer = `trailer\n<< /Size 99 /Root 1 0 R /Prev ${xrefOf(text)} >>\nstartxref\n${at + copy.length}\n%%EOF\n`
      return concat(pdf, object, copy, table, trailer)
    },
    'in a file that is wholly new behind the old one': (pdf) => concat(pdf, pdfOf(formObjects)),
    'with the cross-reference of the unsigned revision': (pdf, text) =>
      concat(pdf, object, `startxref\n${/startxref\n(\d+)/.exec(text)![1]}\n%%EOF\n`),
  }
  for (const [name, forge] of Object.entries(forgeries)) it(`is refused: ${name}`, () => refusesEach(forge))
})

describe('signature wrapping: the signed bytes moved, and something else in between', () => {
  const hidden = `${numbers.content} 0 obj\n<< /Length 5 >>\nstream\nBT ET\nendstream\nendobj\n`
  /** The gap made larger by `more`, after /Contents; the second stretch is as it was, further on. */
  const widened = (text: string, more: string): Uint8Array => {
    const [whole, from, to, length] = rangeOf(text)
    const second = String(Number(to) + more.length).padStart(8, '0')
    const range = `/ByteRange [0 ${from} ${second} ${length}]`
    const { to: end } = contentsOf(text)
    return concat(text.slice(0, end).replace(whole, range), more, text.slice(end))
  }
  const forgeries: Readonly<Record<string, (pdf: Uint8Array, text: string) => Uint8Array>> = {
    'objects in a gap that was widened': (_, text) => widened(text, ` ${hidden}`),
    'a comment in it': (_, text) => widened(text, `\n%${'x'.repeat(40)}\n`),
    'white space in it': (_, text) => widened(text, ' '.repeat(40)),
    'a second /Contents in it': (_, text) => widened(text, ' /Contents <00>'),
    'padding in /Contents, made longer': (_, text) => {
      const [whole, from, to, length] = rangeOf(text)
      const { to: end } = contentsOf(text)
      const range = `/ByteRange [0 ${from} ${String(Number(to) + 40).padStart(8, '0')} ${length}]`
      return concat(text.slice(0, end - 1).replace(whole, range), hidden.slice(0, 40), text.slice(end - 1))
    },
    'the signed part behind a new beginning': (_, text) => {
      const [whole, from, to, length] = rangeOf(text)
      const range = `/ByteRange [${hidden.length} ${from} ${String(Number(to) + hidden.length).padStart(8, '0')} ${length}]`
      return concat(hidden, text.replace(whole, range))
    },
    'stretches that overlap': (pdf, text) => {
      const [whole, from, to, length] = rangeOf(text)
      const range = `/ByteRange [0 ${to} ${from} ${String(Number(length) + Number(to) - Number(from)).padStart(8, '0')}]`
      return patch(pdf, whole, range)
    },
    'a second stretch that ends before the file does': (pdf, text) => {
      const [whole, from, to, length] = rangeOf(text)
      return patch(pdf, whole, `/ByteRange [0 ${from} ${to} ${String(Number(length) - 6).padStart(8, '0')}]`)
    },
  }
  for (const [name, forge] of Object.entries(forgeries)) {
    it(`is refused: ${name}`, async () => {
      await refusesEach(forge)
      const result = readSignedPdf(forge(sealed[0]!, latin1(sealed[0]!)))
      if (result.ok) for (const { byteRange } of result.signatures) expect(byteRange).toBe('bad')
    })
  }

  it('leaves a signature that nobody touched as it was', () => {
    for (const pdf of sealed) expect(onlySignature(pdf)).toMatchObject({ byteRange: 'ok', laterChanges: 'none' })
  })
})
