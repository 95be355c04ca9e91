// Ways round the rules of use: a leave for one thing claimed for another, somebody's own seal by other doors, rights that have ended.
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBlobs, type Principal } from '../../../platform/index.ts'
import type { People, SealService } from '../../../seal-service/index.ts'
import { makePdf } from '../../pades/documents.ts'
import { makeFolder } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, clerk, createSealWorld, market, type SealWorld, sealRequest } from '../world.ts'
import { authorise, codeOf, onceOf, termsOf } from './use-world.ts'

const point = { at: 'point', page: 1, x: 150, y: 60 } as const

/** Nobody is asked for a role but those whom `may` says no to. */
const peopleWho = (may: (principal: Principal) => boolean): People => ({
  isPermitted: () => true,
  mayNow: async (principal) => may(principal),
  requireStepUp: async () => {},
  keepersOf: async () => [],
  department: async () => undefined,
  closedDepartments: async () => new Map(),
})

describe.each(engines)('ways round the rules of use on $name', ({ open }) => {
  let world: SealWorld
  let seals: SealService
  beforeAll(async () => {
    world = await createSealWorld(await open())
    seals = world.another({ blobs: createBlobs({ folder: makeFolder() }) })
    await seals.start()
  })
  afterAll(() => world.close())

  const upload = async (templateCode: string | null) => {
    const pdf = await makePdf()
    return {
      sealId: world.seal.id,
      terms: { places: [point], level: 'B-B', templateCode, keep: false } as const,
      documents: [{ name: '合同.pdf', pdf }],
      key: randomUUID(),
      requestDigest: createHash('sha256').update(pdf).digest(),
    }
  }
  const digest = (templateCode: string | null) => ({
    sealId: world.seal.id,
    documentId: randomUUID(),
    dataHash: new Uint8Array(32).fill(7),
    propertyInfo: '/Doc_0/Signs/Sign_0/Signature.xml',
    layout: 'V5' as const,
    templateCode,
    wantsTimeStamp: false,
  })
  const documentUses = () =>
    world.database.query(`select use_id from seal.seal_uses where identifier ~ '^(document|oes):'`)

  const allowDocuments = (sealId = world.seal.id) =>
    world.database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'role', 'issuer', '{documents}', $2, false, $2, 'keeper-1')`,
      [sealId, world.pki.clock.now()],
    )

  it.each(['licences', market.typeCodes[0]!])(
    'a leave for licences seals no document whose template is called %s',
    async (templateCode) => {
      await rejectsWithCode(seals.documents.seal(clerk, await upload(templateCode)), 'SEAL_NOT_AUTHORISED')
      await rejectsWithCode(seals.oes.sign(clerk, digest(templateCode)), 'SEAL_NOT_AUTHORISED')
      expect(await documentUses()).toEqual([])
    },
  )

  it("seals nothing with somebody's own seal by leave that the department gave, whichever way it is asked", async () => {
    const kind = (code: string) =>
      world.database.query('update seal.seals set kind_code = $2 where id = $1', [world.seal.id, code])
    await allowDocuments()
    await kind('05')
    const asked = await Promise.allSettled([
      seals.documents.seal(clerk, await upload(null)),
      seals.oes.sign(clerk, digest(null)),
      seals.sealDocuments(clerk, [sealRequest(world, 9001)]),
    ])
    expect(asked.map(codeOf)).toEqual(['SEAL_PERSONAL', 'SEAL_PERSONAL', 'SEAL_NOT_ALLOWED_ON_TYPE'])
    await kind('01')
    await seals.oes.sign(clerk, digest(null))
  })

  it('seals no batch of somebody who may use seals no more, and leaves no use of it', async () => {
    await allowDocuments()
    let isGone = false
    const people = peopleWho(() => !isGone)
    const watched = world.another({ people, blobs: createBlobs({ folder: makeFolder() }) })
    await watched.start()
    const before = await documentUses()
    const { order } = await watched.documents.takeBatch(clerk, await upload(null))
    isGone = true
    expect(await watched.documents.sealWaiting()).toBe(1)
    const { documents } = await watched.documents.readBatch(market.code, order.id)
    expect(documents).toMatchObject([{ state: 'refused', refusal: { code: 'SEAL_ROLE_MISSING' } }])
    expect(await documentUses()).toEqual(before)
  })

  it('answers nothing of one seal under a key that is used again with another, as by somebody who changed departments', async () => {
    await allowDocuments()
    const order = await upload(null)
    const kept = { ...order, terms: { ...order.terms, keep: true } }
    await seals.documents.seal(clerk, kept)
    const [other] = await world.database.query<{ id: string }>('select id from seal.seals where department_code = $1', [
      civil.code,
    ])
    await allowDocuments(other!.id)
    const moved = seals.documents.seal({ ...clerk, departmentCode: civil.code }, { ...kept, sealId: other!.id })
    await rejectsWithCode(moved, 'SEAL_REQUEST_CONFLICT')
  })

  it('ends what was passed on by somebody who left, within a round of the clock', async () => {
    const gone = new Set<string>()
    const people = peopleWho(({ id }) => !gone.has(id))
    const watched = world.another({ people })
    const colleague = { ...clerk, id: 'clerk-2' }
    const whole = await authorise(world)
    const part = {
      sealId: world.seal.id,
      terms: termsOf({ grantee: { kind: 'account', id: colleague.id } }),
      once: onceOf(),
    }
    const { id } = await watched.uses.authorise(clerk, { ...part, delegatedFrom: whole.id })
    const shown = async () => (await watched.uses.authorisations(clerk, world.seal.id)).find((one) => one.id === id)
    await watched.life.runClock()
    expect(await shown()).toMatchObject({ isRunning: true })
    gone.add(clerk.id)
    await Promise.all([watched.life.runClock(), watched.life.runClock()])
    expect(await shown()).toMatchObject({ isRunning: false, ended: { by: 'system:clock' } })
    const events = await world.database.query(`select 1 from seal.seal_events where detail ->> 'left' = $1`, [clerk.id])
    expect(events).toHaveLength(1)
  })
})
