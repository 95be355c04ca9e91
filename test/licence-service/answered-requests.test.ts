// Requests that stand nowhere under their key but in the answer: grants for machines, sources, grades of scans.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { pngOf } from '../support/pictures.ts'
import { businessLicence, clerk, exampleOf } from '../support/service.ts'
import { openDesk } from './intake-desk.ts'

const DAY = 86_400_000

for (const engine of engines) {
  describe(`a key of a department on ${engine.name}`, () => {
    let desk: Awaited<ReturnType<typeof openDesk>>
    let identifier: string
    const post = (path: string, body: object, once?: string) =>
      desk.call(path, { person: 'reviewer', body, ...(once && { once }) })
    const read = async (path: string) => (await desk.call(path, { person: 'reviewer' })).json.items

    beforeAll(async () => {
      desk = await openDesk(engine)
      const [issued] = await desk.house.licences.issueLicences(clerk, [
        { key: 'graded', typeCode: businessLicence, data: exampleOf() },
      ])
      if (!issued?.ok) throw new Error('no licence')
      identifier = issued.licence.identifier
    })
    afterAll(async () => {
      await desk?.stop()
      await desk?.house.close()
    })

    it('grants a machine once: a late repeat is answered as at first and brings no ended grant back', async () => {
      const until = new Date(desk.house.clock.now().getTime() + 30 * DAY).toISOString()
      const grant = { clientId: 'client:robot', typeCode: businessLicence, until }
      const ends = { clientId: grant.clientId, typeCode: businessLicence }
      const first = await post('/api/unattended-grants', grant, 'g1')
      expect(first.status).toBe(201)
      const other = await post('/api/unattended-grants', { ...grant, clientId: 'client:other' }, 'g1')
      expect([other.status, other.json.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
      expect(await read('/api/unattended-grants')).toHaveLength(1)
      expect((await post('/api/unattended-grants/ends', ends, 'e1')).json).toEqual({ ended: true })
      desk.house.clock.advance(31 * DAY)
      const late = await post('/api/unattended-grants', grant, 'g1')
      expect([late.status, late.json]).toEqual([201, first.json])
      expect(await read('/api/unattended-grants')).toEqual([])
    })

    it('ends a grant once: a late repeat does not end the next one', async () => {
      const until = new Date(desk.house.clock.now().getTime() + DAY).toISOString()
      const ends = { clientId: 'client:robot', typeCode: businessLicence }
      await post('/api/unattended-grants', { ...ends, until })
      expect((await post('/api/unattended-grants/ends', ends, 'e2')).json).toEqual({ ended: true })
      await post('/api/unattended-grants', { ...ends, until })
      expect((await post('/api/unattended-grants/ends', ends, 'e2')).json).toEqual({ ended: true })
      expect(await read('/api/unattended-grants')).toHaveLength(1)
    })

    it('is free again where what it named was refused', async () => {
      const grant = { clientId: 'client:late', typeCode: businessLicence }
      const past = { ...grant, until: desk.house.clock.now().toISOString() }
      expect((await post('/api/unattended-grants', past, 'again')).json.code).toBe('CASE_TIME_REFUSED')
      const until = new Date(desk.house.clock.now().getTime() + DAY).toISOString()
      expect((await post('/api/unattended-grants', { ...grant, until }, 'again')).status).toBe(201)
    })

    it('lets a source in once, however many send it, and a late repeat opens no ended one', async () => {
      const source = { source: '旧系统', clientId: 'client:old', typeCodes: [businessLicence] }
      const [first, ...rest] = await Promise.all(
        Array.from({ length: 4 }, () => post('/api/intake-sources', source, 's1')),
      )
      expect(first!.status).toBe(201)
      for (const one of rest) expect([one.status, one.json]).toEqual([201, first!.json])
      const other = await post('/api/intake-sources', { ...source, clientId: 'client:other' }, 's1')
      expect(other.json.code).toBe('IDEMPOTENCY_KEY_REUSED')
      const end = { source: source.source }
      expect((await post('/api/intake-sources/ends', end, 's2')).json).toEqual({ ended: true })
      expect((await post('/api/intake-sources/ends', end, 's2')).json).toEqual({ ended: true })
      expect((await post('/api/intake-sources', source, 's1')).json).toEqual(first!.json)
      expect(await read('/api/intake-sources')).toMatchObject([{ endedAt: expect.any(String) }])
    })

    it('grades a scan once', async () => {
      const scans = `/api/licences/${identifier}/scans`
      const scan = await desk.call(`${scans}?grade=A`, { person: 'clerk', bytes: pngOf(2480, 3508) })
      const grades = `${scans}/${scan.json.scanId}/grades`
      const first = await post(grades, { grade: 'B' }, 'b')
      expect(first.json.items.map((one: { grade: string }) => one.grade)).toEqual(['A', 'B'])
      expect((await post(grades, { grade: 'D' }, 'b')).json.code).toBe('IDEMPOTENCY_KEY_REUSED')
      await post(grades, { grade: 'C' })
      expect((await post(grades, { grade: 'B' }, 'b')).json).toEqual(first.json)
      expect(await read(scans)).toMatchObject([{ grade: 'C' }])
    })
  })
}
