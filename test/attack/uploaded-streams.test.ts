// Streams of an uploaded document that readers inflate to different things, wherever they hang and whatever they say that they are.
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inspectPdf } from '../../pades/write/index.ts'
import { onePage, type RawObject } from '../pades/raw-pdf.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { partedDeflate, tablesDeflate } from './odd-deflate.ts'

const latin1 = (octets: Buffer) => octets.toString('latin1')
const compressed = (octets: Buffer, dictionary = ''): RawObject => ({
  dictionary: `/Filter /FlateDecode ${dictionary}`,
  content: latin1(octets),
})
const resources = (entries: string) => ({ page: `/Resources << ${entries} >>` })
const annotation = (appearance: string) => ({
  page: `/Annots [<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N ${appearance} >> >>]`,
})

/** Where readers draw object 5 as content. */
const drawn = {
  content: { contents: '[4 0 R 5 0 R]' },
  form: resources('/XObject << /X 5 0 R >>'),
  appearance: annotation('5 0 R'),
  state: annotation('<< /On 5 0 R >>'),
  pattern: resources('/Pattern << /FontFile 5 0 R >>'),
  letter: resources('/Font << /F2 << /Type /Font /Subtype /Type3 /CharProcs << /SMask 5 0 R >> >> >>'),
  group: resources('/ExtGState << /G << /SMask << /S /Luminosity /G 5 0 R >> >> >>'),
} as const
/** Where they look for data. */
const asFont = resources('/Font << /F2 << /Type /Font /FontDescriptor << /FontFile2 5 0 R >> >> >>')
const asPicture = resources('/XObject << /X 5 0 R >>')
const asFile = { catalog: '/Names << /EmbeddedFiles << /Names [(f) << /Type /Filespec /EF << /F 5 0 R >> >>] >> >>' }

const picture = '/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8'
const data: readonly (readonly [place: { page?: string; catalog?: string }, says: string])[] = [
  [asFont, '/Length1 9'],
  [asPicture, picture],
  [asFile, '/Type /EmbeddedFile'],
]
const claims = ['', '/Length1 9', '/Type /EmbeddedFile', picture, '/Subtype /Type1C'] as const

const fileOf = (place: { page?: string; catalog?: string; contents?: string }, stream: RawObject) =>
  onePage('q Q', { ...place, more: [stream] })
const isSealable = (place: { page?: string; catalog?: string; contents?: string }, stream: RawObject) =>
  expect(inspectPdf(fileOf(place, stream)).pages).toHaveLength(1)
const isBroken = (place: { page?: string; catalog?: string; contents?: string }, stream: RawObject) =>
  throwsWithCode(() => inspectPdf(fileOf(place, stream)), 'PADES_COMPRESSED_DATA_BROKEN')

/** ISO 32000-2, 7.4.3. */
const ascii85 = (octets: Buffer) => {
  const padded = Buffer.concat([octets, Buffer.alloc(3 - ((octets.length + 3) % 4))])
  const groups = Array.from({ length: padded.length / 4 }, (_, group) => {
    const value = padded.readUInt32BE(4 * group)
    return [4, 3, 2, 1, 0].map((power) => String.fromCharCode(33 + (Math.floor(value / 85 ** power) % 85))).join('')
  })
  return `${groups.join('\r\n')}~>\n`
}
const filtered = (filter: string, content: string): RawObject => ({ dictionary: `/Filter ${filter}`, content })

const sound = deflateSync('q 1 0 0 rg 0 0 9 9 re f Q'.repeat(9))
const parted = partedDeflate('q ', 'Q % nothing').octets
const nothing = Buffer.concat([deflateSync(''), Buffer.from('\nq 1 0 0 rg 0 0 9 9 re f Q\n')])
const goingOn = Buffer.concat([sound, Buffer.from('\nq 1 0 0 rg 0 0 9 9 re f Q\n')])

describe('content of an uploaded document', () => {
  it('is asked how it inflates, whatever it says that it is', () => {
    for (const place of Object.values(drawn))
      for (const says of claims) {
        isSealable(place, compressed(sound, says))
        isBroken(place, compressed(nothing, says))
        isBroken(place, compressed(parted, says))
      }
  })

  it('ends with its checksum, but for what Acrobat leaves there and for blanks', () => {
    for (const place of Object.values(drawn)) {
      isBroken(place, compressed(goingOn, place === drawn.form ? '' : picture))
      isSealable(place, compressed(Buffer.concat([sound, Buffer.from('\r\nendstream\rendobj\r966 0 obj')])))
      isSealable(place, compressed(Buffer.concat([sound, Buffer.from('\r\n   \0\0\r\n')])))
    }
  })

  it('stays content where it hangs in the place of a font or picture too', () => {
    for (const [{ page = '', catalog = '' }, says] of data)
      isBroken({ page, catalog, contents: '[4 0 R 5 0 R]' }, compressed(goingOn, says))
    const descriptor = { page: '/Resources << /Font << /F2 << /FontDescriptor 6 0 R >> >> /Pattern 6 0 R >>' }
    const twofold = onePage('q Q', { ...descriptor, more: [compressed(goingOn), '<< /FontFile2 5 0 R >>'] })
    throwsWithCode(() => inspectPdf(twofold), 'PADES_COMPRESSED_DATA_BROKEN')
  })
})

describe('pictures, fonts and files of an uploaded document', () => {
  it('are the same for all readers', () => {
    for (const [place, says] of data) {
      isSealable(place, compressed(sound, says))
      isBroken(place, compressed(parted, says))
      isBroken(place, compressed(nothing, says))
      isBroken(place, compressed(sound.subarray(0, -6), says))
    }
  })

  it('may have something behind their end, as some writers leave it there', () => {
    for (const [place, says] of data) isSealable(place, compressed(goingOn, says))
    const mask = onePage('q Q', {
      ...resources('/XObject << /X 6 0 R >>'),
      more: [compressed(goingOn, picture), { dictionary: `${picture} /SMask 5 0 R`, content: '' }],
    })
    expect(inspectPdf(mask).pages).toHaveLength(1)
  })

  it('may be larger than content may be', () => {
    const large = deflateSync(Buffer.alloc(40 << 20))
    isSealable(asPicture, compressed(large, picture))
    throwsWithCode(() => inspectPdf(fileOf(drawn.content, compressed(large))), 'PADES_LIMIT_EXCEEDED')
  })

  it('are counted by what it takes to read them', () => {
    for (const [place, says] of data)
      throwsWithCode(() => inspectPdf(fileOf(place, compressed(tablesDeflate(300), says))), 'PADES_LIMIT_EXCEEDED')
  })
})

describe('filters of an uploaded document', () => {
  const hex = (octets: Buffer) => `${octets.toString('hex')}>`
  it('are asked by their short names too, and where they are written indirectly', () => {
    const indirect = (octets: Buffer) =>
      onePage('q Q', { ...drawn.content, more: [filtered('6 0 R', latin1(octets)), '/FlateDecode'] })
    expect(inspectPdf(indirect(sound)).pages).toHaveLength(1)
    throwsWithCode(() => inspectPdf(indirect(parted)), 'PADES_COMPRESSED_DATA_BROKEN')
    for (const filter of ['/Fl', '[/Fl]', '[/FlateDecode /DCTDecode]']) {
      isSealable(asPicture, { dictionary: `/Filter ${filter} ${picture}`, content: latin1(sound) })
      isBroken(asPicture, { dictionary: `/Filter ${filter} ${picture}`, content: latin1(parted) })
    }
  })

  it('are asked behind the letters that some writers put around them', () => {
    for (const place of [drawn.content, asPicture]) {
      isSealable(place, filtered('[/ASCIIHexDecode /FlateDecode]', hex(sound)))
      isBroken(place, filtered('[/ASCIIHexDecode /FlateDecode]', hex(parted)))
      isBroken(place, filtered('[/ASCIIHexDecode /FlateDecode]', hex(nothing)))
      isBroken(place, filtered('[/ASCIIHexDecode /FlateDecode]', hex(sound).replace('9', '\f9')))
      isBroken(place, filtered('[/ASCIIHexDecode /FlateDecode]', `${hex(sound)}00`))
      isSealable(asPicture, { dictionary: `/Filter [/ASCII85Decode /FlateDecode] ${picture}`, content: ascii85(sound) })
      isBroken(place, filtered('[/ASCII85Decode /FlateDecode]', ascii85(parted)))
      isBroken(place, filtered('[/ASCII85Decode /FlateDecode]', ascii85(sound).replace('~>', '')))
      isBroken(place, filtered('[/FlateDecode /FlateDecode]', latin1(deflateSync(parted))))
    }
  })

  it('stand before compressed octets in no other way', () => {
    for (const filter of ['[/LZWDecode /FlateDecode]', '[/RunLengthDecode /Fl]', '[/Crypt /FlateDecode]'])
      throwsWithCode(() => inspectPdf(fileOf(drawn.content, filtered(filter, 'x'))), 'PADES_FILTER_UNSUPPORTED')
    for (const key of ['/F /FlateDecode', '/F (file)', '/DP << /Predictor 12 >>'])
      throwsWithCode(
        () => inspectPdf(fileOf(drawn.content, { dictionary: key, content: latin1(sound) })),
        'PADES_FILTER_UNSUPPORTED',
      )
  })
})

describe('inline images of an uploaded document', () => {
  const images = (filter: string, octets: string, blank = ' ') =>
    `q BI /W 8 /H 1 /BPC 8 /CS /G /F ${filter} ID${blank}${octets}\nEI Q`
  const isSealable = (content: string) => expect(inspectPdf(onePage(content)).pages).toHaveLength(1)
  const isRefused = (content: string) =>
    throwsWithCode(() => inspectPdf(onePage(content)), 'PADES_COMPRESSED_DATA_BROKEN')

  it('are the same for all readers', () => {
    for (const filter of ['/Fl', '[/FlateDecode]', '/F#6c', '[/Fl % comment\n]']) {
      isSealable(images(filter, latin1(sound)))
      isSealable(images(filter, latin1(sound), '\r\n'))
      isRefused(images(filter, latin1(parted)))
      isRefused(images(filter, latin1(parted), '\r\n'))
    }
    isSealable(images('[/AHx /Fl]', `${sound.toString('hex')}>`))
    isRefused(images('[/AHx /Fl]', `${parted.toString('hex')}>`))
    isRefused(images('[/A85 /Fl]', ascii85(parted)))
  })

  it('are asked in content that is packed too, by whatever filter', () => {
    const hexed = Buffer.from(images('/Fl', latin1(parted)), 'latin1').toString('hex')
    isBroken(drawn.content, compressed(deflateSync(Buffer.from(images('/Fl', latin1(parted)), 'latin1'))))
    isBroken(drawn.letter, { dictionary: '/Filter /ASCIIHexDecode', content: `${hexed}>` })
  })

  it('are found where the parts of a page’s content come together', () => {
    const [head, tail] = ['q BI /W 8 /H 1 /BPC 8 /CS /G /F /Fl', '\nEI Q']
    const inParts = (first: string, second: string) =>
      onePage(first, { contents: '[4 0 R 5 0 R]', more: [{ dictionary: '', content: second }] })
    for (const [first, second] of [
      [head, `ID ${latin1(parted)}${tail}`],
      [`${head} ID`, `${latin1(parted)}${tail}`],
      [`${head} ID `, `${latin1(parted)}${tail}`],
    ] as const)
      throwsWithCode(() => inspectPdf(inParts(first, second)), 'PADES_COMPRESSED_DATA_BROKEN')
    expect(inspectPdf(inParts(head, `ID ${latin1(sound)}${tail}`)).pages).toHaveLength(1)
  })

  it('have no other filter beside', () => {
    for (const filter of ['[/LZW /Fl]', '[/Fl/Fl]', '[/Fl %\n/FlateDecode]'])
      throwsWithCode(() => inspectPdf(onePage(images(filter, latin1(sound)))), 'PADES_FILTER_UNSUPPORTED')
  })

  it('are asked whatever stands behind `ID`, and whatever window they claim', () => {
    for (const blank of ['/', '(', '\0', ' \r\n']) isRefused(images('/Fl', latin1(parted), blank))
    isRefused(images('/Fl', `\x88\x1c${latin1(parted).slice(2)}`))
    isRefused(images('/Fl', `\x78\x20${latin1(parted).slice(2)}`))
  })

  it('are letters that end, hold nothing odd, and are letters once', () => {
    const hexed = sound.toString('hex')
    isRefused(images('[/AHx /Fl]', hexed))
    isRefused(images('[/A85 /Fl]', ascii85(sound).replace('~>', '!~>')))
    isRefused(images('[/A85 /Fl]', `${ascii85(sound).slice(0, 20)}\x7f${ascii85(sound).slice(20)}`))
    isSealable(images('[/A85 /Fl]', ascii85(sound)))
    for (const filter of ['[/AHx /A85 /Fl]', '[/AHx/AHx/Fl]', '[/A85 %\n/ASCIIHexDecode /FlateDecode]'])
      throwsWithCode(() => inspectPdf(onePage(images(filter, hexed))), 'PADES_FILTER_UNSUPPORTED')
  })

  it('are not sealed where the rest of the content cannot be read', () => {
    const broken = { dictionary: '/Filter /RunLengthDecode', content: '\x02q Q\x05' }
    const open = images('/Fl', latin1(sound)).split('ID')[0]!
    const rest = { dictionary: '', content: `ID ${latin1(parted)}\nEI Q` }
    throwsWithCode(
      () => inspectPdf(onePage(open, { contents: '[4 0 R 5 0 R 6 0 R]', more: [rest, broken] })),
      'PADES_COMPRESSED_DATA_BROKEN',
    )
    isBroken(
      drawn.form,
      filtered('/ASCII85Decode', ascii85(Buffer.from(images('/Fl', latin1(sound)), 'latin1')).replace('~>', '!~>')),
    )
  })

  it('are not taken for such in text', () => {
    isSealable('BT /F1 9 Tf (ID HK 12345) Tj ET')
    isSealable(`${images('/Fl', latin1(sound))} BT /F1 9 Tf (Your ID 8 BI) Tj ET`)
  })
})
