// Between the time of an order and the round that carries it out, every answer goes by the order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { clerk, otherClerk } from '../../support/service.ts'
import { createLifeHouse, HOUR, type LifeHouse } from './life-house.ts'

const MINUTE = 60_000

for (const engine of engines)
  describe(`an order that is due and not carried out on ${engine.name}`, () => {
    let life: LifeHouse
    beforeAll(async () => {
      life = await createLifeHouse(engine)
    })
    afterAll(() => life.close())

    const copyOf = (identifier: string) => ({
      ...{ identifier, fields: ['name'], purpose: '办理贷款', recipient: { name: '云汀银行' } },
      expiresAt: new Date(life.house.clock.now().getTime() + 24 * HOUR),
    })

    /** Asks of a licence whose revocation has been due for a second; the round may come meanwhile, and changes no answer. */
    async function whileDue<T>(ask: (identifier: string) => Promise<T>): Promise<T> {
      const { identifier } = await life.issue()
      const effectiveAt = new Date(life.house.clock.now().getTime() + HOUR)
      const act = { identifier, action: 'revoke', reason: '依法吊销', legalBasis: '第一条', effectiveAt }
      expect((await life.act(act)).status).toBe(202)
      life.house.clock.advance(HOUR + 1000)
      const answer = await ask(identifier)
      await life.house.licences.carryOutOrders()
      return answer
    }

    it('is told to the department that reads the licence', async () => {
      const [open, own] = await whileDue(async (identifier) => [
        await life.statusOf(identifier),
        await life.read(identifier),
      ])
      expect([open, own.status]).toEqual(['revoked', 'revoked'])
    })

    it('leaves no act to be offered that it has made impossible', async () => {
      expect((await whileDue((identifier) => life.next(identifier))).actions).not.toContain('suspend')
    })

    it('is told in lists and searches, and what it changed is not found by the state of before', async () => {
      const [all, found, inForce, listed] = await whileDue(async (identifier) => {
        const search = (body: object) => life.call('POST', '/api/licences/searches', { body: { identifier, ...body } })
        return Promise.all([
          life.call('GET', '/api/licences?limit=1'),
          search({}),
          search({ status: 'in force' }),
          life.call('GET', '/api/licences?limit=1&status=in%20force'),
        ])
      })
      expect([all.json.items[0].status, found.json.items[0].status]).toEqual(['revoked', 'revoked'])
      expect(inForce.json.items).toEqual([])
      expect(listed.json.items).toEqual([])
    })

    it('keeps the licence from being printed', async () => {
      const [print, prints] = await whileDue(async (identifier) => [
        await life.call('POST', `/api/licences/${identifier}/prints`, { body: { paperSerial: 'late 1' } }),
        await life.call('GET', `/api/licences/${identifier}/prints`),
      ])
      expect(print).toMatchObject({ status: 409, json: { code: 'LICENCE_TRANSITION_REFUSED' } })
      expect(prints.json.items).toEqual([])
    })

    it('ends the copies that were made before', async () => {
      const { identifier } = await life.issue()
      const made = await life.call('POST', '/api/copies', { key: 'early-copy', body: copyOf(identifier) })
      expect(made.status).toBe(201)
      const { copyId } = made.json
      const effectiveAt = new Date(life.house.clock.now().getTime() + HOUR)
      const revoke = { identifier, action: 'revoke', reason: '依法吊销', legalBasis: '第一条', effectiveAt }
      expect((await life.act(revoke)).status).toBe(202)
      life.house.clock.advance(HOUR + 1000)
      const open = await life.call('GET', `/api/licences/${identifier}/copies/${copyId}/status`)
      const listed = await life.call('GET', `/api/licences/${identifier}/copies`)
      const document = await life.house.licences.shared.copyDocument(copyId)
      expect([open.json.status, listed.json.items[0].status, document]).toEqual(['cancelled', 'cancelled', undefined])
      const history = open.json.history.map(({ status, from }: { status: string; from: string }) => [status, from])
      expect(history.slice(1)).toEqual([['cancelled', effectiveAt.toISOString()]])
    })

    it('leaves the status as of a time that only a clock ahead of ours knows to be that of now', async () => {
      const { identifier } = await life.issue()
      const begun = life.house.clock.now().getTime()
      const effectiveAt = new Date(begun + 6 * MINUTE)
      const revoke = { identifier, action: 'revoke', reason: '依法吊销', legalBasis: '第一条', effectiveAt }
      expect((await life.act(revoke)).status).toBe(202)
      life.house.clock.advance(4 * MINUTE)
      const ahead = new Date(begun + 8 * MINUTE).toISOString()
      const { json } = await life.call('GET', `/api/licences/${identifier}/status?asOf=${ahead}`)
      expect([json.status, json.asOf]).toEqual(['in force', life.house.clock.now().toISOString()])
    })

    it('keeps copies from being made, and other departments from taking the licence for one in force', async () => {
      const { shared } = life.house.licences
      const reader = {
        id: 'reader',
        kind: 'machine',
        departmentCode: otherClerk.departmentCode,
        matterCode: 'M-1',
      } as const
      const { name, creditCode } = life.example() as Record<string, string>
      const [brief, check, copied] = await whileDue(async (identifier) => [
        await shared.find(identifier),
        await shared.checkData(
          identifier.split('.')[5]!,
          { name: name!, creditCode: creditCode! },
          [{ fields: ['name'], issuerCodes: null }],
          reader,
        ),
        await life.call('POST', '/api/copies', {
          ...{ person: clerk, key: 'late-copy' },
          body: copyOf(identifier),
        }),
      ])
      expect([brief!.status, brief!.checkCode]).toEqual(['revoked', 3])
      expect(check.code).toBe(3)
      expect(copied.json.code).toBe('COPY_ORIGINAL_NOT_IN_FORCE')
    })
  })
