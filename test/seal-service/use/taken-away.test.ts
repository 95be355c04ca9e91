import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { People } from '../../../seal-service/index.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, claimsOf, clerk, createSealWorld, identifierOf, market, type SealWorld, sealRequest } from '../world.ts'
import { allowOnly, authorise, end, keeper, onceOf, phasesOf, steppingIn, termsOf } from './use-world.ts'

const nobody: Omit<People, 'mayNow'> = {
  isPermitted: () => false,
  requireStepUp: async () => {},
  closedDepartments: async () => new Map(),
  keepersOf: async () => [],
  department: async () => undefined,
}

describe.each(engines)('leave to use a seal on $name', ({ open }) => {
  let world: SealWorld
  let number = 2000
  const fresh = () => sealRequest(world, number++)
  const seal = (request = fresh(), caller = clerk) => world.seals.sealDocuments(caller, [request])
  const change = (action: 'suspend' | 'restore') =>
    world.seals.changeSealState({ sealId: world.seal.id, action, reason: 'test', callerId: 'reviewer' })
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())

  describe('while a seal is being used', () => {
    it('throws a signature away when the seal is stopped before its result is on record, and records the refusal', async () => {
      await allowOnly(world)
      const request = fresh()
      const late = world.another({ database: steppingIn(world.database, 2, () => change('suspend')) })
      await rejectsWithCode(late.sealDocuments(clerk, [request]), 'SEAL_SUSPENDED')
      expect(await phasesOf(world, request.identifier)).toEqual(['intended', 'refused SEAL_SUSPENDED'])
      const kept = await world.database.query('select 1 from seal.sealings where identifier = $1', [request.identifier])
      expect(kept).toEqual([])
      await rejectsWithCode(seal(request), 'SEAL_SUSPENDED')
      await change('restore')
      await seal(request)
      expect(await phasesOf(world, request.identifier)).toContain('sealed')
    })

    it('throws a statement away in the same way', async () => {
      const request = { identifier: identifierOf(number), claims: claimsOf(number++) }
      const late = world.another({ database: steppingIn(world.database, 2, () => change('suspend')) })
      await rejectsWithCode(late.signStatements(clerk, [request]), 'SEAL_SUSPENDED')
      const uses = await world.database.query<{ phase: string }>(
        `select phase from seal.statement_uses where identifier = $1 order by phase`,
        [request.identifier],
      )
      expect(uses.map(({ phase }) => phase)).toEqual(['intended', 'refused'])
      await change('restore')
    })

    it('refuses, with nothing on record, when the seal is stopped or leave is ended after the click', async () => {
      const { id } = await allowOnly(world)
      const [stopped, ended] = [fresh(), fresh()]
      const first = world.another({ database: steppingIn(world.database, 1, () => change('suspend')) })
      await rejectsWithCode(first.sealDocuments(clerk, [stopped]), 'SEAL_SUSPENDED')
      await change('restore')
      const second = world.another({ database: steppingIn(world.database, 1, () => end(world, id)) })
      await rejectsWithCode(second.sealDocuments(clerk, [ended]), 'SEAL_NOT_AUTHORISED')
      for (const { identifier } of [stopped, ended]) expect(await phasesOf(world, identifier)).toEqual([])
    })

    it('has every use either before a loss or refused, when both come at once', async () => {
      await allowOnly(world)
      const requests = Array.from({ length: 12 }, fresh)
      const [, ...results] = await Promise.allSettled([
        ...[change('suspend')],
        ...requests.map((request) => seal(request)),
      ])
      for (const [at, result] of results.entries()) {
        const phases = await phasesOf(world, requests[at]!.identifier)
        if (result.status === 'fulfilled') expect(phases).toEqual(['intended', 'sealed'])
        else expect([[], ['intended', 'refused SEAL_SUSPENDED']]).toContainEqual(phases)
      }
      await change('restore')
    })
  })

  describe('of a certificate', () => {
    it('ends with it, in the night too', async () => {
      await allowOnly(world)
      const request = fresh()
      const late = world.another({ clock: { now: () => new Date('2031-11-30T00:00:00Z') } })
      await rejectsWithCode(late.sealDocuments(clerk, [request]), 'SEAL_CERTIFICATE_EXPIRED')
      expect(await phasesOf(world, request.identifier)).toEqual([])
    })
  })

  describe('given by people', () => {
    it('is the issuers’ to begin with, and nobody’s once it has ended', async () => {
      const all = await world.seals.uses.authorisations(keeper, world.seal.id)
      expect(all.at(-1)).toMatchObject({
        grantee: { kind: 'role', id: 'issuer' },
        purposes: ['licences'],
        perDay: null,
      })
      const { id } = await allowOnly(world)
      await seal()
      expect(await end(world, id)).toBe(true)
      expect(await end(world, id)).toBe(false)
      await rejectsWithCode(seal(), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(
        world.seals.signStatements(clerk, [{ identifier: identifierOf(number), claims: claimsOf(number) }]),
        'SEAL_NOT_AUTHORISED',
      )
    })

    it('is refused by who may not give it, to himself, and for what the seal is not', async () => {
      const order = { sealId: world.seal.id, terms: termsOf(), delegatedFrom: null }
      const ask = (caller: typeof keeper, changed = {}) =>
        world.seals.uses.authorise(caller, { ...order, ...changed, once: onceOf() })
      await rejectsWithCode(ask({ ...keeper, roles: ['issuer'] }), 'SEAL_ROLE_MISSING')
      await rejectsWithCode(ask({ ...keeper, departmentCode: civil.code }), 'SEAL_NOT_YOURS')
      await rejectsWithCode(ask(keeper, { sealId: '33019900000099' }), 'SEAL_NOT_FOUND')
      const own = { terms: termsOf({ grantee: { kind: 'account', id: keeper.id } }) }
      await rejectsWithCode(ask(keeper, own), 'SEAL_AUTHORISATION_TO_ONESELF')
      const foreign = { terms: termsOf({ purposes: civil.typeCodes }) }
      await rejectsWithCode(ask(keeper, foreign), 'SEAL_AUTHORISATION_INVALID')
      const past = { terms: termsOf({ until: new Date('2026-01-01T00:00:00Z') }) }
      await rejectsWithCode(ask(keeper, past), 'SEAL_AUTHORISATION_INVALID')
    })

    it('is no longer given or ended by a keeper whose role was taken away after the click', async () => {
      const { id } = await allowOnly(world)
      const left: People = { ...nobody, mayNow: async () => false }
      const { uses } = world.another({ people: left })
      const order = { sealId: world.seal.id, terms: termsOf(), delegatedFrom: null, once: onceOf() }
      await rejectsWithCode(uses.authorise(keeper, order), 'SEAL_ROLE_MISSING')
      const ending = { sealId: world.seal.id, authorisationId: id, reason: 'test' }
      await rejectsWithCode(uses.endAuthorisation(keeper, ending), 'SEAL_ROLE_MISSING')
      await seal()
    })

    it('runs from its first instant to its last', async () => {
      const now = world.pki.clock.now().getTime()
      await allowOnly(world, { from: new Date(now + 60_000), until: new Date(now + 120_000) })
      await rejectsWithCode(seal(), 'SEAL_NOT_AUTHORISED')
      world.pki.clock.advance(60_000)
      await seal()
      world.pki.clock.advance(60_000)
      await rejectsWithCode(seal(), 'SEAL_NOT_AUTHORISED')
    })

    it('stays with the department that an account has left', async () => {
      await allowOnly(world)
      const identifier = identifierOf(number, civil.code)
      const moved = { ...clerk, departmentCode: civil.code }
      await rejectsWithCode(seal({ ...fresh(), identifier }, moved), 'SEAL_NOT_YOURS')
    })

    it('lets another department’s licences carry the seal', async () => {
      await allowOnly(world, { grantee: { kind: 'department', id: civil.code }, perDay: 1 })
      const issuer = { ...clerk, id: 'civil-clerk', departmentCode: civil.code }
      const request = () => sealRequest(world, number, { identifier: identifierOf(number++, civil.code) })
      await seal(request(), issuer)
      await rejectsWithCode(seal(request(), issuer), 'SEAL_QUOTA_EXHAUSTED')
    })

    it('is given once for one key, ten times at once, and refused for another request under it', async () => {
      const once = onceOf('a')
      const order = { sealId: world.seal.id, terms: termsOf({ purposes: ['notice'] }), delegatedFrom: null }
      const all = await Promise.all(
        Array.from({ length: 10 }, () => world.seals.uses.authorise(keeper, { ...order, once })),
      )
      expect(new Set(all.map(({ id }) => id)).size).toBe(1)
      const other = { ...once, requestDigest: new Uint8Array(32) }
      await rejectsWithCode(world.seals.uses.authorise(keeper, { ...order, once: other }), 'SEAL_REQUEST_CONFLICT')
      const events = await world.database.query(
        `select 1 from seal.seal_events where seal_id = $1 and action = 'authorise' and detail->>'authorisation' = $2`,
        [world.seal.id, all[0]!.id],
      )
      expect(events).toHaveLength(1)
    })
  })

  describe('passed on', () => {
    const colleague = { ...clerk, id: 'clerk-2' }
    const passOn = (delegatedFrom: string, changed = {}, caller = clerk) =>
      world.seals.uses.authorise(caller, {
        sealId: world.seal.id,
        terms: termsOf({ grantee: { kind: 'account', id: colleague.id }, perDay: 2, ...changed }),
        delegatedFrom,
        once: onceOf(),
      })

    it('spends the quota of the whole and its own', async () => {
      const { id } = await allowOnly(world, { perDay: 3 })
      await passOn(id)
      for (let turn = 0; turn < 2; turn++) await seal(fresh(), colleague)
      await rejectsWithCode(seal(fresh(), colleague), 'SEAL_QUOTA_EXHAUSTED')
      await seal()
      await rejectsWithCode(seal(), 'SEAL_QUOTA_EXHAUSTED')
    })

    it('never is more than the whole, and is passed on by its holder alone', async () => {
      const { id } = await allowOnly(world, { perDay: 3 })
      await rejectsWithCode(passOn(id, { perDay: 4 }), 'SEAL_DELEGATION_EXCEEDS')
      await rejectsWithCode(passOn(id, { perDay: null }), 'SEAL_DELEGATION_EXCEEDS')
      await rejectsWithCode(passOn(id, {}, { ...clerk, id: 'clerk-3' }), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(passOn('999999'), 'SEAL_AUTHORISATION_NOT_FOUND')
      const part = await passOn(id)
      await rejectsWithCode(
        passOn(part.id, { grantee: { kind: 'account', id: 'x' } }, colleague),
        'SEAL_DELEGATION_EXCEEDS',
      )
    })

    it('ends with the whole, also by the clock', async () => {
      const now = world.pki.clock.now().getTime()
      const first = await allowOnly(world, { perDay: 3 })
      const part = await passOn(first.id)
      await seal(fresh(), colleague)
      await end(world, first.id)
      await rejectsWithCode(seal(fresh(), colleague), 'SEAL_NOT_AUTHORISED')
      const shown = await world.seals.uses.authorisations(keeper, world.seal.id)
      expect(shown.find(({ id }) => id === part.id)).toMatchObject({ isRunning: false, ended: { by: keeper.id } })
      const until = new Date(now + 60_000)
      const second = await authorise(world, { perDay: 3, until })
      await passOn(second.id, { until })
      world.pki.clock.advance(60_000)
      await rejectsWithCode(seal(fresh(), colleague), 'SEAL_NOT_AUTHORISED')
    })

    it('can be taken back by who passed it on', async () => {
      const { id } = await allowOnly(world, { perDay: 3 })
      const part = await passOn(id)
      const order = { sealId: world.seal.id, authorisationId: part.id, reason: 'back from leave' }
      await rejectsWithCode(world.seals.uses.endAuthorisation(colleague, order), 'SEAL_ROLE_MISSING')
      expect(await world.seals.uses.endAuthorisation(clerk, order)).toBe(true)
      await rejectsWithCode(seal(fresh(), colleague), 'SEAL_NOT_AUTHORISED')
      const whole = { ...order, authorisationId: id }
      await rejectsWithCode(world.seals.uses.endAuthorisation(clerk, whole), 'SEAL_ROLE_MISSING')
    })
  })

  describe('the record', () => {
    it('lets an authorisation be ended and nothing else', async () => {
      const { id } = await allowOnly(world, { perDay: 3 })
      for (const sql of [
        `update seal.authorisations set per_day = 100 where authorisation_id = ${id}`,
        `update seal.authorisations set per_day = 100, ended_at = now(), ended_by = 'x', ended_cause = 'x' where authorisation_id = ${id}`,
        `delete from seal.authorisations where authorisation_id = ${id}`,
      ])
        await expect(world.database.query(sql)).rejects.toThrow('ended once')
      await expect(
        world.database.query(
          `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
           values ($1, 'account', 'x', '{licences}', now(), false, now(), 'x')`,
          [world.seal.id],
        ),
      ).rejects.toMatchObject({ constraint: 'authorisations_not_to_oneself' })
      expect(market.code).toBe(world.seal.departmentCode)
    })
  })
})
