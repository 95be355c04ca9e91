import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeyStore, type KeyRecord, type KeyStore } from '../../key-store/index.ts'
import { testClock } from '../support/clock.ts'

const passphrase = 'only for tests'
const data = new TextEncoder().encode('to be signed')
const act = { by: '王管理员', reason: '印章遗失' }
const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })
const clock = testClock('2026-11-22T08:00:00Z')

let folder: string
let store: KeyStore
const open = () => createKeyStore({ folder: join(folder, 'store'), passphrase, clock })
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'records-'))
  store = await open()
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})
const reopen = async () => {
  store.close()
  store = await open()
}
const at = (...names: string[]) => join(folder, 'store', ...names)
const recordFiles = () => readdirSync(at('records')).sort()

describe('records', () => {
  it('tell what was made, rotated and destroyed, by whom and when, each naming the one before', async () => {
    await store.generate('seal', 'ec-p256')
    store.macKey('search')
    clock.advance(1000)
    await store.rotate('seal', { ...act, signsFrom: new Date('2027-01-01T00:00:00Z') })
    await store.destroy('seal', act)
    const told = store.records().map(({ number, event, name }) => [number, event, name])
    expect(told).toEqual([
      [1, 'opened', undefined],
      [2, 'made', 'seal'],
      [3, 'made', 'search'],
      [4, 'made', 'seal-2'],
      [5, 'rotated', 'seal'],
      [6, 'destroyed', 'seal'],
    ])
    expect(store.records()[5]).toMatchObject({ at: '2026-11-22T08:00:01.000Z', kinds: ['signing'], ...act })
  })

  it('are verified by anybody who has the public key of the first', async () => {
    await store.generate('seal', 'ec-p256')
    await store.destroy('seal', act)
    let previous: string | null = null
    let publicKey: Buffer | undefined
    for (const file of recordFiles()) {
      const text = readFileSync(at('records', file), 'utf8')
      const [body, signature] = text.split('\n') as [string, string]
      const record = JSON.parse(body) as KeyRecord
      publicKey ??= Buffer.from(record.publicKey!, 'base64')
      const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
      expect(verify('sha256', Buffer.from(body), key, Buffer.from(signature, 'base64'))).toBe(true)
      expect(record.previous).toBe(previous)
      previous = createHash('sha256').update(text).digest('hex')
    }
  })

  it('that were changed, taken away, exchanged or added are found', async () => {
    for (const name of ['a', 'b', 'c']) await store.generate(name, 'ec-p256')
    await reopen()
    const files = recordFiles()
    const sound = files.map((file) => readFileSync(at('records', file), 'utf8'))
    const put = (texts: readonly string[]) => {
      rmSync(at('records'), { recursive: true })
      spawnSync('mkdir', [at('records')])
      texts.forEach((text, index) => {
        writeFileSync(at('records', files[index] ?? '00000099.json'), text)
      })
    }
    const changes: readonly (readonly string[])[] = [
      sound.map((text, index) => (index === 2 ? text.replace('"b"', '"x"') : text)),
      [sound[0]!, sound[2]!, sound[1]!, sound[3]!],
      [...sound.slice(0, 3), sound[2]!],
      [...sound, sound[3]!],
      [...sound.slice(0, 3), '{}'],
      ['', ...sound.slice(1)],
    ]
    for (const texts of changes) {
      put(texts)
      await reopen()
      expect(() => store.records()).toThrow(code('KEY_RECORDS_DAMAGED'))
    }
    put(sound)
    rmSync(at('records', files[1]!))
    await reopen()
    expect(() => store.records()).toThrow(code('KEY_RECORDS_DAMAGED'))
    put(sound)
    await reopen()
    expect(store.records()).toHaveLength(4)
  })

  it('of two processes at once stay one chain', async () => {
    const other = await open()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? store : other).generate(`key-${index}`, 'ec-p256')),
    )
    other.close()
    expect(store.records()).toHaveLength(21)
  })

  it('want a name and a reason on one line', async () => {
    await store.generate('seal', 'ec-p256')
    for (const bad of ['', ' ', 'two\nlines', 'x'.repeat(501)]) {
      await expect(store.destroy('seal', { ...act, reason: bad })).rejects.toThrow(TypeError)
      await expect(store.destroy('seal', { ...act, by: bad })).rejects.toThrow(TypeError)
    }
    expect(store.get('seal').publicKey.length).toBeGreaterThan(0)
  })

  it('whose own key is lost are not begun anew', async () => {
    await store.generate('seal', 'ec-p256')
    store.close()
    rmSync(at('store.record.key'))
    store = await open()
    await expect(store.destroy('seal', act)).rejects.toThrow(code('KEY_LOST'))
    expect(() => store.records()).toThrow(code('KEY_LOST'))
  })
})

describe('a key file that is gone', () => {
  it('is never made anew without a word, whatever it held', async () => {
    await store.generate('seal', 'ec-p256')
    store.wrappingKey('data')
    store.macKey('search')
    store.close()
    for (const file of ['seal.signing.key', 'data.wrapping.key', 'search.mac.key']) rmSync(at(file))
    store = await open()
    expect(() => store.get('seal')).toThrow(code('KEY_LOST'))
    await expect(store.generate('seal', 'ec-p256')).rejects.toThrow(code('KEY_LOST'))
    expect(() => store.wrappingKey('data')).toThrow(code('KEY_LOST'))
    expect(() => store.macKey('search')).toThrow(code('KEY_LOST'))
    expect(() => store.macKey('another')).not.toThrow()
  })

  it('is known also where the key is older than the records', async () => {
    store.macKey('search')
    store.close()
    rmSync(at('records'), { recursive: true })
    rmSync(at('store.record.key'))
    store = await open()
    store.macKey('search')
    expect(store.records().at(-1)).toMatchObject({ event: 'found', name: 'search', kinds: ['mac'] })
    store.close()
    rmSync(at('search.mac.key'))
    store = await open()
    expect(() => store.macKey('search')).toThrow(code('KEY_LOST'))
  })

  it('may come back from a backup', async () => {
    const mac = store.macKey('search').mac(data)
    const file = readFileSync(at('search.mac.key'))
    store.close()
    rmSync(at('search.mac.key'))
    store = await open()
    expect(() => store.macKey('search')).toThrow(code('KEY_LOST'))
    writeFileSync(at('search.mac.key'), file)
    expect(store.macKey('search').mac(data)).toEqual(mac)
  })

  it('of a destroyed key that comes back from a backup stays destroyed, and is destroyed again', async () => {
    await store.generate('seal', 'ec-p256')
    const file = readFileSync(at('seal.signing.key'))
    const record = await store.destroy('seal', act)
    writeFileSync(at('seal.signing.key'), file)
    await reopen()
    expect(() => store.get('seal')).toThrow(code('KEY_DESTROYED'))
    expect(await store.destroy('seal', act)).toEqual(record)
    expect(existsSync(at('seal.signing.key'))).toBe(false)
    expect(store.records().filter(({ event }) => event === 'destroyed')).toHaveLength(1)
  })
})

describe('the secret of a signing key', () => {
  it('is destroyed with it, so that whoever has the passphrase opens no copy of the key file either', async () => {
    await store.generate('seal', 'ec-p256')
    const [file, folderBefore] = [readFileSync(at('seal.signing.key')), readFileSync(at('store.json'))]
    expect(existsSync(at('secrets/seal.signing.secret'))).toBe(true)
    await store.destroy('seal', act)
    expect(existsSync(at('secrets/seal.signing.secret'))).toBe(false)
    // A store of its own, with nothing but what a backup without the secrets holds: no record says that it was destroyed.
    const bare = mkdtempSync(join(tmpdir(), 'zhengyin-backup-'))
    writeFileSync(join(bare, 'store.json'), folderBefore)
    writeFileSync(join(bare, 'seal.signing.key'), file)
    const thief = await createKeyStore({ folder: bare, passphrase })
    expect(() => thief.get('seal')).toThrow(code('KEY_FILE_DAMAGED'))
    thief.close()
    rmSync(bare, { recursive: true })
  })

  it('is missed by name where it is gone, and serves again when it is restored', async () => {
    await store.generate('seal', 'ec-p256')
    const secret = readFileSync(at('secrets/seal.signing.secret'))
    rmSync(at('secrets/seal.signing.secret'))
    await reopen()
    expect(() => store.get('seal')).toThrow(code('KEY_LOST'))
    writeFileSync(at('secrets/seal.signing.secret'), secret)
    expect(store.get('seal').publicKey.length).toBeGreaterThan(0)
  })
})

describe('rotate', () => {
  it('makes the next key of the same kind; both sign, and the time says which one does', async () => {
    const first = await store.generate('statement', 'sm2')
    const next = await store.rotate('statement', { ...act, signsFrom: new Date('2027-01-01T00:00:00Z') })
    expect([next.name, next.key.signatureAlgorithm]).toEqual(['statement-2', 'SM2-with-SM3'])
    await reopen()
    const third = await store.rotate('statement', {
      ...act,
      kind: 'ec-p256',
      signsFrom: new Date('2028-01-01T00:00:00Z'),
    })
    expect(third.name).toBe('statement-3')
    const nameAt = (time: string) => store.signingAt('statement', new Date(time)).name
    expect(nameAt('2026-12-31T23:59:59Z')).toBe('statement')
    expect(nameAt('2027-01-01T00:00:00Z')).toBe('statement-2')
    expect(nameAt('2027-12-31T00:00:00Z')).toBe('statement-2')
    expect(nameAt('2030-01-01T00:00:00Z')).toBe('statement-3')
    expect(store.get('statement').publicKey).toEqual(first.publicKey)
    expect((await store.get('statement').sign(data)).length).toBeGreaterThan(60)
    expect(store.generations('statement').map(({ name }) => name)).toEqual(['statement', 'statement-2', 'statement-3'])
  })

  it('takes no name that another key has, and no time that has been given', async () => {
    await store.generate('seal-1', 'ec-p256')
    await store.generate('seal-1-2', 'ec-p256')
    const signsFrom = new Date('2027-01-01T00:00:00Z')
    expect((await store.rotate('seal-1', { ...act, signsFrom })).name).toBe('seal-1-3')
    expect(store.generations('seal-1').map(({ name }) => name)).toEqual(['seal-1', 'seal-1-3'])
    await expect(store.rotate('seal-1', { ...act, signsFrom })).rejects.toThrow(TypeError)
    await expect(store.rotate('nobody', { ...act, signsFrom })).rejects.toThrow(code('KEY_NOT_FOUND'))
  })
})

describe('usage', () => {
  it('is exact while a process lives and after it closed', async () => {
    const key = await store.generate('seal', 'ec-p256')
    for (let i = 0; i < 700; i++) i % 2 ? key.signSync!(data) : await key.sign(data)
    expect(store.usage('seal')).toEqual({ signatures: 700, mayMiss: 0 })
    await reopen()
    expect(store.usage('seal')).toEqual({ signatures: 700, mayMiss: 0 })
  })

  it('misses at most what is said, after a process was killed', async () => {
    await store.generate('seal', 'ec-p256')
    const script = `
      const { createKeyStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../key-store/index.ts'))})
      const store = await createKeyStore({ folder: ${JSON.stringify(at())}, passphrase: ${JSON.stringify(passphrase)} })
      const key = store.get('seal')
      for (let i = 0; i < 1000; i++) key.signSync(Buffer.from('x'))
      process.kill(process.pid, 'SIGKILL')`
    spawnSync(process.execPath, ['--input-type=module', '-e', script])
    const { signatures, mayMiss } = store.usage('seal')
    expect(signatures).toBeLessThanOrEqual(1000)
    expect(signatures + mayMiss).toBeGreaterThanOrEqual(1000)
    expect(mayMiss).toBeLessThan(256)
    store.get('seal').signSync!(data)
    expect(store.usage('seal')).toEqual({ signatures: signatures + 1, mayMiss })
  })

  it('adds up what two processes count at once', async () => {
    const key = await store.generate('seal', 'ec-p256')
    const other = await open()
    for (let i = 0; i < 300; i++) {
      key.signSync!(data)
      other.get('seal').signSync!(data)
    }
    other.close()
    expect(store.usage('seal')).toEqual({ signatures: 600, mayMiss: 0 })
  })
})
