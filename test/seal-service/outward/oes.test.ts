import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asn1, ecdsaToRaw, eseal, OID, primitives, x509 } from '../../../pki/index.ts'
import { type Authority, createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, type Database, type Principal, systemIds } from '../../../platform/index.ts'
import { oesCodes, oesMessages } from '../../../seal-service/domain/oes.ts'
import { sealProblems } from '../../../seal-service/http/problems.ts'
import type { SealService } from '../../../seal-service/index.ts'
import { replaceField } from '../../fixtures/eseals.ts'
import { engines } from '../../support/engines.ts'
import { civil, createSealWorld, market, type SealWorld } from '../world.ts'

const user: Principal = {
  id: 'oa-system',
  name: '公文系统',
  kind: 'machine',
  departmentCode: market.code,
  roles: ['seal-user'],
}

describe.each(engines)('the calls of document systems on $name', ({ open }) => {
  let database: Database
  let world: SealWorld
  let seals: SealService
  let listening: Listening
  let who: Principal = user
  const authority: Authority = { authenticate: async () => who, isPermitted: () => true }

  beforeAll(async () => {
    database = await open()
    world = await createSealWorld(database)
    seals = world.another({
      esealTrust: async () => ({
        ...(await world.pki.pki.sm2Trust()),
        crls: [...(await world.pki.pki.sm2Trust()).crls, ...(await world.pki.pki.crls())],
        timeStampAnchors: world.pki.pki.anchors(),
      }),
    })
    await database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, per_day, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'role', 'seal-user', '{documents}', 12, $2, false, $2, 'keeper-1')`,
      [world.seal.id, world.pki.clock.now()],
    )
    const app = createApp({
      routeSets: [seals.routes],
      authority,
      ids: systemIds,
      log: createLog({ level: 'silent' }),
      baseUrl: 'http://localhost:8080',
      isProduction: false,
      trustedProxies: 0,
    })
    listening = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await listening?.stop()
    await world?.close()
  })

  const call = async (path: string, body?: object, method = body ? 'POST' : 'GET') => {
    const response = await fetch(`${listening.url}/api/oes${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    })
    return { status: response.status, json: (await response.json()) as Record<string, never> }
  }
  const hashOf = async (text: string) => primitives.digest('SM3', new TextEncoder().encode(text))
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const wish = async (documentId: string, changed: object = {}) => ({
    sealId: world.seal.id,
    documentId,
    dataHash: base64(await hashOf(documentId)),
    propertyInfo: '/Doc_0/Signs/Sign_0/Signature.xml',
    ...changed,
  })
  const usesOf = async (documentId: string) => {
    const rows = await database.query<{ phase: string }>(
      'select phase from seal.seal_uses where identifier = $1 order by phase',
      [`oes:${world.seal.id}:${documentId}`],
    )
    return rows.map(({ phase }) => phase)
  }

  it('lists the department’s seals in use, in the form of the standard too', async () => {
    const { json } = await call('/seals')
    expect(json).toMatchObject({ code: '00', items: [{ id: world.seal.id, name: market.name }] })
    expect(json['list']).toBe(`${world.seal.id}\0${market.name}\0\0`)
    who = { ...user, departmentCode: '11330199MB00000033' }
    expect((await call('/seals')).json).toMatchObject({ code: '04', items: [], list: '\0' })
    who = user
  })

  it('hands out the seal, what it says of itself, and its picture, pale as a preview', async () => {
    const der = new Uint8Array(await (await fetch(`${listening.url}/api/oes/seals/${world.seal.id}`)).arrayBuffer())
    expect(eseal.parseSeal(der).info.esId).toBe(world.seal.id)
    const { json } = await call(`/seals/${world.seal.id}/info?version=4`)
    expect(json).toMatchObject({ code: '00', sealID: world.seal.id, version: 4, name: market.name, certListType: 1 })
    const picture = async (flag: number) =>
      (await fetch(`${listening.url}/api/oes/seals/${world.seal.id}/picture?flag=${flag}`)).text()
    expect(await picture(0)).toBe(await seals.sealPictureSvg(world.seal.id))
    expect(await picture(1)).toBe(await picture(0))
    expect(await picture(2)).toContain('opacity="0.3"')
  })

  it('digests by SM3 and names its methods and the time', async () => {
    const response = await fetch(`${listening.url}/api/oes/digest`, {
      method: 'POST',
      body: 'abc',
      headers: { 'Content-Type': 'application/octet-stream' },
    })
    const { digest } = (await response.json()) as { digest: string }
    expect(Buffer.from(digest, 'base64').toString('hex')).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    )
    expect((await call('/digest-method')).json).toMatchObject({ oid: '1.2.156.10197.1.401' })
    expect((await call('/sign-method')).json).toMatchObject({ oid: '1.2.156.10197.1.501' })
    expect((await call('/sign-date-time')).json).toMatchObject({ signDateTime: '20261121080000Z' })
    expect((await call('/provider')).json).toMatchObject({ code: '00', version: '1.0' })
  })

  it.each(['5', '4'] as const)(
    'signs a digest in version %s, found valid by every step, with its use on record',
    async (version) => {
      const documentId = `doc-${version}`
      const asked = await wish(documentId, { version, timeStamp: version === '5' })
      const { status, json } = await call('/signatures', asked)
      expect({ status, json }).toMatchObject({ status: 201, json: { code: '00' } })
      const parsed = eseal.parseSignature(Buffer.from(json['signature']!, 'base64'))
      expect(parsed).toMatchObject({ layout: `V${version}`, propertyInfo: asked.propertyInfo })
      expect(base64(parsed.dataHash)).toBe(asked.dataHash)
      expect(x509.parseCertificate(parsed.certificate).subject.text).toContain(market.name)
      expect(await usesOf(documentId)).toEqual(['intended', 'sealed'])
      const data = base64(new TextEncoder().encode(documentId))
      const verdict = await call('/verifications', { signature: json['signature'], data })
      expect(verdict.json).toMatchObject({ code: '00', message: oesMessages['00'], sealId: world.seal.id })
      const byHash = await call('/verifications', { signature: json['signature'], dataHash: asked.dataHash })
      expect(byHash.json).toMatchObject({ code: '00' })
    },
  )

  it('gives a repeat the same signature and counts it once, also when both come at once', async () => {
    const asked = await wish('doc-twice')
    const [first, second] = await Promise.all([call('/signatures', asked), call('/signatures', asked)])
    const third = await call('/signatures', asked)
    expect(first.json['signature']).toBe(third.json['signature'])
    expect(second.json['signature']).toBe(third.json['signature'])
    expect((await usesOf('doc-twice')).filter((phase) => phase === 'sealed')).toHaveLength(1)
    const other = await call('/signatures', { ...asked, version: '4' })
    expect(other).toMatchObject({ status: 409, json: { code: 'SEAL_REQUEST_CONFLICT' } })
  })

  it('says by its codes what is wrong with a signature', async () => {
    const asked = await wish('doc-bad')
    const { json } = await call('/signatures', asked)
    const signature = Buffer.from(json['signature']!, 'base64')
    const codeOf = async (body: object) => (await call('/verifications', body)).json['code']
    const otherData = { signature: base64(signature), data: base64(new TextEncoder().encode('another')) }
    expect(await codeOf(otherData)).toBe('14')
    expect(await codeOf({ signature: base64(signature), dataHash: base64(await hashOf('another')) })).toBe('14')
    expect(await codeOf({ signature: base64(signature.subarray(0, 100)) })).toBe('15')
    const last = Buffer.from(signature)
    last[last.length - 1]! ^= 1
    expect(await codeOf({ signature: base64(last), dataHash: asked.dataHash })).toBe('15')
    expect(await codeOf({ signature: base64(signature) })).toBe('18')
  })

  it('says of data that were changed that they were, whatever digest comes beside them', async () => {
    const asked = await wish('doc-altered')
    const { json } = await call('/signatures', asked)
    const data = (text: string) => base64(new TextEncoder().encode(text))
    const verdictOf = async (body: object) =>
      (await call('/verifications', { signature: json['signature'], ...body })).json['code']
    expect(await verdictOf({ data: data('another'), dataHash: asked.dataHash })).toBe('14')
    expect(await verdictOf({ data: data('doc-altered'), dataHash: base64(await hashOf('another')) })).toBe('14')
    expect(await verdictOf({ data: data('doc-altered'), dataHash: asked.dataHash })).toBe('00')
  })

  it('tells who verifies a signature that it was taken back', async () => {
    const asked = await wish('doc-cancelled')
    const { json } = await call('/signatures', asked)
    who = { ...user, departmentCode: civil.code }
    expect(await call(`/signatures/${json['useId']}/cancel`, { reason: '另一单位' })).toMatchObject({ status: 404 })
    who = user
    expect((await call(`/signatures/${json['useId']}/cancel`, { reason: '文件有误' })).json).toEqual({ code: '00' })
    await call(`/signatures/${json['useId']}/cancel`, { reason: '文件有误' })
    const verdict = await call('/verifications', { signature: json['signature'], dataHash: asked.dataHash })
    expect(verdict.json).toMatchObject({ code: '10', cancelledAt: '2026-11-21T08:00:00.250Z' })
  })

  it('tells so whatever is written around what was signed', async () => {
    const envelopes: [string, (signature: Uint8Array) => Uint8Array][] = [
      ['algorithm', (der) => replaceField(der, [2], () => asn1.encodeOid(OID.sm2Sign))],
      [
        'r ‖ s',
        (der) =>
          replaceField(der, [3], () => asn1.encodeBitString(ecdsaToRaw(eseal.parseSignature(der).signature, 32))),
      ],
      [
        'OCTET STRING',
        (der) => replaceField(der, [3], () => asn1.encodeOctetString(eseal.parseSignature(der).signature)),
      ],
      [
        'no time stamp',
        (der) =>
          asn1.encodeSequence(
            ...asn1
              .parseDer(der)
              .children.slice(0, 4)
              .map(({ raw }) => raw),
          ),
      ],
    ]
    for (const [documentId, version] of [
      ['doc-5', '5'],
      ['doc-4', '4'],
    ] as const) {
      const asked = await wish(documentId, { version, timeStamp: version === '5' })
      const { json } = await call('/signatures', asked)
      await call(`/signatures/${json['useId']}/cancel`, { reason: '文件有误' })
      const signature = new Uint8Array(Buffer.from(json['signature']!, 'base64'))
      for (const [what, rewrite] of envelopes) {
        const body = { signature: base64(rewrite(signature)), dataHash: asked.dataHash }
        const verdict = await call('/verifications', body)
        // Its stamp is over the value as it was, in DER: that fault is told first.
        const code = what === 'r ‖ s' && version === '5' ? '17' : '10'
        expect(verdict.json, `${documentId}: ${what}`).toMatchObject({ code, cancelledAt: expect.any(String) })
      }
    }
  })

  it.each([
    ['without the role', { roles: ['viewer'] }, 'SEAL_ROLE_MISSING'],
    ['with another department’s seal', { departmentCode: civil.code }, 'SEAL_NOT_YOURS'],
    ['without authorisation', { roles: ['issuer'] }, 'SEAL_NOT_AUTHORISED'],
  ])('signs nothing for a caller %s, and leaves no use', async (_, changed, code) => {
    who = { ...user, ...changed }
    const refused = await call('/signatures', await wish('doc-refused'))
    who = user
    expect(refused.json).toMatchObject({ code })
    expect(await usesOf('doc-refused')).toEqual([])
  })

  it('signs nothing for who needs a second person, who cannot see a digest', async () => {
    await database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'client', 'oa-2', '{documents}', $2, true, $2, 'keeper-1')`,
      [world.seal.id, world.pki.clock.now()],
    )
    who = { ...user, id: 'oa-2', roles: ['issuer'] }
    const refused = await call('/signatures', await wish('doc-second'))
    who = user
    expect(refused.json).toMatchObject({ code: 'SEAL_NOT_AUTHORISED' })
    expect(await usesOf('doc-second')).toEqual([])
  })

  it.each([
    ['a digest of another length', { dataHash: base64(new Uint8Array(31)) }],
    ['a path that is no ASCII', { propertyInfo: '/签名.xml' }],
    ['an unknown layout', { version: '1' }],
    ['a document without a name', { documentId: '' }],
  ])('refuses %s as a wrong parameter', async (_, changed) => {
    expect(await call('/signatures', await wish('doc-wrong', changed))).toMatchObject({
      status: 422,
      json: { code: 'REQUEST_INVALID' },
    })
  })

  it('gives no more than the quota, and nothing with a seal reported lost', async () => {
    const outcomes = await Promise.all(
      Array.from(
        { length: 14 },
        async (_, at) => (await call('/signatures', await wish(`doc-many-${at}`))).json['code'],
      ),
    )
    expect(outcomes).toContain('SEAL_QUOTA_EXHAUSTED')
    const [{ count }] = (await database.query<{ count: bigint }>(
      `select count(*) as count from seal.seal_uses where identifier like 'oes:%' and phase = 'sealed'`,
    )) as [{ count: bigint }]
    expect(count).toBe(12n)
    await database.transaction(async (tx) => {
      await tx.query(`update seal.seals set state = 'lost', state_changed_at = now() where id = $1`, [world.seal.id])
      await tx.query(
        `insert into seal.seal_events (seal_id, action, state, caller_id, at) values ($1, 'report-lost', 'lost', 'keeper-1', now())`,
        [world.seal.id],
      )
    })
    expect((await call('/signatures', await wish('doc-5'))).json).toMatchObject({ code: 'SEAL_LOST' })
  })

  it('has a closed table of messages in two languages, in which every named problem exists', async () => {
    const { json } = await call('/messages')
    const items = json['items'] as unknown as { code: string; zh: string; en: string; problems: string[] }[]
    expect(items.map(({ code }) => code)).toEqual(oesCodes)
    for (const { zh, en } of items) expect(zh.length * en.length).toBeGreaterThan(0)
    const known = [...Object.keys(sealProblems), 'REQUEST_INVALID']
    expect(items.flatMap(({ problems }) => problems).filter((problem) => !known.includes(problem))).toEqual([])
    expect((await call('/messages/07')).json).toMatchObject({ code: '07', zh: '印章无效或不在用' })
    expect((await call('/messages/zz')).status).toBe(422)
  })
})
