// Any calls by any callers, in any order and at once: no state that the table does not allow, no record lost. TEST_LONG=1 tries 10,000
// sequences on each engine, CI 1,000.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mayRoles } from '../../../directory/index.ts'
import { PkiServiceError } from '../../../pki-service/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { findNextActions, isAwaited, type LifeFacts, lifeActions } from '../../../seal-service/domain/life-policy.ts'
import { applySealAction, type SealAction, type SealState, sealActions } from '../../../seal-service/domain/seal.ts'
import { type ActRequest, SealError, type SealServiceDeps } from '../../../seal-service/index.ts'
import { readLifeFacts } from '../../../seal-service/operations/life/life-facts.ts'
import { findSeal } from '../../../seal-service/store/seals.ts'
import { engines } from '../../support/engines.ts'
import { centre, createLifeWorld, formOf, type LifeWorld, once, people } from './life-world.ts'

const env = process.env
const SEQUENCES = env['TEST_LONG'] ? 10_000 : env['CI'] ? 1_000 : 60
const DAY_MS = 86_400_000
const ends: readonly string[] = ['abandon', 'reject', 'revoke', 'withdraw', 'cancel', 'order-destruction']
const everyone = Object.values(people) as Principal[]

interface Draw {
  readonly what: 'apply' | 'amend' | 'next' | 'any' | 'twice' | 'clock'
  readonly who: number
  readonly action: number
  readonly seal: number
  readonly days: number
}

const draw: fc.Arbitrary<Draw> = fc.record({
  what: fc.oneof(
    { weight: 1, arbitrary: fc.constant('apply' as const) },
    { weight: 1, arbitrary: fc.constant('amend' as const) },
    { weight: 12, arbitrary: fc.constant('next' as const) },
    { weight: 4, arbitrary: fc.constant('any' as const) },
    { weight: 3, arbitrary: fc.constant('twice' as const) },
    { weight: 1, arbitrary: fc.constant('clock' as const) },
  ),
  who: fc.nat(1000),
  action: fc.nat(1000),
  seal: fc.nat(1000),
  days: fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(1300) }),
})

describe.each(engines)('sequences of calls on $name', ({ open }) => {
  let house: LifeWorld
  beforeAll(async () => {
    // Without SESeals and with the plainest of types: neither changes anything in the life of a seal, and both take long.
    const plain: SealServiceDeps['outlines'] = () => ({ commands: [], advance: 1000, unitsPerEm: 1000 })
    house = await createLifeWorld(await open(), { outlines: plain, withoutEseals: true })
    started = house.world.pki.clock.now()
  })
  afterAll(() => house.close())

  const applied: string[] = []
  let started: Date

  async function factsOf(sealId: string): Promise<LifeFacts> {
    const { database } = house.world
    return readLifeFacts(database, (await findSeal(database, sealId))!)
  }

  function toRequest(
    { application, picture }: LifeFacts,
    action: ActRequest['action'],
    { who, days }: Draw,
  ): ActRequest {
    const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? new Uint8Array(32)).toString('hex')
    const keeperId = [people.keeper, people.keeper2, people.otherKeeper][who % 3]!.id
    const at = new Date(house.world.pki.clock.now().getTime() + (days - 5) * DAY_MS)
    return {
      ...{ action, reason: 'x', legalBasis: 'y', keeperId },
      ...{ applicationDigest: hex(application?.digest), pictureDigest: hex(picture?.digest) },
      reasonCode: { revoke: 'misused', withdraw: 'made-in-error' }[action as string] ?? 'merged',
      ...(days % 2 === 0 && ['revoke', 'withdraw', 'cancel'].includes(action) && { effectiveAt: at }),
    } as ActRequest
  }

  /** Refusals are coded, ours and those of an authority whose own time is over; anything else is a defect. */
  async function attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof SealError || error instanceof PkiServiceError)) throw error
    }
  }

  async function take(seals: string[], one: Draw): Promise<void> {
    const { life } = house.service
    const principal = everyone[one.who % everyone.length]!
    if (one.what === 'apply' || seals.length === 0) {
      const replaces = seals[one.seal % (seals.length + 1)] ?? null
      return attempt(async () => {
        const { id } = await life.apply(seals.length === 0 ? people.applicant : principal, formOf({ replaces }), once())
        seals.push(id)
        applied.push(id)
      })
    }
    const sealId = seals[one.seal % seals.length]!
    if (one.what === 'amend') return attempt(() => life.amend(principal, sealId, formOf()))
    if (one.what === 'clock') {
      house.world.pki.clock.advance(one.days * DAY_MS)
      return attempt(() => life.runClock())
    }
    if (one.what === 'next') {
      const facts = await factsOf(sealId)
      const able = everyone.flatMap((who) => {
        const isInRange = [centre, facts.seal.departmentCode].includes(who.departmentCode)
        const actor = { ...who, isInRange, may: (permission: string) => mayRoles(who.roles, permission) }
        return findNextActions(actor, facts).flatMap((action) => (action === 'amend' ? [] : [{ who, action }]))
      })
      // Ends are rare, so that sequences get on.
      const onward = able.filter(({ action }) => one.days % 6 === 0 || !ends.includes(action))
      const awaited = one.days % 4 === 0 ? [] : onward.filter(({ action }) => isAwaited(action, facts))
      const choices = awaited.length > 0 ? awaited : onward
      const choice = choices[one.action % Math.max(1, choices.length)]
      if (choice === undefined) return
      return attempt(() => house.act(choice.who, sealId, toRequest(facts, choice.action, one)))
    }
    const action = lifeActions[one.action % lifeActions.length]!
    const facts = await factsOf(sealId)
    const request = toRequest(facts, action, one)
    if (one.what === 'any') return attempt(() => house.act(principal, sealId, request))
    const other = toRequest(facts, lifeActions[(one.action + one.days) % lifeActions.length]!, one)
    const others = everyone[(one.who + one.days) % everyone.length]!
    await Promise.all([
      attempt(() => house.act(principal, sealId, request, `key-${sealId}-${one.days}`)),
      attempt(() => house.act(principal, sealId, request, `key-${sealId}-${one.days}`)),
      attempt(() => house.another().life.act(others, sealId, other)),
    ])
  }

  async function check(sealId: string): Promise<void> {
    const { seal, timeline } = await house.service.life.read(people.reviewer, sealId)
    let state: SealState | 'none' = 'none'
    const applicants = new Set<string>()
    let approver: string | undefined
    for (const event of timeline) {
      if (Object.hasOwn(sealActions, event.action)) state = applySealAction(state, event.action as SealAction)
      expect(event.state, `${sealId}: ${timeline.map(({ action }) => action).join(' ')}`).toBe(state)
      if (event.action === 'apply' || event.action === 'amend') applicants.add(event.callerId)
      if (event.action === 'approve') {
        expect(applicants).not.toContain(event.callerId)
        approver = event.callerId
      }
      if (event.action === 'make' || event.action === 'wait') {
        expect([...applicants, approver]).not.toContain(event.callerId)
        const drawn = timeline.findLast(({ action, id }) => action === 'draw' && id < event.id)!
        const found = timeline.findLast(({ action, id }) => action === 'approve-picture' && id < event.id)!
        expect(found.detail).toMatchObject({ digest: drawn.detail!['digest'] })
        expect(found.callerId).not.toBe(drawn.callerId)
      }
    }
    expect(seal.state).toBe(state)
    if (state === 'active')
      expect(seal).toMatchObject({ certificateNumber: expect.any(Number), keeperId: expect.any(String) })
  }

  it(
    `reach no state that the table does not allow (${SEQUENCES} sequences)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(draw, { minLength: 6, maxLength: 24, size: 'max' }), async (draws) => {
          const seals: string[] = []
          const { clock } = house.world.pki
          clock.advance(started.getTime() - clock.now().getTime())
          for (const one of draws) await take(seals, one)
          for (const sealId of seals) await check(sealId)
        }),
        { numRuns: SEQUENCES, endOnFailure: true },
      )
      const rows = await house.world.database.query<{ state: string; count: bigint }>(
        `select state, count(*) as count from seal.seals where id = any($1) group by state order by state`,
        [applied],
      )
      expect(rows.reduce((sum, { count }) => sum + Number(count), 0)).toBe(applied.length)
      const reached = await house.world.database.query<{ state: string }>(
        'select distinct state from seal.seal_events where seal_id = any($1) order by state',
        [applied],
      )
      // Only short runs may miss some; no certificate comes from outside here.
      if (SEQUENCES >= 1_000) expect(reached.length).toBeGreaterThan(14)
      else expect(reached.map(({ state }) => state)).toContain('active')
    },
    3 * 3_600_000,
  )
})
