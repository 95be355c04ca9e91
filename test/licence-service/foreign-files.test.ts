// Files of others, scans and collected documents, are judged apart from what the house mints: whatever one takes, nobody's licence waits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { verifyDocument } from '../../verifier/index.ts'
import { makePdf } from '../pades/documents.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf } from '../support/service.ts'
import { oldSystem, openDesk } from './intake-desk.ts'

describe.each(engines)('files of others on $name', (engine) => {
  const minted: string[] = []
  const foreign: string[] = []
  let isCostly = false
  let desk: Awaited<ReturnType<typeof openDesk>>
  let identifier: string
  beforeAll(async () => {
    desk = await openDesk(engine, {
      judge: (documents, evidence, policy, at) => {
        minted.push(...documents.map(({ name }) => name))
        return Promise.all(documents.map((document) => verifyDocument(document, evidence, policy, at)))
      },
      judgeForeign: async (document, ...by) => {
        foreign.push(document.name)
        return isCostly ? 'too-costly' : verifyDocument(document, ...by)
      },
    })
    const [issued] = await desk.house.licences.issueLicences(clerk, [
      { key: 'beside', typeCode: businessLicence, data: exampleOf() },
    ])
    identifier = issued!.ok ? issued!.licence.identifier : ''
    expect([minted.splice(0), foreign]).toEqual([[`${identifier}.pdf`], []])
  })
  afterAll(async () => {
    await desk?.stop()
    await desk?.house.close()
  })

  const addScan = async () => {
    const bytes = await makePdf()
    const { status, json } = await desk.call(`/api/licences/${identifier}/scans?grade=B`, { person: 'clerk', bytes })
    return [status, json.code, json.detail]
  }

  it('are judged apart: a scan', async () => {
    isCostly = false
    expect((await addScan())[0]).toBe(201)
    isCostly = true
    expect(await addScan()).toEqual([422, 'SCAN_FILE_REFUSED', expect.stringContaining('too involved')])
    expect([minted, foreign.splice(0)]).toEqual([[], ['scan.pdf', 'scan.pdf']])
  })

  it('are judged apart: a collected document', async () => {
    const source = '旧系统'
    const letIn = { source, clientId: oldSystem.id, typeCodes: [businessLicence], origins: [] }
    expect((await desk.call('/api/intake-sources', { person: 'reviewer', body: letIn })).status).toBe(201)
    const of = (serial: string) => {
      const metadata = {
        ZZBS: formatIdentifier({
          ...{ typeCode: businessLicence, issuerCode: departments[0].code, serial, version: 1 },
        }),
        ...{ ZZLXDM: businessLicence, ZZMC: '营业执照', ZZBH: '旧字第1号', ZZBFRQ: '20200301' },
        ...{ ZZBFJG: departments[0].name.zh, ZZBFJGDM: departments[0].code },
        ...{ CZZT: '云汀旧货有限公司', CZZTDM: '91330199MA00000X1Y', CZZTDMLXDM: '001' },
        ...{ ZZYXQQSRQ: '20200301', ZZYXQJZRQ: '99991231' },
      }
      return { source, metadata, status: { state: 'in force', asOf: desk.house.clock.now().toISOString() } }
    }
    const collect = async (serial: string) => {
      const document = Buffer.from(await makePdf()).toString('base64')
      const { json } = await desk.call('/api/collected-licences', { body: { ...of(serial), document } })
      return [json.code, json.detail]
    }
    isCostly = true
    expect(await collect('OLD1')).toEqual(['INTAKE_DOCUMENT_REFUSED', expect.stringContaining('more time or memory')])
    isCostly = false
    expect(await collect('OLD2')).toEqual(['INTAKE_DOCUMENT_REFUSED', expect.stringContaining('undecided')])
    expect(minted).toEqual([])
    expect(foreign.splice(0)).toHaveLength(2)
  })
})
