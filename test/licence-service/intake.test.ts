// Licences that other systems made: let in by a reviewer, brought by a machine, verified, told as collected everywhere, changed by reports
// of their owner alone. Scans of paper stock.
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { makePdf } from '../pades/documents.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, type House } from '../support/service.ts'
import { type Call, oldSystem, openDesk, serve } from './intake-desk.ts'

const SOURCE = '老证照系统'
const [market] = departments
const holder = { name: '云汀旧货有限公司', code: '91330199MA00000X1Y' }

for (const engine of engines) {
  describe(`intake on ${engine.name}`, () => {
    let house: House
    let desk: Awaited<ReturnType<typeof openDesk>>
    let files: Server
    let origin: string
    /** What the source's own file server has, by path. */
    const lying = new Map<string, Uint8Array>()
    let serial = 0
    const call = (path: string, of?: Call) => desk.call(path, of)

    beforeAll(async () => {
      desk = await openDesk(engine)
      house = desk.house
      files = createServer(({ url = '' }, answer) => {
        const file = lying.get(url)
        if (url === '/moved') answer.writeHead(302, { location: '/there' }).end()
        else answer.writeHead(file ? 200 : 404).end(file)
      })
      await new Promise<void>((done) => files.listen(0, '127.0.0.1', done))
      origin = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
      const body = { source: SOURCE, clientId: oldSystem.id, typeCodes: [businessLicence], origins: [origin] }
      expect((await call('/api/intake-sources', { person: 'reviewer', body })).status).toBe(201)
    })
    afterAll(async () => {
      files?.close()
      await desk?.stop()
      await house?.close()
    })

    const newIdentifier = (issuerCode: string = market.code) =>
      formatIdentifier({ typeCode: businessLicence, issuerCode, serial: `OLD${++serial}`, version: 1 })

    const metadataOf = (identifier: string) => ({
      ZZBS: identifier,
      ZZLXDM: businessLicence,
      ZZMC: '营业执照',
      ZZBH: `旧字第${serial}号`,
      ZZBFJG: market.name.zh,
      ZZBFJGDM: market.code,
      ZZBFRQ: '20200301',
      CZZT: holder.name,
      CZZTDM: holder.code,
      CZZTDMLXDM: '001',
    })

    /** A page that another system drew, under the department's seal. */
    async function sealedElsewhere(): Promise<Uint8Array> {
      const pdf = await makePdf()
      const [seal] = await house.database.query<{ id: string }>(
        `select seal_id as id from licence.type_assignments where department_code = $1 limit 1`,
        [market.code],
      )
      const [sealed] = await house.seals.sealDocuments(clerk, [
        {
          identifier: newIdentifier(),
          typeCode: businessLicence,
          sealId: seal!.id,
          unsignedDigest: createHash('sha256').update(pdf).digest('hex'),
          pdf,
          place: { page: 0, x: 400, y: 200 },
          level: 'B-LT',
        },
      ])
      return sealed!.pdf
    }

    const inForce = () => ({ state: 'in force', asOf: house.clock.now().toISOString() })
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

    /** Brings one in; answers its identifier. */
    async function bring(changed: object = {}): Promise<string> {
      const identifier = newIdentifier()
      const document = base64(await sealedElsewhere())
      const body = { source: SOURCE, metadata: metadataOf(identifier), document, status: inForce(), ...changed }
      const { status, json } = await call('/api/collected-licences', { body })
      expect([status, json.code]).toEqual([201, undefined])
      return identifier
    }

    it('puts a licence on the register as collected, with its source and the age of its state, and keeps its document as it came', async () => {
      const identifier = newIdentifier()
      const pdf = await sealedElsewhere()
      const status = inForce()
      const body = { source: SOURCE, metadata: metadataOf(identifier), document: base64(pdf), status }
      const once = crypto.randomUUID()
      const { json } = await call('/api/collected-licences', { body, once })
      const told = { origin: 'collected', source: SOURCE, statusReportedAt: status.asOf }
      expect(json).toMatchObject({ identifier, status: 'in force', ...told })
      expect((await call('/api/collected-licences', { body, once })).json).toEqual(json)
      house.clock.advance(86_400_000)
      const seen = (await call(`/api/licences/${identifier}`, { person: 'viewer' })).json
      expect(seen).toMatchObject({ ...told, status: 'in force', number: metadataOf(identifier).ZZBH })
      expect(seen.data.holders).toEqual([{ ...holder, codeType: '001' }])
      expect(seen.history).toMatchObject([{ event: 'collect', effectiveAt: '2020-02-29T16:00:00.000Z' }])
      expect((await call(`/api/licences/${identifier}/document`, { person: 'viewer' })).bytes).toEqual(pdf)
      const open = (await call(`/api/licences/${identifier}/status`)).json
      expect(open).toMatchObject({ ...told, status: 'in force', asOf: status.asOf })
      expect(await house.licences.readStatusByDigest(json.sealedDigest)).toMatchObject({ identifier, source: SOURCE })
      const stored = await house.database.query(
        `select count(*)::integer as n from licence.licences where identifier = $1 and position(convert_to($2, 'UTF8') in sealed_data) > 0`,
        [identifier, holder.name],
      )
      expect(stored).toEqual([{ n: 0 }])
    })

    it('is found by its holder, told to other departments as collected, and counted apart from what was issued', async () => {
      const identifier = await bring()
      const found = await call('/api/licences/searches', { person: 'viewer', body: { holderCode: holder.code } })
      expect(found.json.items).toContainEqual(expect.objectContaining({ identifier, origin: 'collected' }))
      const holderKey = house.licences.shared.keyOf(holder.code)
      const shared = await house.licences.shared.findByHolder({ holderKey, typeCode: businessLicence, most: 20 })
      const reportedAt = new Date(house.clock.now())
      house.clock.advance(3_600_000)
      expect(shared.map(({ identifier, ...brief }) => ({ identifier, ...brief }))).toContainEqual(
        expect.objectContaining({ identifier, origin: 'collected', source: SOURCE, statusAsOf: reportedAt }),
      )
      const reader = { id: 'reader', kind: 'machine', departmentCode: departments[1].code, matterCode: 'M-1' } as const
      const said = { name: holder.name, creditCode: holder.code, '@number': metadataOf(identifier).ZZBH }
      expect(
        await house.licences.shared.checkData(businessLicence, said, [{ fields: ['name'], issuerCodes: null }], reader),
      ).toEqual({
        code: 0,
        identifier,
      })
      const [counted] = await house.database.query<{ collected: number; issued: number }>(
        `select coalesce(sum(value) filter (where figure = 'collect'), 0)::integer as collected,
           coalesce(sum(value) filter (where figure = 'enter into force'), 0)::integer as issued
         from (select figure, value from licence.figure_changes union all select figure, value from licence.daily_figures) f`,
        [],
      )
      expect(counted!.collected).toBeGreaterThanOrEqual(2)
      expect(counted!.issued).toBe(0)
    })

    it('lets nobody bring licences but the machine that speaks for the source', async () => {
      const body = { source: SOURCE, metadata: metadataOf(newIdentifier()), document: 'JVBERi0=', status: inForce() }
      for (const person of ['otherMachine', 'strangeMachine', 'clerk'])
        expect((await call('/api/collected-licences', { person, body })).json.code).toBe('INTAKE_SOURCE_REFUSED')
      expect((await call('/api/collected-licences', { person: 'viewer', body })).status).toBe(403)
      expect((await call('/api/intake-sources', { person: 'clerk', body: {} })).status).toBe(403)
    })

    it('refuses metadata with every fault in its place', async () => {
      const identifier = newIdentifier()
      const { ZZBH: _, ...metadata } = metadataOf(identifier)
      const wrong = {
        ...metadata,
        ZZBS: `${identifier.slice(0, -1)}${identifier.endsWith('0') ? '1' : '0'}`,
        ZZBFRQ: '20990101',
        CZZTDM: [],
        KZ_nothing: 'x',
        XYZ: 'y',
      }
      const body = { source: SOURCE, metadata: wrong, document: 'JVBERi0=', status: inForce() }
      const { json } = await call('/api/collected-licences', { body })
      expect(json.code).toBe('LICENCE_DATA_INVALID')
      const faults = json.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code])
      expect(faults).toEqual(
        expect.arrayContaining([
          ['/metadata/ZZBS', 'MALFORMED'],
          ['/metadata/ZZBFRQ', 'IN_FUTURE'],
          ['/metadata/CZZTDM', 'MISSING'],
          ['/metadata/ZZBH', 'MISSING'],
          ['/metadata/KZ_nothing', 'UNKNOWN'],
          ['/metadata/XYZ', 'UNKNOWN'],
        ]),
      )
    })

    it('refuses licences of another department, of other types and from the future', async () => {
      const code = async (changed: object, status: object = inForce()) => {
        const metadata = { ...metadataOf(newIdentifier()), ...changed }
        const body = { source: SOURCE, metadata, document: 'JVBERi0=', status }
        return (await call('/api/collected-licences', { body })).json.code
      }
      const foreign = newIdentifier(departments[1].code)
      expect(await code({ ZZBS: foreign, ZZBFJGDM: departments[1].code })).toBe('INTAKE_SOURCE_REFUSED')
      expect(await code({ ZZLXDM: '11100000MB0143028R999' })).toBe('LICENCE_TYPE_NOT_ASSIGNED')
      const tomorrow = new Date(house.clock.now().getTime() + 86_400_000).toISOString()
      expect(await code({}, { state: 'in force', asOf: tomorrow })).toBe('INTAKE_TIME_REFUSED')
    })

    it('refuses what is no PDF, has no seal, was changed after it, or carries the data of another licence', async () => {
      const sealed = await sealedElsewhere()
      const changed = Uint8Array.from(sealed)
      // Within the first object of the page: under the seal.
      changed[200]! ^= 1
      const issued = await house.licences.issueLicences(clerk, [
        { key: 'for-intake', typeCode: businessLicence, data: exampleOf() },
      ])
      const own = issued[0]!.ok ? issued[0]!.licence.identifier : ''
      const ownPdf = await house.licences.readDocument(clerk, own)
      for (const [pdf, code] of [
        [Buffer.from('not a PDF'), 'INTAKE_DOCUMENT_REFUSED'],
        [await makePdf(), 'INTAKE_DOCUMENT_REFUSED'],
        [changed, 'INTAKE_DOCUMENT_REFUSED'],
        [ownPdf, 'INTAKE_DOCUMENT_DIFFERS'],
      ] as const) {
        const metadata = metadataOf(newIdentifier())
        const body = { source: SOURCE, metadata, document: base64(pdf), status: inForce() }
        expect((await call('/api/collected-licences', { body })).json.code).toBe(code)
        expect((await call(`/api/licences/${metadata.ZZBS}/status`)).json.status).toBe('unknown')
      }
      const body = { source: SOURCE, metadata: metadataOf(own), document: base64(ownPdf), status: inForce() }
      expect((await call('/api/collected-licences', { body })).json.code).toBe('INTAKE_ALREADY_THERE')
    })

    it('answers a repeated key after a restart as before it', async () => {
      const once = crypto.randomUUID()
      const document = base64(await sealedElsewhere())
      const body = { source: SOURCE, metadata: metadataOf(newIdentifier()), document, status: inForce() }
      const { json } = await call('/api/collected-licences', { body, once })
      const again = await house.reopen()
      const door = await serve(again)
      expect((await door.call('/api/collected-licences', { body, once })).json).toEqual(json)
      const other = { ...body, status: { ...body.status, state: 'revoked' } }
      expect((await door.call('/api/collected-licences', { body: other, once })).json.code).toBe(
        'IDEMPOTENCY_KEY_REUSED',
      )
      await door.stop()
      await again.close()
    })

    it('takes one of several who bring the same licence at once', async () => {
      const identifier = newIdentifier()
      const document = base64(await sealedElsewhere())
      const body = { source: SOURCE, metadata: metadataOf(identifier), document, status: inForce() }
      const answers = await Promise.all([1, 2, 3].map(() => call('/api/collected-licences', { body })))
      expect(answers.map(({ status, json }) => json.code ?? status).sort()).toEqual([
        201,
        'INTAKE_ALREADY_THERE',
        'INTAKE_ALREADY_THERE',
      ])
    })

    it('fetches a file from the origins of its source and from nowhere else', async () => {
      lying.set('/ok.pdf', await sealedElsewhere())
      lying.set('/long.pdf', new Uint8Array((1 << 20) + 1))
      const at = async (indexUrl: string) => {
        const metadata = metadataOf(newIdentifier())
        const { status, json } = await call('/api/collected-licences', {
          body: { source: SOURCE, metadata, indexUrl, status: inForce() },
        })
        return json.code ?? status
      }
      expect(await at(`${origin}/ok.pdf`)).toBe(201)
      for (const elsewhere of [
        'http://169.254.169.254/latest',
        'https://example.test/ok.pdf',
        `${origin.replace('http://', 'http://user:pass@')}/ok.pdf`,
        'file:///etc/passwd',
        'nonsense',
      ])
        expect(await at(elsewhere)).toBe('INTAKE_ADDRESS_REFUSED')
      for (const path of ['/none.pdf', '/moved', '/long.pdf'])
        expect(await at(origin + path)).toBe('INTAKE_FILE_UNREACHABLE')
      for (const bad of ['http://old.example.test', 'https://old.example.test/path', 'ftp://old.example.test', 'old']) {
        const body = { source: 'x', clientId: 'client:x', typeCodes: [businessLicence], origins: [bad] }
        expect((await call('/api/intake-sources', { person: 'reviewer', body })).json.code).toBe(
          'INTAKE_ADDRESS_REFUSED',
        )
      }
    })

    it('follows the reports of its owner, which only go forward in time', async () => {
      const identifier = await bring()
      const begun = house.clock.now().getTime()
      const report = (state: string, hours: number, person = 'oldSystem') =>
        call(`/api/collected-licences/${identifier}/status-reports`, {
          person,
          body: { state, asOf: new Date(begun + hours * 3_600_000).toISOString(), reason: '原系统通报' },
        })
      expect((await report('suspended', 5)).json.code).toBe('INTAKE_TIME_REFUSED')
      house.clock.advance(10 * 3_600_000)
      expect((await report('suspended', 2, 'otherMachine')).json.code).toBe('INTAKE_SOURCE_REFUSED')
      expect((await report('suspended', 2, 'strangeMachine')).json.code).toBe('LICENCE_NOT_FOUND')
      const both = await Promise.all([report('suspended', 2), report('suspended', 2)])
      expect(both.map(({ status }) => status)).toEqual([201, 201])
      expect((await report('in force', 1)).json.code).toBe('INTAKE_STATUS_STALE')
      expect((await report('revoked', 2)).json.code).toBe('INTAKE_STATUS_STALE')
      expect((await report('in force', 4)).json).toMatchObject({ status: 'in force' })
      expect((await report('in force', 6)).json.statusReportedAt).toBe(new Date(begun + 6 * 3_600_000).toISOString())
      expect((await report('revoked', 8)).json).toMatchObject({ status: 'revoked' })
      expect((await report('in force', 9)).json.code).toBe('LICENCE_TRANSITION_REFUSED')
      const seen = (await call(`/api/licences/${identifier}`, { person: 'viewer' })).json
      expect(seen.history.map(({ event }: { event: string }) => event)).toEqual([
        'collect',
        'suspend',
        'restore',
        'revoke',
      ])
      expect(seen.history[1].reason).toBe('原系统通报')
      const then = new Date(begun + 3 * 3_600_000).toISOString()
      const asOf = await call(`/api/licences/${identifier}/status?asOf=${encodeURIComponent(then)}`)
      expect(asOf.json).toMatchObject({ status: 'suspended', asOf: then })
    })

    it('takes reports about many at once, each by itself', async () => {
      const [one, other] = [await bring(), await bring()]
      house.clock.advance(3_600_000)
      const asOf = house.clock.now().toISOString()
      const reports = [
        { identifier: one, state: 'suspended', asOf },
        { identifier: newIdentifier(), state: 'revoked', asOf },
        { identifier: other, state: 'cancelled', asOf },
        { identifier: other, state: 'in force', asOf },
      ]
      const { status, json } = await call('/api/collected-status-reports', { body: { reports } })
      expect(status).toBe(200)
      expect(json.items).toMatchObject([
        { ok: true, identifier: one, status: 'suspended' },
        { ok: false, code: 'LICENCE_NOT_FOUND' },
        { ok: true, identifier: other, status: 'cancelled' },
        { ok: false, identifier: other, code: 'INTAKE_STATUS_STALE' },
      ])
      const many = { reports: Array.from({ length: 201 }, () => reports[0]) }
      expect((await call('/api/collected-status-reports', { body: many })).status).toBe(422)
    })

    it('comes in with the state that it has', async () => {
      const effectiveAt = '2022-05-01T00:00:00.000Z'
      const identifier = await bring({ status: { ...inForce(), state: 'revoked', effectiveAt } })
      const past = await house.licences.readStatus(identifier, new Date('2021-01-01T00:00:00Z'))
      expect([past.status, (await house.licences.readStatus(identifier)).status]).toEqual(['in force', 'revoked'])
    })

    it('is listed by its source, those longest without a report of their state first', async () => {
      const identifier = await bring()
      house.clock.advance(60_000)
      const later = await bring()
      const path = `/api/collected-licences?source=${encodeURIComponent(SOURCE)}`
      const list = async (query: string, person = 'reviewer') => (await call(`${path}${query}`, { person })).json
      const { items } = await list('&limit=200')
      const reported = items.map(({ statusReportedAt }: { statusReportedAt: string }) => statusReportedAt)
      expect(reported).toEqual(reported.toSorted())
      expect(items.slice(-2)).toMatchObject([
        { identifier, status: 'in force', typeCode: businessLicence },
        { identifier: later, status: 'in force' },
      ])
      const found: unknown[] = []
      for (let cursor = ''; ; ) {
        const page = await list(`&limit=3${cursor}`)
        found.push(...page.items)
        if (page.next === null) break
        cursor = `&cursor=${page.next}`
      }
      expect(found).toEqual(items)
      expect(JSON.stringify(items)).not.toContain(holder.name)
      expect((await list('&cursor=x')).code).toBe('LICENCE_CURSOR_INVALID')
      expect((await list('', 'viewer')).status).toBe(403)
    })

    it('is changed by nobody here, copied by nobody and never sealed anew', async () => {
      const identifier = await bring()
      const before = (await call(`/api/licences/${identifier}/document`, { person: 'clerk' })).bytes
      const revoked = house.licences.revoke(clerk, { identifier, reason: 'x' })
      await expect(revoked).rejects.toMatchObject({ code: 'LICENCE_COLLECTED' })
      const replaces = { identifier, reason: 'x' }
      const order = { key: 'follow-collected', typeCode: businessLicence, data: exampleOf(), replaces }
      expect(await house.licences.replace(clerk, order)).toMatchObject({ error: { code: 'LICENCE_COLLECTED' } })
      const copy = {
        ...{ identifier, purpose: '核验', recipient: { name: '某银行' }, fields: [] },
        expiresAt: new Date(house.clock.now().getTime() + 3_600_000).toISOString(),
      }
      expect((await call('/api/copies', { person: 'clerk', body: copy })).json.code).toBe('LICENCE_COLLECTED')
      house.clock.advance(20 * 366 * 86_400_000)
      expect(await house.licences.archiveEnded()).toBe(0)
      expect(await house.licences.raiseToTarget()).toEqual({ done: 0, left: 0 })
      expect((await call(`/api/licences/${identifier}/document`, { person: 'clerk' })).bytes).toEqual(before)
    })
  })
}
