import type { PdfDocument } from './document.ts'
import { PadesError } from './errors.ts'
import { docMdpOf, formFields, signedFields } from './form-fields.ts'
import { firstFreeNumber, referenceTo, type UpdatedObject } from './incremental-update.ts'
import type { IndirectObject } from './objects.ts'
import { type Page, readPages } from './pages.ts'
import { afterContents, reservedEntries } from './reserve-contents.ts'
import type { PrepareSealOptions, SealAppearance, SealPlace } from './seal-options.ts'
import { beijingDate, hexText } from './text.ts'
import { emptyDictionary, formWith, pageWith } from './update-objects.ts'
import { writeDictionary, writeNumber } from './write-value.ts'

/** The objects of an update that seals: those replaced, the widget with its picture, and last the signature dictionary. */
export function sealObjects(document: PdfDocument, options: PrepareSealOptions): UpdatedObject[] {
  const page = checkRequest(document, options)
  const first = firstFreeNumber(document)
  const signature = { number: first, generation: 0 }
  const widget = { number: first + 1, generation: 0 }
  const picture = { number: first + 2, generation: 0 }
  const pageObject = document.object(page.object)!
  return [
    pageWith(document, page, [referenceTo(widget)]),
    ...formWith(document, [referenceTo(widget)], certification(document, options, referenceTo(signature))),
    { ...widget, body: widgetBody(options, pageObject, referenceTo(signature), referenceTo(picture)) },
    { ...picture, body: pictureBody(options.appearance), stream: options.appearance.content },
    {
      ...signature,
      body: signatureBody(options),
      reserved: { digits: options.contentsLength * 2, after: afterContents },
    },
  ]
}

/** The entry of the catalog that names the certifying signature (12.8.6). */
function certification(document: PdfDocument, options: PrepareSealOptions, signature: string): Record<string, string> {
  if (options.docMdp === undefined) return {}
  const permissions = document.dictionary(document.catalog.entries.get('Perms')) ?? emptyDictionary
  return { Perms: writeDictionary(permissions, { DocMDP: signature }) }
}

/** Refuses what would make a document that no reader, or not ours, would accept. */
function checkRequest(document: PdfDocument, { field, place, appearance, docMdp }: PrepareSealOptions): Page {
  const numbers = [place.x, place.y, place.width, place.height, ...appearance.bbox]
  const [x0, y0, x1, y1] = appearance.bbox
  if (
    !numbers.every((number) => Number.isFinite(number) && Math.abs(number) < 1e6) ||
    place.width <= 0 ||
    place.height <= 0
  ) {
    throw new PadesError('PADES_PLACEMENT_INVALID', 'a seal needs a place of finite, positive width and height')
  }
  if (x1 <= x0 || y1 <= y0)
    throw new PadesError('PADES_PLACEMENT_INVALID', 'the picture of a seal needs a bounding box with an area')
  const page = readPages(document)[place.page]
  if (page === undefined)
    throw new PadesError('PADES_PAGE_NOT_FOUND', `the document has no page ${place.page} (from 0)`)
  if (field === '' || field.includes('.'))
    throw new PadesError('PADES_FIELD_NAME_TAKEN', 'a field name is not empty and has no full stop')
  if (formFields(document).some(({ name }) => name === field)) {
    throw new PadesError('PADES_FIELD_NAME_TAKEN', `the document already has a field "${field}"`)
  }
  const signed = signedFields(document)
  if (signed.some(({ signature }) => docMdpOf(document, signature) !== null)) {
    throw new PadesError('PADES_CHANGES_NOT_PERMITTED', 'the document is certified: no further field may be added')
  }
  if (docMdp !== undefined && signed.length > 0) {
    throw new PadesError('PADES_ALREADY_SIGNED', 'only the first signature of a document can certify it')
  }
  return page
}

/** Field and widget in one; /F 132 = print, locked (12.5.3). */
function widgetBody(options: PrepareSealOptions, page: IndirectObject, signature: string, picture: string): string {
  return `<< /Type /Annot /Subtype /Widget /FT /Sig /T ${hexText(options.field)} /V ${signature} /P ${referenceTo(page)} /Rect ${rectangle(options.place)} /F 132 /AP << /N ${picture} >> >>`
}

function rectangle({ x, y, width, height }: SealPlace): string {
  return `[${[x, y, x + width, y + height].map(writeNumber).join(' ')}]`
}

function pictureBody({ content, bbox, deflated, resources }: SealAppearance): string {
  const filter = deflated === true ? ' /Filter /FlateDecode' : ''
  return `<< /Type /XObject /Subtype /Form /BBox [${bbox.map(writeNumber).join(' ')}] /Resources ${resources ?? '<< >>'}${filter} /Length ${content.length} >>`
}

/** The signature dictionary (12.8.1, table 255). It ends where the digits of /Contents begin. */
function signatureBody({ signedAt, name, reason, docMdp }: PrepareSealOptions): string {
  const certifies =
    docMdp === undefined
      ? ''
      : ` /Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${docMdp} /V /1.2 >> >>]`
  const why = reason === undefined ? '' : ` /Reason ${hexText(reason)}`
  return `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (${beijingDate(signedAt)}) /Name ${hexText(name)}${why}${certifies} ${reservedEntries}`
}
