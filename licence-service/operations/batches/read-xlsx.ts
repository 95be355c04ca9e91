// XLSX (ECMA-376) by a scanner of our own: a million rows in seconds, in the memory of their shared strings.
import { fileFault } from './file-fault.ts'
import { openZip, type Zip } from './open-zip.ts'
import { columnNames, isBlank, type RowSource } from './read-row.ts'
import { readSheetFacts, readSheetRows, type SheetContext } from './xlsx-sheet.ts'
import { attribute, elementsOf, refuseOddXml, textOfRuns, xmlDecoder } from './xlsx-text.ts'

const LIMITS = { entries: 2_000, unpackedBytes: 1 << 30 }
/** Of parts that are read whole: the workbook, its relations, its styles. */
const LONGEST_PART = 16 << 20
const MOST_STRING_CHARACTERS = 400 << 20
/** Ten in every row of the largest sheet; an empty one costs memory too. */
const MOST_STRINGS = 10_000_000
/** Longer than any root element, with what stands before it. */
const LONGEST_HEAD = 100_000
/** A format's code is 255 characters at most in any spreadsheet program. */
const LONGEST_FORMAT = 255
const MOST_SKIPPED_ROWS = 100

export interface XlsxOptions {
  /** By name; the first one that is shown when left out. */
  readonly sheet?: string | undefined
  /** The row with the columns' names, from 1; default the first that has anything. */
  readonly headerRow?: number | undefined
}

/**
 * Opens a spreadsheet: its columns at once, its rows when they are asked for.
 * @throws LicenceError BATCH_FILE_INVALID; so does reading the rows
 */
export async function openXlsx(bytes: Uint8Array, options: XlsxOptions = {}): Promise<RowSource> {
  const zip = await openZip(bytes, LIMITS)
  const workbook = await readWorkbook(zip)
  const sheet = options.sheet
    ? workbook.sheets.find(({ name }) => name === options.sheet)
    : (workbook.sheets.find(({ isHidden }) => !isHidden) ?? workbook.sheets[0])
  if (!sheet || !zip.has(sheet.part)) throw fileFault('SHEET_NOT_FOUND')
  const context: SheetContext = {
    ...(await readSheetFacts(zip.stream(sheet.part))),
    strings: workbook.strings && zip.has(workbook.strings) ? await readStrings(zip, workbook.strings) : [],
    isDate: workbook.styles && zip.has(workbook.styles) ? dateStyles(await partText(zip, workbook.styles)) : [],
    is1904: workbook.is1904,
  }
  const header = await findHeader(readSheetRows(zip.stream(sheet.part), context), options.headerRow)
  async function* rows(): AsyncGenerator<Awaited<ReturnType<typeof findHeader>>> {
    for await (const row of readSheetRows(zip.stream(sheet!.part), context))
      if (row.row > header.row && !(isBlank(row.cells) && row.faults.every(({ code }) => code === 'CELL_MERGED')))
        yield row
  }
  return { columns: columnNames(header.cells), rows: { [Symbol.asyncIterator]: rows } }
}

async function findHeader(rows: ReturnType<typeof readSheetRows>, wanted: number | undefined) {
  let seen = 0
  for await (const row of rows) {
    if (wanted === undefined ? !isBlank(row.cells) : row.row === wanted) return row
    if (wanted !== undefined && row.row > wanted) break
    if (wanted === undefined && ++seen > MOST_SKIPPED_ROWS) break
  }
  throw fileFault('FILE_EMPTY')
}

interface Workbook {
  readonly sheets: readonly { readonly name: string; readonly part: string; readonly isHidden: boolean }[]
  readonly strings: string | undefined
  readonly styles: string | undefined
  readonly is1904: boolean
}

async function readWorkbook(zip: Zip): Promise<Workbook> {
  const main = zip.has('_rels/.rels')
    ? relations(await partText(zip, '_rels/.rels'), '').find(({ type }) => type.endsWith('/officeDocument'))?.part
    : undefined
  const part = main ?? 'xl/workbook.xml'
  if (!zip.has(part)) throw fileFault('FILE_KIND_UNKNOWN')
  const folder = part.includes('/') ? part.slice(0, part.lastIndexOf('/') + 1) : ''
  const links = `${folder}_rels/${part.slice(folder.length)}.rels`
  if (!zip.has(links)) throw fileFault('FILE_DAMAGED')
  const related = relations(await partText(zip, links), folder)
  const xml = await partText(zip, part)
  const parts = new Map(related.toReversed().map(({ id, part }) => [id, part]))
  const sheets = [...xml.matchAll(/<(?:[\w.-]+:)?sheet\s([^<>]*?)\/?>/g)].map(([, tag]) => {
    const link = /(?:^|\s)[\w.-]+:id\s*=\s*["']([^"']+)["']/.exec(tag!)?.[1]
    return {
      name: attribute(tag!, 'name') ?? '',
      part: (link && parts.get(link)) || '',
      isHidden: (attribute(tag!, 'state') ?? 'visible') !== 'visible',
    }
  })
  const properties = /<(?:[\w.-]+:)?workbookPr\b([^<>]*)>/.exec(xml)?.[1] ?? ''
  return {
    sheets,
    strings: related.find(({ type }) => type.endsWith('/sharedStrings'))?.part,
    styles: related.find(({ type }) => type.endsWith('/styles'))?.part,
    is1904: ['1', 'true'].includes(attribute(properties, 'date1904') ?? ''),
  }
}

/** Relationships of a part (ECMA-376 part 2); what lies outside the archive is left out. */
function relations(xml: string, folder: string): { id: string; type: string; part: string }[] {
  return [...xml.matchAll(/<(?:[\w.-]+:)?Relationship\s([^<>]*?)\/?>/g)].flatMap(([, tag]) => {
    const [id, type, target] = ['Id', 'Type', 'Target'].map((name) => attribute(tag!, name))
    if (!id || !type || !target || attribute(tag!, 'TargetMode') === 'External') return []
    return [{ id, type, part: resolvePart(folder, target) }]
  })
}

function resolvePart(folder: string, target: string): string {
  const path: string[] = []
  for (const step of (target.startsWith('/') ? target : `${folder}${target}`).split('/')) {
    if (step === '..') path.pop()
    else if (step !== '' && step !== '.') path.push(step)
  }
  return path.join('/')
}

async function partText(zip: Zip, name: string): Promise<string> {
  if (zip.size(name) > LONGEST_PART) throw fileFault('TOO_LARGE_UNPACKED')
  const decoder = xmlDecoder()
  let text = ''
  for await (const piece of zip.stream(name)) text += decoder.write(piece)
  text += decoder.end()
  if (text.includes('<!DOCTYPE') || text.includes('<!ENTITY')) throw fileFault('XML_NOT_ALLOWED')
  return text
}

async function readStrings(zip: Zip, name: string): Promise<string[]> {
  const decoder = xmlDecoder()
  const strings: string[] = []
  let text = ''
  let enough = 0
  let characters = 0
  let tags: { start: RegExp; end: string; prefix: string } | undefined
  const cut = () => {
    if (!tags) {
      const prefix = /<(?:([A-Za-z_][\w.-]{0,30}):)?sst[\s>/]/.exec(text)
      if (!prefix) {
        if (text.length > LONGEST_HEAD) throw fileFault('XML_NOT_ALLOWED')
        return
      }
      const own = prefix[1] ? `${prefix[1]}:` : ''
      tags = { start: new RegExp(`<${own}si(?:\\s[^<>]*?)?(/?)>`, 'g'), end: `</${own}si>`, prefix: own }
    }
    refuseOddXml(text)
    let at = 0
    for (;;) {
      tags.start.lastIndex = at
      const start = tags.start.exec(text)
      if (!start) break
      const content = start.index + start[0].length
      const end = start[1] === '/' ? content : text.indexOf(tags.end, content)
      if (end < 0) break
      const string = start[1] === '/' ? '' : textOfRuns(text.slice(content, end), tags.prefix)
      characters += string.length
      if (characters > MOST_STRING_CHARACTERS) throw fileFault('TOO_LARGE_UNPACKED')
      if (strings.push(string) > MOST_STRINGS) throw fileFault('TOO_LARGE_UNPACKED')
      at = start[1] === '/' ? content : end + tags.end.length
    }
    text = text.slice(at)
    if (text.length > LONGEST_PART) throw fileFault('RECORD_TOO_LONG')
    // A string that is not whole is looked at again when twice as much is there.
    enough = text.length * 2
  }
  for await (const piece of zip.stream(name)) {
    text += decoder.write(piece)
    if (text.length >= enough) cut()
  }
  text += decoder.end()
  cut()
  return strings
}

/** Formats 14 to 22, 27 to 36, 45 to 47 and 50 to 58 are dates by themselves (ECMA-376 part 1 §18.8.30), the others by their letters. */
function dateStyles(xml: string): boolean[] {
  const own = new Map(
    [...xml.matchAll(/<(?:[\w.-]+:)?numFmt\s([^<>]*?)\/?>/g)].map(([, tag]) => [
      Number(attribute(tag!, 'numFmtId')),
      isDateFormat(attribute(tag!, 'formatCode') ?? ''),
    ]),
  )
  const name = /<((?:[\w.-]+:)?cellXfs)[\s>]/.exec(xml)?.[1]
  const [formats] = name === undefined ? [] : elementsOf(xml, name)
  return [...(formats?.content ?? '').matchAll(/<(?:[\w.-]+:)?xf\s([^<>]*?)\/?>/g)].map(([, tag]) => {
    const id = Number(attribute(tag!, 'numFmtId') ?? 0)
    const isBuiltIn =
      (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
    return own.get(id) ?? isBuiltIn
  })
}

const isDateFormat = (code: string): boolean =>
  code.length <= LONGEST_FORMAT &&
  /[ymdhs]/i.test(code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '').replaceAll(/general/gi, ''))
