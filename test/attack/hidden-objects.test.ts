// Uploaded documents in which objects or trailers wait for a reader that rebuilds the file, and trailers that make one do so.
import { describe, expect, it } from 'vitest'
import { inspectPdf } from '../../pades/write/index.ts'
import { makeSealer } from '../pades/documents.ts'
import { onePage } from '../pades/raw-pdf.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'

const latin1 = (octets: Uint8Array) => Buffer.from(octets).toString('latin1')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const draw = (amount: string) => `BT /F1 24 Tf 60 630 Td (To be paid: ${amount}) Tj ET`
const plain = (content = draw('100'), page = '') => latin1(onePage(content, { page }))
const forged = (head = '4 0 obj') =>
  `${head}\n<< /Length ${draw('999').length} >>\nstream\n${draw('999')}\nendstream\nendobj\n`

/** The file with something between its last object and its table. */
function withBetween(file: string, between: string): string {
  const at = file.indexOf('\nxref\n') + 1
  return `${file.slice(0, at)}${between}${file.slice(at)}`.replace(
    /startxref\n(\d+)/,
    (_all, offset) => `startxref\n${Number(offset) + between.length}`,
  )
}

/** An update of the file that lists these objects, written from its end. */
function withUpdate(
  file: string,
  objects: readonly (readonly [number, string])[],
  free: readonly number[] = [],
): string {
  let text = file
  let table = 'xref\n'
  for (const [number, body] of objects) {
    table += `${number} 1\n${String(text.length).padStart(10, '0')} 00000 n \n`
    text += `${number} 0 obj\n${body}\nendobj\n`
  }
  for (const number of free) table += `${number} 1\n0000000000 00001 f \n`
  const previous = /startxref\n(\d+)\s+%%EOF\s*$/.exec(file)![1]
  return `${text}${table}trailer\n<< /Size 9 /Root 1 0 R /Prev ${previous} >>\nstartxref\n${text.length}\n%%EOF\n`
}

const isSealable = (file: string) => expect(inspectPdf(bytes(file)).pages).toHaveLength(1)
const isRefused = (file: string) => throwsWithCode(() => inspectPdf(bytes(file)), 'PADES_XREF_BROKEN')

describe('the trailer of an uploaded document', () => {
  it.each(['-1', '0', '4 0 R', '5.5', '/Five', '9999999', '(5)'])('does not count its objects as %s', (size) => {
    isRefused(plain().replace('/Size 5', `/Size ${size}`))
  })

  it('has a count', () => isRefused(plain().replace('/Size 5', '')))

  it('refers to nothing beyond what is listed', () => {
    isRefused(plain().replace('/Size 5', '/Size 5 /Info 99 0 R'))
    isSealable(plain().replace('/Size 5', '/Size 5 /Info 2 0 R'))
    // OpenOffice does so under a key of its own, which no reader knows.
    isSealable(plain().replace('/Size 5', '/Size 5 /AdditionalStreams [/odt 5 0 R]'))
  })

  it('may count more than there are', () => isSealable(plain().replace('/Size 5', '/Size 4096')))

  it('is the only one but for those of older revisions', () => {
    isRefused(withBetween(plain(), 'trailer\n<< /Size 5 /Root 1 0 R >>\n'))
    isRefused(plain('trailer << /Root 1 0 R >>'))
    for (const gap of ['\n'.repeat(40), ' %c\n', '\v'])
      isRefused(withBetween(plain(), `trailer${gap}<< /Root 1 0 R >>\n`))
    isSealable(plain('BT /F1 9 Tf (trailer) Tj ET'))
    isSealable(withUpdate(plain(), [[3, '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Rotate 90 >>']]))
  })
})

describe('an uploaded document', () => {
  it('holds no object that no table lists', () => {
    for (const head of [
      '4 0 obj',
      '4 1 obj',
      '4 \r\n0\tobj',
      '7 0 obj',
      '4 0obj',
      '4 0 %\nobj',
      '4%\n0 obj',
      `4${' '.repeat(40)}0 obj`,
    ])
      isRefused(withBetween(plain(), forged(head)))
  })

  it('holds none inside a stream, nor in a comment', () => {
    for (const gap of ['\v', '\x85', '\xa0', '\0', '\f'])
      isRefused(plain(`q Q 4${gap}0${gap}obj << /Length 3 >> stream q Q`))
    isRefused(plain(`q Q\n${forged().replaceAll('endstream', 'Q').replaceAll('endobj', 'Q')}`))
    isRefused(withBetween(plain(), '%4 0 obj << >> endobj\n'))
  })

  it('says `obj` where no object begins', () => {
    isSealable(plain('BT /F1 9 Tf (obj 4 obj 0x0 object) Tj ET'))
    isSealable(plain(draw('100'), '/Private (an obj)'))
  })

  it('has the newest form of an object behind the older ones', () => {
    const changed = '<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Rotate 90 >>'
    isSealable(withUpdate(plain(), [[3, changed]]))
    // The update lists the older form again, and what it would replace stands last.
    const updated = withUpdate(plain(), [[3, changed]])
    const older = String(plain().indexOf('3 0 obj')).padStart(10, '0')
    const entry = /3 1\n(\d{10}) 00000 n/g
    isRefused(updated.replace(entry, `3 1\n${older} 00000 n`))
  })

  it('refers to nothing that was deleted', () => {
    const twoContents = plain(draw('100'), '/Private 2 0 R')
    isSealable(withUpdate(twoContents, [[6, '<< >>']]))
    isRefused(withUpdate(plain(), [], [4]))
  })

  it('may have the head of another object at the end of a stream, as Acrobat leaves it there', () => {
    const remnant = (number: number) => `${draw('100')}\r\nendstream\rendobj\r${number} 0 obj`
    isSealable(plain(remnant(966)))
    isSealable(plain(`${remnant(966)}\r<<`))
    isRefused(plain(`${remnant(966)} << /Type /Catalog >>`))
    isSealable(plain(remnant(3)))
    isSealable(withBetween(plain(), '966 0 obj\r<</\r\nendstream\rendobj\r'))
    isRefused(withBetween(plain(), '966 0 obj\r<</Type/Catalog>>\r\nendstream\rendobj\r'))
  })

  it('is sealed, and sealed again', async () => {
    const sealer = await makeSealer()
    const sealed = sealer.sign(bytes(plain()))
    expect(inspectPdf(sealer.sign(sealed, { field: 'Seal2' })).pages).toHaveLength(1)
  })
})
