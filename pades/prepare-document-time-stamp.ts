import { PdfDocument, shareBytes } from './document.ts'
import { PadesError } from './errors.ts'
import { formFields } from './form-fields.ts'
import { firstFreeNumber, referenceTo } from './incremental-update.ts'
import { Budget, defaultLimits } from './limits.ts'
import { readPages } from './pages.ts'
import { afterContents, checkContentsLength, reserveContents, reservedEntries } from './reserve-contents.ts'
import type { PreparedSeal } from './seal-options.ts'
import { hexText } from './text.ts'
import { extensionEntries, formWith, pageWith } from './update-objects.ts'

export interface DocumentTimeStampOptions {
  /** Bytes to reserve for the token. */
  readonly contentsLength: number
  /** When it is asked for; it names the revision. The time that counts stands in the token. */
  readonly at: Date
}

/**
 * Appends everything a document time stamp needs but its token (ISO 32000-2, 12.8.5; ETSI EN 319 142-1, 5.4.3): a signature
 * dictionary over the whole document, in a new field with an invisible widget on the first page. `embedCms` puts the token in,
 * whose message imprint is `digest()`.
 *
 * It is no change to a certified document. The field is named `DocTimeStamp` with the first number that is free.
 *
 * @throws PadesError a code of reading
 */
export function prepareDocumentTimeStamp(
  pdf: Uint8Array,
  { contentsLength, at }: DocumentTimeStampOptions,
): PreparedSeal {
  checkContentsLength(contentsLength)
  const document = new PdfDocument(shareBytes(pdf, new Budget(defaultLimits)), pdf.length)
  const page = readPages(document)[0]
  if (page === undefined) throw new PadesError('PADES_PAGE_NOT_FOUND', 'the document has no page')
  const name = freeName(document)
  const first = firstFreeNumber(document)
  const signature = { number: first, generation: 0 }
  const widget = { number: first + 1, generation: 0 }
  const pageReference = referenceTo(document.object(page.object)!)
  const objects = [
    pageWith(document, page, [referenceTo(widget)]),
    ...formWith(document, [referenceTo(widget)], extensionEntries(document)),
    {
      ...widget,
      // An empty rectangle needs no appearance (ISO 19005-3, 6.3.3); /F 132 = print, locked.
      body: `<< /Type /Annot /Subtype /Widget /FT /Sig /T ${hexText(name)} /V ${referenceTo(signature)} /P ${pageReference} /Rect [0 0 0 0] /F 132 >>`,
    },
    {
      ...signature,
      body: `<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 ${reservedEntries}`,
      reserved: { digits: contentsLength * 2, after: afterContents },
    },
  ]
  return reserveContents(document, objects, contentsLength, `${name} ${at.toISOString()}`)
}

function freeName(document: PdfDocument): string {
  const taken = new Set(formFields(document).map(({ name }) => name))
  for (let number = 1; ; number++) if (!taken.has(`DocTimeStamp${number}`)) return `DocTimeStamp${number}`
}
