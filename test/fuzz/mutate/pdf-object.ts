// Changes inside one object of a PDF: numbers, references, names, entries, strings, streams.
import { inflateSync } from 'node:zlib'
import type { Random } from '../random.ts'
import { mutateBytes } from './bytes.ts'
import { mutateDer } from './der.ts'
import { deflated, type PdfFile, streamBody } from './pdf-file.ts'

const NUMBERS = [
  '-1',
  '0',
  '+1',
  '00000000000000000007',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '1e9',
  '.',
  '1.5.5',
  '--2',
  '99999999999999999999',
  '0.0000001',
  '16#FF',
]

/** Entries that mean something to a reader of signed documents. */
const ENTRIES = [
  '/Type/Catalog',
  '/Type/Page',
  '/Type/Sig',
  '/Type/DocTimeStamp',
  '/Type/XRef',
  '/Type/ObjStm',
  '/FT/Sig',
  '/FT/Tx',
  '/Ff 1',
  '/V 1 0 R',
  '/V null',
  '/V(x)',
  '/ByteRange[0 10 20 30]',
  '/ByteRange[0 0 0 0]',
  '/Byte#52ange[0 1 2 3]',
  '/Contents<00>',
  '/Contents()',
  '/Contents 1 0 R',
  '/SubFilter/ETSI.RFC3161',
  '/SubFilter/adbe.pkcs7.sha1',
  '/SubFilter/ETSI.CAdES.detached',
  '/DocMDP 1 0 R',
  '/Perms<<>>',
  '/P 3',
  '/P 2',
  '/SigFlags 0',
  '/NeedAppearances true',
  '/XFA(x)',
  '/Fields[]',
  '/AcroForm<<>>',
  '/AcroForm null',
  '/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>',
  '/AA<<>>',
  '/Names<<>>',
  '/AF[]',
  '/Annots[]',
  '/Annots null',
  '/Kids[]',
  '/Count 0',
  '/Count -1',
  '/Parent 1 0 R',
  '/MediaBox[0 0 1 1]',
  '/Rotate 90',
  '/CropBox[0 0 9 9]',
  '/OCProperties<<>>',
  '/Filter/FlateDecode',
  '/Filter[/FlateDecode/FlateDecode]',
  '/Filter/ASCIIHexDecode',
  '/Filter/Crypt',
  '/Filter/LZWDecode',
  '/DecodeParms<</Predictor 12/Columns 2147483647>>',
  '/DecodeParms<</Predictor 15/Colors 4096/BitsPerComponent 16>>',
  '/Length 0',
  '/Length 99999999',
  '/Length 1 0 R',
  '/F(x.pdf)',
  '/Encrypt<<>>',
  '/Extends 1 0 R',
  '/N 1000000',
  '/First 99999',
  '/W[1 8 8]',
  '/W[0 0 0]',
  '/Index[0 4294967295]',
  '/DSS<<>>',
  '/VRI<<>>',
  '/Certs[]',
  '/Lock<</Action/All/P 1>>',
  '/Metadata null',
  '/Version/1.3',
] as const

/** Where a stream's data lie in a body, if it is one. */
function dataOf(body: string): { readonly entries: string; readonly data: string } | null {
  const start = /stream\r?\n/.exec(body)
  if (!start) return null
  const end = body.lastIndexOf('endstream')
  if (end < start.index + start[0].length) return null
  const entries = body.slice(body.indexOf('<<') + 2, body.lastIndexOf('>>', start.index))
  return {
    entries: entries.replace(/\/Length \d+( \d+ R)?/, ''),
    data: body.slice(start.index + start[0].length, end).replace(/\r?\n$/, ''),
  }
}

/** Stream data unpacked, changed, packed again with the right length; DER by its own grammar. */
function mutateStream(body: string, random: Random, other: Uint8Array): string {
  const stream = dataOf(body)
  if (!stream) return body
  const isFlate = /\/Filter\s*\[?\s*\/FlateDecode/.test(stream.entries)
  let raw = Buffer.from(stream.data, 'latin1')
  if (isFlate) {
    try {
      raw = inflateSync(raw, { maxOutputLength: 1 << 24 })
    } catch {
      return streamBody(stream.entries, latin1(mutateBytes(raw, random, other)))
    }
  }
  const isDer = raw[0] === 0x30 && random.chance(0.8)
  const changed = latin1(isDer ? mutateDer(raw, random, other) : mutateBytes(raw, random, other))
  return streamBody(stream.entries, isFlate ? deflated(changed) : changed)
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Replaces one of the matches of a pattern. */
export function replaceOne(text: string, pattern: RegExp, random: Random, put: (match: string) => string): string {
  const matches = [...text.matchAll(pattern)]
  if (!matches.length) return text
  const { index, 0: match } = random.pick(matches)
  return text.slice(0, index) + put(match) + text.slice(index + match.length)
}

type Change = (body: string, pdf: PdfFile, random: Random, other: Uint8Array) => string

const someNumber = (pdf: PdfFile, random: Random): number => (pdf.objects.length ? random.pick(pdf.objects).number : 1)

const changes: readonly Change[] = [
  function changeNumber(body, _pdf, random) {
    return replaceOne(body, /(?<=[\s[/])-?\d+(\.\d+)?(?=[\s\]/>])/g, random, (number) =>
      random.chance(0.5) ? String(Number(number) + random.pick([1, -1, 10])) : random.pick(NUMBERS),
    )
  },
  function changeReference(body, pdf, random) {
    return replaceOne(body, /\d+ 0 R/g, random, () => `${someNumber(pdf, random)} ${random.chance(0.95) ? 0 : 1} R`)
  },
  function changeName(body, _pdf, random) {
    const names = body.match(/\/[A-Za-z]\w+/g) ?? ['/X']
    return replaceOne(body, /\/[A-Za-z]\w+/g, random, (name) =>
      random.pick([
        random.pick(names),
        `/#${name.charCodeAt(1).toString(16)}${name.slice(2)}`,
        `${name}#00`,
        `/${'A'.repeat(2_000)}`,
        '/',
        random.pick(ENTRIES).split(/[[<( ]/)[0] as string,
      ]),
    )
  },
  function addEntry(body, _pdf, random) {
    const put = random.pick(ENTRIES)
    return random.chance(0.5) ? body.replace('<<', `<<${put}`) : replaceOne(body, />>/g, random, () => `${put}>>`)
  },
  function repeatEntry(body, _pdf, random) {
    return replaceOne(
      body,
      /\/\w+\s*(\d+ 0 R|\/\w+|\[[^[\]]*\]|\d+)/g,
      random,
      (found) => `${found}${found.replace(/\d+/, '1')}`,
    )
  },
  function removeEntry(body, _pdf, random) {
    return replaceOne(body, /\/\w+\s*(\d+ 0 R|\/\w+|\[[^[\]]*\]|\(\w*\)|\d+)/g, random, () => '')
  },
  function changeString(body, _pdf, random, other) {
    return replaceOne(body, /\([^()]{0,400}\)|<[0-9A-Fa-f]{2,400}>/g, random, (found) =>
      random.pick([
        latin1(mutateBytes(Buffer.from(found, 'latin1'), random, other)),
        '(\\)',
        '(((',
        '<0',
        '(\\376\\377\\330\\000)',
        '()',
      ]),
    )
  },
  function takeOtherBody(body, pdf, random) {
    if (!pdf.objects.length) return body
    const { from, to } = random.pick(pdf.objects)
    return pdf.text.slice(from, to)
  },
  function nest(body, _pdf, random) {
    const depth = random.pick([30, 70, 5_000, 100_000])
    const [open, close] = random.pick([
      ['[', ']'],
      ['<</A', '>>'],
      ['[<</K[', ']>>]'],
    ] as const)
    const nested = `${open.repeat(depth)} 1 ${random.chance(0.7) ? close.repeat(depth) : ''}`
    return random.chance(0.5) ? nested : body.replace('<<', `<</Deep ${nested}`)
  },
  function manyValues(_body, _pdf, random) {
    return ` [${random.pick(['1 ', '/A ', '() ', '<<>>', '1 0 R ']).repeat(random.pick([1_000, 300_000]))}] `
  },
  (body, _pdf, random, other) => mutateStream(body, random, other),
  function bytes(body, _pdf, random, other) {
    return latin1(mutateBytes(Buffer.from(body, 'latin1'), random, other))
  },
]

/** One change of an object's body. */
export function mutateObject(body: string, pdf: PdfFile, random: Random, other: Uint8Array): string {
  const isStream = body.includes('endstream')
  if (isStream && random.chance(0.5)) return mutateStream(body, random, other)
  return random.pick(changes)(body, pdf, random, other)
}
