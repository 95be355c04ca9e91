import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeyStore, type KeyStore, KeyStoreError } from '../../key-store/index.ts'
import { parsePublicKey, primitives } from '../../pki/index.ts'

const passphrase = '一个口令 only for tests'
const act = { by: 'tester', reason: 'a test' }
const data = new TextEncoder().encode('to be signed')
const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })

let folder: string
let store: KeyStore
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'keys-')), 'seal')
  store = await createKeyStore({ folder, passphrase })
})
afterEach(() => {
  store.close()
  rmSync(join(folder, '..'), { recursive: true, force: true })
})
const reopen = async (): Promise<KeyStore> => {
  store.close()
  store = await createKeyStore({ folder, passphrase })
  return store
}
const fileOf = (name: string): string => join(folder, readdirSync(folder).find((file) => file.startsWith(`${name}.`))!)

describe('createKeyStore', () => {
  it('gives the same keys after a restart', async () => {
    const before = await store.generate('seal', 'ec-p256')
    const after = (await reopen()).get('seal')
    expect(after.publicKey).toEqual(before.publicKey)
    expect(await primitives.verify('ecdsa-with-SHA256', before.publicKey, data, await after.sign(data))).toBe(true)
  })

  it('refuses a wrong passphrase by its own code', async () => {
    await expect(createKeyStore({ folder, passphrase: 'another' })).rejects.toThrow(code('KEY_STORE_PASSPHRASE_WRONG'))
    await expect(createKeyStore({ folder, passphrase: '' })).rejects.toThrow(TypeError)
  })

  it('opens one folder from two starts at once with the same store key', async () => {
    const fresh = join(folder, '..', 'fresh')
    const [one, two] = await Promise.all([
      createKeyStore({ folder: fresh, passphrase }),
      createKeyStore({ folder: fresh, passphrase }),
    ])
    const key = await one.generate('a', 'ec-p256')
    expect(two.get('a').publicKey).toEqual(key.publicKey)
    expect(one.macKey('m').mac(data)).toEqual(two.macKey('m').mac(data))
  })

  it('refuses to begin anew where store.json is damaged or missing beside keys', async () => {
    await store.generate('seal', 'ec-p256')
    const file = join(folder, 'store.json')
    const text = readFileSync(file, 'utf8')
    for (const damage of [
      '',
      '{}',
      'null',
      text.replace('"N": 32768', '"N": 1073741824'),
      text.replace('"N": 32768', '"N": 2'),
    ]) {
      writeFileSync(file, damage)
      await expect(createKeyStore({ folder, passphrase })).rejects.toThrow(code('KEY_FILE_DAMAGED'))
    }
    rmSync(file)
    await expect(createKeyStore({ folder, passphrase })).rejects.toThrow(code('KEY_FILE_DAMAGED'))
  })

  it('says so when the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(createKeyStore({ folder: join(folder, 'file', 'keys'), passphrase })).rejects.toThrow(
      code('KEY_STORE_UNAVAILABLE'),
    )
  })

  it('opens twenty keys in well under a second', async () => {
    for (let i = 0; i < 20; i++) await store.generate(`key-${i}`, 'ec-p256')
    await reopen()
    const from = performance.now()
    for (let i = 0; i < 20; i++) store.get(`key-${i}`)
    expect(performance.now() - from).toBeLessThan(900)
  })
})

describe('generate and get', () => {
  it('make keys of each kind that sign, at once and by promise', async () => {
    for (const [kind, expected] of [
      ['ec-p256', { kind: 'ec', bits: 256 }],
      ['rsa-2048', { kind: 'rsa', bits: 2048 }],
      ['rsa-3072', { kind: 'rsa', bits: 3072 }],
      ['sm2', { kind: 'sm2', bits: 256 }],
    ] as const) {
      const key = await store.generate(kind, kind)
      expect(parsePublicKey(key.publicKey)).toMatchObject(expected)
      for (const signature of [await key.sign(data), key.signSync!(data)]) {
        expect(await primitives.verify(key.signatureAlgorithm, key.publicKey, data, signature)).toBe(true)
      }
    }
  })

  it('never overwrite: of many at once one makes the key, the others are refused', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => store.generate('seal', 'ec-p256')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(code('KEY_EXISTS'))
    const kept = store.get('seal').publicKey
    expect((await reopen()).get('seal').publicKey).toEqual(kept)
  })

  it('refuse names that could leave the folder or hide in it', async () => {
    for (const name of ['', '.', '..', '../x', 'a/b', 'a\\b', '.hidden', 'a\u0000b', '印章', 'x'.repeat(121)]) {
      await expect(store.generate(name, 'ec-p256')).rejects.toThrow(code('KEY_NAME_INVALID'))
      expect(() => store.get(name)).toThrow(code('KEY_NAME_INVALID'))
      await expect(store.destroy(name, act)).rejects.toThrow(code('KEY_NAME_INVALID'))
      expect(() => store.macKey(name)).toThrow(code('KEY_NAME_INVALID'))
    }
    expect(readdirSync(folder)).toEqual(['store.json'])
  })

  it('say when there is no such key', () => {
    expect(() => store.get('nobody')).toThrow(code('KEY_NOT_FOUND'))
  })

  it('list the signing keys by name', async () => {
    await store.generate('b', 'ec-p256')
    await store.generate('a.1', 'ec-p256')
    store.macKey('c')
    expect(store.list()).toEqual(['a.1', 'b'])
  })
})

describe('key files', () => {
  it('are encrypted PKCS #8 that nobody else may read, without temporary files left', async () => {
    await store.generate('seal', 'rsa-2048')
    store.wrappingKey('data')
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o077).toBe(0)
    expect(statSync(folder).mode & 0o077).toBe(0)
    expect(readdirSync(folder).sort()).toEqual([
      'data.wrapping.key',
      'records',
      'seal.signing.key',
      'secrets',
      'store.json',
      'store.record.key',
    ])
    expect(readFileSync(fileOf('seal'), 'utf8')).toMatch(
      /^Zhengyin-Key-2: \S+\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n/,
    )
  })

  it('are refused when damaged at any place', async () => {
    await store.generate('seal', 'ec-p256')
    const sound = readFileSync(fileOf('seal'))
    store.close()
    store = await createKeyStore({ folder, passphrase })
    for (let at = 0; at < sound.length; at += 7) {
      const changed = Buffer.from(sound)
      changed[at]! ^= 0x04
      writeFileSync(fileOf('seal'), changed)
      expect(() => store.get('seal')).toThrow(code('KEY_FILE_DAMAGED'))
    }
    for (const length of [0, 10, sound.length - 40]) {
      writeFileSync(fileOf('seal'), sound.subarray(0, length))
      expect(() => store.get('seal')).toThrow(code('KEY_FILE_DAMAGED'))
    }
    writeFileSync(fileOf('seal'), Buffer.alloc(100_000))
    expect(() => store.get('seal')).toThrow(code('KEY_FILE_DAMAGED'))
    writeFileSync(fileOf('seal'), sound)
    expect(store.get('seal').publicKey.length).toBeGreaterThan(0)
  })

  it('are refused under another name, so that two keys cannot be swapped', async () => {
    await store.generate('one', 'ec-p256')
    copyFileSync(fileOf('one'), join(folder, 'two.signing.key'))
    expect(() => store.get('two')).toThrow(code('KEY_FILE_DAMAGED'))
  })

  it.skipIf(process.getuid?.() === 0)('are written or refused, when the folder takes no writes', async () => {
    chmodSync(folder, 0o500)
    await expect(store.generate('seal', 'ec-p256')).rejects.toThrow(code('KEY_STORE_UNAVAILABLE'))
    chmodSync(folder, 0o700)
  })

  it('leave no half-written key where the disk is full', async () => {
    // A limit on the size of files is the closest thing to a full disk that a test may make.
    const script = `
      const { createKeyStore } = await import(${JSON.stringify(join(import.meta.dirname, '../../key-store/index.ts'))})
      const store = await createKeyStore({ folder: ${JSON.stringify(folder)}, passphrase: ${JSON.stringify(passphrase)} })
      process.on('SIGXFSZ', () => {})
      try { await store.generate('big', 'rsa-3072') } catch (error) { console.log(error.code) }`
    const child = spawnSync('sh', ['-c', `ulimit -f 1; exec "${process.execPath}" --input-type=module -e "$SCRIPT"`], {
      env: { ...process.env, SCRIPT: script },
    })
    expect(child.stdout.toString()).toBe('KEY_STORE_UNAVAILABLE\n')
    expect(readdirSync(folder).sort()).toEqual(['secrets', 'store.json'])
  })
})

describe('wrappingKey', () => {
  const dataKey = new Uint8Array(32).map((_, i) => i)
  const record = new TextEncoder().encode('record 1')

  it('wraps data keys, each time differently, and unwraps them after a restart', async () => {
    const wrapped = store.wrappingKey('data').wrap(dataKey, record)
    expect(wrapped).toHaveLength(61)
    expect(store.wrappingKey('data').wrap(dataKey, record)).not.toEqual(wrapped)
    expect((await reopen()).wrappingKey('data').unwrap(wrapped, record)).toEqual(dataKey)
  })

  it('refuses another record, another key and any changed octet', () => {
    const key = store.wrappingKey('data')
    const wrapped = key.wrap(dataKey, record)
    const refused = code('KEY_UNWRAP_FAILED')
    expect(() => key.unwrap(wrapped)).toThrow(refused)
    expect(() => key.unwrap(wrapped, new TextEncoder().encode('record 2'))).toThrow(refused)
    expect(() => store.wrappingKey('other').unwrap(wrapped, record)).toThrow(refused)
    expect(() => key.unwrap(new Uint8Array(0), record)).toThrow(refused)
    for (let at = 0; at < wrapped.length; at++) {
      const changed = wrapped.slice()
      changed[at]! ^= 1
      expect(() => key.unwrap(changed, record)).toThrow(refused)
    }
    expect(() => key.wrap(new Uint8Array(16))).toThrow(TypeError)
  })
})

describe('macKey', () => {
  it('gives the same MAC after a restart, and another under another name', async () => {
    const mac = store.macKey('search').mac(data)
    expect(mac).toHaveLength(32)
    expect(store.macKey('tokens').mac(data)).not.toEqual(mac)
    expect((await reopen()).macKey('search').mac(data)).toEqual(mac)
  })
})

describe('destroy and close', () => {
  it('makes a destroyed key unusable at once, in memory and on disk', async () => {
    const key = await store.generate('seal', 'rsa-2048')
    const file = readFileSync(fileOf('seal'))
    await store.destroy('seal', act)
    expect(() => key.signSync!(data)).toThrow(code('KEY_DESTROYED'))
    await expect(key.sign(data)).rejects.toThrow(code('KEY_DESTROYED'))
    expect(() => store.get('seal')).toThrow(code('KEY_DESTROYED'))
    await expect(store.destroy('seal', act)).rejects.toThrow(code('KEY_NOT_FOUND'))
    expect(readdirSync(folder).filter((file) => file.startsWith('seal'))).toEqual([])
    expect(file.length).toBeGreaterThan(0)
  })

  it('makes what a destroyed wrapping key wrapped unreadable for good', async () => {
    const key = store.wrappingKey('data')
    const wrapped = key.wrap(new Uint8Array(32))
    await store.destroy('data', act)
    expect(() => key.unwrap(wrapped)).toThrow(code('KEY_DESTROYED'))
    expect(() => store.wrappingKey('data')).toThrow(code('KEY_DESTROYED'))
  })

  it('refuses everything after close', async () => {
    const key = await store.generate('seal', 'ec-p256')
    const mac = store.macKey('m')
    store.close()
    const refused = code('KEY_STORE_CLOSED')
    expect(() => key.signSync!(data)).toThrow(refused)
    expect(() => mac.mac(data)).toThrow(refused)
    expect(() => store.get('seal')).toThrow(refused)
    await expect(store.generate('x', 'ec-p256')).rejects.toThrow(refused)
  })
})

describe('nothing that is printed shows a secret', () => {
  it('neither the store nor a key, inspected or serialised', async () => {
    const key = await store.generate('seal', 'rsa-2048')
    const shown = [store, key, store.wrappingKey('w'), store.macKey('m')]
      .map((value) => inspect(value, { depth: 12, showHidden: true }) + JSON.stringify(value))
      .join('\n')
    expect(shown).not.toMatch(/private|passphrase|secret|KeyObject|PRIVATE KEY/i)
    expect(shown).not.toContain(passphrase)
    expect(Object.keys(key).sort()).toEqual(['publicKey', 'sign', 'signSync', 'signatureAlgorithm'])
    const error = await createKeyStore({ folder, passphrase: 'guess 4711' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(KeyStoreError)
    expect(inspect(error)).not.toContain('4711')
  })
})
