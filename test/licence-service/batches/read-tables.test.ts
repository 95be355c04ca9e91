import { describe, expect, it } from 'vitest'
import { kindOf, openSource } from '../../../licence-service/operations/batches/open-source.ts'
import { encodingOf, openCsv } from '../../../licence-service/operations/batches/read-csv.ts'
import { openJsonLines } from '../../../licence-service/operations/batches/read-jsonl.ts'
import { readPictureZip } from '../../../licence-service/operations/batches/read-pictures.ts'
import { all, rejectsWithFault } from './faults.ts'
import { makeZip } from './make-zip.ts'

/** 名称,地址 / 李明,云汀市 in GB 18030. */
const gb = Buffer.from('c3fbb3c62cb5d8d6b70d0ac0eec3f72cd4c6cda1cad00d0a', 'hex')

async function readCsv(bytes: Uint8Array | string, options = {}) {
  const { columns, rows } = await openCsv(Buffer.from(bytes as string), options)
  return { columns, rows: await all(rows) }
}

describe('openCsv', () => {
  it('reads GB 18030 and UTF-8, with a mark and without', async () => {
    const expected = { columns: ['名称', '地址'], rows: [{ row: 2, cells: ['李明', '云汀市'], faults: [] }] }
    const plain = '名称,地址\r\n李明,云汀市\r\n'
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(plain, 'utf16le')])
    for (const bytes of [gb, plain, `\ufeff${plain}`, wide]) expect(await readCsv(bytes)).toEqual(expected)
    expect([encodingOf(gb), encodingOf(Buffer.from(plain))]).toEqual(['gb18030', 'utf-8'])
  })

  it('finds the sign between cells, and keeps quotes, line ends and signs within them', async () => {
    const { rows } = await readCsv('a;b\r\n"x;1\r\ny";"say ""hi"""\r\n')
    expect(rows[0]!.cells).toEqual(['x;1\r\ny', 'say "hi"'])
    expect((await readCsv('sep=;\na;b\n1;2\n')).columns).toEqual(['a', 'b'])
  })

  it('names a column by its letter where what stands there looks like data, and all of them where it is somebody', async () => {
    expect((await readCsv('名称,发证202611,地址\n1,2,3\n')).columns).toEqual(['名称', 'B', '地址'])
    const letters = ['A', 'B', 'C']
    expect((await readCsv('李明,11010519491231002X,云汀市\n1,2,3\n')).columns).toEqual(letters)
    expect((await readCsv('某公司,91330100MA27XL5N0K,13800000000\n1,2,3\n')).columns).toEqual(letters)
    expect((await readCsv('SOCIALCREDITNUMBER,a,b\n1,2,3\n')).columns).toEqual(['SOCIALCREDITNUMBER', 'a', 'b'])
  })

  it('cuts a long name of a column between characters', async () => {
    const name = `${'a'.repeat(99)}𠮷`
    expect((await readCsv(`${name},b\n1,2\n`)).columns).toEqual(['a'.repeat(99), 'b'])
  })

  it('tells rows with more cells than columns, and passes over empty ones', async () => {
    const { rows } = await readCsv('a,b\n1,2,3\n,\n4\n')
    expect(rows.map(({ row, faults }) => [row, faults.map(({ code }) => code)])).toEqual([
      [2, ['ROW_TOO_LONG']],
      [4, []],
    ])
  })

  it('refuses other encodings, NUL, quotes that never end, and a record without end', async () => {
    await rejectsWithFault(readCsv(Buffer.from([0x61, 0xff, 0xff, 0x0a])), 'ENCODING_UNKNOWN')
    await rejectsWithFault(readCsv(gb, { encoding: 'utf-8' }), 'ENCODING_UNKNOWN')
    await rejectsWithFault(readCsv('a\0b\n1'), 'ENCODING_UNKNOWN')
    await rejectsWithFault(readCsv('a,b\n"1,2\n'), 'FILE_DAMAGED')
    await rejectsWithFault(readCsv(`a,b\n"${'x'.repeat(5 << 20)}"\n`), 'FILE_DAMAGED')
    await rejectsWithFault(readCsv(`${'a,'.repeat(200)}a\n`), 'TOO_MANY_COLUMNS')
    await rejectsWithFault(readCsv('\n\n'), 'FILE_EMPTY')
  })
})

describe('openJsonLines', () => {
  it('reads an object a line over several parts, and tells which lines are none', async () => {
    const parts = ['{"a":"1"}\n[1]\n\n{"a":', '"x"}\n{"b":{"c":2}}'].map((part) => Buffer.from(part))
    const rows = await all(openJsonLines(() => parts).rows)
    expect(rows.map(({ row, cells, faults }) => [row, cells, faults.length])).toEqual([
      [1, { a: '1' }, 0],
      [2, {}, 1],
      [4, {}, 1],
      [5, {}, 1],
      [6, { b: { c: 2 } }, 0],
    ])
  })

  it.each([
    '{"a":"\\u0000"}',
    '{"a":"\\ud800"}',
    '{"__proto__":{}}',
    `{"a":${'['.repeat(20)}${']'.repeat(20)}}`,
    '{"a":NaN}',
  ])('takes %s for no row', async (line) => {
    const [row] = await all(openJsonLines(() => [Buffer.from(line)]).rows)
    expect(row!.faults).toEqual([{ column: null, code: 'ROW_NOT_JSON' }])
  })
})

describe('kindOf', () => {
  it('goes by the first bytes', async () => {
    const of = (text: string) => kindOf(Buffer.from(text, 'latin1'))
    expect(['PK\x03\x04', ' {"a":1}', 'a,b'].map(of)).toEqual(['xlsx', 'jsonl', 'csv'])
    const refused = async (text: string) => of(text)
    await rejectsWithFault(refused('\xd0\xcf\x11\xe0'), 'FILE_OLD_SPREADSHEET')
    await rejectsWithFault(refused('%PDF-1.7'), 'FILE_KIND_UNKNOWN')
    await rejectsWithFault(refused(''), 'FILE_EMPTY')
    await rejectsWithFault(
      openSource('csv', () => [], {}),
      'FILE_EMPTY',
    )
  })
})

describe('readPictureZip', () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])
  const names = async (zip: Uint8Array) => (await all(readPictureZip(zip))).map(({ name }) => name)

  it('gives pictures by the names of their files, without what a Mac adds', async () => {
    const zip = makeZip({ '照片/李明.jpg': jpeg, '__MACOSX/李明.jpg': 'x', '.DS_Store': 'x' })
    expect(await names(zip)).toEqual(['李明.jpg'])
  })

  it('reads all names of an archive alike: those of a Chinese Windows can be sound UTF-8 one by one', async () => {
    const files = { '姚尧.jpg': jpeg, '王小明.jpg': jpeg, '尧姚一.jpg': jpeg }
    expect(await names(makeZip(files, 0o100644, 'gb18030'))).toEqual(Object.keys(files))
  })

  it('refuses links, paths out of it, two of one name, and what is of another kind', async () => {
    await rejectsWithFault(names(makeZip({ 'a.jpg': '/etc/passwd' }, 0o120777)), 'NAME_NOT_ALLOWED')
    await rejectsWithFault(names(makeZip({ '../a.jpg': jpeg })), 'NAME_NOT_ALLOWED')
    await rejectsWithFault(names(makeZip({ 'a/x.jpg': jpeg, 'b/X.JPG': jpeg })), 'NAME_REPEATED')
    await rejectsWithFault(names(makeZip({ 'x.jpg': jpeg, 'b/ x.jpg': jpeg })), 'NAME_REPEATED')
    await rejectsWithFault(names(makeZip({ '李.jpg': jpeg, 'b/李.jpg\u3000': jpeg })), 'NAME_REPEATED')
    await rejectsWithFault(names(makeZip({ 'a.jpg': '<svg/>' })), 'ATTACHMENT_KIND_UNKNOWN')
  })
})
