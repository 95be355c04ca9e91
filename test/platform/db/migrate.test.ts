import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { type Database, migrate } from '../../../platform/index.ts'
import { forEachEngine } from '../../support/database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { toThrowWithCode } from '../../support/to-throw-with-code.ts'

forEachEngine('migrate', ({ open }) => {
  const root = temporaryFolder()
  const migrations = (name: string, files: Record<string, string>): string => {
    const folder = join(root, name)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    for (const [file, sql] of Object.entries(files)) writeFileSync(join(folder, file), sql)
    return folder
  }
  const first = {
    '0001_things.sql': 'create table SCHEMA.thing (id integer primary key);\ninsert into SCHEMA.thing values (1);',
  }
  const second = { '0002_more.sql': 'insert into SCHEMA.thing values (2);' }
  const of = (schema: string, files: Record<string, string>) =>
    migrations(
      schema,
      Object.fromEntries(Object.entries(files).map(([file, sql]) => [file, sql.replaceAll('SCHEMA', schema)])),
    )
  let db: Database
  beforeAll(async () => {
    db = await open()
  })

  it('applies what is new in order; a second run does no harm', async () => {
    await migrate(db, { schema: 'growing', folder: of('growing', first) })
    await migrate(db, { schema: 'growing', folder: of('growing', { ...first, ...second }) })
    await migrate(db, { schema: 'growing', folder: of('growing', { ...first, ...second }) })
    expect(await db.query('select id from growing.thing order by id')).toEqual([{ id: 1 }, { id: 2 }])
    expect(await db.query('select number, name from growing.migration order by number')).toEqual([
      { number: 1, name: 'things' },
      { number: 2, name: 'more' },
    ])
  })

  it('lets ten programs start at once', async () => {
    const folder = of('crowded', { ...first, ...second })
    const others = await Promise.all([open(), open()])
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        migrate(i % 2 ? db : others[i % 4 === 0 ? 0 : 1]!, { schema: 'crowded', folder }),
      ),
    )
    expect(await db.query('select id from crowded.thing order by id')).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('leaves nothing of a migration that fails, and applies it once it is right', async () => {
    const broken = { ...first, '0002_more.sql': 'insert into SCHEMA.thing values (2); select nonsense' }
    await expect(migrate(db, { schema: 'halfway', folder: of('halfway', broken) })).rejects.toMatchObject({
      code: '42703',
    })
    expect(await db.query('select id from halfway.thing')).toEqual([{ id: 1 }])
    await migrate(db, { schema: 'halfway', folder: of('halfway', { ...first, ...second }) })
    expect(await db.query('select id from halfway.thing order by id')).toEqual([{ id: 1 }, { id: 2 }])
  })

  it('does not take a unique violation inside a migration for "already done"', async () => {
    const doubled = { ...first, '0002_more.sql': 'insert into SCHEMA.thing values (1);' }
    await expect(migrate(db, { schema: 'doubled', folder: of('doubled', doubled) })).rejects.toMatchObject({
      code: '23505',
    })
  })

  it('refuses a database that knows more than the program', async () => {
    await migrate(db, { schema: 'newer', folder: of('newer', { ...first, ...second }) })
    await toThrowWithCode(migrate(db, { schema: 'newer', folder: of('newer', first) }), 'DATABASE_NEWER')
  })

  it('refuses a migration edited after it was applied, but not its line ends', async () => {
    await migrate(db, { schema: 'edited', folder: of('edited', first) })
    const windows = { '0001_things.sql': first['0001_things.sql'].replaceAll('\n', '\r\n') }
    await migrate(db, { schema: 'edited', folder: of('edited', windows) })
    const edited = { '0001_things.sql': `${first['0001_things.sql']} select 1;` }
    await toThrowWithCode(migrate(db, { schema: 'edited', folder: of('edited', edited) }), 'MIGRATION_CHANGED')
  })

  it('refuses a gap in the numbers and a name that is no schema', async () => {
    await expect(migrate(db, { schema: 'gap', folder: of('gap', { '0002_more.sql': 'select 1' }) })).rejects.toThrow(
      TypeError,
    )
    await expect(migrate(db, { schema: 'a; drop table b', folder: root })).rejects.toThrow(TypeError)
  })
})
