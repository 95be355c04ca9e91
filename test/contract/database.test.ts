import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Database, isSqlError, UNIQUE_VIOLATION } from '../../platform/index.ts'
import { forEachEngine } from '../support/database.ts'

forEachEngine('the database', ({ open, name }) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
    await db.script(
      'create table item (id integer primary key, label text unique); create table counter (id integer primary key, value bigint not null)',
    )
  })

  it('names its engine', () => {
    expect(db.engine).toBe(name)
  })

  it('gives int8 as bigint, date as text, bytea as bytes, timestamptz as Date, numeric and timestamp as text', async () => {
    const [row] = await db.query(
      `select 7::int8 as small, 9007199254740993::int8 as large, date '2026-02-28' as day, '\\x00ff'::bytea as bytes,
              timestamptz '2026-11-21T08:00:00+08:00' as at, 1.10::numeric as money, timestamp '2026-11-21 08:00:00' as local`,
    )
    expect(row).toEqual({
      small: 7n,
      large: 9007199254740993n,
      day: '2026-02-28',
      bytes: Uint8Array.of(0, 255),
      at: new Date('2026-11-21T00:00:00Z'),
      money: '1.10',
      local: '2026-11-21 08:00:00',
    })
    expect(Buffer.isBuffer(row!['bytes'])).toBe(false)
  })

  it('gives arrays of these types element by element, nulls kept', async () => {
    const [row] = await db.query(
      `select array[1, null]::int8[] as numbers, array[date '2026-01-01'] as days, array['\\x01'::bytea] as bytes, array[[1,2],[3,4]]::int8[] as grid`,
    )
    expect(row).toEqual({
      numbers: [1n, null],
      days: ['2026-01-01'],
      bytes: [Uint8Array.of(1)],
      grid: [
        [1n, 2n],
        [3n, 4n],
      ],
    })
  })

  it('takes back what it gave: bytes, bigint, Date, text with quotes, Chinese and a plane-2 character, null', async () => {
    const values = [
      Uint8Array.from({ length: 300 }, (_, i) => i % 256),
      2n ** 62n,
      new Date('2026-11-21T08:00:00.123Z'),
      `O'Neil "证" 𠮷 \\ `,
      null,
    ]
    const [row] = await db.query(
      'select $1::bytea as a, $2::int8 as b, $3::timestamptz as c, $4::text as d, $5::text as e',
      values,
    )
    expect(Object.values(row!)).toEqual(values)
  })

  it('takes arrays of bytes for unnest', async () => {
    const rows = await db.query('select x from unnest($1::bytea[]) as x', [[Uint8Array.of(1, 2), Uint8Array.of()]])
    expect(rows).toEqual([{ x: Uint8Array.of(1, 2) }, { x: Uint8Array.of() }])
  })

  it('reckons in UTC', async () => {
    expect(await db.query(`select current_setting('TimeZone') as zone`)).toEqual([{ zone: 'UTC' }])
  })

  it('reports a taken name by SQLSTATE and constraint, and answers the next query rightly', async () => {
    await db.query('insert into item values ($1, $2)', [1, 'one'])
    const error = await db.query('insert into item values ($1, $2)', [2, 'one']).catch((thrown: unknown) => thrown)
    expect(isSqlError(error, UNIQUE_VIOLATION, 'item_label_key')).toBe(true)
    expect(isSqlError(error, UNIQUE_VIOLATION, 'item_pkey')).toBe(false)
    expect(await db.query('select label from item where id = $1', [1])).toEqual([{ label: 'one' }])
  })

  it('refuses several statements in one query', async () => {
    await expect(db.query('select 1; select 2')).rejects.toMatchObject({ code: '42601' })
  })

  it('commits what a transaction did and rolls back what a failed one did', async () => {
    await db.transaction((tx) => tx.query('insert into item values (10, $1)', ['kept']))
    const failed = db.transaction(async (tx) => {
      await tx.query('insert into item values (11, $1)', ['lost'])
      throw new RangeError('changed my mind')
    })
    await expect(failed).rejects.toThrow(RangeError)
    expect(await db.query('select label from item where id in (10, 11)')).toEqual([{ label: 'kept' }])
  })

  it('rolls back a script in a transaction as a whole', async () => {
    await expect(db.transaction((tx) => tx.script('create table half (); select nonsense'))).rejects.toMatchObject({
      code: '42703',
    })
    expect(await db.query(`select to_regclass('half') is null as gone`)).toEqual([{ gone: true }])
  })

  it('does not report success when a failed statement was swallowed', async () => {
    const swallowed = db.transaction(async (tx) => {
      await tx.query('insert into item values (20, $1)', ['before'])
      await tx.query('insert into item values (20, $1)', ['again']).catch(() => {})
    })
    await expect(swallowed).rejects.toThrow(/swallowed/)
    expect(await db.query('select 1 from item where id = 20')).toEqual([])
  })

  it.each(['query', 'transaction', 'script'] as const)(
    'refuses database.%s inside a transaction, where it would escape it or hang',
    async (call) => {
      const work = (): Promise<unknown> =>
        call === 'transaction' ? db.transaction(async () => {}) : db[call]('select 1')
      await expect(db.transaction(work)).rejects.toThrow(TypeError)
    },
  )

  it('refuses a transaction that has ended', async () => {
    const tx = await db.transaction(async (inner) => inner)
    await expect(tx.query('select 1')).rejects.toThrow(TypeError)
  })

  it('leaves what was started beside a transaction alone, and what follows it', async () => {
    const [, beside] = await Promise.all([
      db.transaction(async (tx) => tx.query('select 1')),
      db.query('select 2 as two'),
    ])
    expect(beside).toEqual([{ two: 2 }])
    let later: Promise<unknown> | undefined
    await db.transaction(async () => {
      later = delay(50).then(() => db.query('select 3 as three'))
    })
    expect(await later).toEqual([{ three: 3 }])
  })

  it('runs 100 parallel transactions on one row without losing one', async () => {
    await db.query('insert into counter values (1, 0)')
    const add = () =>
      db.transaction(async (tx) => {
        const [row] = await tx.query<{ value: bigint }>('select value from counter where id = 1 for update')
        await tx.query('update counter set value = $1 where id = 1', [row!.value + 1n])
      })
    await Promise.all(Array.from({ length: 100 }, add))
    expect(await db.query('select value from counter where id = 1')).toEqual([{ value: 100n }])
  })

  it('repeats a transaction that a serialisation failure ended', async () => {
    await db.query('insert into counter values (2, 0)')
    const add = () =>
      db.transaction(
        async (tx) => {
          const [row] = await tx.query<{ value: bigint }>('select value from counter where id = 2')
          await tx.query('update counter set value = $1 where id = 2', [row!.value + 1n])
        },
        { isolation: 'serializable' },
      )
    await Promise.all(Array.from({ length: 4 }, add))
    expect(await db.query('select value from counter where id = 2')).toEqual([{ value: 4n }])
  })

  it('repeats what a deadlock ended', async () => {
    await db.query('insert into counter values (3, 0), (4, 0)')
    const add = (first: number, second: number) =>
      db.transaction(async (tx) => {
        await tx.query('update counter set value = value + 1 where id = $1', [first])
        await delay(20)
        await tx.query('update counter set value = value + 1 where id = $1', [second])
      })
    await Promise.all([add(3, 4), add(4, 3)])
    expect(await db.query('select value from counter where id in (3, 4)')).toEqual([{ value: 2n }, { value: 2n }])
  })

  it('answers 500 different texts in any order', async () => {
    const rows = await Promise.all(
      Array.from({ length: 500 }, (_, i) => db.query(`select ${i} as n, $1::text as t`, [String(i)])),
    )
    expect(rows.every(([row], i) => row!['n'] === i && row!['t'] === String(i))).toBe(true)
  })
})

describe('isSqlError', () => {
  it('takes nothing else for an error of the database', () => {
    expect(isSqlError(Object.assign(new Error('x'), { code: 'ENOENT' }), UNIQUE_VIOLATION)).toBe(false)
    expect(isSqlError({ code: UNIQUE_VIOLATION }, UNIQUE_VIOLATION)).toBe(false)
    expect(isSqlError(undefined, UNIQUE_VIOLATION)).toBe(false)
  })
})
