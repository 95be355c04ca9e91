import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyStore } from '../../key-store/index.ts'
import { crl, x509 } from '../../pki/index.ts'
import { type Break, breakingDatabase } from '../support/breaking.ts'
import { engines } from '../support/engines.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { createPkiWorld, type PkiWorld } from './world.ts'

/** Breaks the making of the key with this number, before its file is there or after. */
function breakingKeys(keyStore: KeyStore, at: number, when: Break): KeyStore {
  let made = 0
  return {
    ...keyStore,
    async generate(name, kind) {
      const isBroken = ++made === at
      if (isBroken && when === 'not persisted') throw new Error('broken before')
      const key = await keyStore.generate(name, kind)
      if (isBroken) throw new Error('broken after')
      return key
    },
  }
}

/** Whether a start ended by the planted break; any other end is a failure of the test. */
function isBroken(error: Error): true {
  expect(error.message).toMatch(/^broken (before|after)$/)
  return true
}

describe.each(engines)('the first start of the PKI on $name', ({ open }) => {
  let world: PkiWorld
  beforeEach(async () => {
    world = await createPkiWorld(await open())
  })
  afterEach(() => world.close())

  const expectWhole = async () => {
    const certificates = await world.database.query<{ own_name: string; state: string }>(
      'select own_name, state from pki.certificates',
    )
    expect(certificates).toHaveLength(17)
    expect(certificates.every(({ state }) => state === 'active')).toBe(true)
    const uses = await world.database.query(`select id from pki.key_uses where purpose = 'certificate'`)
    expect(uses).toHaveLength(17)
    const lists = (await world.pki.crls()).map((der) => crl.parseCrl(der))
    expect(lists.map((list) => list.cRLNumber)).toEqual([1n, 1n, 1n, 1n, 1n])
    const sm2 = await world.pki.sm2Trust()
    for (const [name, der] of world.pki.certificates()) {
      if (['root', 'sm2-root'].includes(name)) continue
      const usual = {
        intermediates: world.pki.caCertificates(),
        anchors: world.pki.anchors(),
        crls: await world.pki.crls(),
      }
      const trust = name.startsWith('sm2-') ? sm2 : usual
      const result = await x509.validatePath({ leaf: der, ...trust, at: world.clock.now() })
      expect(result.valid, name).toBe(true)
    }
  }

  it.each(['not persisted', 'persisted'] as const)(
    'comes to the same whole when it breaks at every write in turn, %s',
    async (when) => {
      // Every attempt gets exactly one write further than the one before, so each write is the broken one once.
      const at = when === 'persisted' ? 1 : 2
      let breaks = 0
      const startBroken = () => world.another({ database: breakingDatabase(world.database, at, when) }).start()
      while (await startBroken().then(() => false, isBroken)) breaks++
      expect(breaks).toBeGreaterThanOrEqual(16)
      await world.pki.start()
      await expectWhole()
    },
  )

  it.each(['not persisted', 'persisted'] as const)('takes up after a key that broke, %s', async (when) => {
    for (const at of [1, 3, 6]) {
      const keyStore = breakingKeys(world.keyStore, at, when)
      await world
        .another({ keyStore })
        .start()
        .catch(() => undefined)
    }
    await world.pki.start()
    await expectWhole()
  })

  it('is made once when five processes start at once', async () => {
    await Promise.all([world.pki, ...Array.from({ length: 4 }, () => world.another())].map((pki) => pki.start()))
    await expectWhole()
  })

  it('refuses keys that are not the ones on record', async () => {
    await world.pki.start()
    const stranger = await createPkiWorld(world.database)
    await rejectsWithCode(stranger.pki.start(), 'PKI_KEY_MISMATCH')
    stranger.keyStore.close()
  })

  it('refuses production mode without a root, with a TEST root, and to answer before it was started', async () => {
    await rejectsWithCode(world.another({ production: true }).start(), 'PKI_ROOT_MISSING')
    expect(() => world.pki.anchors()).toThrowError(expect.objectContaining({ code: 'PKI_NOT_STARTED' }))
    await world.pki.start()
    await rejectsWithCode(world.another({ production: true }).start(), 'PKI_TEST_ROOT_IN_PRODUCTION')
  })
})
