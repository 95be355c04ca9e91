import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLedgerFolder, ledgerFolderOf, readLedgerFolder } from '../../bin/ledger-folder.ts'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import { openDatabase, packagePath } from '../../platform/index.ts'
import { testTimes } from '../fixtures/pki.ts'
import { createLedgerPki, createLedgerWorld, keyOfUse, recordUses, tamper } from '../seal-service/ledger/world.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('createLedgerFolder', () => {
  it('replaces the head, keeps every checkpoint, and sets a contradicted head aside', async () => {
    const folder = join(temporaryFolder(), 'ledger')
    const kept = createLedgerFolder(folder)
    expect(await kept.readHead()).toBe(null)
    await kept.setHeadAside()
    await kept.writeHead('one')
    await kept.writeHead('two')
    await kept.keepCheckpoint(1, 'first')
    await kept.keepCheckpoint(1, 'first')
    await kept.keepCheckpoint(1, 'another first')
    expect(await kept.readHead()).toBe('two')
    await kept.setHeadAside()
    await kept.writeHead('three')
    const { head, setAside, checkpoints } = await readLedgerFolder(folder)
    expect({ head, setAside }).toEqual({ head: 'three', setAside: ['two'] })
    expect([...checkpoints].sort()).toEqual(['another first', 'first'])
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('reads nothing where there is no folder', async () => {
    expect(await readLedgerFolder(join(temporaryFolder(), 'none'))).toEqual({
      head: null,
      setAside: [],
      checkpoints: [],
    })
  })
})

describe('zhengyin check-ledger', () => {
  const dataDir = temporaryFolder()
  let uses: string[]
  const run = (folder: string, ...more: string[]) => {
    const { PATH, HOME } = process.env
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [packagePath('bin', 'zhengyin.ts'), 'check-ledger', ...more],
      { encoding: 'utf8', env: { PATH, HOME, DATA_DIR: folder } },
    )
    return { status, stdout, stderr }
  }
  const check = (...more: string[]) => run(dataDir, ...more)
  const withDatabase = async (work: (database: Awaited<ReturnType<typeof openDatabase>>) => Promise<unknown>) => {
    const database = await openDatabase({ folder: join(dataDir, 'database') })
    try {
      return await work(database)
    } finally {
      await database.close()
    }
  }
  beforeAll(async () => {
    const pki = await createLedgerPki()
    await writeTrustFolder(join(dataDir, 'trust'), {
      anchors: [pki.get('root').certificate],
      crls: [],
      trustList: null,
      statusLists: new Map(),
    })
    await withDatabase(async (database) => {
      const ledgerWitness = createLedgerFolder(ledgerFolderOf(dataDir))
      const { sequencer } = await createLedgerWorld(database, pki, { ledgerWitness })
      uses = await recordUses(database, 3, testTimes.now)
      await sequencer.link()
    })
  })

  it('ends with 0 where nothing is wrong, and says how far the chain reaches and who bears witness of it', () => {
    const { status, stdout } = check()
    expect(stdout).toContain('the ledger is sound')
    expect(stdout).toMatch(/head: 6; .*signed; .*kept outside the database/)
    expect(status).toBe(0)
    expect(JSON.parse(check('--json').stdout)).toMatchObject({ sound: true, links: 6, checkpoints: { signed: 1 } })
  })

  it('ends with 2 where it could not be checked', async () => {
    const empty = temporaryFolder()
    mkdirSync(join(empty, 'heads'))
    expect(check('--trust', empty)).toMatchObject({ status: 2, stderr: expect.stringContaining('TRUST_FOLDER_EMPTY') })
    await withDatabase(async () => {
      expect(check()).toMatchObject({ status: 2, stderr: expect.stringContaining('DATA_FOLDER_IN_USE') })
    })
    expect(run(empty)).toMatchObject({ status: 2, stderr: expect.stringContaining('LEDGER_ABSENT') })
  })

  it('finds a head that was written over', () => {
    const other = join(temporaryFolder(), 'heads')
    mkdirSync(other)
    writeFileSync(join(other, 'head.txt'), 'nothing of ours')
    const { status, stdout } = check('--heads', other)
    expect(stdout).toContain('HEAD_FORGED')
    expect(status).toBe(1)
  })

  it('ends with 1 and names the row that was changed', async () => {
    await withDatabase((database) =>
      tamper(database, (tx) =>
        tx.query(`update seal.seal_uses set identifier = 'other' where use_id = $1 and phase = 'sealed'`, [uses[1]]),
      ),
    )
    const { status, stdout } = check()
    expect(stdout).toContain(`ROW_CHANGED #5 seal_uses ${keyOfUse(uses[1]!)}`)
    expect(status).toBe(1)
    expect(JSON.parse(check('--json').stdout)).toMatchObject({ sound: false, faultsByCode: { ROW_CHANGED: 1 } })
  })
})
