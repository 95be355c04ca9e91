import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../platform/index.ts'
import type { Seal } from '../../../seal-service/index.ts'
import { createFilingDesk, type FilingDesk } from '../../../seal-service/operations/outward/file-seals.ts'
import { createNationalStatusSystem } from '../../../seal-service/ports/national-status-system.ts'
import { listFilingOrders } from '../../../seal-service/store/filing-orders.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { civil, createSealWorld, market, type SealWorld } from '../world.ts'
import { startStatusWorld } from './status-world.ts'

describe.each(engines)('the filing of seals on $name', ({ open }) => {
  let world: SealWorld
  let status: Awaited<ReturnType<typeof startStatusWorld>>
  let desk: FilingDesk
  let database: Database
  let seal: Seal | undefined
  let other: Seal | undefined
  const anotherDesk = () =>
    createFilingDesk({
      database,
      clock: world.pki.clock,
      makerName: '云汀市印章制作中心',
      statusSystem: createNationalStatusSystem(status.client),
    })
  beforeAll(async () => {
    database = await open()
    world = await createSealWorld(database)
    status = await startStatusWorld(world.pki.pki, world.pki.clock)
    desk = anotherDesk()
    const statusSystem = createNationalStatusSystem(status.client)
    const national = world.another({ statusSystem })
    ;[seal, other] = await national.makeDemoSeals([
      { ...market, name: '云汀市市场监督管理局登记专用章' },
      { ...civil, name: '云汀市民政局登记专用章' },
    ])
  })
  afterAll(async () => {
    await status?.system.close()
    status?.keyStore.close()
    await world?.close()
  })
  beforeEach(() => status.system.behave('well'))

  const tell = (sealId: string, action: string, state: string) =>
    database.query(
      `insert into seal.seal_events (seal_id, action, state, reason, caller_id, at) values ($1, $2, $3, 'a reason', 'tester', $4)`,
      [sealId, action, state, world.pki.clock.now()],
    )

  it('files what the events of a seal ask for, with a number of its own', async () => {
    const orders = await listFilingOrders(database, seal!.id)
    expect(orders).toMatchObject([{ task: 'release', state: 'filed', publisher: 'national', attempts: 1 }])
    expect(orders[0]!.recordNumber).toMatch(/^330199-2026-\d{8}$/)
    expect(status.system.seals.get(seal!.id)!.fields['sealName']).toBe(seal!.name)
    expect(status.system.refusals).toEqual([])
  })

  it('gives a repeated release the first record, told once', async () => {
    const told = status.system.tasks.length
    const [first, second] = await Promise.all([desk.release(seal!), anotherDesk().release(seal!)])
    expect(first).toEqual(second)
    expect(status.system.tasks.length).toBe(told)
  })

  it('loses nothing while the publisher is away: a loss is told after it is back, by another process', async () => {
    status.system.behave('broken')
    await tell(seal!.id, 'report-lost', 'lost')
    await rejectsWithCode(desk.deactivate(seal!, 'lost'), 'SEAL_FILING_PENDING')
    expect(await desk.waiting()).toMatchObject({ count: 1 })
    expect(await anotherDesk().fileDue()).toEqual({ filed: 0, failed: 0 })
    status.system.behave('well')
    world.pki.clock.advance(60_000)
    expect(await anotherDesk().fileDue()).toEqual({ filed: 1, failed: 0 })
    expect(status.system.seals.get(seal!.id)).toMatchObject({ invalidType: '2' })
    const last = (await listFilingOrders(database, seal!.id)).at(-1)
    expect(last).toMatchObject({ task: 'deactivate', kind: 'lost', state: 'filed', attempts: 2, reason: 'a reason' })
  })

  it('waits longer after each failure, up to half an hour', async () => {
    status.system.behave('broken')
    await tell(seal!.id, 'renew', 'active')
    const waits: number[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      await desk.fileDue()
      const order = (await listFilingOrders(database, seal!.id)).at(-1)!
      waits.push(order.nextAttemptAt.getTime() - world.pki.clock.now().getTime())
      world.pki.clock.advance(waits.at(-1)!)
    }
    expect(waits.slice(0, 3)).toEqual([5000, 10_000, 20_000])
    expect(waits.at(-1)).toBe(1_800_000)
    status.system.behave('well')
    expect(await desk.fileDue()).toEqual({ filed: 1, failed: 0 })
  })

  it('tells the events of one seal in their order, whatever fails between', async () => {
    status.system.behave('losing')
    await tell(other!.id, 'renew', 'active')
    await tell(other!.id, 'revoke', 'revoked')
    await desk.fileDue()
    status.system.behave('well')
    const before = status.system.tasks.length
    world.pki.clock.advance(60_000)
    await Promise.all([desk.fileDue(), anotherDesk().fileDue()])
    await desk.fileDue()
    expect(status.system.tasks.slice(before)).toEqual(['108', '209'])
    expect(status.system.seals.get(other!.id)).toMatchObject({ invalidType: '0' })
  })

  it('tells a refusal from an outage, and asks again after hours', async () => {
    status.system.behave('refusing')
    await tell(seal!.id, 'withdraw', 'withdrawn')
    await rejectsWithCode(desk.deactivate(seal!, 'withdrawn'), 'SEAL_FILING_REFUSED')
    const order = (await listFilingOrders(database, seal!.id)).at(-1)!
    expect(order).toMatchObject({ state: 'waiting', lastFault: 'SEAL_FILING_REFUSED' })
    status.system.behave('well')
    world.pki.clock.advance(3_600_000)
    expect(await desk.fileDue()).toEqual({ filed: 0, failed: 0 })
    world.pki.clock.advance(5 * 3_600_000)
    expect(await desk.fileDue()).toEqual({ filed: 1, failed: 0 })
  })

  it('keeps a filing that is done as it is', async () => {
    await expect(
      database.query(`update seal.filing_orders set record_number = 'x' where state = 'filed'`),
    ).rejects.toThrow('stays as it is')
    await expect(database.query('delete from seal.filing_orders')).rejects.toThrow('stays as it is')
  })

  it('files with the house itself where no publisher is configured', async () => {
    const house = createFilingDesk({ database, clock: world.pki.clock, makerName: '云汀市印章制作中心' })
    await tell(seal!.id, 'cancel', 'cancelled')
    expect(await house.fileDue()).toEqual({ filed: 1, failed: 0 })
    const last = (await listFilingOrders(database, seal!.id)).at(-1)!
    expect(last).toMatchObject({ publisher: 'house', state: 'filed' })
    expect(last.sent).toMatchObject({ invalidType: '1', cancelReason: '撤销', cancelDescribe: 'a reason' })
  })
})
