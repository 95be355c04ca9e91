import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { readXlsx } from 'hucre'
import { describe, expect, it } from 'vitest'
import type { ReadRow } from '../../../licence-service/operations/batches/read-row.ts'
import { openXlsx, type XlsxOptions } from '../../../licence-service/operations/batches/read-xlsx.ts'
import { toXlsx, transportHeader, transportRow } from '../../support/batch-rows.ts'
import { all, rejectsWithFault } from './faults.ts'
import { makeZip } from './make-zip.ts'

const types = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const relationship = (id: string, type: string, target: string) =>
  `<Relationship Id="${id}" Type="${types}/${type}" Target="${target}"/>`

interface Parts {
  readonly sheet: string
  readonly strings?: string
  readonly styles?: string
  readonly workbook?: string
}

/** A workbook of the parts given, as a program would pack it. */
const workbook = ({ sheet, strings = '', styles = '', workbook: book }: Parts): Uint8Array =>
  makeZip({
    '_rels/.rels': `<Relationships>${relationship('r1', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': book ?? '<workbook><sheets><sheet name="甲" sheetId="1" r:id="s1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': `<Relationships>${relationship('s1', 'worksheet', 'worksheets/any.xml')}${relationship('s2', 'worksheet', '/xl/worksheets/two.xml')}${relationship('t', 'sharedStrings', 'words.xml')}${relationship('y', 'styles', 'styles.xml')}</Relationships>`,
    'xl/worksheets/any.xml': sheet,
    'xl/worksheets/two.xml': '<worksheet><sheetData><row r="1"><c r="A1"><v>2</v></c></row></sheetData></worksheet>',
    ...(strings && { 'xl/words.xml': strings }),
    ...(styles && { 'xl/styles.xml': styles }),
  })

const sheetOf = (rows: string, after = '') =>
  `<?xml version="1.0"?><worksheet><sheetData>${rows}</sheetData>${after}</worksheet>`
const text = (place: string, words: string) => `<c r="${place}" t="inlineStr"><is><t>${words}</t></is></c>`
const head = `<row r="1">${text('A1', '名称')}${text('B1', '编号')}</row>`

async function read(
  bytes: Uint8Array,
  options?: XlsxOptions,
): Promise<{ columns: readonly string[]; rows: ReadRow[] }> {
  const { columns, rows } = await openXlsx(bytes, options)
  return { columns, rows: await all(rows) }
}

describe('openXlsx', () => {
  it('reads what another reader reads, with shared strings and without', async () => {
    const table = [transportHeader, ...Array.from({ length: 3000 }, (_, index) => transportRow(index))]
    for (const shared of [true, false]) {
      const file = await toXlsx(table, { shared })
      const { columns, rows } = await read(file)
      const peer = (await readXlsx(file)).sheets[0]!.rows
      expect([columns, ...rows.map(({ cells }) => cells)]).toEqual(peer)
    }
  })

  it('reads a sheet whose elements have a namespace prefix', async () => {
    const sheet = sheetOf(`${head}<row r="2">${text('A2', '甲')}</row>`).replaceAll(/<(\/?)(?=[a-z])/g, '<$1x:')
    expect((await read(workbook({ sheet }))).rows).toEqual([{ row: 2, cells: ['甲'], faults: [] }])
  })

  it('leaves phonetic guides out and joins the runs of a text', async () => {
    const strings =
      '<sst><si><r><t>李</t></r><r><t xml:space="preserve"> &amp;&#x660E;</t></r><rPh sb="0" eb="1"><t>り</t></rPh></si><si/></sst>'
    const sheet = sheetOf(`${head}<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c></row>`)
    expect((await read(workbook({ sheet, strings }))).rows[0]!.cells).toEqual(['李 &明'])
  })

  it('tells days by their style, in both date systems, and knows no 29 February 1900', async () => {
    const styles =
      '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    const cells = [
      ['A2', 1, 46327],
      ['B2', 2, 1],
      ['C2', 1, 59],
      ['D2', 1, 61],
      ['E2', 1, 60],
      ['F2', 0, 46327],
      ['G2', 1, 46327.5],
    ].map(([place, style, value]) => `<c r="${place}" s="${style}"><v>${value}</v></c>`)
    const { rows } = await read(workbook({ sheet: sheetOf(`${head}<row r="2">${cells.join('')}</row>`), styles }))
    expect(rows[0]!.cells).toEqual([
      '2026-11-01',
      '1900-01-01',
      '1900-02-28',
      '1900-03-01',
      '',
      '46327',
      '2026-11-01T12:00:00',
    ])
    expect(rows[0]!.faults).toEqual([{ column: 4, code: 'CELL_DATE_IMPOSSIBLE' }])
    const book = '<workbook><workbookPr date1904="1"/><sheets><sheet name="甲" r:id="s1"/></sheets></workbook>'
    const other = await read(
      workbook({ sheet: sheetOf(`${head}<row r="2">${cells[0]}</row>`), styles, workbook: book }),
    )
    expect(other.rows[0]!.cells).toEqual(['2030-11-02'])
  })

  it('never takes what a formula shows, nor a merged cell, nor a number that has lost its last digits', async () => {
    const rows = `${head}<row r="2"><c r="A2" t="str"><f>B1&amp;"x"</f><v>甲</v></c><c r="B2"><v>3.3010619900101E+17</v></c></row>
      <row r="3">${text('A3', '乙')}<c r="B3"><v>7</v></c></row><row r="4"><c r="A4" t="e"><v>#REF!</v></c><c r="B4"><v>1</v></c></row>`
    const found = await read(workbook({ sheet: sheetOf(rows, '<mergeCells><mergeCell ref="A3:A4"/></mergeCells>') }))
    expect(found.rows.map(({ faults }) => faults)).toEqual([
      [
        { column: 0, code: 'CELL_FORMULA' },
        { column: 1, code: 'CELL_NUMBER_IMPRECISE' },
      ],
      [{ column: 0, code: 'CELL_MERGED' }],
      [
        { column: 0, code: 'CELL_ERROR' },
        { column: 0, code: 'CELL_MERGED' },
      ],
    ])
  })

  it('takes the first sheet that is shown, or the one that is named', async () => {
    const book =
      '<workbook><sheets><sheet name="藏" state="hidden" r:id="s1"/><sheet name="二" r:id="s2"/></sheets></workbook>'
    const file = workbook({ sheet: sheetOf(head), workbook: book })
    expect((await read(file)).columns).toEqual(['2'])
    expect((await read(file, { sheet: '藏' })).columns).toEqual(['名称', '编号'])
    await rejectsWithFault(read(file, { sheet: '无' }), 'SHEET_NOT_FOUND')
  })

  it.each([
    ['an entity of its own', '<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>', 'XML_NOT_ALLOWED'],
    ['an entity nobody knows', sheetOf(`<row r="1">${text('A1', '&a;')}</row>`), 'XML_NOT_ALLOWED'],
    ['an entity by what every object has', sheetOf(`<row r="1">${text('A1', '&toString;')}</row>`), 'XML_NOT_ALLOWED'],
    ['a comment that hides a row', sheetOf(`${head}<!--<row r="2"/>-->`), 'XML_NOT_ALLOWED'],
    ['CDATA', sheetOf(`<row r="1">${text('A1', '<![CDATA[x]]>')}</row>`), 'XML_NOT_ALLOWED'],
    ['rows out of order', sheetOf(`${head}<row r="3"/><row r="2"/>`), 'XML_NOT_ALLOWED'],
    ['cells out of order', sheetOf(`<row r="1">${text('B1', 'x')}${text('A1', 'y')}</row>`), 'XML_NOT_ALLOWED'],
    ['a cell of another row', sheetOf(`<row r="1">${text('A2', 'x')}</row>`), 'XML_NOT_ALLOWED'],
    ['a row beyond the last', sheetOf(`${head}<row r="1048577">${text('A1048577', 'x')}</row>`), 'TOO_MANY_ROWS'],
    ['201 columns', sheetOf(`<row r="1">${text('GS1', 'x')}</row>`), 'TOO_MANY_COLUMNS'],
    ['a string that is not there', sheetOf('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), 'FILE_DAMAGED'],
    ['an end in the midst', '<worksheet><sheetData><row r="1"><c r="A1"><v>1', 'FILE_DAMAGED'],
    ['NUL in the name of a column', sheetOf(`<row r="1">${text('A1', '名称_x0000_')}</row>`), 'COLUMN_NAME_NOT_TEXT'],
    ['half a character in one', sheetOf(`<row r="1">${text('A1', '名称_xD800_')}</row>`), 'COLUMN_NAME_NOT_TEXT'],
    ['nothing in it', sheetOf(''), 'FILE_EMPTY'],
    ['another root', '<html/>', 'XML_NOT_ALLOWED'],
    ['another encoding', '<?xml version="1.0" encoding="GBK"?><worksheet/>', 'ENCODING_UNKNOWN'],
  ])('refuses a sheet with %s', async (_, sheet, code) => {
    await rejectsWithFault(read(workbook({ sheet })), code)
  })

  it('refuses an archive that unpacks to more than it says, or to two hundred times its size', async () => {
    const bomb = Buffer.alloc(40 << 20, ' ')
    await rejectsWithFault(read(makeZip({ 'xl/workbook.xml': bomb })), 'TOO_LARGE_UNPACKED')
    const lying = makeZip({ 'xl/workbook.xml': { stored: deflateRawSync(Buffer.alloc(5000, 'a')), says: 10 } })
    await rejectsWithFault(read(lying), 'FILE_DAMAGED')
  })

  it.each([
    ['../../etc/passwd', 'NAME_NOT_ALLOWED'],
    ['/etc/passwd', 'NAME_NOT_ALLOWED'],
    ['a\\b', 'NAME_NOT_ALLOWED'],
    ['C:/x', 'NAME_NOT_ALLOWED'],
  ])('refuses an archive that names %s', async (name, code) => {
    await rejectsWithFault(read(makeZip({ [name]: 'x' })), code)
  })

  /** Ten million and some, of which now and then one cannot be packed to nothing: an archive's ratio is not what is asked here. */
  const manyStrings = Array.from(
    { length: 10_001 },
    (_, index) => `<si a="${createHash('sha256').update(String(index)).digest('base64')}"/>${'<si/>'.repeat(999)}`,
  ).join('')
  // Each of these took minutes, or all memory, when every start was searched to the end of its row.
  it.each<[string, Parts, string]>([
    ['cells without an end', { sheet: sheetOf(`<row r="1">${'<c >'.repeat(90_000)}</row>`) }, 'XML_NOT_ALLOWED'],
    ['cells whose tag never closes', { sheet: sheetOf(`<row r="1">${'<c '.repeat(90_000)}</row>`) }, 'FILE_EMPTY'],
    [
      'texts without an end',
      { sheet: sheetOf(`<row r="1">${text('A1', '<t>'.repeat(90_000))}</row>`) },
      'XML_NOT_ALLOWED',
    ],
    [
      'guides without an end',
      { sheet: sheetOf(`<row r="1">${text('A1', '<rPh>'.repeat(90_000))}</row>`) },
      'XML_NOT_ALLOWED',
    ],
    [
      'values whose tag never closes',
      { sheet: sheetOf(`<row r="1"><c>${'<v '.repeat(90_000)}</c></row>`) },
      'FILE_EMPTY',
    ],
    ['areas whose tag never closes', { sheet: sheetOf('', '<mergeCell '.repeat(90_000)) }, 'FILE_EMPTY'],
    ['strings whose tag never closes', { sheet: sheetOf(''), strings: `<sst>${'<si '.repeat(90_000)}` }, 'FILE_EMPTY'],
    ['strings without a root', { sheet: sheetOf(''), strings: '<a>'.repeat(90_000) }, 'XML_NOT_ALLOWED'],
    [
      'more strings than a sheet can show',
      { sheet: sheetOf(''), strings: `<sst>${manyStrings}` },
      'TOO_LARGE_UNPACKED',
    ],
    ['formats whose tag never closes', { sheet: sheetOf(''), styles: '<numFmt '.repeat(90_000) }, 'FILE_EMPTY'],
    ['styles without an end', { sheet: sheetOf(''), styles: '<cellXfs>'.repeat(90_000) }, 'XML_NOT_ALLOWED'],
    [
      'a format of brackets',
      { sheet: sheetOf(''), styles: `<numFmt numFmtId="200" formatCode="${'['.repeat(90_000)}"/>` },
      'FILE_EMPTY',
    ],
  ])('is done at once with %s', { timeout: 10_000 }, async (_, parts, code) => {
    await rejectsWithFault(read(workbook(parts)), code)
  })

  it('says once in a row that a column is merged, however many areas lie over each other', async () => {
    const areas = '<mergeCell ref="A2:B400"/>'.repeat(20_000)
    const rows = Array.from({ length: 400 }, (_, index) => `<row r="${index + 2}">${text(`C${index + 2}`, 'x')}</row>`)
    const sheet = sheetOf(`${head}${rows.join('')}`, `<mergeCells>${areas}</mergeCells>`)
    const { rows: found } = await read(workbook({ sheet }))
    expect(found[398]!.faults).toEqual([{ column: 0, code: 'CELL_MERGED' }])
    expect(found[399]!.faults).toEqual([])
  })

  it('refuses what is cut off or no archive', async () => {
    const whole = workbook({ sheet: sheetOf(head) })
    for (const end of [0, 4, 100, whole.length - 1])
      await rejectsWithFault(read(whole.subarray(0, end)), 'FILE_DAMAGED')
    await rejectsWithFault(read(makeZip({ 'word/document.xml': 'x' })), 'FILE_KIND_UNKNOWN')
  })
})
