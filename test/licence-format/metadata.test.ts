import { describe, expect, it } from 'vitest'
import { licenceXmp, METADATA_NAMESPACE } from '../../licence-format/index.ts'
import { LICENCE } from './sample.ts'
import { parseXml } from './xml.ts'

const when = { createdAt: new Date('2026-11-21T16:30:00Z'), producer: 'Zhengyin 0.1' }
const xmp = (change: object = {}) => new TextDecoder().decode(licenceXmp({ ...LICENCE, ...change }, when))

describe('licenceXmp', () => {
  it('is a packet of well-formed XML that names PDF/A-3b', () => {
    const packet = xmp()
    expect(packet.startsWith('<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>')).toBe(true)
    expect(packet.endsWith('<?xpacket end="w"?>')).toBe(true)
    const tree = parseXml(packet)
    expect(tree.text('pdfaid:part')).toEqual(['3'])
    expect(tree.text('pdfaid:conformance')).toEqual(['B'])
  })

  it('claims no PDF/A for an uploaded document, and says all else of it', () => {
    const place = { page: 0, x: 20, y: 20 }
    const body = { digest: 'a'.repeat(64), bytes: 9, pages: 1, qr: { ...place, size: 30 }, seal: place }
    const tree = parseXml(xmp({ body }))
    expect(tree.text('pdfaid:part')).toEqual([])
    expect(tree.text('zz:ZZBS')).toEqual([LICENCE.identifier])
  })

  it('carries the GB/T 36903 properties and describes each of them in the extension schema', () => {
    const tree = parseXml(xmp({ validUntil: '2031-11-20' }))
    const used = new Set(tree.names.filter((name) => name.startsWith('zz:')).map((name) => name.slice(3)))
    expect(new Set(tree.text('pdfaProperty:name'))).toEqual(used)
    expect(tree.text('pdfaSchema:namespaceURI')).toEqual([METADATA_NAMESPACE])
    expect(tree.text('pdfaSchema:prefix')).toEqual(['zz'])
    expect(new Set(tree.text('pdfaProperty:valueType'))).toEqual(new Set(['Text', 'seq Text']))
    expect(tree.text('zz:ZZBS')).toEqual([LICENCE.identifier])
    expect(tree.text('zz:ZZMC')).toEqual(['营业执照'])
    expect(tree.text('zz:ZZBFRQ')).toEqual(['20261121'])
    expect(tree.text('zz:ZZYXQJZRQ')).toEqual(['20311120'])
  })

  it('leaves the last day of validity out for a licence without end', () => {
    expect(xmp()).not.toContain('<zz:ZZYXQJZRQ>')
  })

  it('lists several holders in order', () => {
    const holders = [
      { name: '张三', code: '11010519491231002X', codeType: '111' },
      { name: 'John Doe', code: 'E1', codeType: '414' },
    ]
    const packet = xmp({ holders })
    expect(packet).toContain('<zz:CZZT><rdf:Seq><rdf:li>张三</rdf:li><rdf:li>John Doe</rdf:li></rdf:Seq></zz:CZZT>')
    expect(packet).toContain(
      '<zz:CZZTDMLXDM><rdf:Seq><rdf:li>111</rdf:li><rdf:li>414</rdf:li></rdf:Seq></zz:CZZTDMLXDM>',
    )
  })

  it('writes instants with +08:00', () => {
    expect(parseXml(xmp()).text('xmp:CreateDate')).toEqual(['2026-11-22T00:30:00+08:00'])
  })

  it('escapes what XML would read as markup, and drops what XML cannot hold', () => {
    const holders = [{ name: 'A & B <c> "d"\u0001\ufffe\ud800', code: '1', codeType: '001' }]
    const packet = xmp({ holders })
    expect(packet).toContain('<rdf:li>A &amp; B &lt;c&gt; &quot;d&quot;\ufffd\ufffd\ufffd</rdf:li>')
    parseXml(packet)
  })

  it('gives the same bytes for the same data', () => {
    expect(licenceXmp(LICENCE, when)).toEqual(licenceXmp(structuredClone(LICENCE), when))
  })
})
