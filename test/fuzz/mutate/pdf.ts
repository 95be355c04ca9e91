// Changes of a whole signed PDF: what attackers, broken programs and bad disks do to it.
import type { Random } from '../random.ts'
import { mutateBytes, splice } from './bytes.ts'
import { mutateDer } from './der.ts'
import {
  appendRevision,
  bodyOf,
  deflated,
  type NewObject,
  openPdf,
  type PdfFile,
  type RevisionForm,
  streamBody,
} from './pdf-file.ts'
import { mutateObject, replaceOne } from './pdf-object.ts'

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
const FORMS: readonly RevisionForm[] = [
  'table',
  'table',
  'table',
  'stream',
  'object-stream',
  'hybrid',
  'unlisted',
  'no-trailer',
]

type Change = (pdf: PdfFile, random: Random, other: Uint8Array) => Uint8Array

/** Text between two offsets exchanged. */
const put = ({ bytes }: PdfFile, from: number, to: number, text: string): Uint8Array =>
  splice(bytes, from, to, latin1(text))

/** Changes inside a match of a pattern, in place; the length may change. */
const within = (pdf: PdfFile, pattern: RegExp, random: Random, change: (match: string) => string): Uint8Array =>
  latin1(replaceOne(pdf.text, pattern, random, change))

/** Objects that a body refers to, and so on. */
const numbersIn = (body: string): number[] => Array.from(body.matchAll(/(\d+) 0 R/g), (match) => Number(match[1]))

const ODD_OFFSETS = (pdf: PdfFile, random: Random) =>
  String(
    random.pick([
      0,
      1,
      pdf.startxref,
      pdf.startxref + 1,
      pdf.bytes.length,
      2 ** 31,
      10 ** 15,
      random.below(pdf.bytes.length + 1),
    ]),
  )

/** Numbers of the objects by which a document shows or keeps what the seal is about. */
function tellingNumbers(pdf: PdfFile): number[] {
  const telling =
    /\/Type\s*\/(Catalog|Pages|Page|Annot|Sig|DocTimeStamp|EmbeddedFile|Filespec|Metadata|Font|XObject)\b|\/FT\s*\/Sig|\/EmbeddedFiles|\/VRI|\/Fields/
  const found = pdf.objects.filter(({ from, to }) => telling.test(pdf.text.slice(from, Math.min(to, from + 2_000))))
  return found.map(({ number }) => number)
}

function somethingToReplace(pdf: PdfFile, random: Random): number {
  const telling = tellingNumbers(pdf)
  if (telling.length && random.chance(0.7)) return random.pick(telling)
  return pdf.objects.length ? random.pick(pdf.objects).number : 1
}

const structure: readonly Change[] = [
  function changeStartxref(pdf, random) {
    return within(pdf, /(?<=startxref\s)\d+/g, random, () => ODD_OFFSETS(pdf, random))
  },
  function changePrev(pdf, random) {
    return within(pdf, /\/Prev \d+/g, random, () => `/Prev ${ODD_OFFSETS(pdf, random)}`)
  },
  function changeXrefEntry(pdf, random) {
    return within(pdf, /\d{10} \d{5} [nf]/g, random, (entry) =>
      random.pick([
        entry.replace(/[nf]$/, (kind) => (kind === 'n' ? 'f' : 'n')),
        `${ODD_OFFSETS(pdf, random).padStart(10, '0')} 00000 n`,
        entry.replace(/ \d{5}/, ' 65535'),
        `${pdf.objects.length ? String(random.pick(pdf.objects).from).padStart(10, '0') : '0000000000'} 00000 n`,
        entry.slice(1),
      ]),
    )
  },
  function changeXrefHead(pdf, random) {
    return within(pdf, /(?<=xref\s{1,2})\d+ \d+/g, random, () =>
      random.pick(['0 0', '0 1', '1 1', '0 4294967295', '-1 2', '0 99999999', `${somethingToReplace(pdf, random)} 1`]),
    )
  },
  function changeTrailer(pdf, random) {
    return within(
      pdf,
      /trailer\s*<</g,
      random,
      (head) =>
        head +
        random.pick([
          '/Encrypt<</Filter/Standard/V 1/R 2/P -1>>',
          '/Root 1 0 R',
          `/Root ${somethingToReplace(pdf, random)} 0 R`,
          '/Size 1',
          '/Prev 0',
          '/XRefStm 0',
          '/ID[()()]',
          '/Info<<>>',
        ]),
    )
  },
  function removeKeyword(pdf, random) {
    return within(pdf, /xref|trailer|startxref|%%EOF|endobj|endstream|(?<!\d)\d{1,7} 0 obj|stream/g, random, () => '')
  },
  function junkAtKeyword(pdf, random) {
    return within(pdf, /xref|trailer|startxref|%%EOF|endobj|endstream|(?<!\d)\d{1,7} 0 obj/g, random, (keyword) =>
      random.pick([
        `\0${keyword}`,
        `${keyword}%\n`,
        `${keyword} ${keyword}`,
        keyword.toUpperCase(),
        `%x\r${keyword}\f`,
      ]),
    )
  },
  function changeHeader(pdf, random) {
    const head = random.pick([
      '%PDF-1.3',
      '%PDF-2.0',
      '%PDF-9.9',
      '%PDF-',
      '%!PS\n%PDF-1.7',
      `${' '.repeat(random.below(2_000))}%PDF-1.7`,
      'PK\u0003\u0004%PDF-1.7',
      '\u00ef\u00bb\u00bf%PDF-1.7',
    ])
    return put(pdf, 0, Math.min(8, pdf.bytes.length), head)
  },
  function truncate(pdf, random) {
    if (pdf.ends.length && random.chance(0.7)) return pdf.bytes.subarray(0, random.pick(pdf.ends))
    return pdf.bytes.subarray(0, random.below(pdf.bytes.length + 1))
  },
  function dropRevision(pdf, random) {
    if (pdf.ends.length < 2) return pdf.bytes
    const at = random.below(pdf.ends.length - 1)
    return splice(pdf.bytes, pdf.ends[at]!, pdf.ends[at + 1]!, new Uint8Array())
  },
  function repeatRevision(pdf, random) {
    if (!pdf.ends.length) return pdf.bytes
    const at = random.below(pdf.ends.length)
    return new Uint8Array(Buffer.concat([pdf.bytes, pdf.bytes.subarray(pdf.ends[at - 1] ?? 0, pdf.ends[at])]))
  },
  function appendOther(pdf, _random, other) {
    return new Uint8Array(Buffer.concat([pdf.bytes, other]))
  },
  function prependOther(pdf, random, other) {
    return new Uint8Array(Buffer.concat([other.subarray(0, random.pick([1, 900, other.length])), pdf.bytes]))
  },
  function appendText(pdf, random) {
    const object = pdf.objects.length ? random.pick(pdf.objects) : { number: 1, from: 0, to: 0 }
    const tails = [
      '\n',
      ' ',
      '\r\n\r\n',
      '\0',
      '%',
      '%comment\n',
      '%%EOF',
      '%%EOF\n',
      'x',
      'startxref\n0\n%%EOF\n',
      `startxref\n${pdf.startxref}\n%%EOF\n`,
      `${object.number} 0 obj${pdf.text.slice(object.from, object.to)}endobj\n`,
      'trailer<<>>',
      '\u001a',
    ]
    return put(pdf, pdf.bytes.length, pdf.bytes.length, random.pick(tails).repeat(random.pick([1, 1, 1, 5, 1_000])))
  },
]

const packedZeros = new Map<string, string>()

/** A long text of zeros, deflated once or twice. */
function zeros(length: number, isTwice: boolean): string {
  const key = `${length} ${isTwice}`
  if (!packedZeros.has(key)) {
    const once = deflated('0 '.repeat(length / 2))
    packedZeros.set(key, isTwice ? deflated(once) : once)
  }
  return packedZeros.get(key)!
}

const revisions: readonly Change[] = [
  function replaceObject(pdf, random, other) {
    const number = somethingToReplace(pdf, random)
    const body = mutateObject(bodyOf(pdf, number) ?? '<<>>', pdf, random, other)
    return appendRevision(pdf, [{ number, body }], { form: random.pick(FORMS) })
  },
  function replaceSeveral(pdf, random, other) {
    const objects = Array.from({ length: random.between(2, 6) }, (): NewObject => {
      const number = random.chance(0.2) ? pdf.size + random.below(5) : somethingToReplace(pdf, random)
      const body = bodyOf(pdf, somethingToReplace(pdf, random)) ?? '<<>>'
      return { number, body: random.chance(0.5) ? body : mutateObject(body, pdf, random, other) }
    })
    return appendRevision(pdf, objects, { form: random.pick(FORMS) })
  },
  function sameObjectAgain(pdf, random) {
    const number = somethingToReplace(pdf, random)
    return appendRevision(pdf, [{ number, body: bodyOf(pdf, number) ?? ' null ' }], { form: random.pick(FORMS) })
  },
  function freeObject(pdf, random) {
    return appendRevision(pdf, [], {
      form: random.pick(['table', 'stream'] as const),
      freed: [somethingToReplace(pdf, random)],
    })
  },
  function newRoot(pdf, random, other) {
    const old = bodyOf(pdf, Number.parseInt(pdf.root ?? '1', 10)) ?? '<</Type/Catalog>>'
    const number = pdf.size
    const body = random.chance(0.5) ? old : mutateObject(old, pdf, random, other)
    return appendRevision(pdf, [{ number, body }], { form: random.pick(FORMS), root: `${number} 0 R` })
  },
  function emptyRevision(pdf, random) {
    return appendRevision(pdf, [], {
      form: random.pick(FORMS),
      ...(random.chance(0.3) ? { prev: Number(ODD_OFFSETS(pdf, random)) } : {}),
    })
  },
  function addAnnotation(pdf, random) {
    const page = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Page\b/.test(pdf.text.slice(from, to)))
    if (!page) return pdf.bytes
    const annotation = pdf.size
    const kinds = [
      '/Subtype/FreeText/DA(/F 9 Tf)/Contents(x)',
      '/Subtype/Stamp',
      '/Subtype/Widget/FT/Tx/T(n)/V(x)',
      '/Subtype/Widget/FT/Sig/T(Seal1)',
      '/Subtype/Link/A<</S/URI/URI(http://x)>>',
      '/Subtype/Square/C[1 0 0]',
    ]
    const rect = random.pick(['0 0 0 0', '0 0 600 800', '10 10 90 90'])
    const body = pdf.text.slice(page.from, page.to)
    const listed = body.includes('/Annots[')
      ? body.replace('/Annots[', `/Annots[${annotation} 0 R `)
      : body.replace('<<', `<</Annots[${annotation} 0 R]`)
    const objects = [
      { number: annotation, body: `<</Type/Annot${random.pick(kinds)}/Rect[${rect}]/F 4/P ${page.number} 0 R>>` },
      { number: page.number, body: listed },
    ]
    return appendRevision(pdf, objects, { form: random.pick(FORMS) })
  },
  function replaceContent(pdf, random) {
    const page = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Page\b/.test(pdf.text.slice(from, to)))
    const contents = page && /\/Contents\s*\[?\s*(\d+) 0 R/.exec(pdf.text.slice(page.from, page.to))?.[1]
    if (!contents) return pdf.bytes
    return appendRevision(
      pdf,
      [{ number: Number(contents), body: streamBody('', 'BT /F1 40 Tf 50 500 Td (FORGED) Tj ET') }],
      { form: random.pick(FORMS) },
    )
  },
  function replaceEmbedded(pdf, random, other) {
    const files = pdf.objects.filter(({ from, to }) =>
      /\/Type\s*\/EmbeddedFile|\/EmbeddedFiles|\/Type\s*\/Filespec/.test(pdf.text.slice(from, to)),
    )
    if (!files.length) return pdf.bytes
    const { number } = random.pick(files)
    return appendRevision(pdf, [{ number, body: mutateObject(bodyOf(pdf, number)!, pdf, random, other) }], {
      form: random.pick(FORMS),
    })
  },
  function replaceMetadata(pdf, random) {
    const metadata = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Metadata/.test(pdf.text.slice(from, to)))
    const number = metadata?.number ?? pdf.size
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'a'.repeat(99)}">]><x>${'&a;'.repeat(99)}</x>`
    const data = random.pick(['<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', bomb, '', '<'.repeat(10_000)])
    return appendRevision(pdf, [{ number, body: streamBody('/Type/Metadata/Subtype/XML', data) }], {
      form: random.pick(FORMS),
    })
  },
  function addValidationData(pdf, random, other) {
    const root = Number.parseInt(pdf.root ?? '1', 10)
    const catalog = bodyOf(pdf, root) ?? '<</Type/Catalog>>'
    const ders = pdf.objects.filter(({ from, to }) => /stream\r?\n0\u0082/.test(pdf.text.slice(from, to)))
    const data = pdf.size
    const lend = () =>
      ders.length && random.chance(0.8)
        ? pdf.text.slice(random.pick(ders).from).split('endobj')[0]!
        : streamBody('', 'junk')
    const body = random.chance(0.5) ? lend() : mutateObject(lend(), pdf, random, other)
    const kind = random.pick(['Certs', 'OCSPs', 'CRLs', 'VRI'])
    const value =
      kind === 'VRI'
        ? `<</${'A'.repeat(40)}<</OCSP[${data} 0 R]>>>>`
        : `[${data} 0 R${` ${data} 0 R`.repeat(random.pick([0, 5, 20_000]))}]`
    const store = { number: data + 1, body: `<</Type/DSS/${kind}${value}>>` }
    const changed = /\/DSS\s*\d+ 0 R/.test(catalog)
      ? catalog.replace(/\/DSS\s*\d+ 0 R/, `/DSS ${data + 1} 0 R`)
      : catalog.replace('<<', `<</DSS ${data + 1} 0 R`)
    return appendRevision(pdf, [{ number: data, body }, store, { number: root, body: changed }], {
      form: random.pick(['table', 'stream', 'object-stream'] as const),
    })
  },
  function bomb(pdf, random) {
    const length = random.pick([1 << 20, 40 << 20])
    const data = zeros(length, random.chance(0.4))
    const filter = random.pick([
      '/Filter/FlateDecode',
      '/Filter[/FlateDecode/FlateDecode]',
      '/Filter[/FlateDecode/FlateDecode/FlateDecode]',
      `/Filter[${'/FlateDecode'.repeat(5_000)}]`,
    ])
    const number = random.chance(0.5) ? somethingToReplace(pdf, random) : pdf.size
    const type = random.pick([
      '',
      '/Type/ObjStm/N 100000/First 10',
      '/Type/XRef/W[1 4 2]/Size 99999999',
      '/Type/EmbeddedFile',
      '/Type/Metadata',
    ])
    const bytes = appendRevision(pdf, [{ number, body: streamBody(`${type}${filter}`, data) }], {
      form: random.pick(FORMS),
    })
    if (!type.includes('XRef')) return bytes
    const at = Buffer.from(bytes).lastIndexOf(`${number} 0 obj`)
    return new Uint8Array(Buffer.concat([bytes, latin1(`startxref\n${at}\n%%EOF\n`)]))
  },
  function objectStreamLoop(pdf, random) {
    const holder = pdf.size
    const number = somethingToReplace(pdf, random)
    const data = `${random.pick([number, holder])} 0 ${bodyOf(pdf, number)?.trim() ?? 'null'}`
    const body = streamBody(
      `/Type/ObjStm/N ${random.pick([1, 2, 1_000_000])}/First ${random.pick([4, data.indexOf(' ', data.indexOf(' ') + 1) + 1, 10 ** 9])}/Extends ${holder} 0 R`,
      data,
    )
    return appendRevision(pdf, [{ number: holder, body }], {
      form: random.pick(['stream', 'hybrid', 'table'] as const),
    })
  },
  function chainOfRevisions(pdf, random) {
    let last = pdf
    const count = random.pick([3, 20, 60])
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(appendRevision(last, [], { form: random.pick(['table', 'stream'] as const) }))
      const startxref = Number(/startxref\n(\d+)/.exec(bytes.toString('latin1', bytes.length - 60))![1])
      last = {
        ...last,
        bytes,
        text: last.text.slice(0, -1) + bytes.toString('latin1', last.bytes.length - 1),
        startxref,
      }
    }
    return last.bytes
  },
]

/** The long hex strings of /Contents, by where their digits lie. */
const contentsOf = (pdf: PdfFile): { from: number; to: number }[] =>
  Array.from(pdf.text.matchAll(/\/Contents\s*<([0-9A-Fa-f\s]{64,})>/g), (match) => {
    const from = match.index + match[0].indexOf('<') + 1
    return { from, to: match.index + match[0].length - 1 }
  })

const signatures: readonly Change[] = [
  function mutateCms(pdf, random, other) {
    const all = contentsOf(pdf)
    if (!all.length) return pdf.bytes
    const { from, to } = random.pick(all)
    const lent = random.pick(all)
    const decode = (range: { from: number; to: number }) =>
      Buffer.from(pdf.text.slice(range.from, range.to).replaceAll(/\s/g, ''), 'hex')
    const lender = random.chance(0.5) ? decode(lent) : other
    const changed = Buffer.from(mutateDer(decode({ from, to }), random, lender)).toString('hex')
    return put(pdf, from, to, changed.padEnd(to - from, '0').slice(0, to - from))
  },
  function swapCms(pdf, random) {
    const all = contentsOf(pdf)
    if (all.length < 2) return pdf.bytes
    const [a, b] = [random.pick(all), random.pick(all)]
    return put(
      pdf,
      a.from,
      a.to,
      pdf.text
        .slice(b.from, b.to)
        .padEnd(a.to - a.from, '0')
        .slice(0, a.to - a.from),
    )
  },
  function changeHexForm(pdf, random) {
    const all = contentsOf(pdf)
    if (!all.length) return pdf.bytes
    const { from, to } = random.pick(all)
    const digits = pdf.text.slice(from, to)
    const at = random.below(digits.length)
    return put(
      pdf,
      from,
      to,
      random.pick([
        digits.toUpperCase(),
        digits.replace(/0$/, '1'),
        `${digits.slice(0, at)} ${digits.slice(at + 1)}`,
        `${digits.slice(0, at)}>${digits.slice(at + 1)}`,
        digits.slice(0, -1),
        `${digits}00`,
        digits.replaceAll('a', 'A'),
        `${digits.slice(0, at)}%${digits.slice(at + 1)}`,
      ]),
    )
  },
  function changeByteRange(pdf, random) {
    return within(pdf, /\/ByteRange\s*\[[^\]]*\]/g, random, (found) =>
      random.pick([
        replaceOne(found, /\d+/g, random, (number) =>
          random.pick([
            String(Number(number) + random.pick([1, -1, 2, 100])),
            ...['-1', '+0', '0.0', '4294967296', '99999999999999999999', '007'],
          ]),
        ),
        found.replace(/\[\s*0/, '[0 0 0'),
        found.replace(/(\d+)\s*\]/, '$1 $1 5]'),
        found.replace('/ByteRange', '/Byte#52ange'),
        found.replace('/ByteRange', '/ByteRange 5 0 R /X'),
        `${found}${found.replace(/\d+/g, '1')}`,
        found.replace(/\s+/, '  '),
        '',
      ]),
    )
  },
  function changeSignatureDictionary(pdf, random, other) {
    const found = pdf.objects.filter(({ from, to }) => pdf.text.slice(from, to).includes('/ByteRange'))
    if (!found.length) return pdf.bytes
    const { from, to } = random.pick(found)
    const body = pdf.text.slice(from, to)
    const changed = mutateObject(body, pdf, random, other)
    return put(pdf, from, to, changed.length < body.length ? changed.padEnd(body.length) : changed)
  },
  function secondField(pdf, random) {
    const field = pdf.objects.findLast(({ from, to }) => /\/FT\s*\/Sig/.test(pdf.text.slice(from, to)))
    const form = pdf.objects.findLast(({ from, to }) => pdf.text.slice(from, to).includes('/Fields'))
    if (!field || !form) return pdf.bytes
    const copy = pdf.text
      .slice(field.from, field.to)
      .replace(/\/T\s*\([^)]*\)/, (name) => (random.chance(0.5) ? name : '/T(Other)'))
    const listed = pdf.text.slice(form.from, form.to).replace(/\/Fields\s*\[/, `/Fields[${pdf.size} 0 R `)
    const objects = [
      { number: pdf.size, body: copy },
      { number: form.number, body: listed },
    ]
    return appendRevision(pdf, objects, { form: random.pick(FORMS) })
  },
  function laterSignature(pdf, random) {
    const telling = numbersIn(pdf.text.slice(-4_000))
    const all = contentsOf(pdf)
    if (!all.length || !telling.length) return pdf.bytes
    const { from, to } = random.pick(all)
    const kind = random.pick(['/Type/Sig/SubFilter/ETSI.CAdES.detached', '/Type/DocTimeStamp/SubFilter/ETSI.RFC3161'])
    const body = `<<${kind}/Filter/Adobe.PPKLite/ByteRange[0 ${from - 1} ${to + 1} ${pdf.bytes.length - to - 1}]/Contents<${pdf.text.slice(from, to)}>>>`
    return appendRevision(pdf, [{ number: random.pick([pdf.size, random.pick(telling)]), body }], {
      form: random.pick(FORMS),
    })
  },
]

const inPlace: readonly Change[] = [
  function bytes(pdf, random, other) {
    return mutateBytes(pdf.bytes, random, other)
  },
  function object(pdf, random, other) {
    if (!pdf.objects.length) return pdf.bytes
    const { from, to } = random.pick(pdf.objects)
    const body = pdf.text.slice(from, to)
    const changed = mutateObject(body, pdf, random, other)
    const keepsLength = changed.length < body.length && random.chance(0.7)
    return put(pdf, from, to, keepsLength ? changed.padEnd(body.length) : changed)
  },
  function afterTheSeal(pdf, random, other) {
    const [first] = contentsOf(pdf)
    const end = pdf.ends.find((at) => first && at > first.to)
    if (end === undefined) return pdf.bytes
    return new Uint8Array(
      Buffer.concat([pdf.bytes.subarray(0, end), mutateBytes(pdf.bytes.subarray(end), random, other)]),
    )
  },
]

const groups = [structure, revisions, revisions, signatures, inPlace] as const

/** One change of a PDF; `other` is another of the same kind. */
export function mutatePdf(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  return random.pick(random.pick(groups))(openPdf(bytes), random, other)
}
