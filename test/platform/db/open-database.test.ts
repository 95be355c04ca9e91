import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { lockFolder, openDatabase, packagePath } from '../../../platform/index.ts'
import { forEachEngine } from '../../support/database.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { toThrowWithCode } from '../../support/to-throw-with-code.ts'

describe('a database in a folder', () => {
  const folder = join(temporaryFolder(), 'database')
  let child: ChildProcess | undefined
  afterEach(() => child?.kill('SIGKILL'))

  it('refuses a second process, naming the folder, lets the next in after SIGKILL, and kept what was acknowledged', async () => {
    child = spawn(process.execPath, [packagePath('test', 'platform', 'db', 'lock-holder.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = (await once(child.stdout!, 'data')) as [Buffer]
    expect(said.toString()).toBe('holding\n')
    const refused = await toThrowWithCode(openDatabase({ folder }), 'DATA_FOLDER_IN_USE')
    expect(refused.message).toContain(folder)

    child.kill('SIGKILL')
    await once(child, 'exit')
    const database = await openDatabase({ folder })
    expect(await database.query('select at from survivor')).toEqual([{ at: 1 }])
    await toThrowWithCode(openDatabase({ folder }), 'DATA_FOLDER_IN_USE')
    const long = database.query('select pg_sleep(0.3)')
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    await long
    clearInterval(timer)
    expect(ticks, 'the event loop runs on while the worker is busy').toBeGreaterThan(5)
    await Promise.all([database.close(), database.close()])

    const again = await openDatabase({ folder })
    expect(await again.query('select at from survivor')).toEqual([{ at: 1 }])
    await again.close()
    await toThrowWithCode(again.query('select 1'), 'DATABASE_UNAVAILABLE')
  })
})

describe('the folder of an embedded database', () => {
  it('is closed to other users of the machine, also where somebody made it open before', async () => {
    const folder = join(temporaryFolder(), 'database')
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o755)
    const database = await openDatabase({ folder })
    await database.close()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })
})

describe('lockFolder', () => {
  it('makes the way to the folder, and gives the lock back once', () => {
    const folder = join(temporaryFolder(), 'deep', 'er')
    const release = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_FOLDER_IN_USE' }))
    release()
    release()
    lockFolder(folder)()
  })
})

describe('openDatabase', () => {
  it('says DATABASE_UNAVAILABLE where no server listens, without the password', async () => {
    const error = await toThrowWithCode(
      openDatabase({ url: 'postgres://someone:geheim@127.0.0.1:1/none' }),
      'DATABASE_UNAVAILABLE',
    )
    expect(error.message).not.toContain('geheim')
  })
})

forEachEngine('a connection that is lost', ({ open, name }) => {
  it.runIf(name === 'postgres')(
    'is an unknown outcome for a single statement and an outage for a transaction, and the next query works',
    async () => {
      const [database, killer] = await Promise.all([open(), open()])
      const killAll = () =>
        killer.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
      const slow = database.query('select pg_sleep(5)').catch((error: unknown) => error)
      await expect
        .poll(() => killer.query(`select 1 from pg_stat_activity where query like 'select pg_sleep(5)%'`))
        .toHaveLength(1)
      await killAll()
      expect(await slow).toMatchObject({ code: 'DATABASE_OUTCOME_UNKNOWN' })

      const broken = database.transaction(async (tx) => {
        await tx.query('create table never (id integer)')
        await killAll()
        await tx.query('select 1')
      })
      await toThrowWithCode(broken, 'DATABASE_UNAVAILABLE')
      expect(await database.query(`select to_regclass('never') is null as gone`)).toEqual([{ gone: true }])
    },
  )

  it('does not stop others from using the database', async () => {
    const database = await open()
    await Promise.allSettled([database.query('select nonsense'), database.transaction((tx) => tx.query('select 1/0'))])
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }])
  })
})
