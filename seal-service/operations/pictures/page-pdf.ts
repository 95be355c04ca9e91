import { toPoints } from '../../domain/picture/drawing.ts'

/** A drawn seal as it is kept: its form's content stream (zlib) and resources, and its true size. */
export interface KeptPicture {
  readonly pictureContent: Uint8Array
  readonly pictureResources: string
  readonly widthMm: number
  readonly heightMm: number
}

/** A PDF of one page, exactly as large as the seal, that shows it as the form XObject that documents get. Same picture, same octets. */
export function toPagePdf({ pictureContent, pictureResources, widthMm, heightMm }: KeptPicture): Uint8Array {
  const box = `[0 0 ${toPoints(widthMm)} ${toPoints(heightMm)}]`
  const show = Buffer.from('/Seal Do')
  const form = `/Type /XObject /Subtype /Form /BBox ${box} /Group << /S /Transparency >> /Resources ${pictureResources}`
  const objects = [
    [Buffer.from('<< /Type /Catalog /Pages 2 0 R >>')],
    [Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>')],
    [
      Buffer.from(
        `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Resources << /XObject << /Seal 5 0 R >> >> /Contents 4 0 R >>`,
      ),
    ],
    stream('', show),
    stream(`${form} /Filter /FlateDecode`, pictureContent),
  ]
  const parts: Uint8Array[] = [Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n', 'latin1')]
  const offsets: number[] = []
  let length = parts[0]!.length
  const write = (part: Uint8Array) => {
    parts.push(part)
    length += part.length
  }
  objects.forEach((body, index) => {
    offsets.push(length)
    write(Buffer.from(`${index + 1} 0 obj\n`))
    body.forEach(write)
    write(Buffer.from('\nendobj\n'))
  })
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const count = objects.length + 1
  write(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

function stream(entries: string, bytes: Uint8Array): Uint8Array[] {
  return [Buffer.from(`<< ${entries} /Length ${bytes.length} >>\nstream\n`), bytes, Buffer.from('\nendstream')]
}
