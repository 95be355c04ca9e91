// Scans of paper stock: kept sealed beside their licence with a grade, read by those entitled and never unrecorded.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePdf } from '../pades/documents.ts'
import { engines } from '../support/engines.ts'
import { jpegOf, pngOf } from '../support/pictures.ts'
import { businessLicence, clerk, exampleOf, type House } from '../support/service.ts'
import { type Call, openDesk } from './intake-desk.ts'

for (const engine of engines) {
  describe(`scans on ${engine.name}`, () => {
    let desk: Awaited<ReturnType<typeof openDesk>>
    let house: House
    let identifier: string
    const call = (path: string, of?: Call) => desk.call(path, { person: 'clerk', ...of })
    const add = (bytes: Uint8Array, grade = 'B', of: Call = {}) =>
      call(`/api/licences/${identifier}/scans?grade=${grade}`, { bytes, ...of })

    beforeAll(async () => {
      desk = await openDesk(engine)
      house = desk.house
      const [issued] = await house.licences.issueLicences(clerk, [
        { key: 'scanned', typeCode: businessLicence, data: exampleOf() },
      ])
      if (!issued?.ok) throw new Error('no licence')
      identifier = issued.licence.identifier
    })
    afterAll(async () => {
      await desk?.stop()
      await house?.close()
    })

    it('keeps a scan sealed, with its grade and who gave it, and gives it back as it was', async () => {
      const picture = pngOf(2480, 3508)
      const added = await add(picture, 'C')
      expect(added.status).toBe(201)
      const digest = createHash('sha256').update(picture).digest('hex')
      expect(added.json).toMatchObject({ mediaType: 'image/png', grade: 'C', gradedBy: clerk.id, digest })
      const listed = await call(`/api/licences/${identifier}/scans`, { person: 'viewer' })
      expect(listed.json.items).toEqual([added.json])
      const read = await call(`/api/licences/${identifier}/scans/${added.json.scanId}`, { person: 'viewer' })
      expect([read.headers.get('content-type'), read.headers.get('content-disposition')?.split(';')[0]]).toEqual([
        'image/png',
        'attachment',
      ])
      expect(Buffer.compare(read.bytes, picture)).toBe(0)
      const [{ blob }] = (await house.database.query<{ blob: string }>('select blob from licence.scans', [])) as [
        { blob: string },
      ]
      expect(Buffer.from(await house.blobs.get(blob)).includes('IHDR')).toBe(false)
      const records = await house.database.query(
        `select actor, action from licence.audit_records where identifier = $1 and action like '%scan%' order by record`,
        [identifier],
      )
      expect(records).toEqual([
        { actor: clerk.id, action: 'add-scan' },
        { actor: 'viewer', action: 'read-scan' },
      ])
      const reads = await house.database.query(
        `select reader from licence.reads where identifier = $1 and what = 'document'`,
        [identifier],
      )
      expect(reads).toEqual([{ reader: 'viewer' }])
    })

    it('takes the same file once, however often and by however many it is sent', async () => {
      const file = jpegOf(1240, 1754)
      const answers = await Promise.all([add(file, 'A'), add(file, 'A'), add(file, 'D')])
      const [first] = answers.map(({ json }) => json)
      expect(answers.map(({ json }) => json.scanId)).toEqual([first.scanId, first.scanId, first.scanId])
      const { items } = (await call(`/api/licences/${identifier}/scans`)).json
      expect(items.filter(({ digest }: { digest: string }) => digest === first.digest)).toHaveLength(1)
    })

    it('is graded anew by a reviewer, and keeps what was said before', async () => {
      const { scanId } = (await add(await makePdf(), 'A')).json
      const path = `/api/licences/${identifier}/scans/${scanId}/grades`
      expect((await call(path, { body: { grade: 'D' } })).status).toBe(403)
      const graded = await call(path, { person: 'reviewer', body: { grade: 'D' } })
      expect(graded.json.items).toMatchObject([
        { grade: 'A', gradedBy: clerk.id },
        { grade: 'D', gradedBy: 'reviewer' },
      ])
      const { items } = (await call(`/api/licences/${identifier}/scans`)).json
      expect(items.find((one: { scanId: string }) => one.scanId === scanId)).toMatchObject({ grade: 'D' })
      await expect(house.database.query('delete from licence.scan_grades', [])).rejects.toThrow(/only ever added/)
    })

    it('is found by its grade as it stands now, page by page, by the own department alone', async () => {
      const list = async (query: string, person = 'viewer') => (await call(`/api/scans?${query}`, { person })).json
      const all = await list('limit=200')
      const inAll = all.items.map(({ scanId }: { scanId: string }) => scanId)
      expect([all.next, inAll.length > 2]).toEqual([null, true])
      expect(all.items[0]).toMatchObject({
        identifier,
        typeCode: businessLicence,
        grade: 'D',
        mediaType: 'application/pdf',
      })
      const ofD = all.items.filter(({ grade }: { grade: string }) => grade === 'D')
      expect((await list('grade=D')).items).toEqual(ofD)
      expect(ofD.length).toBeLessThan(inAll.length)
      const found: string[] = []
      for (let cursor = ''; ; ) {
        const { items, next } = await list(`limit=1${cursor}`)
        found.push(items[0].scanId)
        if (next === null) break
        cursor = `&cursor=${next}`
      }
      expect(found).toEqual(inAll)
      expect((await list('limit=5', 'otherClerk')).items).toEqual([])
      expect((await list('cursor=x')).code).toBe('LICENCE_CURSOR_INVALID')
      expect((await call('/api/scans?grade=E')).status).toBe(422)
    })

    it('refuses what is no scan, is damaged, or would be too many pixels', async () => {
      const jpegCut = jpegOf(100, 100).subarray(0, 9)
      for (const bytes of [
        Buffer.from('<html>'),
        Buffer.from('%PDF-1.7 and nothing else'),
        pngOf(0, 100),
        pngOf(40_000, 10),
        pngOf(20_000, 20_000),
        jpegOf(60_000, 60_000),
        jpegCut,
        Buffer.of(0xff, 0xd8, 0xff, 0xd9),
        pngOf(10, 10).subarray(0, 20),
      ])
        expect((await add(bytes)).json.code).toBe('SCAN_FILE_REFUSED')
      expect((await add(new Uint8Array((16 << 20) + 1))).status).toBe(413)
      expect((await add(pngOf(10, 10), 'E')).status).toBe(422)
    })

    it('is nobody else’s', async () => {
      const { scanId } = (await add(pngOf(30, 30))).json
      for (const person of ['otherClerk', 'strangeMachine']) {
        expect((await add(pngOf(20, 20), 'A', { person })).json.code).toBe('LICENCE_NOT_FOUND')
        const path = `/api/licences/${identifier}/scans`
        expect((await call(path, { person })).json.code).toBe('LICENCE_NOT_FOUND')
        expect((await call(`${path}/${scanId}`, { person })).json.code).toBe('LICENCE_NOT_FOUND')
      }
      expect((await add(pngOf(20, 20), 'A', { person: 'viewer' })).status).toBe(403)
      const missing = await call(`/api/licences/${identifier}/scans/${crypto.randomUUID()}`)
      expect(missing.json.code).toBe('SCAN_NOT_FOUND')
    })

    it('has a limit for each licence that holds when many come at once', async () => {
      const there = (await call(`/api/licences/${identifier}/scans`)).json.items.length as number
      await house.database.query(
        `with more as (
           insert into licence.scans (scan_id, identifier, media_type, bytes, digest, blob, added_by, added_at)
           select gen_random_uuid(), $1, 'image/png', 1, 'digest ' || n, 'blob ' || n, 'test', $2 from generate_series(1, $3::integer) n
           returning scan_id
         ) insert into licence.scan_grades (scan_id, grade, graded_by, graded_at) select scan_id, 'B', 'test', $2 from more`,
        [identifier, house.clock.now(), 49 - there],
      )
      const last = await Promise.all([200, 201, 202].map((mark) => add(pngOf(50, 50, mark))))
      expect(last.map(({ status, json }) => json.code ?? status).sort()).toEqual([
        201,
        'SCAN_TOO_MANY',
        'SCAN_TOO_MANY',
      ])
    })

    it('is not swept away, and is gone with the data key of its licence', async () => {
      const [scan] = await house.database.query<{ blob: string; scanId: string }>(
        `select blob, scan_id as "scanId" from licence.scans where added_by <> 'test' limit 1`,
        [],
      )
      house.clock.advance(10 * 86_400_000)
      await house.licences.sweepDocuments()
      expect((await house.blobs.get(scan!.blob)).length).toBeGreaterThan(0)
      await house.database.query('update licence.licences set wrapped_data_key = null where identifier = $1', [
        identifier,
      ])
      expect((await call(`/api/licences/${identifier}/scans/${scan!.scanId}`)).json.code).toBe('LICENCE_ERASED')
      expect((await add(pngOf(60, 60))).json.code).toBe('LICENCE_ERASED')
    })
  })
}
