import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { type LicenceData, licenceXmp, toShanghaiTime } from '../licence-format/index.ts'
import type { CompiledTemplate } from './compile.ts'
import { type CopyMark, copyMarkName, copyMarkOpacity, makeCopyMark, placeCopyMarks } from './copy-mark.ts'
import type { LicenceValues } from './draw/licence-text.ts'
import { numeral } from './draw/units.ts'
import { TemplateError } from './errors.ts'
import { layOut } from './lay-out.ts'
import { formatLicenceNumber } from './number.ts'
import type { CompiledFile } from './pdf/compiled-file.ts'
import {
  allotFont,
  fixedFontParts,
  subsetTagLength,
  writeFontDictionaries,
  writeFontOfLicence,
} from './pdf/font-objects.ts'
import { hexString, ObjectWriter, textString } from './pdf/object-writer.ts'
import { writePicture } from './pdf/picture-object.ts'

const producer = 'Zhengyin'

export interface RenderInput {
  readonly data: LicenceData
  /** The canonical bytes of `data`, embedded as they are. */
  readonly licenceJson: Uint8Array
  /** SHA-256 of `licenceJson`. */
  readonly dataDigest: Uint8Array
  /** The QR's text. */
  readonly statementText: string
  /** Bytes of every picture the data name, by hex digest, as `validateLicenceData` gave them. */
  readonly pictures: ReadonlyMap<string, Uint8Array>
  /** The instant of TX-A: the only time in the file. */
  readonly createdAt: Date
}

export interface PreviewInput {
  /** An empty number is shown as one of the right form with a count of 0. */
  readonly data: LicenceValues
  readonly pictures: ReadonlyMap<string, Uint8Array>
  readonly createdAt: Date
}

export interface RenderedLicence {
  readonly pdf: Uint8Array
  readonly pageCount: number
  /** Page from 0; points from the page's lower left corner. */
  readonly sealCentre: { readonly page: number; readonly x: number; readonly y: number }
}

/**
 * Draws a licence, or a copy of one (加注件) with its marks over every page and 「***」 for each value it does not carry: an unsigned PDF 1.7 that is PDF/A-3b (ISO 19005-3), with the licence data and the statement embedded. Same input,
 * same bytes, whatever was drawn before.
 *
 * @throws TemplateError GLYPH_MISSING, TEXT_DOES_NOT_FIT, PICTURE_MISSING, PICTURE_INVALID, QR_TEXT_TOO_LONG
 */
export function renderLicence(compiled: CompiledTemplate, input: RenderInput): RenderedLicence {
  const file = compiled.licenceFile
  const objects = startFile(compiled, file, subsetTag(input.dataDigest))
  const { numbers } = file
  const created = pdfDate(input.createdAt)
  const values = input.data.copy ? { ...input.data, withheld: withheldFields(compiled, input.data) } : input.data
  const pageCount = writePages(compiled, file, objects, values, input.statementText, input.pictures)
  objects.object(numbers.info, infoDictionary(`${input.data.typeName} ${input.data.number}`, created))
  const xmp = licenceXmp(input.data, { createdAt: input.createdAt, producer })
  objects.stream(numbers.metadata, '/Type/Metadata/Subtype/XML', xmp)
  embed(objects, numbers.licenceJson, 'application#2Fjson', input.licenceJson, created)
  embed(objects, numbers.statement, 'text#2Fplain', asciiBytes(input.statementText), created)
  const id = hexString(input.dataDigest.subarray(0, 16))
  objects.finish(`/Root 1 0 R/Info ${numbers.info} 0 R/ID[${id}${id}]`)
  return finish(compiled, pageCount)
}

/**
 * Draws a specimen for looking at: the same pages with 样张 SPECIMEN across them, no QR, no embedded data, not PDF/A.
 *
 * @throws TemplateError as renderLicence
 */
export function renderPreview(compiled: CompiledTemplate, input: PreviewInput): RenderedLicence {
  const { data, pictures } = input
  const file = compiled.previewFile
  const objects = startFile(compiled, file, 'SAMPLE')
  const place = { areaCode: data.issuer.code.slice(2, 8), issuedOn: data.issuedOn, sequence: 0 }
  const number = data.number === '' ? formatLicenceNumber(compiled.definition, place) : data.number
  const pageCount = writePages(compiled, file, objects, { ...data, number }, '', pictures)
  const title = `${compiled.definition.name.zh} 样张 SPECIMEN`
  objects.object(file.numbers.info, infoDictionary(title, pdfDate(input.createdAt)))
  objects.finish(`/Root 1 0 R/Info ${file.numbers.info} 0 R`)
  return finish(compiled, pageCount)
}

function finish(compiled: CompiledTemplate, pageCount: number): RenderedLicence {
  const { writer } = compiled.press
  return { pdf: writer.bytes.slice(0, writer.position), pageCount, sealCentre: compiled.seal }
}

/** Copies the constant objects and fills in the subset tag. */
function startFile(compiled: CompiledTemplate, file: CompiledFile, tag: string): ObjectWriter {
  const { writer } = compiled.press
  writer.position = 0
  writer.put(file.head)
  for (const hole of file.tagHoles) writer.patch(hole, tag)
  const objects = new ObjectWriter(writer)
  for (let i = 0; i < file.offsets.length; i++) objects.offsets.push(file.offsets[i] ?? 0)
  objects.restart(file.nextNumber)
  return objects
}

/** Six capitals from the data digest (ISO 32000-1 §9.6.4): the same licence, the same tag. */
function subsetTag(digest: Uint8Array): string {
  let tag = ''
  for (let i = 0; i < subsetTagLength; i++) tag += String.fromCharCode(65 + (digest[16 + i]! % 26))
  return tag
}

/** Fields of the type that a copy leaves out. */
const withheldFields = ({ definition }: CompiledTemplate, { fields }: LicenceData): ReadonlySet<string> =>
  new Set(definition.fields.map(({ name }) => name).filter((name) => !Object.hasOwn(fields, name)))

/** Writes pages, page tree, fonts, pictures and resources; returns the number of pages. */
function writePages(
  compiled: CompiledTemplate,
  file: CompiledFile,
  objects: ObjectWriter,
  values: LicenceValues,
  statementText: string,
  pictures: ReadonlyMap<string, Uint8Array>,
): number {
  const kids = file.pages.map(({ page }) => page)
  const mark = values.copy && makeCopyMark(compiled.fonts, values.copy)
  const marked = (index: number, close: () => void) => () => {
    if (mark) objects.writer.text(placeCopyMarks(mark, compiled.pages[index] ?? compiled.continuation!))
    close()
  }
  const pageCount = layOut(compiled, values, statementText, undefined, (index) => {
    const fixedPage = file.pages[index]
    if (fixedPage !== undefined) return marked(index, objects.openStream(fixedPage.content, ''))
    const content = objects.allot()
    const page = objects.allot()
    const mark = file.mark === 0 ? '' : ` ${file.mark} 0 R`
    objects.object(page, `${file.continuationPage} ${content} 0 R${mark}]>>`)
    kids.push(page)
    return marked(index, objects.openStream(content, ''))
  })
  const references = kids.map((kid) => `${kid} 0 R`).join(' ')
  objects.object(file.numbers.pages, `<</Type/Pages/Kids[${references}]/Count ${kids.length}>>`)
  for (const font of file.fonts) writeFontOfLicence(objects, font.objects, font.parts)
  const fallback = writeFallbackFont(compiled, objects)
  const images = writePictures(compiled, objects, pictures)
  const { resources } = file
  const marks = mark ? writeCopyMark(objects, mark) : { form: '', opacity: '' }
  objects.object(
    file.numbers.resources,
    `<</Font<<${resources.fonts}${fallback}>>/XObject<<${resources.forms}${images}${marks.form}>>${resources.rest}${marks.opacity}>>`,
  )
  return pageCount
}

/** The mark once for all pages, and what names it in their resources. */
function writeCopyMark(objects: ObjectWriter, { content, box }: CopyMark): { form: string; opacity: string } {
  const number = objects.allot()
  const dictionary = `/Type/XObject/Subtype/Form/BBox[${box.map(numeral).join(' ')}]/Resources<<>>/Filter/FlateDecode`
  objects.stream(number, dictionary, deflateSync(content))
  return { form: `/${copyMarkName} ${number} 0 R`, opacity: copyMarkOpacity }
}

/** The font of characters the four faces lack, when this licence has any. */
function writeFallbackFont(compiled: CompiledTemplate, objects: ObjectWriter): string {
  const typeCase = compiled.fallbackCase()
  if (typeCase === undefined || typeCase.ownCount === 0) return ''
  const font = allotFont(objects, typeCase)
  writeFontDictionaries(objects, font)
  writeFontOfLicence(objects, font, fixedFontParts(typeCase))
  return `/${typeCase.resource} ${font.type0} 0 R`
}

function writePictures(
  compiled: CompiledTemplate,
  objects: ObjectWriter,
  pictures: ReadonlyMap<string, Uint8Array>,
): string {
  let resources = ''
  for (const { digest, resource } of compiled.press.pictures) {
    const bytes = pictures.get(digest)
    if (bytes === undefined)
      throw new TemplateError('PICTURE_MISSING', 'a picture the data name was not given', { subject: digest })
    resources += `/${resource} ${writePicture(objects, bytes)} 0 R`
  }
  return resources
}

/** An embedded file stream with its parameters (ISO 32000-1 §7.11.4; ISO 19005-3 §6.8). */
function embed(objects: ObjectWriter, number: number, subtype: string, bytes: Uint8Array, modified: string): void {
  const checksum = hexString(createHash('md5').update(bytes).digest())
  const parameters = `/Params<</Size ${bytes.length}/CreationDate(${modified})/ModDate(${modified})/CheckSum${checksum}>>`
  objects.stream(number, `/Type/EmbeddedFile/Subtype/${subtype}${parameters}`, bytes)
}

/** The entries say the same as the XMP does. */
function infoDictionary(title: string, created: string): string {
  return `<</Title${textString(title)}/Creator(${producer})/Producer(${producer})/CreationDate(${created})/ModDate(${created})>>`
}

/** 2026-11-21T08:00:00+08:00 → D:20261121080000+08'00' (ISO 32000-1 §7.9.4) */
function pdfDate(instant: Date): string {
  return `D:${toShanghaiTime(instant).slice(0, 19).replace(/[-:T]/g, '')}+08'00'`
}

/** A QR text is ASCII. */
function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
