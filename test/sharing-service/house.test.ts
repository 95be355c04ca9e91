// The sharing service in the running house: real licences, real routes, the record that holders see, and the GB/T 36906 interface.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoDepartments, type Role } from '../../directory/index.ts'
import { formatIdentifier, parseIdentifier } from '../../licence-format/index.ts'
import {
  businessLicence,
  exampleOf,
  marriageCertificate,
  type Reply,
  type RunningHouse,
  type Stem,
  startHouse,
} from '../support/running-house.ts'

let running: RunningHouse
let licence: string
let marriage: string
const keys = new Map<string, string>()
const codeOf = (stem: Stem) => demoDepartments.find((one) => one.stem === stem)!.code
const key = (stem: Stem, role: Role) => keys.get(`${stem} ${role}`)!

beforeAll(async () => {
  running = await startHouse()
  for (const stem of ['housing', 'civil', 'market'] as const)
    for (const role of ['licence-user', 'licence-reviewer', 'auditor'] as const)
      keys.set(
        `${stem} ${role}`,
        await running.house.directory.makeApiKey({
          name: role,
          departmentCode: codeOf(stem),
          roles: [role],
          expiresAt: null,
        }),
      )
  const issue = async (stem: Stem, typeCode: string): Promise<string> => {
    const body = { typeCode, data: exampleOf(typeCode) }
    return (await running.call('/api/licences', { key: running.issuers[stem], once: `sharing-${typeCode}`, body })).json
      .identifier
  }
  licence = await issue('market', businessLicence)
  marriage = await issue('civil', marriageCertificate)
  const matter = { matterCode: 'SG-01', name: '建筑工程施工许可证核发' }
  const answer = await running.call('/api/sharing/matters', { key: key('housing', 'licence-reviewer'), body: matter })
  expect(answer.status).toBe(201)
})
afterAll(() => running?.close())

const why = { matterCode: 'SG-01', purpose: '办理施工许可' }
const fetchAs = (path: string, body: unknown, once?: string): Promise<Reply> =>
  running.call(`/api/shared/${path}`, { key: key('housing', 'licence-user'), body, ...(once && { once }) })

describe('fetching in the running house', () => {
  it('finds licences of a holder and type, and gives nothing of the holder', async () => {
    const { creditCode, name } = exampleOf(businessLicence)
    const { status, json, text } = await fetchAs('searches', {
      ...why,
      holderCode: creditCode,
      typeCode: businessLicence,
    })
    expect(status).toBe(200)
    expect(json.items).toMatchObject([{ identifier: licence, status: 'in force', origin: 'issued' }])
    expect(text).not.toContain(creditCode)
    expect(text).not.toContain(name)
  })

  it('gives the fields that are asked for and shared, and says why not the others', async () => {
    const asked = { ...why, identifier: licence, fields: ['name', '@number', 'shoeSize'] }
    const { status, json } = await fetchAs('data', asked)
    expect(status).toBe(200)
    expect(json.fields).toEqual({ name: exampleOf(businessLicence)['name'], '@number': expect.any(String) })
    expect(json.refused).toEqual([{ field: 'shoeSize', why: 'not a field' }])
  })

  it('gives nothing for a matter that the department has not, and nothing without an agreement', async () => {
    const unknown = await fetchAs('data', { ...why, matterCode: 'XX', identifier: licence })
    expect([unknown.status, unknown.json.code]).toEqual([403, 'MATTER_UNKNOWN'])
    const refused = await fetchAs('data', { ...why, identifier: marriage, legalBasis: '法' })
    expect([refused.status, refused.json.code]).toEqual([403, 'SHARING_NOT_ENTITLED'])
  })

  it('answers alike for a licence that is there and one that is not, to whoever may not have it', async () => {
    const { typeCode, issuerCode } = parseIdentifier(marriage)
    const absent = formatIdentifier({ typeCode, issuerCode, serial: '999', version: 1 })
    const there = await fetchAs('data', { ...why, identifier: marriage })
    const other = await fetchAs('data', { ...why, identifier: absent })
    const shape = ({ status, json }: Reply) => [status, json.code, json.detail]
    expect(shape(there)).toEqual(shape(other))
  })

  it('goes by what two departments agreed, while they do', async () => {
    const propose = { key: key('civil', 'licence-reviewer'), once: 'offer' }
    const terms = {
      consumerCode: codeOf('housing'),
      typeCode: marriageCertificate,
      matterCodes: ['SG-01'],
      fields: ['registeredOn'],
      legalBasis: '《条例》第一条',
      validFrom: running.clock.now().toISOString(),
      validUntil: new Date(running.clock.now().getTime() + 86_400_000).toISOString(),
      dailyUses: 100,
      dailyHolders: 100,
    }
    const offer = await running.call('/api/sharing/agreements', { ...propose, body: terms })
    expect(offer.status).toBe(201)
    const repeat = await running.call('/api/sharing/agreements', { ...propose, body: terms })
    expect(repeat.json.id).toBe(offer.json.id)
    const other = await running.call('/api/sharing/agreements', { ...propose, body: { ...terms, dailyUses: 7 } })
    expect([other.status, other.json.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    const act = (what: string, stem: Stem) =>
      running.call(`/api/sharing/agreements/${offer.json.id}/${what}`, {
        method: 'POST',
        key: key(stem, 'licence-reviewer'),
      })
    expect((await act('acceptances', 'civil')).json.code).toBe('AGREEMENT_NOT_FOUND')
    expect((await act('acceptances', 'market')).json.code).toBe('AGREEMENT_NOT_FOUND')
    const asked = { ...why, identifier: marriage, legalBasis: '《条例》第一条' }
    expect((await fetchAs('data', asked)).json.code).toBe('SHARING_NOT_ENTITLED')
    expect((await act('acceptances', 'housing')).json.state).toBe('accepted')
    const given = await fetchAs('data', asked)
    expect(given.json.fields).toEqual({ registeredOn: exampleOf(marriageCertificate)['registeredOn'] })
    expect((await fetchAs('data', { ...asked, legalBasis: undefined })).json.code).toBe('SHARING_LEGAL_BASIS_MISSING')
    expect((await act('endings', 'civil')).json.state).toBe('ended')
    expect((await fetchAs('data', asked)).json.code).toBe('SHARING_AGREEMENT_ENDED')
  })

  it('gives a copy for the purpose in place of the file, and the same one for the same key', async () => {
    const expiresAt = new Date(running.clock.now().getTime() + 10 * 86_400_000).toISOString()
    const asked = { ...why, identifier: licence, fields: ['name', 'creditCode'], expiresAt }
    const first = await fetchAs('files', asked, 'file-1')
    expect([first.status, first.json?.code]).toEqual([200, undefined])
    expect(Buffer.from(first.bytes.subarray(0, 5)).toString()).toBe('%PDF-')
    const again = await fetchAs('files', asked, 'file-1')
    expect(again.headers.get('copy-id')).toBe(first.headers.get('copy-id'))
    const content = Buffer.from(first.bytes).toString('base64')
    const checked = await fetchAs('file-checks', { ...why, content, typeCode: businessLicence })
    expect(checked.json).toMatchObject({ code: 0, verdict: 'accepted' })
  })

  it('checks files and data by code alone', async () => {
    const noFile = await fetchAs('file-checks', { ...why, content: Buffer.from('no file').toString('base64') })
    expect(noFile.json).toEqual({ code: 1, verdict: 'refused', identifier: null, status: null })
    const { creditCode, name } = exampleOf(businessLicence)
    const right = await fetchAs('data-checks', { ...why, typeCode: businessLicence, data: { creditCode, name } })
    expect(right.json).toEqual({ code: 0, meaning: { zh: '信息正确且有效', en: 'right and in force' } })
    const check = async (data: object) =>
      (await fetchAs('data-checks', { ...why, typeCode: businessLicence, data })).json.code
    expect(await check({ creditCode, name, legalRepresentative: '甲' })).toBe(6)
    // Nothing beside the code is right: as if there were no licence.
    expect(await check({ creditCode, name: '甲' })).toBe(5)
  })

  it('tells nobody who may not have a licence whether somebody has one', async () => {
    const data = { firstIdNumber: '110101199003077774', firstNationality: '中国' }
    const answer = await fetchAs('data-checks', { ...why, typeCode: marriageCertificate, data })
    expect(answer.json.code).toBe(4)
  })

  it('reads a QR code, and with fields the licence behind it', async () => {
    const { verification } = (await running.call(`/api/licences/${licence}`, { key: running.issuers.market })).json
      .links
    const plain = await fetchAs('qr-checks', { ...why, text: verification })
    expect(plain.json).toMatchObject({ verdict: 'accepted', identifier: licence, status: 'in force', data: null })
    const data = await fetchAs('qr-checks', { ...why, text: verification, fields: ['name'] })
    expect(data.json.data.fields).toEqual({ name: exampleOf(businessLicence)['name'] })
    expect((await fetchAs('qr-checks', { ...why, text: 'HELLO' })).json).toMatchObject({ identifier: null, data: null })
  })

  it('opens nothing of a licence by the code of a copy that counts no longer', async () => {
    const expiresAt = new Date(running.clock.now().getTime() + 10 * 86_400_000).toISOString()
    const file = await fetchAs('files', { ...why, identifier: licence, fields: ['name'], expiresAt }, 'file-qr')
    const text = /HTTPS:\/\/\S+\/Q\/[A-Z2-7]+/.exec(Buffer.from(file.bytes).toString('latin1'))![0]
    const ask = () => fetchAs('qr-checks', { ...why, text, fields: ['name'] })
    expect((await ask()).json).toMatchObject({ verdict: 'accepted', data: { fields: { name: expect.any(String) } } })
    running.clock.advance(60_000)
    const end = { key: running.issuers.market, once: 'end-copy', body: { reason: '用途已办结' } }
    expect((await running.call(`/api/copies/${file.headers.get('copy-id')}/revocations`, end)).status).toBe(201)
    const after = (await ask()).json
    expect(after).toMatchObject({ verdict: 'refused', identifier: licence, status: 'revoked', data: null })
    const accessToken = key('housing', 'licence-user')
    const head = { accessId: accessToken.split('_')[1]!, accessToken }
    const data = { useCause: '办理施工许可', itemCode: 'SG-01', qrcode: text }
    const facade = await running.call('/zzgxpt/queryCertInfoByQRcode', { body: { head, data } })
    expect(facade.json.head.status).toBe(10)
  })

  it('hands a copy out to whom it was made for while it is in force, and shows its users nobody else’s', async () => {
    const expiresAt = new Date(running.clock.now().getTime() + 10 * 86_400_000).toISOString()
    const asked = { ...why, identifier: licence, fields: ['name'], expiresAt }
    const copyId = (await fetchAs('files', asked, 'file-own')).headers.get('copy-id')!
    const get = async (path: string, who: string) => (await running.call(path, { key: who })).status
    const [own, theirs] = [key('housing', 'licence-user'), key('market', 'licence-user')]
    const [copy, document] = [`/api/copies/${copyId}`, `/api/copies/${copyId}/document`]
    expect([await get(copy, own), await get(document, own)]).toEqual([200, 200])
    const reads = await running.house.database.query<{ what: string }>(
      'select what from licence.reads where identifier = $1 order by at desc, read desc limit 3',
      [licence],
    )
    expect(reads.map(({ what }) => what)).toEqual(['copy-document', 'copy-read', 'copy'])
    expect([await get(copy, theirs), await get(document, theirs)]).toEqual([404, 404])
    const list = async (who: string) => (await running.call(`/api/licences/${licence}/copies`, { key: who })).json.items
    expect(await list(theirs)).toEqual([])
    expect((await list(running.issuers.market)).map((one: { copyId: string }) => one.copyId)).toContain(copyId)
    const order = { identifier: licence, purpose: '自用', recipient: { name: '自己' }, expiresAt, fields: ['name'] }
    const make = await running.call('/api/copies', { key: theirs, once: 'make-own', body: order })
    expect(make.json.code).toBe('PERMISSION_DENIED')
    running.clock.advance(60_000)
    const end = { key: running.issuers.market, once: 'end-own', body: { reason: '用途已办结' } }
    expect((await running.call(`/api/copies/${copyId}/revocations`, end)).status).toBe(201)
    const gone = await running.call(document, { key: own })
    expect([gone.status, gone.json.code]).toEqual([409, 'COPY_STATE_REFUSED'])
    const again = await fetchAs('files', asked, 'file-own')
    expect([again.status, again.json.code]).toEqual([409, 'COPY_STATE_REFUSED'])
    expect([await get(copy, own), await get(document, running.issuers.market)]).toEqual([200, 200])
  })

  it('fills a form by its own names', async () => {
    const map = {
      fields: [
        { formField: '建设单位', typeCode: businessLicence, field: 'name' },
        { formField: '配偶', typeCode: marriageCertificate, field: 'registeredOn' },
      ],
    }
    const form = { method: 'PUT', key: key('housing', 'licence-reviewer') }
    const path = '/api/sharing/prefill-maps/sgxk'
    expect((await running.call(path, { ...form, body: map })).json.version).toBe(1)
    expect((await running.call(path, { ...form, body: map })).json.version).toBe(1)
    const bad = { fields: [{ formField: 'x', typeCode: businessLicence, field: 'nothing' }] }
    expect((await running.call(path, { ...form, body: bad })).json.errors).toMatchObject([
      { pointer: '/fields/0/field', code: 'FIELD_UNKNOWN' },
    ])
    const { creditCode, name } = exampleOf(businessLicence)
    const { json } = await fetchAs('prefills', { ...why, formCode: 'sgxk', holderCode: creditCode })
    expect(json.values).toEqual({ 建设单位: name })
    expect(json.sources['建设单位'].identifier).toBe(licence)
    expect(json.missing).toEqual([{ formField: '配偶', why: 'not entitled' }])
  })

  it('stands whole in the record of the holder, without the clerk', async () => {
    const code = String(exampleOf(businessLicence)['creditCode'])
    const { shared } = running.house.licences
    const all = await running.house.sharing.accessesOf(shared.keyOf(code), running.clock.now(), 100)
    expect(all.length).toBeGreaterThanOrEqual(8)
    expect(new Set(all.map(({ departmentCode }) => departmentCode))).toEqual(new Set([codeOf('housing')]))
    expect(all.every(({ matter, purpose }) => matter === 'SG-01' && purpose === '办理施工许可')).toBe(true)
    expect(JSON.stringify(all)).not.toContain(key('housing', 'licence-user').split('_')[1])
    const asked = all.filter(({ fields }) => fields.includes('name') && fields.length === 2)
    expect(asked.length).toBeGreaterThanOrEqual(1)
  })

  it('tells the holder which kind of fetch it was, the matter by its name, and the fields by their labels', async () => {
    const { creditCode: code, name } = exampleOf(businessLicence)
    const { headers } = await running.call('/api/holder-sessions', { body: { name, code } })
    const cookie = headers.getSetCookie()[0]!.split(';')[0]!
    const { json } = await running.call('/api/wallet/accesses?limit=200', {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    })
    const shared = json.items.filter(({ by }: { by: string }) => by === 'sharing')
    const whats = new Set(shared.map(({ what }: { what: string }) => what))
    for (const what of ['shared-search', 'shared-data', 'shared-file', 'shared-prefill']) expect(whats).toContain(what)
    const data = shared.find(
      ({ what, fields }: { what: string; fields: string[] }) => what === 'shared-data' && fields.includes('@number'),
    )
    expect(data).toMatchObject({ matter: 'SG-01', matterName: '建筑工程施工许可证核发', isGranted: true })
    expect(data.fieldLabels.map(({ zh }: { zh: string }) => zh)).toEqual(['名称', '证照编号'])
    expect(shared.find(({ what }: { what: string }) => what === 'shared-search').fields).toEqual([])
  })

  it('shows auditors who asked and why, in their own range alone, and keeps the reasons sealed', async () => {
    const list = (stem: Stem) => running.call('/api/sharing/accesses?limit=3', { key: key(stem, 'auditor') })
    const { json } = await list('housing')
    expect(json.items).toHaveLength(3)
    expect(json.items[0]).toMatchObject({ matterCode: 'SG-01', purpose: '办理施工许可' })
    const second = await running.call(`/api/sharing/accesses?limit=3&cursor=${json.next}`, {
      key: key('housing', 'auditor'),
    })
    expect(second.json.items[0].at <= json.items[2].at).toBe(true)
    expect((await list('market')).json.items).toEqual([])
    const rows = await running.house.database.query('select * from sharing.accesses')
    expect(JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
      '施工许可',
    )
  })
})

describe('the interface of GB/T 36906', () => {
  const call = (service: string, data: unknown, head?: Record<string, string>): Promise<Reply> => {
    const accessToken = key('housing', 'licence-user')
    const accessId = accessToken.split('_')[1]!
    return running.call(`/zzgxpt/${service}`, { body: { head: head ?? { accessId, accessToken }, data } })
  }
  const cause = { useCause: '办理施工许可', itemCode: 'SG-01' }

  it('answers 200 with a head whatever comes, and 11 to whom it does not know', async () => {
    const bodies: unknown[] = [[], 'x', {}, { head: [] }, { head: { accessId: 'a', accessToken: 'b' } }]
    for (const body of bodies) {
      const reply = await running.call('/zzgxpt/queryCertInfo', { body })
      expect([reply.status, reply.json.head.status]).toEqual([200, 11])
    }
    const accessToken = key('housing', 'licence-reviewer')
    const notUser = await call('token', {}, { accessId: accessToken.split('_')[1]!, accessToken })
    expect(notUser.json.head).toEqual({ status: 11, message: '身份验证不通过' })
    const stolen = key('market', 'licence-user').split('_')[1]!
    const other = await call('token', {}, { accessId: stolen, accessToken: key('housing', 'licence-user') })
    expect(other.json.head.status).toBe(11)
    const token = await call('token', { yymc: 'x' })
    expect(token.json).toEqual({
      head: { status: 0, message: '成功' },
      data: { token: key('housing', 'licence-user') },
    })
    const noJson = await running.call('/zzgxpt/token', { bytes: '{' })
    expect([noJson.status, noJson.json.head.status]).toEqual([200, 99])
  })

  it('writes every answer in octets that UTF-8 and GB 18030 read alike', async () => {
    const reply = await call('queryCertInfo', { ...cause, certIdentifier: licence })
    expect(reply.json.head.status).toBe(0)
    expect(reply.bytes.every((octet) => octet < 0x80)).toBe(true)
    expect(JSON.parse(new TextDecoder('gb18030').decode(reply.bytes))).toEqual(reply.json)
  })

  it('gives lists, data, files, addresses and words of fields, in the names of the implementations in use', async () => {
    const { creditCode, name } = exampleOf(businessLicence)
    const found = await call('queryCertInfoByHolderCode', {
      ...cause,
      holderCode: creditCode,
      holderTypeCode: '001',
      certTypeCode: businessLicence,
    })
    expect(found.json.data.certList).toMatchObject([{ certIdentifier: licence, certName: '营业执照', certState: '0' }])
    const data = await call('queryCertInfo', { ...cause, zzbs: licence, meladataRange: 'name,creditCode' })
    expect(data.json.data).toMatchObject({ certIdentifier: licence, certData: { name, creditCode } })
    const file = await call('downloadFile', {
      itemCode: 'SG-01',
      certificateIdentifier: licence,
      certificateCopyCause: '办理施工许可',
      certificateCopyExpiringTime: '',
    })
    expect(file.json.head.status).toBe(0)
    expect(Buffer.from(file.json.data.content, 'base64').subarray(0, 5).toString()).toBe('%PDF-')
    const verified = await call('verifyFile', {
      ...cause,
      certTypeCode: businessLicence,
      contentType: 'base64',
      content: file.json.data.content,
    })
    expect(verified.json.data).toEqual({ result: 0, message: '文件验证通过' })
    const info = { ...cause, certTypeCode: businessLicence, certData: JSON.stringify({ creditCode, name }) }
    expect((await call('verifyCertInfo', info)).json.data).toEqual({ result: 0, message: '信息正确且有效' })
    const url = await call('downloadUrl', { ...cause, certIdentifier: licence })
    const { pathname, search } = new URL(url.json.data.content)
    const fetched = await running.call(pathname + search)
    expect(Buffer.from(fetched.bytes.subarray(0, 5)).toString()).toBe('%PDF-')
    expect((await running.call(`${pathname}?id=guess`)).status).toBe(404)
    const remarks = await call('getCertRemarkInfo', { certTypeCode: businessLicence })
    expect(remarks.json.data.fields[1]).toEqual({
      name: expect.any(String),
      valueType: 'credit-code',
      value: '',
      columnName: 'creditCode',
      orderNum: 2,
    })
  })

  it.each(['a\0', 'a\ud800'])('refuses the data of a check with %j in them as it refuses such a body', async (bad) => {
    const { creditCode } = exampleOf(businessLicence)
    for (const data of [
      { creditCode, [bad]: 'x' },
      { creditCode, name: bad },
    ]) {
      const info = { ...cause, certTypeCode: businessLicence, certData: JSON.stringify(data) }
      expect((await call('verifyCertInfo', info)).json.head).toEqual({ status: 99, message: '参数错误：certData' })
    }
  })

  it('tells what is not there, not entitled and not fit by the numbers in use', async () => {
    const status = async (service: string, data: unknown) => (await call(service, data)).json.head.status
    const search = { ...cause, certTypeCode: businessLicence, holderCode: '91330199MA00000000' }
    expect(await status('queryCertInfoByHolderCode', search)).toBe(10)
    expect(await status('queryCertInfoByHolderCode', { ...search, holderTypeCode: '111' })).toBe(103)
    expect(await status('queryCertInfo', { ...cause, certIdentifier: marriage })).toBe(100)
    expect(await status('queryCertInfo', { ...cause, certIdentifier: 'x' })).toBe(99)
    expect(await status('queryCertInfo', { useCause: 'x', certIdentifier: licence })).toBe(99)
    expect(await status('downloadFile', { ...cause, certIdentifier: licence, fileType: 'ofd' })).toBe(99)
    expect(await status('queryCertInfoByQRcode', { ...cause, qrcode: 'HELLO' })).toBe(10)
  })
})

it('logs no failure of ours and no word of a holder', () => {
  const log = running.logLines.join('\n')
  expect(running.logLines.filter((line) => /"level":"error"/.test(line))).toEqual([])
  for (const value of Object.values(exampleOf(businessLicence)))
    if (typeof value === 'string' && value.length > 6) expect(log.includes(value)).toBe(false)
})
