import { fileFault } from './file-fault.ts'

const named: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/** Character data of XML with its entities, and Excel's own `_x000D_`, as text. Throws BATCH_FILE_INVALID for unknown entities. */
export function decodeXml(text: string): string {
  const plain = text.includes('&') ? text.replaceAll(/&([^;&]{0,10});?/g, decodeEntity) : text
  return plain.includes('_x')
    ? plain.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : plain
}

function decodeEntity(whole: string, name: string): string {
  if (!whole.endsWith(';')) throw fileFault('XML_NOT_ALLOWED')
  const known = named.get(name)
  if (known !== undefined) return known
  const number = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name)
  const point = number && (number[1] ? Number.parseInt(number[1], 16) : Number(number[2]))
  if (!point || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw fileFault('XML_NOT_ALLOWED')
  return String.fromCodePoint(point)
}

/** The value of an attribute in a start tag's text; undefined without it. */
export function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)
  const value = found?.[1] ?? found?.[2]
  return value === undefined ? undefined : decodeXml(value)
}

/** An element as it stands in a part. */
export interface Element {
  readonly attributes: string
  /** Undefined where the element closes itself. */
  readonly content: string | undefined
  /** Where it begins in the part, and where what follows it does. */
  readonly from: number
  readonly to: number
}

/**
 * The elements of a name in their order, each read once: what is hostile costs no more than its length.
 * @throws LicenceError BATCH_FILE_INVALID for one without an end
 */
export function* elementsOf(xml: string, name: string): Generator<Element> {
  const start = new RegExp(`<${name}(?=[\\s/>])([^<>]*)>`, 'g')
  const end = `</${name}>`
  for (let found = start.exec(xml); found; found = start.exec(xml)) {
    const attributes = found[1]!
    const inner = start.lastIndex
    if (attributes.endsWith('/')) {
      yield { attributes: attributes.slice(0, -1), content: undefined, from: found.index, to: inner }
      continue
    }
    const over = xml.indexOf(end, inner)
    if (over < 0) throw fileFault('XML_NOT_ALLOWED')
    start.lastIndex = over + end.length
    yield { attributes, content: xml.slice(inner, over), from: found.index, to: start.lastIndex }
  }
}

/**
 * The runs of a string item or an inline string as one text; phonetic guides (`rPh`) are no part of it.
 * @param prefix of the namespace with its colon, or nothing
 */
export function textOfRuns(xml: string, prefix: string): string {
  const shown = xml.includes('rPh') ? withoutElements(xml, `${prefix}rPh`) : xml
  let text = ''
  for (const { content = '' } of elementsOf(shown, `${prefix}t`)) {
    if (content.includes('<')) throw fileFault('XML_NOT_ALLOWED')
    text += content
  }
  return decodeXml(text)
}

function withoutElements(xml: string, name: string): string {
  let rest = ''
  let at = 0
  for (const { from, to } of elementsOf(xml, name)) {
    rest += xml.slice(at, from)
    at = to
  }
  return rest + xml.slice(at)
}

/** What no spreadsheet program writes, and what would let a scanner and a parser read the same part differently. */
export function refuseOddXml(text: string): void {
  if (/<!|<\?(?!xml[\s?])/.test(text)) throw fileFault('XML_NOT_ALLOWED')
}

/** The parts of a spreadsheet are read as UTF-8 and nothing else. */
export function xmlDecoder(): { write(piece: Uint8Array): string; end(): string } {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isFirst = true
  const decode = (piece: Uint8Array | undefined): string => {
    let text: string
    try {
      text = piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
    } catch (cause) {
      throw fileFault('ENCODING_UNKNOWN', cause)
    }
    if (isFirst && text.length > 0) {
      isFirst = false
      const declared = /^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']/.exec(text)?.[1]
      if (declared && declared.toLowerCase() !== 'utf-8') throw fileFault('ENCODING_UNKNOWN')
    }
    return text
  }
  return { write: (piece) => decode(piece), end: () => decode(undefined) }
}
