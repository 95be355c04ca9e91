// What every place of keys must do, held against files and against a token (SoftHSM2).
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyStore, type KeyStore, type KeyStoreOptions } from '../../key-store/index.ts'
import { primitives } from '../../pki/index.ts'
import { testClock } from '../support/clock.ts'
import { isSoftHsmMissing, makeSoftHsm } from '../support/soft-hsm.ts'

const data = new TextEncoder().encode('to be signed')
const act = { by: 'tester', reason: 'a test' }
const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })

function describeStore(place: string, makeToken?: () => { token: KeyStoreOptions['token']; remove(): void }) {
  describe(`a key store with keys in ${place}`, () => {
    let folder: string
    let store: KeyStore
    let hsm: ReturnType<NonNullable<typeof makeToken>> | undefined
    const open = () =>
      createKeyStore({
        folder: join(folder, 'store'),
        passphrase: 'for tests',
        clock: testClock(new Date('2026-11-22T08:00:00Z')),
        ...(hsm?.token && { token: hsm.token }),
      })
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'keys-'))
      hsm = makeToken?.()
      store = await open()
    })
    afterAll(() => {
      store.close()
      hsm?.remove()
      rmSync(folder, { recursive: true, force: true })
    })
    const isValid = async (key: Awaited<ReturnType<KeyStore['generate']>>, signature: Uint8Array, signed = data) =>
      primitives.verify(key.signatureAlgorithm, key.publicKey, signed, signature)

    it('makes keys of each kind, whose signatures verify', async () => {
      for (const kind of ['ec-p256', 'rsa-2048', 'rsa-3072', 'sm2'] as const) {
        const key = await store.generate(`made-${kind}`, kind)
        expect(await isValid(key, await key.sign(data))).toBe(true)
        expect(await isValid(key, await key.sign(new Uint8Array(0)), new Uint8Array(0))).toBe(true)
      }
    })

    it('gives the same key after a restart', async () => {
      const before = await store.generate('restarted', 'ec-p256')
      store.close()
      await expect(before.sign(data)).rejects.toThrow(code('KEY_STORE_CLOSED'))
      store = await open()
      const after = store.get('restarted')
      expect(after.publicKey).toEqual(before.publicKey)
      expect(await isValid(before, await after.sign(data))).toBe(true)
    })

    it('makes a hundred signatures at once, of two keys, none mistaken for another', async () => {
      const keys = [await store.generate('many-1', 'ec-p256'), await store.generate('many-2', 'rsa-2048')]
      const signed = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const text = new TextEncoder().encode(`document ${index}`)
          const key = keys[index % 2]!
          return isValid(key, await key.sign(text), text)
        }),
      )
      expect(signed.filter((is) => is)).toHaveLength(100)
      expect(store.usage('many-1')).toEqual({ signatures: 50, mayMiss: 0 })
      expect(store.usage('many-2')).toEqual({ signatures: 50, mayMiss: 0 })
    })

    it('never gives a name twice: of many at once one makes the key', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => store.generate('once', 'ec-p256')))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toEqual(code('KEY_EXISTS'))
      expect(await isValid(store.get('once'), await store.get('once').sign(data))).toBe(true)
    })

    it('says when there is no such key', () => {
      expect(() => store.get('nobody')).toThrow(code('KEY_NOT_FOUND'))
    })

    it('destroys a key for good, and records that', async () => {
      const key = await store.generate('doomed', 'ec-p256')
      const record = await store.destroy('doomed', act)
      expect(record).toMatchObject({ event: 'destroyed', name: 'doomed', at: '2026-11-22T08:00:00.000Z', ...act })
      await expect(key.sign(data)).rejects.toThrow(code('KEY_DESTROYED'))
      expect(() => store.get('doomed')).toThrow(code('KEY_DESTROYED'))
      await expect(store.generate('doomed', 'ec-p256')).rejects.toThrow(code('KEY_DESTROYED'))
      expect(store.list()).not.toContain('doomed')
      store.close()
      store = await open()
      expect(() => store.get('doomed')).toThrow(code('KEY_DESTROYED'))
      expect(store.records().at(-1)).toEqual(record)
    })

    it('goes on counting uses after a restart', async () => {
      const key = await store.generate('counted', 'ec-p256')
      for (let i = 0; i < 3; i++) await key.sign(data)
      store.close()
      store = await open()
      await store.get('counted').sign(data)
      expect(store.usage('counted')).toEqual({ signatures: 4, mayMiss: 0 })
    })
  })
}

describeStore('encrypted files')
if (!isSoftHsmMissing()) describeStore('a SoftHSM token', makeSoftHsm)
