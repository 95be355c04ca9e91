import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceOfHouse } from '../../bin/evidence.ts'
import { getStatus, maskName, parseLicenceData, parseStatement, verifyStatusList } from '../../licence-format/index.ts'
import type { CopyOrder } from '../../licence-service/operations/copies/make-copy.ts'
import { erasePersonalData } from '../../licence-service/store/erasures.ts'
import type { Principal } from '../../platform/index.ts'
import { createGatherer, findSubject, verifyDocument } from '../../verifier/index.ts'
import { engines } from '../support/engines.ts'
import {
  businessLicence,
  clerk,
  departments,
  exampleOf,
  type House,
  openHouse,
  otherClerk,
  type Wraps,
} from '../support/service.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const marriageCertificate = '111000000000130127201'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

for (const engine of engines)
  describe(`copies of licences on ${engine.name}`, { timeout: 60_000 }, () => {
    let house: House
    let count = 0
    beforeAll(async () => {
      house = await openHouse(await engine.open())
    }, 60_000)
    afterAll(() => house.close())

    const issue = async (typeCode = businessLicence): Promise<string> => {
      const [outcome] = await house.licences.issueLicences(clerk, [
        { key: `original ${++count}`, typeCode, data: exampleOf(typeCode) },
      ])
      if (!outcome?.ok) throw new Error('not issued', { cause: outcome?.error })
      return outcome.licence.identifier
    }
    const orderOf = (identifier: string, change: Partial<CopyOrder> = {}): CopyOrder => ({
      identifier,
      purpose: '办理食品经营许可',
      recipient: { name: departments[1].name.zh, code: departments[1].code },
      expiresAt: new Date(house.clock.now().getTime() + 30 * DAY),
      fields: ['name'],
      key: `copy ${++count}`,
      ...change,
    })
    const make = (order: CopyOrder, caller: Principal = clerk, inHouse = house) =>
      inHouse.licences.copies.make(caller, order)
    const roomTaken = () => house.database.query('select list, allotted from licence.list_room order by list')
    const statusOf = async (identifier: string, copyId: string) =>
      (await house.licences.copies.status(identifier, copyId)).status
    const listed = async (copyId: string) => {
      await house.licences.publishLists()
      const [row] = await house.database.query<{ list: number; place: number }>(
        'select list, place from licence.status_places where copy_id = $1',
        [Buffer.from(copyId, 'base64url')],
      )
      const trust = { anchors: house.pki.anchors(), at: house.clock.now() }
      const { list } = await verifyStatusList(await house.licences.statusList(row!.list), trust)
      return getStatus(list, row!.place)
    }

    it('is made once per key, with the fields it needs and no others, and a place on a list of its own', async () => {
      const identifier = await issue()
      const order = orderOf(identifier)
      const made = await make(order)
      expect(made).toMatchObject({
        identifier,
        status: 'in force',
        fields: ['name'],
        facts: { cause: order.purpose, recipient: departments[1].name.zh, creator: departments[0].name.zh },
      })
      expect(await make(order)).toEqual(made)
      const [first, second] = await Promise.all([
        make(orderOf(identifier, { key: 'at once' })),
        make(orderOf(identifier, { key: 'at once' })),
      ])
      expect(first).toEqual(second)
      const places = await house.database.query<{ kind: string }>(
        `select l.kind from licence.status_places p join licence.status_lists l on l.list_id = p.list where copy_id is not null and identifier = $1`,
        [identifier],
      )
      expect(places).toEqual([{ kind: 'copies' }, { kind: 'copies' }])
      expect([await statusOf(identifier, made.copyId), await listed(made.copyId)]).toEqual(['in force', 0])
      await rejectsWithCode(make({ ...order, purpose: '另有他用' }), 'IDEMPOTENCY_KEY_REUSED')
    })

    it('is told apart by its document: own digest, own statement, four facts', async () => {
      const identifier = await issue()
      const { copyId, dataDigest } = await make(orderOf(identifier))
      const pdf = Buffer.from(await house.licences.copies.document(clerk, copyId)).toString('latin1')
      expect(pdf).toContain(copyId)
      const json = /\{"copy":\{.*?"zhengyin-copy-1".*?\}(?=\s*endstream)/.exec(pdf)![0]
      const data = parseLicenceData(Buffer.from(json, 'latin1'))
      expect(Object.keys(data.fields)).toEqual(['name'])
      expect(data.copy?.copyId).toBe(copyId)
      const text = /HTTPS:\/\/\S+\/Q\/[A-Z2-7]+/.exec(pdf)![0]
      const { claims } = parseStatement(text)
      expect(claims.copy?.copyId).toBe(copyId)
      expect(Buffer.from(claims.dataDigest).toString('hex')).toBe(dataDigest)
      expect(claims.statusList).not.toBe(0)
    })

    it('says no more of its holders than the fields it carries: masked names, no codes, in all of its bytes', async () => {
      const identifier = await issue(marriageCertificate)
      const { firstName, firstIdNumber, secondName, secondIdNumber } = exampleOf(marriageCertificate)
      const own = [firstName, firstIdNumber, secondName, secondIdNumber].map(String)
      const saidBy = async (fields: readonly string[]) => {
        const { copyId } = await make(orderOf(identifier, { fields }))
        const text = plainTextOf(await house.licences.copies.document(clerk, copyId))
        return own.map((word) => text.includes(word))
      }
      expect(await saidBy(['registeredOn'])).toEqual([false, false, false, false])
      // One of two names is not all of them: neither stands beside the fields.
      expect(await saidBy(['firstName'])).toEqual([true, false, false, false])
      expect(await saidBy(['firstName', 'secondName'])).toEqual([true, false, true, false])
      expect(await saidBy(['firstIdNumber', 'secondIdNumber'])).toEqual([false, true, false, true])
    })

    it('withholds an organisation’s name as a person’s: from licence.json, statement and metadata, and is accepted', async () => {
      const identifier = await issue()
      const { name, creditCode } = exampleOf(businessLicence)
      const { copyId } = await make(orderOf(identifier, { fields: ['address'] }))
      const pdf = await house.licences.copies.document(clerk, copyId)
      const text = plainTextOf(pdf)
      expect([name, creditCode].map((word) => text.includes(String(word)))).toEqual([false, false])
      const masked = maskName(String(name))
      const { holders } = parseLicenceData(
        Buffer.from(/\{"copy":\{.*?"zhengyin-copy-1".*?\}(?=\s*endstream)/.exec(text)![0]),
      )
      expect(holders.map((holder) => [holder.name, holder.code])).toEqual([[masked, '']])
      expect(parseStatement(/HTTPS:\/\/\S+\/Q\/[A-Z2-7]+/.exec(text)![0]).claims.holder).toBe(masked)
      await house.licences.publishLists()
      const source = evidenceOfHouse(
        { crls: () => house.pki.crls(), licences: house.licences },
        'https://licence.example.test',
      )
      const found = await createGatherer(source)(findSubject(pdf))
      const policy = { trustAnchors: house.pki.anchors() }
      const report = await verifyDocument({ name: 'copy.pdf', bytes: pdf }, found, policy, house.clock.now())
      expect([report.verdict, report.findings.map(({ code }) => code)]).toEqual([
        'accepted',
        expect.arrayContaining(['REGISTER_AGREES']),
      ])
    })

    it('convinces a stranger with the house’s lists, until it is revoked; whoever moves its end breaks the seal', async () => {
      const identifier = await issue()
      const order = orderOf(identifier)
      const { copyId, facts } = await make(order)
      await house.licences.publishLists()
      const source = evidenceOfHouse(
        { crls: () => house.pki.crls(), licences: house.licences },
        'https://licence.example.test',
      )
      const gather = createGatherer(source)
      const pdf = await house.licences.copies.document(clerk, copyId)
      const judge = async (bytes: Uint8Array) => {
        const found = await gather(findSubject(bytes))
        const policy = { trustAnchors: house.pki.anchors() }
        return verifyDocument({ name: 'copy.pdf', bytes }, found, policy, house.clock.now())
      }
      const report = await judge(pdf)
      expect([report.verdict, report.licence?.copy]).toEqual(['accepted', facts])
      expect(report.findings.map(({ code }) => code)).toContain('REGISTER_AGREES')
      expect(report.explanation.sentence.zh).toContain(`仅供${departments[1].name.zh}用于：${order.purpose}`)
      const text = Buffer.from(pdf).toString('latin1')
      for (const [from, to] of [
        [facts.expiresAt, facts.expiresAt.replace(/^\d{4}/, '2099')],
        [copyId, `${copyId.startsWith('B') ? 'C' : 'B'}${copyId.slice(1)}`],
        ['zhengyin-copy-1', 'zhengyin-copy-9'],
      ] as const) {
        expect(text).toContain(from)
        expect((await judge(Buffer.from(text.replaceAll(from, to), 'latin1'))).verdict).toBe('refused')
      }
      house.clock.advance(MINUTE)
      await house.licences.copies.revoke(clerk, { copyId, reason: '用途已办结' })
      await house.licences.publishLists()
      const after = await judge(pdf)
      expect([after.verdict, after.licence?.status]).toEqual(['refused', 'revoked'])
      expect(after.explanation.word.zh).toBe('真实，但已吊销')
    })

    it('is revoked alone; other copies and the original stay', async () => {
      const identifier = await issue()
      const [one, other] = [await make(orderOf(identifier)), await make(orderOf(identifier))]
      house.clock.advance(MINUTE)
      const revoked = await house.licences.copies.revoke(clerk, { copyId: one.copyId, reason: '用途已办结' })
      expect(revoked).toMatchObject({ copyId: one.copyId, status: 'revoked' })
      expect(await house.licences.copies.revoke(clerk, { copyId: one.copyId, reason: '再次' })).toEqual(revoked)
      expect([await statusOf(identifier, one.copyId), await listed(one.copyId)]).toEqual(['revoked', 1])
      expect([await statusOf(identifier, other.copyId), await listed(other.copyId)]).toEqual(['in force', 0])
      expect((await house.licences.readStatus(identifier)).status).toBe('in force')
    })

    it('follows its original: suspended with it, restored with it, ended with it', async () => {
      const identifier = await issue()
      const { copyId } = await make(orderOf(identifier))
      house.clock.advance(MINUTE)
      await house.licences.suspend(clerk, { identifier, reason: '暂扣' })
      expect([await statusOf(identifier, copyId), await listed(copyId)]).toEqual(['suspended', 2])
      const standing = await issue()
      const before = await roomTaken()
      await rejectsWithCode(make(orderOf(identifier)), 'COPY_ORIGINAL_NOT_IN_FORCE')
      await rejectsWithCode(make(orderOf(standing, { fields: ['nothing'] })), 'COPY_FIELDS_REFUSED')
      expect(await roomTaken()).toEqual(before)
      house.clock.advance(MINUTE)
      await house.licences.restore(clerk, { identifier, reason: '发还' })
      expect([await statusOf(identifier, copyId), await listed(copyId)]).toEqual(['in force', 0])
      house.clock.advance(MINUTE)
      await house.licences.revoke(clerk, { identifier, reason: '吊销' })
      expect([await statusOf(identifier, copyId), await listed(copyId)]).toEqual(['cancelled', 0xb])
      await rejectsWithCode(house.licences.copies.revoke(clerk, { copyId, reason: '晚了' }), 'COPY_STATE_REFUSED')
      const { history } = await house.licences.copies.status(identifier, copyId)
      expect(history.map(({ status }) => status)).toEqual(['in force', 'suspended', 'in force', 'cancelled'])
    })

    it('ends with an original that is replaced', async () => {
      const identifier = await issue()
      const { copyId } = await make(orderOf(identifier))
      house.clock.advance(MINUTE)
      const replaces = { identifier, reason: '换发' }
      const request = { key: `next ${++count}`, typeCode: businessLicence, data: exampleOf(), replaces }
      expect(await house.licences.replace(clerk, request)).toMatchObject({ ok: true })
      expect([await statusOf(identifier, copyId), await listed(copyId)]).toEqual(['cancelled', 0xb])
    })

    it('runs out by itself', async () => {
      const identifier = await issue()
      const { copyId } = await make(
        orderOf(identifier, { expiresAt: new Date(house.clock.now().getTime() + 5 * MINUTE) }),
      )
      house.clock.advance(5 * MINUTE - 1000)
      expect(await statusOf(identifier, copyId)).toBe('in force')
      house.clock.advance(1000)
      expect(await statusOf(identifier, copyId)).toBe('expired')
    })

    it('is refused for what it should not be', async () => {
      const identifier = await issue()
      const now = house.clock.now().getTime()
      const refuses = (change: Partial<CopyOrder>, code: string) =>
        rejectsWithCode(make(orderOf(identifier, change)), code)
      await refuses({ fields: ['name', 'secret'] }, 'COPY_FIELDS_REFUSED')
      await refuses({ fields: ['name', 'name'] }, 'COPY_FIELDS_REFUSED')
      await refuses({ expiresAt: new Date(now) }, 'COPY_EXPIRY_REFUSED')
      await refuses({ expiresAt: new Date(now + 367 * DAY) }, 'COPY_EXPIRY_REFUSED')
      await refuses({ purpose: '' }, 'COPY_WORDS_REFUSED')
      await refuses({ purpose: '用'.repeat(101) }, 'COPY_WORDS_REFUSED')
      await refuses({ recipient: { name: '云汀\u202e市' } }, 'COPY_WORDS_REFUSED')
      await refuses(
        { identifier: identifier.replace(/.$/, (check) => (check === '0' ? '1' : '0')) },
        'LICENCE_NOT_FOUND',
      )
      const unprintable = orderOf(identifier, { purpose: '办理\u{1F980}' })
      await rejectsWithCode(make(unprintable), 'GLYPH_MISSING')
      await rejectsWithCode(make(unprintable), 'COPY_REFUSED')
    })

    it('is nobody else’s: another department neither reads nor revokes it, and learns of no copy', async () => {
      const identifier = await issue()
      const { copyId } = await make(orderOf(identifier))
      await rejectsWithCode(house.licences.copies.document(otherClerk, copyId), 'COPY_NOT_FOUND')
      await rejectsWithCode(house.licences.copies.revoke(otherClerk, { copyId, reason: '越权' }), 'COPY_NOT_FOUND')
      expect(await house.licences.copies.status(await issue(), copyId)).toMatchObject({
        status: 'unknown',
        history: [],
      })
    })

    it('needs the seal’s leave for copies, and takes from its quota alone', async () => {
      const identifier = await issue()
      const [seal] = await house.database.query<{ id: string }>(
        'select id from seal.seals where department_code = $1',
        [departments[0].code],
      )
      const setQuota = (perDay: number) =>
        house.database.query(
          `update seal.authorisations set per_day = $2 where seal_id = $1 and 'copies' = any(purposes)`,
          [seal!.id, perDay],
        )
      await house.database.script('alter table seal.authorisations disable trigger user')
      // Attempts that came to nothing are counted too.
      const [spent] = await house.database.query<{ taken: number }>(
        `select max(c.taken_on_day) as taken from seal.authorisation_counts c join seal.authorisations a using (authorisation_id)
         where a.seal_id = $1 and 'copies' = any(a.purposes)`,
        [seal!.id],
      )
      await setQuota(spent!.taken + 1)
      await make(orderOf(identifier))
      const waiting = orderOf(identifier)
      await rejectsWithCode(make(waiting), 'SEAL_QUOTA_EXHAUSTED')
      await issue()
      await setQuota(2_000)
      expect(await make(waiting)).toMatchObject({ status: 'in force' })
    })

    it('keeps purpose, recipient and data out of every row but under the copy’s own key', async () => {
      const identifier = await issue()
      await make(orderOf(identifier, { purpose: '隐秘用途甲乙丙' }))
      for (const table of ['copies', 'audit_records', 'reads', 'register_entries'])
        for (const row of await house.database.query<{ text: string }>(
          `select t::text as text from licence.${table} t`,
        )) {
          expect(row.text).not.toContain('隐秘用途')
          expect(row.text).not.toContain(Buffer.from('隐秘用途').toString('hex'))
        }
      expect(house.logLines.join('\n')).not.toContain('隐秘用途')
    })

    it('cannot be read once its original is erased', async () => {
      const identifier = await issue()
      const { copyId } = await make(orderOf(identifier))
      await house.licences.revoke(clerk, { identifier, reason: '吊销' })
      await house.database.transaction((tx) => erasePersonalData(tx, identifier))
      await rejectsWithCode(house.licences.copies.document(clerk, copyId), 'LICENCE_ERASED')
      expect(await statusOf(identifier, copyId)).toBe('cancelled')
    })

    const broken: Record<string, (failing: { now: boolean }) => Wraps> = {
      'before the statement is signed': (failing) => ({
        sealer: (sealer) => ({
          ...sealer,
          signStatements: (...args) =>
            failing.now ? Promise.reject(new Error('down')) : sealer.signStatements(...args),
        }),
      }),
      'after the seal was put': (failing) => ({
        sealer: (sealer) => ({
          ...sealer,
          sealDocuments: async (...args) => {
            const sealed = await sealer.sealDocuments(...args)
            if (failing.now) throw new Error('answer lost')
            return sealed
          },
        }),
      }),
      'while the document is stored': (failing) => ({
        blobs: (blobs) => ({
          ...blobs,
          putMany: (all) => (failing.now ? Promise.reject(new Error('disk full')) : blobs.putMany(all)),
        }),
      }),
    }
    for (const [where, wrapsOf] of Object.entries(broken))
      it(`is made whole by the same key, once, when it was stopped ${where}`, async () => {
        const identifier = await issue()
        const failing = { now: true }
        const again = await house.reopen(wrapsOf(failing))
        const order = orderOf(identifier)
        await expect(make(order, clerk, again)).rejects.toThrow()
        failing.now = false
        const made = await make(order, clerk, again)
        expect(made.status).toBe('in force')
        const uses = await house.database.query(
          `select 1 from seal.seal_uses where copy_id = $1 and phase = 'sealed'`,
          [made.copyId],
        )
        expect(uses).toHaveLength(1)
        await again.close()
      })

    it('races the revocation of its original in any order: none is in force afterwards', async () => {
      for (let round = 0; round < 4; round++) {
        const identifier = await issue()
        house.clock.advance(MINUTE)
        const results = await Promise.allSettled([
          make(orderOf(identifier)),
          house.licences.revoke(clerk, { identifier, reason: '吊销' }),
          make(orderOf(identifier)),
        ])
        expect(results[1]!.status).toBe('fulfilled')
        const states = await house.database.query<{ state: string }>(
          'select state from licence.copies where identifier = $1',
          [identifier],
        )
        expect(states.filter(({ state }) => state !== 'ended')).toEqual([])
      }
    })
  })

/** All of a PDF's bytes as text, its streams unpacked. */
function plainTextOf(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf)
  const texts = [bytes.toString('utf8')]
  for (let at = bytes.indexOf('stream'); at >= 0; at = bytes.indexOf('stream', at + 6)) {
    const start = bytes.indexOf('\n', at) + 1
    // zlib's first octet; other streams stand in the whole already.
    if (bytes[start] === 0x78) texts.push(inflateSync(bytes.subarray(start)).toString('utf8'))
  }
  return texts.join('\n')
}
