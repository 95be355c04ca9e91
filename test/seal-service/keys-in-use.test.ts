import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listKeysInUse } from '../../seal-service/index.ts'
import { engines } from '../support/engines.ts'
import { civil, createSealWorld, market, type SealWorld } from './world.ts'

describe.each(engines)('listKeysInUse on $name', ({ open }) => {
  let world: SealWorld
  beforeAll(async () => {
    const database = await open()
    expect(await listKeysInUse(database), 'before the first start').toEqual([])
    world = await createSealWorld(database)
  })
  afterAll(() => world.close())

  const listed = async () =>
    (await listKeysInUse(world.database)).map(({ departmentCode, seal }) => [departmentCode, seal?.name ?? 'statement'])

  it('names the seal and the statement key of each department', async () => {
    expect(await listed()).toEqual([
      [market.code, market.name],
      [market.code, 'statement'],
      [civil.code, civil.name],
      [civil.code, 'statement'],
    ])
  })

  it('names a renewed seal once, with its certificate of now', async () => {
    const certificateOf = async () =>
      (await listKeysInUse(world.database))
        .filter(({ seal }) => seal?.id === world.seal.id)
        .map((key) => key.certificate)
    const [before] = await certificateOf()
    await world.seals.renewSeal({ sealId: world.seal.id, organisation: market.name, callerId: '王管理员' })
    const after = await certificateOf()
    expect(after).toHaveLength(1)
    expect(after[0]).not.toEqual(before)
  })

  it('leaves out seals that have ended', async () => {
    await world.seals.changeSealState({ sealId: world.seal.id, action: 'revoke', reason: 'test', callerId: 'op' })
    expect(await listed()).not.toContainEqual([market.code, market.name])
  })
})
