// What is kept of documents that were handed in: once each, and no longer than the personal data of their licences.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../support/engines.ts'
import { clerk } from '../support/service.ts'
import { approvalType, holder, makeApproval, openApprovals } from './bodies-desk.ts'
import { type Desk, openDesk } from './catalogue-desk.ts'

for (const engine of engines)
  describe(`documents that were handed in on ${engine.name}`, { timeout: 120_000 }, () => {
    let desk: Desk
    beforeAll(async () => {
      desk = await openDesk(engine)
      await openApprovals(desk)
    }, 120_000)
    afterAll(async () => {
      await desk?.close()
    })

    const handIn = (pdf: Uint8Array) => desk.call('clerk', 'POST', '/api/licence-bodies', pdf)
    const waiting = async (): Promise<number> =>
      (await desk.house.database.query('select 1 from licence.waiting_bodies')).length
    const stored = async (): Promise<number> => {
      let count = 0
      for await (const _ of desk.house.blobs.list()) count++
      return count
    }

    it('are stored once, however often they come', async () => {
      const pdf = await makeApproval({ pages: 1, lines: [{ text: 'again', x: 80, y: 300 }] })
      const first = await handIn(pdf)
      const before = await stored()
      desk.house.clock.advance(3_600_000)
      const again = await handIn(pdf)
      expect(again.status).toBe(201)
      expect(await stored()).toBe(before)
      expect(Date.parse(again.json.forgottenAt) - Date.parse(first.json.forgottenAt)).toBe(3_600_000)
    })

    it('find room together no more than each alone: of two that come at once the last place takes one', async () => {
      const documents = await Promise.all(
        ['left', 'right'].map((text) => makeApproval({ pages: 1, lines: [{ text, x: 80, y: 300 }] })),
      )
      const { database } = desk.house
      const put = `insert into licence.waiting_bodies (department_code, digest_mac, bytes, wrapped_data_key, blob, added_by, added_at, forgotten_at)
        select $1, decode(md5(n::text) || md5(n::text), 'hex'), $2, '\\x00', repeat('0', 64), 'x', $3, $3 from generate_series(1, 2) n`
      const at = desk.house.clock.now()
      await database.query('delete from licence.waiting_bodies')
      await database.query(put, [clerk.departmentCode, 2 ** 30 - Math.floor(documents[0]!.length * 0.75), at])
      const answers = await Promise.all(documents.map(handIn))
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      expect(answers.find(({ status }) => status === 409)!.json.code).toBe('LICENCE_BODIES_TOO_MANY')
      await database.query(`delete from licence.waiting_bodies where wrapped_data_key = '\\x00'`)
    })

    it('are forgotten with the personal data of the licence that was issued on them, also where a case named them', async () => {
      const pdf = await makeApproval({ pages: 1, lines: [{ text: 'personal', x: 80, y: 300 }] })
      const others = await waiting()
      await handIn(pdf)
      const body = { digest: createHash('sha256').update(pdf).digest('hex') }
      const { licences } = desk.house
      const name = { caseNumber: 'YT-9', typeCode: approvalType }
      const applicant = { name: '程亦舟', code: '330199199506143717' }
      const decidedAt = new Date('2026-11-20T08:00:00Z')
      await licences.approvals.submit(clerk, { ...name, itemCode: '1', data: holder, applicant, decidedAt, body })
      const { identifier } = await licences.approvals.issue(clerk, { departmentCode: clerk.departmentCode, ...name })
      await licences.revoke(clerk, { identifier: identifier!, reason: '错证', key: 'revoked' })
      expect(await waiting()).toBe(others + 1)
      const cause = { cause: 'issued-in-error' }
      const asked = await desk.call('reviewer', 'POST', `/api/licences/${identifier}/erasures`, cause, 'erase')
      expect(asked.status, JSON.stringify(asked.json)).toBe(201)
      const done = await desk.call('both', 'POST', `/api/erasures/${asked.json.erasure}/approvals`)
      expect(done.json, JSON.stringify(done.json)).toMatchObject({ state: 'done' })
      expect(await waiting()).toBe(others)
    })
  })
