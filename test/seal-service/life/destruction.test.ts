import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyStore } from '../../../key-store/index.ts'
import { makeFolder } from '../../pki-service/world.ts'
import { engines } from '../../support/engines.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'
import { market } from '../world.ts'
import { createLifeWorld, type LifeWorld, people } from './life-world.ts'

describe.each(engines)('the destruction of a seal on $name', ({ open }) => {
  let house: LifeWorld
  const folder = makeFolder()
  beforeAll(async () => {
    const keyStore = await createKeyStore({ folder, passphrase: 'for tests' })
    house = await createLifeWorld(await open(), { keyStore })
  })
  afterAll(() => house.close())

  const revoke = (id: string) =>
    house.act(people.reviewer, id, {
      ...{ action: 'revoke', reasonCode: 'misused', reason: '违规', legalBasis: '处理决定' },
    })
  const order = (id: string, who = people.reviewer) =>
    house.act(who, id, { action: 'order-destruction', reason: '到期销毁' })
  const destroy = (id: string, who = people.maker) => house.act(who, id, { action: 'destroy', reason: '依令销毁' })
  const keysOf = (store: { list(): string[] }, id: string) => store.list().filter((name) => name.includes(id))

  it('is ordered by one person and done by another, of every key that the seal had; its record is signed and stays', async () => {
    const id = await house.bring('active')
    await house.act(people.maker, id, { action: 'renew' })
    const store = await createKeyStore({ folder, passphrase: 'for tests' })
    const names = keysOf(store, id)
    expect(names).toEqual([`seal-${id}`, `seal-${id}-2`, `seal-${id}-2-sm2`, `seal-${id}-sm2`])
    const statement = `statement-${market.code}`
    await rejectsWithCode(destroy(id), 'SEAL_TRANSITION_FORBIDDEN')
    await revoke(id)
    await rejectsWithCode(destroy(id), 'SEAL_DESTRUCTION_NOT_ORDERED')
    await order(id, people.everything)
    await rejectsWithCode(destroy(id, people.everything), 'SEAL_SAME_PERSON')
    expect((await house.service.life.tasks(people.maker)).find(({ seal }) => seal.id === id)!.actions).toEqual([
      'destroy',
    ])
    const backup = makeFolder()
    for (const name of readdirSync(folder).filter((file) => file.includes(id)))
      copyFileSync(join(folder, name), join(backup, name))

    expect(await destroy(id)).toMatchObject({ state: 'destroyed' })
    expect(keysOf(store, id)).toEqual([])
    const records = store.records().filter(({ event }) => event === 'destroyed')
    expect(records.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    const { timeline } = await house.service.life.read(people.reviewer, id)
    expect(timeline.at(-1)!.detail).toMatchObject({ keys: names.map((name) => expect.objectContaining({ name })) })
    expect(house.world.keyStore.get(statement)).toBeDefined()
    store.close()

    for (const name of readdirSync(backup)) copyFileSync(join(backup, name), join(folder, name))
    const restored = await createKeyStore({ folder, passphrase: 'for tests' })
    for (const name of names)
      expect(() => restored.get(name)).toThrowError(expect.objectContaining({ code: 'KEY_DESTROYED' }))
    restored.close()
  })

  it('leaves what was sealed as it was told: the trust list keeps the time in which the seal was in use', async () => {
    const id = await house.bring('active')
    await revoke(id)
    const states = async () =>
      (await house.service.publicKeys()).find(({ departmentCode }) => departmentCode === market.code)!.services.at(-2)!
        .states
    const before = await states()
    await order(id)
    await destroy(id)
    expect(await states()).toEqual(before)
  })

  it('is completed when it was broken off after the keys were gone', async () => {
    const id = await house.bring('active')
    await revoke(id)
    await order(id)
    const { database } = house.world
    const broken = house.another({
      database: {
        ...database,
        engine: database.engine,
        query: (sql, params) => database.query(sql, params),
        transaction: (work) =>
          database.transaction(async (tx) => {
            await work(tx)
            throw new Error('broken before the end')
          }),
      },
    })
    await expect(broken.life.act(people.maker, id, { action: 'destroy', reason: 'x' })).rejects.toThrow(/broken/)
    expect(await house.stateOf(id)).toBe('revoked')
    await destroy(id)
    const { timeline } = await house.service.life.read(people.reviewer, id)
    expect(timeline.at(-1)!.detail).toMatchObject({ keys: [{ name: `seal-${id}` }, { name: `seal-${id}-sm2` }] })
    await rejectsWithCode(destroy(id), 'SEAL_TRANSITION_FORBIDDEN')
  })

  it('is not done on an order of before: the seal was given back meanwhile', async () => {
    const id = await house.bring('active')
    await house.act(people.reviewer, id, { action: 'collect', reason: 'x' })
    await order(id)
    await house.act(people.reviewer, id, { action: 'return', reason: 'x', keeperId: people.keeper.id })
    await house.act(people.keeper, id, { action: 'accept' })
    await house.act(people.reviewer, id, { action: 'collect', reason: 'x' })
    await rejectsWithCode(destroy(id), 'SEAL_DESTRUCTION_NOT_ORDERED')
  })
})
