// Collected licences at the ends of the calendar.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { makePdf } from '../pades/documents.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments } from '../support/service.ts'
import { type Call, oldSystem, openDesk } from './intake-desk.ts'

const SOURCE = '老证照系统'
const [market] = departments

for (const engine of engines)
  describe(`intake at the ends of the calendar on ${engine.name}`, () => {
    let desk: Awaited<ReturnType<typeof openDesk>>
    let document: string
    let serial = 0
    const call = (path: string, of?: Call) => desk.call(path, of)
    const newIdentifier = () =>
      formatIdentifier({ typeCode: businessLicence, issuerCode: market.code, serial: `OLD${++serial}`, version: 1 })
    const inForce = () => ({ state: 'in force', asOf: desk.house.clock.now().toISOString() })

    beforeAll(async () => {
      desk = await openDesk(engine)
      const { house } = desk
      const body = { source: SOURCE, clientId: oldSystem.id, typeCodes: [businessLicence] }
      expect((await call('/api/intake-sources', { person: 'reviewer', body })).status).toBe(201)
      const pdf = await makePdf()
      const [seal] = await house.seals.seals(market.code)
      const sealed = await house.seals.sealDocuments(clerk, [
        {
          ...{ identifier: newIdentifier(), typeCode: businessLicence, sealId: seal!.id, level: 'B-LT', pdf },
          ...{ unsignedDigest: createHash('sha256').update(pdf).digest('hex'), place: { page: 0, x: 400, y: 200 } },
        },
      ])
      document = Buffer.from(sealed[0]!.pdf).toString('base64')
    })
    afterAll(async () => {
      await desk?.stop()
      await desk?.house.close()
    })

    async function bring(changed: object = {}, status: object = inForce()) {
      const identifier = newIdentifier()
      const metadata = {
        ...{ ZZBS: identifier, ZZLXDM: businessLicence, ZZMC: '营业执照', ZZBH: `旧字第${serial}号` },
        ...{ ZZBFJG: market.name.zh, ZZBFJGDM: market.code, ZZBFRQ: '20200301' },
        ...{ CZZT: '云汀旧货有限公司', CZZTDM: '91330199MA00000X1Y', CZZTDMLXDM: '001', ...changed },
      }
      const { json } = await call('/api/collected-licences', { body: { source: SOURCE, metadata, document, status } })
      return {
        identifier,
        said: [json.code, ...(json.errors ?? []).map(({ pointer }: { pointer: string }) => pointer)],
      }
    }

    it('refuses days and times that no calendar of the register has', async () => {
      const ask = async (...of: Parameters<typeof bring>) => (await bring(...of)).said
      for (const name of ['ZZBFRQ', 'ZZYXQQSRQ', 'ZZYXQJZRQ'])
        expect(await ask({ [name]: '00010101' })).toEqual(
          expect.arrayContaining(['LICENCE_DATA_INVALID', `/metadata/${name}`]),
        )
      expect(await ask({ ZZBFRQ: '00010102', ZZYXQJZRQ: '99991231' })).toEqual([undefined])
      const before = '0000-01-01T00:00:00+14:00'
      expect(await ask({}, { state: 'in force', asOf: before })).toEqual(['REQUEST_INVALID', '/status/asOf'])
      const from = { ...inForce(), state: 'revoked', effectiveAt: before }
      expect(await ask({}, from)).toEqual(['REQUEST_INVALID', '/status/effectiveAt'])
      const { identifier } = await bring()
      const path = `/api/collected-licences/${identifier}/status-reports`
      expect((await call(path, { body: { state: 'revoked', asOf: before } })).json.code).toBe('REQUEST_INVALID')
      const status = await call(`/api/licences/${identifier}/status?asOf=${encodeURIComponent(before)}`)
      expect([status.status, status.json.code]).toEqual([422, 'REQUEST_INVALID'])
    })

    it('takes every place in the list that it gave, also of a report that was told for a time before the year 1', async () => {
      const { identifier } = await bring()
      await bring()
      await desk.house.database.query(`update licence.licences set status_reported_at = $2 where identifier = $1`, [
        identifier,
        new Date('-000001-12-31T10:00:00Z'),
      ])
      const page = (cursor = '') =>
        call(`/api/collected-licences?source=${encodeURIComponent(SOURCE)}&limit=1${cursor}`, { person: 'reviewer' })
      const { json } = await page()
      expect(json.items).toMatchObject([{ identifier }])
      expect(await page(`&cursor=${json.next}`)).toMatchObject({ status: 200 })
    })
  })
