import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { closeKeyStores as close, openKeyStores } from '../../bin/key-stores.ts'
import { testClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('openKeyStores', () => {
  const dataDir = temporaryFolder()
  const options = { dataDir, passphrase: 'a passphrase for tests', clock: testClock() }

  it('gives each service a store of its own, the same at the next start', async () => {
    const stores = await openKeyStores(options)
    const { publicKey } = await stores.seal.generate('one', 'ec-p256')
    expect([stores.pki.list(), stores.seal.list(), stores.licence.list()]).toEqual([[], ['one'], []])
    close(stores)
    const again = await openKeyStores(options)
    expect(again.seal.get('one').publicKey).toEqual(publicKey)
    close(again)
  })

  it("refuses to begin the licence service's keys anew beside the others", async () => {
    rmSync(join(dataDir, 'keys', 'licence'), { recursive: true })
    await expect(openKeyStores(options)).rejects.toThrow(expect.objectContaining({ code: 'KEY_LOST' }))
    expect(existsSync(join(dataDir, 'keys', 'licence'))).toBe(false)
  })

  it('leaves nothing open when one store refuses', async () => {
    const fresh = { ...options, dataDir: join(dataDir, 'fresh') }
    close(await openKeyStores(fresh))
    await expect(openKeyStores({ ...fresh, passphrase: 'another passphrase' })).rejects.toThrow(
      expect.objectContaining({ code: 'KEY_STORE_PASSPHRASE_WRONG' }),
    )
    close(await openKeyStores(fresh))
  })
})
