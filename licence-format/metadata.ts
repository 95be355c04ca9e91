// XMP of a licence's PDF: PDF/A-3b, Dublin Core and the metadata of GB/T 36903 under their usual short names, with extension schema.
import { type CopyFacts, compactTime } from './copy-facts.ts'
import { toShanghaiTime } from './dates.ts'
import type { LicenceData } from './licence-data.ts'
import { IDENTITY_NUMBER_TYPE, isOrganisation } from './masking.ts'

/** Namespace of the GB/T 36903 properties. */
export const METADATA_NAMESPACE = 'urn:zhengyin:gbt36903:1#'

type ValueType = 'Text' | 'seq Text'

type Property = readonly [name: string, type: ValueType, description: string]

const PROPERTIES: readonly Property[] = [
  ['ZZMC', 'Text', 'Name of the licence (证照名称)'],
  ['ZZLXDM', 'Text', 'Code of the licence type (证照类型代码)'],
  ['ZZBH', 'Text', 'Number printed on the licence (证照编号)'],
  ['ZZBS', 'Text', 'Licence identifier, GB/T 36904 (证照标识)'],
  ['ZZBFJG', 'Text', 'Issuing authority (证照颁发机构)'],
  ['ZZBFJGDM', 'Text', 'Code of the issuing authority (证照颁发机构代码)'],
  ['ZZBFRQ', 'Text', 'Date of issue, YYYYMMDD (证照颁发日期)'],
  ['ZZYXQQSRQ', 'Text', 'First day of validity, YYYYMMDD (有效期起始日期)'],
  ['ZZYXQJZRQ', 'Text', 'Last day of validity, YYYYMMDD; absent without end (有效期截止日期)'],
  ['CZZT', 'seq Text', 'Holders (持证主体)'],
  ['CZZTDM', 'seq Text', 'Codes of the holders, in the same order (持证主体代码)'],
  ['CZZTDMLX', 'seq Text', 'Names of the types of these codes (持证主体代码类型)'],
  ['CZZTDMLXDM', 'seq Text', 'Codes of the types of these codes (持证主体代码类型代码)'],
]

/** Of a copy alone (加注件): an original has none of them. */
const COPY_PROPERTIES: readonly Property[] = [
  ['JZJZZSJ', 'Text', 'When the annotated copy was made, YYYYMMDDhhmmss (加注件制作时间)'],
  ['JZJZZZ', 'Text', 'Who had the annotated copy made (加注件制作者)'],
  ['JZJZZSY', 'Text', 'What the annotated copy is for (加注件制作事由)'],
  ['JZJYXQJZSJ', 'Text', 'When the annotated copy ends, YYYYMMDDhhmmss (加注件有效期截止时间)'],
]

const extensionSchema = (properties: readonly Property[]): string =>
  `<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>GB/T 36903 electronic licence metadata</pdfaSchema:schema><pdfaSchema:namespaceURI>${METADATA_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>zz</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>${properties
    .map(
      ([name, type, description]) =>
        `<rdf:li rdf:parseType="Resource"><pdfaProperty:name>${name}</pdfaProperty:name><pdfaProperty:valueType>${type}</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>${description}</pdfaProperty:description></rdf:li>`,
    )
    .join('')}</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>`

const PDF_A =
  '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>'

const head = (properties: readonly Property[], conformance = PDF_A): string =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${conformance}${extensionSchema(properties)}<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:zz="${METADATA_NAMESPACE}"><dc:format>application/pdf</dc:format>`
const TAIL = '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'

const encoder = new TextEncoder()
/** The same in every licence, and most of the packet: encoded once. */
const headBytes = encoder.encode(head(PROPERTIES))
const copyHeadBytes = encoder.encode(head([...PROPERTIES, ...COPY_PROPERTIES]))

/** Of an uploaded document nobody knows whether it is PDF/A: nothing is claimed. */
function headOf({ body, copy }: LicenceData): Uint8Array {
  if (body) return encoder.encode(head(copy ? [...PROPERTIES, ...COPY_PROPERTIES] : PROPERTIES, ''))
  return copy ? copyHeadBytes : headBytes
}

/**
 * The XMP packet of a licence's PDF (ISO 16684-1, ISO 19005-3), UTF-8. Instants carry +08:00. Same data, same bytes.
 * An uploaded document's says nothing of PDF/A.
 * `createdAt` and `producer` are to stand in the Info dictionary alike.
 */
export function licenceXmp(
  data: LicenceData,
  { createdAt, producer }: { createdAt: Date; producer: string },
): Uint8Array {
  const created = toShanghaiTime(createdAt)
  const title = escapeXml(`${data.typeName} ${data.number}`)
  const own = encoder.encode(
    `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${title}</rdf:li></rdf:Alt></dc:title>` +
      `<dc:creator>${sequence([data.issuer.name])}</dc:creator><dc:identifier>${data.identifier}</dc:identifier>` +
      `<xmp:CreateDate>${created}</xmp:CreateDate><xmp:ModifyDate>${created}</xmp:ModifyDate><xmp:MetadataDate>${created}</xmp:MetadataDate>` +
      `<xmp:CreatorTool>${escapeXml(producer)}</xmp:CreatorTool><pdf:Producer>${escapeXml(producer)}</pdf:Producer>${licenceProperties(data)}${data.copy ? copyProperties(data.copy) : ''}${TAIL}`,
  )
  const start = headOf(data)
  const packet = new Uint8Array(start.length + own.length)
  packet.set(start)
  packet.set(own, start.length)
  return packet
}

function copyProperties({ createdAt, creator, cause, expiresAt }: CopyFacts): string {
  return (
    property('JZJZZSJ', compactTime(createdAt)) +
    property('JZJZZZ', creator) +
    property('JZJZZSY', cause) +
    property('JZJYXQJZSJ', compactTime(expiresAt))
  )
}

function licenceProperties(data: LicenceData): string {
  const holders = data.holders
  return (
    property('ZZMC', data.typeName) +
    property('ZZLXDM', data.typeCode) +
    property('ZZBH', data.number) +
    property('ZZBS', data.identifier) +
    property('ZZBFJG', data.issuer.name) +
    property('ZZBFJGDM', data.issuer.code) +
    property('ZZBFRQ', compactDate(data.issuedOn)) +
    property('ZZYXQQSRQ', compactDate(data.validFrom)) +
    (data.validUntil === null ? '' : property('ZZYXQJZRQ', compactDate(data.validUntil))) +
    listProperty(
      'CZZT',
      holders.map(({ name }) => name),
    ) +
    listProperty(
      'CZZTDM',
      holders.map(({ code }) => code),
    ) +
    listProperty(
      'CZZTDMLX',
      holders.map(({ codeType }) => codeTypeName(codeType)),
    ) +
    listProperty(
      'CZZTDMLXDM',
      holders.map(({ codeType }) => codeType),
    )
  )
}

function codeTypeName(codeType: string): string {
  if (codeType === '001') return '统一社会信用代码'
  if (codeType === IDENTITY_NUMBER_TYPE) return '公民身份号码'
  return isOrganisation(codeType) ? '其他法人或其他组织有效证件代码' : '其他自然人有效证件代码'
}

function property(name: string, value: string): string {
  return `<zz:${name}>${escapeXml(value)}</zz:${name}>`
}

function listProperty(name: string, values: readonly string[]): string {
  return `<zz:${name}>${sequence(values)}</zz:${name}>`
}

function sequence(values: readonly string[]): string {
  return `<rdf:Seq>${values.map((value) => `<rdf:li>${escapeXml(value)}</rdf:li>`).join('')}</rdf:Seq>`
}

function compactDate(date: string): string {
  return date.replaceAll('-', '')
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

/** Characters XML 1.0 cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return /[&<>"\p{Cc}\p{Cs}\ufffe\uffff]/u.test(text)
    ? text
        .toWellFormed()
        .replace(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '\ufffd')
        .replace(/[&<>"]/g, (character) => ESCAPES.get(character)!)
    : text
}
