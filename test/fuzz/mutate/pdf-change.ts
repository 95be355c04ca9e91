// What the changes of a PDF share.
import type { Random } from '../random.ts'
import { splice } from './bytes.ts'
import type { PdfFile, RevisionForm } from './pdf-file.ts'
import { replaceOne } from './pdf-object.ts'

export const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

export type Change = (pdf: PdfFile, random: Random, other: Uint8Array) => Uint8Array

/** Text between two offsets exchanged. */
export const put = ({ bytes }: PdfFile, from: number, to: number, text: string): Uint8Array =>
  splice(bytes, from, to, latin1(text))

/** Changes inside a match of a pattern, in place; the length may change. */
export const within = (pdf: PdfFile, pattern: RegExp, random: Random, change: (match: string) => string): Uint8Array =>
  latin1(replaceOne(pdf.text, pattern, random, change))

/** Objects that a body refers to, and so on. */
export const numbersIn = (body: string): number[] =>
  Array.from(body.matchAll(/(\d+) 0 R/g), (match) => Number(match[1]))

/** Numbers of the objects by which a document shows or keeps what the seal is about. */
function tellingNumbers(pdf: PdfFile): number[] {
  const telling =
    /\/Type\s*\/(Catalog|Pages|Page|Annot|Sig|DocTimeStamp|EmbeddedFile|Filespec|Metadata|Font|XObject)\b|\/FT\s*\/Sig|\/EmbeddedFiles|\/VRI|\/Fields/
  const found = pdf.objects.filter(({ from, to }) => telling.test(pdf.text.slice(from, Math.min(to, from + 2_000))))
  return found.map(({ number }) => number)
}

export function somethingToReplace(pdf: PdfFile, random: Random): number {
  const telling = tellingNumbers(pdf)
  if (telling.length && random.chance(0.7)) return random.pick(telling)
  return pdf.objects.length ? random.pick(pdf.objects).number : 1
}

export const FORMS: readonly RevisionForm[] = [
  'table',
  'table',
  'table',
  'stream',
  'object-stream',
  'hybrid',
  'unlisted',
  'no-trailer',
]

export const ODD_OFFSETS = (pdf: PdfFile, random: Random) =>
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
