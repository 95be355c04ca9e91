/** Objects of a PDF as text, by number from 1; a stream is a dictionary without /Length and its content. */
export type RawObject = string | { readonly dictionary: string; readonly content: string }

/** A PDF with exactly these objects: the first is the catalog. Text is Latin-1, one character a byte. */
export function rawPdf(objects: readonly RawObject[]): Uint8Array {
  let pdf = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
  const offsets = objects.map((object, index) => {
    const at = pdf.length
    const body =
      typeof object === 'string'
        ? object
        : `<< ${object.dictionary} /Length ${object.content.length} >>\nstream\n${object.content}\nendstream`
    pdf += `${index + 1} 0 obj\n${body}\nendobj\n`
    return at
  })
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const start = pdf.length
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return new Uint8Array(Buffer.from(pdf, 'latin1'))
}

/** What a document of one page has that differs from an A4 page with Helvetica as /F1. */
export interface OnePage {
  /** Entries of the page besides /Type, /Parent and /Contents. */
  readonly page?: string
  /** Entries of the catalog. */
  readonly catalog?: string
  readonly contents?: string
  /** Objects from number 5 on. */
  readonly more?: readonly RawObject[]
}

export const helvetica = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>'

/** A document of one page: catalog 1, pages 2, page 3, content 4. Size and resources are inherited unless the page has its own. */
export function onePage(
  content: string,
  { page = '', catalog = '', contents = '4 0 R', more = [] }: OnePage = {},
): Uint8Array {
  return rawPdf([
    `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
    `<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] /Resources << /Font << /F1 ${helvetica} >> >> >>`,
    `<< /Type /Page /Parent 2 0 R /Contents ${contents} ${page} >>`,
    { dictionary: '', content },
    ...more,
  ])
}
