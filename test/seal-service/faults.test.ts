import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { civil, claimsOf, clerk, createSealWorld, identifierOf, market, type SealWorld, sealRequest } from './world.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const breaks = ['not persisted', 'persisted'] as const

describe.each(engines)('a seal service that breaks, on $name', ({ open }) => {
  let world: SealWorld
  let number = 100
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())
  beforeEach(() => {
    number++
  })

  const phasesOf = async (table: 'seal_uses' | 'statement_uses') => {
    const rows = await world.database.query<{ phase: string }>(
      `select phase from seal.${table} where identifier = $1 order by phase`,
      [identifierOf(number)],
    )
    return rows.map(({ phase }) => phase)
  }

  it.each(breaks)('makes a new attempt after the intent was %s', async (when) => {
    const request = sealRequest(world, number)
    const broken = world.another({ database: breakingDatabase(world.database, 1, when) })
    await expect(broken.sealDocuments(clerk, [request])).rejects.toThrow('broken')
    await world.seals.sealDocuments(clerk, [request])
    const intended = when === 'persisted' ? ['intended', 'intended'] : ['intended']
    expect(await phasesOf('seal_uses')).toEqual([...intended, 'sealed'])
  })

  it.each(breaks)('loses and doubles nothing when the result was %s', async (when) => {
    const request = sealRequest(world, number)
    const broken = world.another({ database: breakingDatabase(world.database, 2, when) })
    await expect(broken.sealDocuments(clerk, [request])).rejects.toThrow('broken')
    const stored = await world.database.query<{ cms: Uint8Array }>(
      `select cms from seal.sealings where identifier = $1`,
      [request.identifier],
    )
    expect(stored).toHaveLength(when === 'persisted' ? 1 : 0)
    const [sealed] = await world.seals.sealDocuments(clerk, [request])
    if (stored[0] !== undefined)
      expect(hex(sealed!.pdf)).toContain(Buffer.from(hex(stored[0].cms), 'latin1').toString('hex'))
    expect((await phasesOf('seal_uses')).filter((phase) => phase === 'sealed')).toHaveLength(1)
  })

  it('makes a new attempt when the key did not sign', async () => {
    const request = sealRequest(world, number)
    const keyStore: typeof world.keyStore = {
      ...world.keyStore,
      get: (name) => ({
        ...world.keyStore.get(name),
        signSync: () => {
          throw new Error('no signature')
        },
      }),
    }
    await expect(world.another({ keyStore }).sealDocuments(clerk, [request])).rejects.toThrow('no signature')
    expect(await phasesOf('seal_uses')).toEqual(['intended'])
    await world.seals.sealDocuments(clerk, [request])
    expect(await phasesOf('seal_uses')).toEqual(['intended', 'intended', 'sealed'])
  })

  it('says so rather than give a document that does not fit its recorded signature', async () => {
    const request = sealRequest(world, number)
    await world.seals.sealDocuments(clerk, [request])
    const database: typeof world.database = {
      engine: world.database.engine,
      transaction: (work) => world.database.transaction(work),
      script: (sql) => world.database.script(sql),
      close: () => world.database.close(),
      query: async <Row>(sql: string, params?: readonly unknown[]) => {
        const rows = await world.database.query<Row>(sql, params)
        if (!sql.includes('from seal.sealings')) return rows
        return rows.map((row) => ({ ...row, signed_digest: new Uint8Array(32) }))
      },
    }
    await rejectsWithCode(world.another({ database }).sealDocuments(clerk, [request]), 'SEAL_RESULT_NOT_REPEATABLE')
  })

  it.each(breaks)('gives the same statement after its result was %s', async (when) => {
    const request = { identifier: identifierOf(number), claims: claimsOf(number) }
    for (const write of [1, 2]) {
      const broken = world.another({ database: breakingDatabase(world.database, write, when) })
      await expect(broken.signStatements(clerk, [request])).rejects.toThrow('broken')
    }
    const stored = await world.database.query<{ statement: string }>(
      `select statement from seal.statements where identifier = $1`,
      [request.identifier],
    )
    expect(stored).toHaveLength(when === 'persisted' ? 1 : 0)
    const [statement] = await world.seals.signStatements(clerk, [request])
    if (stored[0] !== undefined) expect(statement!.text).toBe(stored[0].statement)
    expect((await phasesOf('statement_uses')).filter((phase) => phase === 'signed')).toHaveLength(1)
  })
})

describe.each(engines)('makeDemoSeals on $name', ({ open }) => {
  let world: SealWorld
  beforeAll(async () => {
    world = await createSealWorld(await open())
  })
  afterAll(() => world.close())

  const dump = () =>
    Promise.all(
      ['seals', 'statement_keys', 'seal_events'].map((table) =>
        world.database.query(`select to_jsonb(t) as row from seal.${table} t order by to_jsonb(t)::text`),
      ),
    )

  it('gives each department one seal in use and one statement key', async () => {
    const [seal, ...more] = await world.seals.seals(market.code)
    expect(more).toEqual([])
    expect(seal).toMatchObject({
      id: '33019900000001',
      state: 'active',
      picture: { diameterMm: 45 },
      typeCodes: market.typeCodes,
    })
    const keys = await world.seals.publicKeys()
    expect(keys.map(({ departmentCode }) => departmentCode)).toEqual([market.code, civil.code].sort())
    for (const { services } of keys) {
      expect(services.map(({ kind, states }) => [kind, states.length])).toEqual([
        ['seal', 1],
        ['statement', 1],
      ])
    }
    expect(await world.seals.sealPictureSvg(seal!.id)).toMatch(/^<svg .*<\/svg>$/)
  })

  it('changes nothing when it is run again, by several at once too', async () => {
    const before = await dump()
    await Promise.all(
      [world.seals, world.another(), world.another()].map((seals) => seals.makeDemoSeals([market, civil])),
    )
    expect(await dump()).toEqual(before)
  })

  it('brings the types of a department up to date, with an event', async () => {
    const typeCodes = [...market.typeCodes, '11100000MB0143028R009']
    const [seal] = await world.seals.makeDemoSeals([{ ...market, typeCodes }])
    expect(seal!.typeCodes).toEqual(typeCodes)
    expect((await world.seals.seals(market.code))[0]!.typeCodes).toEqual(typeCodes)
    const events = await world.database.query(`select action from seal.seal_events where seal_id = $1 order by id`, [
      seal!.id,
    ])
    expect(events.map(({ action }) => action)).toEqual([
      'apply',
      'approve',
      'make',
      'file',
      'issue',
      'accept',
      'change-types',
    ])
  })

  it.each(breaks)('comes to a whole seal when every write breaks in turn, %s', async (when) => {
    const code = when === 'persisted' ? '11330199MB00000033' : '11330199MB00000041'
    const department = { code, name: '云汀市交通运输局', typeCodes: ['11100000MB0143028R003'] }
    const at = when === 'persisted' ? 1 : 2
    let broken = 0
    const makeBroken = () =>
      // A later write each time: what is written before the break as an intent may be written again by the next attempt.
      world.another({ database: breakingDatabase(world.database, at + broken, when) }).makeDemoSeals([department])
    const isBroken = (error: Error) => {
      expect(error.message).toMatch(/^broken (before|after)$/)
      return true
    }
    while (await makeBroken().then(() => false, isBroken)) broken++
    expect(broken).toBeGreaterThanOrEqual(2)
    await world.seals.makeDemoSeals([department])
    const keys = (await world.seals.publicKeys()).find(({ departmentCode }) => departmentCode === code)
    expect(keys!.services.map(({ kind }) => kind)).toEqual(['seal', 'statement'])
    const certificates = await world.database.query(
      `select serial_number from pki.certificates where subject = any(
      select subject from pki.certificates where profile = 'seal') and certificate = $1`,
      [keys!.services[0]!.certificate],
    )
    expect(certificates).toHaveLength(1)
  })

  it('makes a seal with an RSA-3072 key, which seals', async () => {
    const seal = await world.seals.makeSeal({
      departmentCode: market.code,
      departmentName: market.name,
      name: '云汀市市场监督管理局证照专用章',
      typeCodes: market.typeCodes,
      ringText: market.name,
      lowerText: '证照专用章',
      diameterMm: 42,
      keyAlgorithm: 'rsa-3072',
      callerId: 'keeper',
    })
    const request = sealRequest({ seal }, 900)
    const [first] = await world.seals.sealDocuments(clerk, [request])
    const [second] = await world.another().sealDocuments(clerk, [request])
    expect(hex(second!.pdf)).toBe(hex(first!.pdf))
  })

  it('refuses a seal whose name has no place on a rim, and leaves it unmade', async () => {
    const department = { code: '11330199MB0000005X', name: '局', typeCodes: [] }
    await expect(world.seals.makeDemoSeals([department])).rejects.toMatchObject({ code: 'SEAL_PICTURE_REFUSED' })
    const [seal] = await world.seals.seals(department.code)
    expect(seal!.state).toBe('approved')
    await expect(world.seals.sealPictureSvg(seal!.id)).rejects.toMatchObject({ code: 'SEAL_NOT_MADE' })
    await expect(world.seals.sealPictureSvg('33019999999999')).rejects.toMatchObject({ code: 'SEAL_NOT_FOUND' })
  })
})
