// Changes of a whole signed PDF: what attackers, broken programs and bad disks do to it.
import type { Random } from '../random.ts'
import { mutateBytes, splice } from './bytes.ts'
import { mutateDer } from './der.ts'
import { type Change, FORMS, numbersIn, ODD_OFFSETS, put, somethingToReplace, within } from './pdf-change.ts'
import { appendRevision, openPdf, type PdfFile } from './pdf-file.ts'
import { mutateObject, replaceOne } from './pdf-object.ts'
import { revisions } from './pdf-revisions.ts'

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
