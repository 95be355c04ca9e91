// Scans of paper stock out of a batch's ZIP files: matched to rows and looked into at the check, kept beside the licence once it is issued.
import { createHash } from 'node:crypto'
import { readXlsx } from 'hucre'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePdf } from '../../pades/documents.ts'
import {
  creditCodeOf,
  toCsv,
  transportData,
  transportHeader,
  transportLicence,
  transportRow,
} from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { jpegOf, pngOf } from '../../support/pictures.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'
import { makeZip } from './make-zip.ts'

const header = [...transportHeader, '扫描件', '等级']
const row = (number: number, files: string, grade = ''): string[] => [...transportRow(number), files, grade]
const byFiles = { column: '扫描件', by: 'file-names', gradeColumn: '等级', grade: 'B' }
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Fault {
  readonly column: number | null
  readonly code: string
}
interface ListedRow {
  readonly row: number
  readonly state: string
  readonly faults: readonly Fault[]
  readonly lastFault: string | null
  readonly identifier: string
}

describe.each(engines)('scans of a batch on $name', ({ open }) => {
  let desk: BatchDesk
  beforeAll(async () => {
    desk = await openDesk(await open())
  })
  afterAll(() => desk.close())

  const begin = async (table: string, zips: readonly Uint8Array[], scans: object): Promise<string> => {
    const batchId = await desk.take(table, transportLicence)
    for (const bytes of zips) await desk.ask('POST', `/api/batches/${batchId}/attachments`, { bytes })
    const { suggested } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    const body = { mapping: { ...suggested, scans } }
    expect((await desk.ask('PUT', `/api/batches/${batchId}/mapping`, { body })).status).toBe(200)
    await desk.ask('POST', `/api/batches/${batchId}/checks`)
    await desk.until(batchId, 'checked')
    return batchId
  }
  const rowsOf = async (batchId: string): Promise<ListedRow[]> =>
    (await desk.ask('GET', `/api/batches/${batchId}/rows`)).json.items
  const scansOf = async (identifier: string): Promise<{ digest: string; grade: string; scanId: string }[]> =>
    (await desk.ask('GET', `/api/licences/${identifier}/scans`)).json.items

  it('are named by a column, and stand beside their licences with their grades, in their order, as they were', async () => {
    const [pdf, front, back, other] = [await makePdf(), pngOf(2480, 3508), jpegOf(1240, 1754), pngOf(100, 100, 7)]
    const table = toCsv([header, row(0, '甲.PDF；正面.png;背面.jpg', 'Ａ'), row(1, '乙.png'), row(2, '')])
    const zip = makeZip({ '扫描/甲.pdf': pdf, '正面.png': front, '背面.jpg': back, '乙.png': other })
    const batchId = await begin(table, [zip], byFiles)
    expect(await desk.until(batchId, 'checked')).toMatchObject({ counts: { valid: 3, faulty: 0 }, unusedFiles: 0 })
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const [first, second, third] = await rowsOf(batchId)
    expect(await scansOf(first!.identifier)).toMatchObject(
      [pdf, front, back].map((bytes) => ({ digest: digestOf(bytes), grade: 'A', addedBy: expect.any(String) })),
    )
    const [scan, ...more] = await scansOf(second!.identifier)
    expect([scan, more]).toMatchObject([{ digest: digestOf(other), grade: 'B' }, []])
    expect(await scansOf(third!.identifier)).toEqual([])
    const read = await desk.ask('GET', `/api/licences/${second!.identifier}/scans/${scan!.scanId}`)
    expect(Buffer.compare(read.bytes, other)).toBe(0)
    const records = await desk.house.database.query(
      `select actor from licence.audit_records where action = 'add-scan' and identifier = $1`,
      [first!.identifier],
    )
    expect(records).toHaveLength(3)
  })

  it('are found by what their names begin with, pages in order, in names of GB 18030 too', async () => {
    const files = Object.fromEntries(
      ['-10.png', '-2.png', '.png', ' (3).png'].map((tail, index) => [
        `${creditCodeOf(10)}${tail}`,
        pngOf(10, 10, index),
      ]),
    )
    const chinese = pngOf(10, 10, 9)
    const gb18030 = makeZip({ '云汀市通途物流第11有限公司_1.png': chinese }, 0o100644, 'gb18030')
    const byCode = { column: '统一社会信用代码', by: 'beginnings', grade: 'C' }
    const batchId = await begin(toCsv([transportHeader, transportRow(10)]), [makeZip(files)], byCode)
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const [made] = await rowsOf(batchId)
    expect((await scansOf(made!.identifier)).map(({ digest }) => digest)).toEqual(
      [2, 1, 3, 0].map((mark) => digestOf(pngOf(10, 10, mark))),
    )
    const byName = { column: '业户名称', by: 'beginnings', grade: 'C', isRequired: true }
    const other = await begin(toCsv([transportHeader, transportRow(11), transportRow(12)]), [gb18030], byName)
    expect((await rowsOf(other)).map(({ state, lastFault }) => lastFault ?? state)).toEqual(['valid', 'SCAN_REQUIRED'])
  })

  it('tell at the check what is wrong with each row, beside its cell, and which files nobody named', async () => {
    const zip = makeZip({
      'huge.png': pngOf(20_000, 20_000),
      'cut.jpg': jpegOf(10, 10).subarray(0, 9),
      'bad.pdf': Buffer.from('%PDF-1.7 and nothing else'),
      'one.png': pngOf(10, 10),
      'both.png': pngOf(10, 10, 1),
      '无人.png': pngOf(10, 10, 2),
    })
    const table = toCsv([
      header,
      ...['huge.png', 'cut.jpg', 'bad.pdf', 'missing.png', ''].map((file, index) => row(20 + index, file)),
      row(25, 'one.png', 'E'),
      row(26, 'both.png'),
      row(27, 'both.png'),
    ])
    const batchId = await begin(table, [zip], { ...byFiles, isRequired: true })
    const found = await rowsOf(batchId)
    const [files, grade] = [7, 8]
    expect(found.map(({ faults }) => faults.map(({ column, code }) => [column, code]))).toEqual([
      [[files, 'SCAN_TOO_MANY_PIXELS']],
      [[files, 'SCAN_DAMAGED']],
      [[files, 'SCAN_PDF_UNREADABLE']],
      [[files, 'SCAN_FILE_MISSING']],
      [[files, 'SCAN_REQUIRED']],
      [[grade, 'SCAN_GRADE_UNKNOWN']],
      [[null, 'SCAN_OF_SEVERAL_ROWS']],
      [[null, 'SCAN_OF_SEVERAL_ROWS']],
    ])
    expect((await desk.ask('GET', `/api/batches/${batchId}`)).json).toMatchObject({
      ...{ counts: { valid: 0, faulty: 8 }, unusedFiles: 1 },
    })
    const { sheets } = await readXlsx((await desk.ask('GET', `/api/batches/${batchId}/report.xlsx`)).bytes)
    const report = sheets[0]!.rows
    expect(report[1]!.join('|')).toContain('扫描件超过 1 亿像素')
    expect(report.at(-1)!.slice(1, 4)).toEqual(['文件', '压缩包中的文件没有对应的行', '无人.png'])
    const { database } = desk.house
    const plain = await database.query<{ text: string }>(`select t::text as text from licence.batch_pictures t`)
    expect(plain.map(({ text }) => text).join()).not.toContain(Buffer.from('无人').toString('hex'))
  })

  it('are held against the samples by the second person, who is on record with every look, and by nobody else', async () => {
    const batchId = await begin(
      toCsv([header, row(60, '纸.png', 'D')]),
      [makeZip({ '纸.png': pngOf(10, 10, 6) })],
      byFiles,
    )
    const path = `/api/batches/${batchId}/samples/2/scans`
    expect((await desk.ask('GET', path, { by: 'reviewer' })).json.code).toBe('BATCH_ROW_NOT_FOUND')
    await desk.ask('POST', `/api/batches/${batchId}/samples`, { body: {} })
    const { items } = (await desk.ask('GET', path, { by: 'reviewer' })).json
    expect(items).toEqual([{ place: 0, name: '纸.png', grade: 'D' }])
    const read = await desk.ask('GET', `${path}/0`, { by: 'reviewer' })
    expect(Buffer.compare(read.bytes, pngOf(10, 10, 6))).toBe(0)
    expect((await desk.ask('GET', `${path}/1`, { by: 'reviewer' })).json.code).toBe('SCAN_NOT_FOUND')
    expect((await desk.ask('GET', path)).status).toBe(403)
    const looks = await desk.house.database.query(
      `select actor, detail from licence.audit_records where action = 'look at sample scan' and identifier = $1`,
      [batchId],
    )
    expect(looks).toEqual([{ actor: 'reviewer', detail: '2 0' }])
  })

  it('refuse ZIP files that trick, bomb or hold what is no scan, and keep nothing of them', async () => {
    const batchId = await desk.take(toCsv([header, row(30, 'a.png')]), transportLicence)
    const zips = [
      [makeZip({ '../a.png': pngOf(10, 10) }), 'NAME_NOT_ALLOWED'],
      [makeZip({ '..\\a.png': pngOf(10, 10) }), 'NAME_NOT_ALLOWED'],
      [makeZip({ '/a.png': pngOf(10, 10) }, 0o100644, 'gb18030'), 'NAME_NOT_ALLOWED'],
      [makeZip({ 'a.png': pngOf(10, 10) }, 0o120777), 'NAME_NOT_ALLOWED'],
      [makeZip({ 'a.png': pngOf(10, 10), 'b/A.png': pngOf(10, 10) }), 'NAME_REPEATED'],
      [makeZip({ 'a.pdf': Buffer.concat([Buffer.from('%PDF-'), Buffer.alloc(9 << 20)]) }), 'TOO_LARGE_UNPACKED'],
      [makeZip({ 'a.pdf': Buffer.from('<html>') }), 'ATTACHMENT_KIND_UNKNOWN'],
      [makeZip({ 'a.exe': Buffer.from('MZ') }), 'ATTACHMENT_KIND_UNKNOWN'],
    ] as const
    for (const [bytes, code] of zips) {
      const { json } = await desk.ask('POST', `/api/batches/${batchId}/attachments`, { bytes })
      expect(json).toMatchObject({ code: 'BATCH_FILE_INVALID', errors: [{ code }] })
    }
    const kept = await desk.house.database.query('select 1 from licence.batch_pictures where batch_id = $1', [batchId])
    expect(kept).toEqual([])
  })

  it('want a column that is there, and a grade', async () => {
    const batchId = await desk.take(toCsv([header, row(31, 'a.png')]), transportLicence)
    const { suggested } = (await desk.ask('GET', `/api/batches/${batchId}/mappings`)).json
    const map = async (scans: object) => {
      const { json } = await desk.ask('PUT', `/api/batches/${batchId}/mapping`, {
        body: { mapping: { ...suggested, scans } },
      })
      return json.errors?.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code])
    }
    expect(await map({ column: '没有', by: 'file-names' })).toEqual([
      ['/scans/column', 'COLUMN_UNKNOWN'],
      ['/scans/grade', 'SCAN_GRADE_MISSING'],
    ])
    expect(await map({ ...byFiles, grade: undefined })).toBeUndefined()
  })

  it('are named by rows that come through the API', async () => {
    const opened = await desk.ask('POST', '/api/batches', { body: { typeCode: transportLicence, title: '逐行' } })
    const { batchId, mapping } = opened.json
    const path = `/api/batches/${batchId}`
    const files = { 'a.png': pngOf(10, 10, 3), 'b.png': pngOf(10, 10, 4) }
    const rows = [{ ...transportData(40), scans: Object.keys(files), grade: 'D' }]
    await desk.ask('POST', `${path}/rows`, { body: { rows } })
    await desk.ask('POST', `${path}/attachments`, { bytes: makeZip(files) })
    const scans = { column: 'scans', by: 'file-names', gradeColumn: 'grade' }
    await desk.ask('PUT', `${path}/mapping`, { body: { mapping: { ...mapping, scans } } })
    await desk.ask('POST', `${path}/checks`)
    expect(await desk.until(batchId, 'checked')).toMatchObject({ counts: { valid: 1 } })
    await desk.start(batchId)
    await desk.until(batchId, 'done')
    const [made] = await rowsOf(batchId)
    expect((await scansOf(made!.identifier)).map(({ grade }) => grade)).toEqual(['D', 'D'])
  })
})
