import { deflateSync } from 'node:zlib'
import { LICENCE_DATA_FILE, STATEMENT_FILE } from '../../licence-format/index.ts'
import type { CompiledPage, FormXObject } from '../compile.ts'
import type { TypeCase } from '../draw/type-case.ts'
import { numeral } from '../draw/units.ts'
import type { Face } from '../fonts/face.ts'
import { ByteWriter } from './byte-writer.ts'
import { allotFont, type FontObjects, fixedFontParts, writeFontDictionaries } from './font-objects.ts'
import { ObjectWriter, textString } from './object-writer.ts'
import { specimenMark } from './specimen-mark.ts'
import { srgbProfile } from './srgb-profile.ts'

/** The constant objects of a template's PDF as one block of bytes, and the numbers of those each licence writes itself. */
export interface CompiledFile {
  readonly head: Uint8Array
  readonly offsets: readonly number[]
  readonly nextNumber: number
  /** Places of the subset tags. */
  readonly tagHoles: readonly number[]
  readonly numbers: {
    readonly pages: number
    readonly info: number
    readonly metadata: number
    readonly resources: number
    readonly licenceJson: number
    readonly statement: number
  }
  readonly fonts: readonly { readonly objects: FontObjects; readonly parts: { widths: string; toUnicode: string } }[]
  readonly pages: readonly { readonly page: number; readonly content: number }[]
  /** Dictionary of a further page, without its own content's number and the end. */
  readonly continuationPage: string
  readonly resources: { readonly fonts: string; readonly forms: string; readonly rest: string }
  /** Content stream that marks a page as a specimen, 0 for licences. */
  readonly mark: number
}

export interface FileParts {
  readonly name: string
  readonly pages: readonly CompiledPage[]
  readonly continuation: CompiledPage | undefined
  readonly forms: readonly FormXObject[]
  readonly cases: readonly TypeCase[]
}

const deflated = (text: string) => deflateSync(Buffer.from(text, 'latin1'), { level: 9 })
const markOpacity = '/ExtGState<</GM<</ca 0.2>>>>'

/** @param markFace the face of the specimen mark for a preview; undefined for a licence, which is PDF/A-3b */
export function compileFile(parts: FileParts, markFace: Face | undefined): CompiledFile {
  const isLicence = markFace === undefined
  const objects = new ObjectWriter(new ByteWriter(64 * 1024))
  // a comment of four bytes above 127 tells transports that the file is binary (ISO 19005-3 §6.1.2)
  objects.writer.text('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')
  const catalog = objects.allot()
  const numbers = {
    pages: objects.allot(),
    info: objects.allot(),
    resources: objects.allot(),
    metadata: isLicence ? objects.allot() : 0,
    licenceJson: isLicence ? objects.allot() : 0,
    statement: isLicence ? objects.allot() : 0,
  }
  const archive = isLicence ? writeArchiveObjects(objects, numbers) : ''
  objects.object(
    catalog,
    `<</Type/Catalog/Pages ${numbers.pages} 0 R/Lang(zh-CN)/ViewerPreferences<</DisplayDocTitle true>>${archive}>>`,
  )
  const fonts = parts.cases.map((typeCase) => ({
    objects: allotFont(objects, typeCase),
    parts: fixedFontParts(typeCase),
  }))
  const tagHoles = fonts.flatMap((font) => writeFontDictionaries(objects, font.objects))
  const forms = writeForms(objects, parts.forms)
  const mark = markFace === undefined ? 0 : writeMark(objects, parts, markFace)
  const pageBody = (page: CompiledPage, fixed: number) =>
    `<</Type/Page/Parent ${numbers.pages} 0 R/MediaBox[0 0 ${numeral(page.width)} ${numeral(page.height)}]` +
    `/Resources ${numbers.resources} 0 R/Contents[${fixed} 0 R`
  const writeFixed = (page: CompiledPage) => {
    const number = objects.allot()
    objects.stream(number, '/Filter/FlateDecode', deflated(page.fixedContent))
    return number
  }
  const pages = parts.pages.map((page) => {
    const fixed = writeFixed(page)
    const content = objects.allot()
    const number = objects.allot()
    objects.object(number, `${pageBody(page, fixed)} ${content} 0 R${mark === 0 ? '' : ` ${mark} 0 R`}]>>`)
    return { page: number, content }
  })
  const continuationPage =
    parts.continuation === undefined ? '' : pageBody(parts.continuation, writeFixed(parts.continuation))
  return {
    head: objects.writer.bytes.slice(0, objects.writer.position),
    offsets: objects.offsets,
    nextNumber: objects.count + 1,
    tagHoles,
    numbers,
    fonts,
    pages,
    continuationPage,
    resources: {
      fonts: fonts.map((font) => `/${font.objects.typeCase.resource} ${font.objects.type0} 0 R`).join(''),
      forms,
      rest: isLicence ? '' : markOpacity,
    },
    mark,
  }
}

/** Output intent, embedded file specifications; returns the catalogue's entries for them (ISO 19005-3 §6.2.3, §6.8). */
function writeArchiveObjects(objects: ObjectWriter, numbers: CompiledFile['numbers']): string {
  const profile = objects.allot()
  objects.stream(profile, '/N 3/Filter/FlateDecode', deflateSync(srgbProfile(), { level: 9 }))
  const intent = objects.allot()
  objects.object(
    intent,
    `<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB IEC61966-2.1)/Info(sRGB IEC61966-2.1)/DestOutputProfile ${profile} 0 R>>`,
  )
  const specify = (name: string, stream: number, relationship: string, description: string) => {
    const number = objects.allot()
    objects.object(
      number,
      `<</Type/Filespec/F(${name})/UF(${name})/EF<</F ${stream} 0 R/UF ${stream} 0 R>>/AFRelationship/${relationship}/Desc${textString(description)}>>`,
    )
    return number
  }
  const data = specify(LICENCE_DATA_FILE, numbers.licenceJson, 'Data', '证照数据 Licence data')
  const statement = specify(STATEMENT_FILE, numbers.statement, 'Supplement', '二维码内容 Text of the QR code')
  return (
    `/Metadata ${numbers.metadata} 0 R/OutputIntents[${intent} 0 R]/AF[${data} 0 R ${statement} 0 R]` +
    `/Names<</EmbeddedFiles<</Names[(${LICENCE_DATA_FILE}) ${data} 0 R(${STATEMENT_FILE}) ${statement} 0 R]>>>>`
  )
}

function writeForms(objects: ObjectWriter, forms: readonly FormXObject[]): string {
  return forms
    .map((form) => {
      const number = objects.allot()
      const box = form.box.map(numeral).join(' ')
      objects.stream(
        number,
        `/Type/XObject/Subtype/Form/BBox[${box}]/Resources<<>>/Filter/FlateDecode`,
        deflated(form.content),
      )
      return `/${form.name} ${number} 0 R`
    })
    .join('')
}

function writeMark(objects: ObjectWriter, parts: FileParts, face: Face): number {
  const number = objects.allot()
  const first = parts.pages[0]!
  objects.stream(number, '/Filter/FlateDecode', deflated(specimenMark(face, first.width, first.height)))
  return number
}
