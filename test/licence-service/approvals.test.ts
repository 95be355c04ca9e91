import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaseSubmission } from '../../licence-service/operations/approvals/submit-case.ts'
import { endGrant, putGrant } from '../../licence-service/store/cases.ts'
import type { Database, EventMessage, Principal, Transaction } from '../../platform/index.ts'
import { engines } from '../support/engines.ts'
import { businessLicence, clerk, departments, exampleOf, type House, openHouse } from '../support/service.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const passedOn = (database: Database): Database => ({
  engine: database.engine,
  query: (sql, params) => database.query(sql, params),
  transaction: (work) => database.transaction(work),
  script: (sql) => database.script(sql),
  close: () => database.close(),
})

const MINUTE = 60_000
const going = new AbortController().signal
const approvalSystem: Principal = {
  ...{ id: 'approval-system', name: '审批系统', kind: 'machine' },
  departmentCode: departments[0].code,
  roles: ['issuer'],
}

for (const engine of engines)
  describe(`approval results on ${engine.name}`, { timeout: 60_000 }, () => {
    let house: House
    let count = 0
    beforeAll(async () => {
      house = await openHouse(await engine.open())
    }, 60_000)
    afterAll(() => house.close())

    const submission = (change: Partial<CaseSubmission> = {}): CaseSubmission => ({
      caseNumber: `BJ2026-${++count}`,
      itemCode: '000131001000',
      applicant: { name: '张小三', code: '11010519491231002X' },
      decidedAt: new Date(house.clock.now().getTime() - MINUTE),
      typeCode: businessLicence,
      data: exampleOf(),
      ...change,
    })
    const submit = (one: CaseSubmission, caller = approvalSystem) => house.licences.approvals.submit(caller, one)
    const nameOf = ({ caseNumber, typeCode }: CaseSubmission) => ({
      ...{ departmentCode: departments[0].code, caseNumber, typeCode },
    })
    const issue = (one: CaseSubmission, inHouse = house) => inHouse.licences.approvals.issue(clerk, nameOf(one))
    const licencesOf = (keyStart: string) =>
      house.database.query('select 1 from licence.idempotency_keys where key like $1', [`${keyStart}%`])

    it('wait for a clerk, and give one licence however often and by however many it is asked', async () => {
      const one = submission()
      expect(await submit(one)).toMatchObject({ state: 'waiting', identifier: null })
      expect(await submit(one)).toMatchObject({ state: 'waiting' })
      const issued = await Promise.all(Array.from({ length: 6 }, () => issue(one)))
      const { identifier } = issued[0]!
      expect(new Set(issued.map((row) => row.identifier))).toEqual(new Set([identifier]))
      expect((await house.licences.readStatus(identifier!)).status).toBe('in force')
      expect(await submit(one)).toMatchObject({ state: 'issued', identifier })
      expect(await licencesOf(`case:${businessLicence}:${one.caseNumber}`)).toHaveLength(1)
    })

    it('handed over again with other data are refused, and so are those of no case, no type, the future and bad data', async () => {
      const one = submission()
      await submit(one)
      await rejectsWithCode(submit({ ...one, data: { ...exampleOf(), name: '另一家公司' } }), 'CASE_DIFFERS')
      await rejectsWithCode(issue(submission()), 'CASE_NOT_FOUND')
      await rejectsWithCode(submit(submission({ typeCode: 'X' })), 'LICENCE_TYPE_UNKNOWN')
      await rejectsWithCode(submit(submission({ data: {} })), 'LICENCE_DATA_INVALID')
      const later = new Date(house.clock.now().getTime() + MINUTE)
      await rejectsWithCode(submit(submission({ decidedAt: later })), 'CASE_TIME_REFUSED')
      await rejectsWithCode(submit(submission({ callBack: 'http://a.example/' })), 'CASE_CALL_BACK_REFUSED')
    })

    it('give the licence at once where a grant names the machine, until that ends', async () => {
      const grant = { departmentCode: departments[0].code, clientId: approvalSystem.id, typeCode: businessLicence }
      const grantedAt = house.clock.now()
      const until = new Date(grantedAt.getTime() + 10 * MINUTE)
      await putGrant(house.database, { ...grant, grantedBy: 'reviewer', grantedAt, until })
      const one = submission()
      const issued = await submit(one)
      expect(issued.state).toBe('issued')
      expect(await submit(one)).toEqual(issued)
      expect((await submit(submission(), { ...approvalSystem, id: 'another' })).state).toBe('waiting')
      expect((await submit(submission(), { ...approvalSystem, kind: 'person' })).state).toBe('waiting')
      expect((await submit(submission(), { ...approvalSystem, roles: ['viewer'] })).state).toBe('waiting')
      await endGrant(house.database, grant, 'reviewer', house.clock.now())
      expect((await submit(submission())).state).toBe('waiting')
    })

    it('are refused once, and give no licence afterwards', async () => {
      const one = submission()
      await submit(one)
      await house.licences.approvals.refuse(clerk, nameOf(one), '材料有误')
      expect(await submit(one)).toMatchObject({ state: 'refused', identifier: null })
      await rejectsWithCode(issue(one), 'CASE_ANSWERED')
      const other = submission()
      await submit(other)
      await issue(other)
      await rejectsWithCode(house.licences.approvals.refuse(clerk, nameOf(other), '晚了'), 'CASE_ANSWERED')
    })

    it('whose attempt was refused for good wait again, and a later attempt gives the licence', async () => {
      const one = submission()
      await submit(one)
      await house.database.query(
        `update licence.type_assignments set ended_at = $2 where type_code = $1 and department_code = $3`,
        [businessLicence, house.clock.now(), departments[0].code],
      )
      await rejectsWithCode(issue(one), 'LICENCE_TYPE_NOT_ASSIGNED')
      expect(await submit(one)).toMatchObject({ state: 'waiting', lastFault: 'LICENCE_TYPE_NOT_ASSIGNED' })
      await house.database.query(
        `update licence.type_assignments set ended_at = null where type_code = $1 and department_code = $2`,
        [businessLicence, departments[0].code],
      )
      expect(await issue(one)).toMatchObject({ state: 'issued' })
    })

    it('stopped by a crash after the licence was made get that very licence by the clock', async () => {
      const one = submission()
      await submit(one)
      let isDead = false
      const crashing = await house.reopen({
        database: (database) => ({
          ...passedOn(database),
          transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
            database.transaction(async (tx) => {
              const result = await work(tx)
              const [row] = await tx.query<{ state: string }>(
                'select state from licence.cases where case_number = $1',
                [one.caseNumber],
              )
              if (isDead && row?.state === 'issued') throw new Error('killed')
              return result
            }),
        }),
      })
      isDead = true
      await expect(issue(one, crashing)).rejects.toThrow('killed')
      await crashing.close()
      const [{ identifier: made }] = (await house.database.query<{ identifier: string }>(
        'select identifier from licence.idempotency_keys where key = $1',
        [`case:${businessLicence}:${one.caseNumber}:0`],
      )) as [{ identifier: string }]
      expect((await submit(one)).state).toBe('waiting')
      await rejectsWithCode(house.licences.approvals.refuse(clerk, nameOf(one), '撤回'), 'CASE_ANSWERED')
      house.clock.advance(2 * MINUTE)
      expect(await house.licences.approvals.resume(going)).toBe(1)
      expect(await submit(one)).toMatchObject({ state: 'issued', identifier: made })
    })

    it('keep nothing personal readable, and destroy their data key with the licence', async () => {
      const one = submission()
      await submit(one)
      const rowOf = async () =>
        (
          await house.database.query<{ text: string; key: Uint8Array | null }>(
            'select c::text as text, wrapped_data_key as key from licence.cases c where case_number = $1',
            [one.caseNumber],
          )
        )[0]!
      const before = await rowOf()
      for (const secret of ['张小三', '11010519491231002X']) {
        expect(before.text).not.toContain(secret)
        expect(before.text).not.toContain(Buffer.from(secret).toString('hex'))
      }
      expect(before.key).not.toBeNull()
      await issue(one)
      expect((await rowOf()).key).toBeNull()
    })

    it('are answered to their system, signed, until it takes it', async () => {
      const one = submission({ callBack: 'https://approvals.example.gov.cn/answers' })
      await submit(one)
      const { identifier } = await issue(one)
      const sent: { address: string; message: EventMessage }[] = []
      let isUp = false
      const send = async (address: string, message: EventMessage) => {
        sent.push({ address, message })
        return isUp ? null : 'TIMED_OUT'
      }
      expect(await house.licences.approvals.tell(send, going)).toBe(0)
      expect(await house.licences.approvals.tell(send, going)).toBe(0)
      expect(sent).toHaveLength(1)
      isUp = true
      house.clock.advance(10 * MINUTE)
      expect(await house.licences.approvals.tell(send, going)).toBe(1)
      house.clock.advance(10 * MINUTE)
      expect(await house.licences.approvals.tell(send, going)).toBe(0)
      const { address, message } = sent[1]!
      expect(address).toBe(one.callBack)
      expect(message.id).toBe(sent[0]!.message.id)
      expect(JSON.parse(message.body)).toMatchObject({
        topic: 'approval.issued',
        data: { caseNumber: one.caseNumber, identifier },
      })
      expect(message.signature.split('.')).toHaveLength(3)
      expect(JSON.stringify(sent)).not.toContain('张小三')
    })

    it('are answered side by side: a receiver that is slow keeps no other waiting', async () => {
      for (const host of ['slow', 'quick']) {
        const one = submission({ callBack: `https://${host}.example.gov.cn/answers` })
        await submit(one)
        await issue(one)
      }
      const { promise: quickIsTold, resolve } = Promise.withResolvers<void>()
      const send = async (address: string) => {
        if (address.includes('slow')) await quickIsTold
        else resolve()
        return null
      }
      expect(await house.licences.approvals.tell(send, going)).toBe(2)
    })
  })
