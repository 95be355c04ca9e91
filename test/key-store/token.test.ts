// Tokens that fail: absent, pulled out, behind a server that dies, with a wrong PIN, with a module that is none.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKeyStore, type KeyStore, type TokenOptions } from '../../key-store/index.ts'
import { primitives, type SigningKey } from '../../pki/index.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { isServerMissing, isSoftHsmMissing, makeSoftHsm, type SoftHsm, serveSoftHsm } from '../support/soft-hsm.ts'

const data = new TextEncoder().encode('to be signed')
const act = { by: 'tester', reason: 'a test' }
const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })
const isMissing = isSoftHsmMissing()

let folder: string
let hsm: SoftHsm
const stores: KeyStore[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-'))
  if (!isMissing) hsm = makeSoftHsm()
})
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  if (!isMissing) hsm.remove()
  rmSync(folder, { recursive: true, force: true })
})
async function open(token: TokenOptions, change: Partial<TokenOptions> = {}): Promise<KeyStore> {
  const store = await createKeyStore({
    folder: join(folder, 'store'),
    passphrase: 'for tests',
    token: { ...token, ...change },
  })
  stores.push(store)
  return store
}
const isValid = async (key: SigningKey, signed: Uint8Array, signature: Uint8Array) =>
  primitives.verify(key.signatureAlgorithm, key.publicKey, signed, signature)

describe('a module that cannot be used', () => {
  const place = { label: 'x', pinFile: '/nowhere', holds: () => true }

  it('is named where it is not there, and where it is something else', async () => {
    const text = join(folder, 'text.so')
    writeFileSync(text, 'no library')
    for (const module of ['/nowhere/module.so', text, '/usr/lib/x86_64-linux-gnu/libz.so.1']) {
      const refused = await open({ ...place, module }).catch((error: unknown) => error)
      expect(refused).toEqual(code('KEY_PKCS11_MODULE_UNUSABLE'))
      expect((refused as Error).message).toContain(module)
    }
  })
})

describe('a machine without the package pkcs11js', () => {
  it('opens stores of files, and says what is missing where a token is configured', () => {
    const hooks = `import { registerHooks } from 'node:module'
      registerHooks({
        resolve(name, context, next) {
          if (name === 'pkcs11js') throw new Error('not installed')
          return next(name, context)
        },
      })`
    const script = `
      const { createKeyStore } = await import(${JSON.stringify(join(packageRoot, 'key-store/index.ts'))})
      const store = { folder: ${JSON.stringify(join(folder, 'store'))}, passphrase: 'for tests' }
      ;(await createKeyStore(store)).close()
      const token = { module: '/nowhere', label: 'x', pinFile: '/nowhere', holds: () => true }
      await createKeyStore({ ...store, token }).catch((error) => console.log(error.code))`
    const loader = `data:text/javascript,${encodeURIComponent(hooks)}`
    const file = join(folder, 'script.mjs')
    writeFileSync(file, script)
    const run = spawnSync(process.execPath, [file], { env: { ...process.env, NODE_OPTIONS: `--import=${loader}` } })
    expect(run.stdout.toString()).toBe('KEY_PKCS11_NOT_INSTALLED\n')
  })
})

describe.skipIf(isMissing)('keys in a token', () => {
  it('are not left behind where the store could not take them', async () => {
    const objects = () =>
      readdirSync(join(hsm.folder, 'tokens'), { recursive: true }).filter((name) => `${name}`.endsWith('.object'))
        .length
    const store = await open(hsm.token)
    const before = objects()
    const making = store.generate('seal', 'ec-p256')
    rmSync(join(folder, 'store'), { recursive: true })
    await expect(making).rejects.toThrow(code('KEY_STORE_UNAVAILABLE'))
    expect(objects()).toBe(before)
  })

  it('leave only a sealed reference on disk', async () => {
    const store = await open(hsm.token)
    await store.generate('seal', 'ec-p256')
    const file = readFileSync(join(folder, 'store', 'seal.signing.key'), 'utf8')
    expect(file).toMatch(/^Zhengyin-Token-Key-1: \S+\n$/)
    expect(store.get('seal').signSync).toBeUndefined()
  })

  it('are gone from the token once destroyed', async () => {
    const objects = () =>
      readdirSync(join(hsm.folder, 'tokens'), { recursive: true }).filter((name) =>
        /[0-9a-f-]{36}\.object$/.test(`${name}`),
      )
    const store = await open(hsm.token)
    const before = objects().length
    await store.generate('seal', 'ec-p256')
    expect(objects().length).toBe(before + 2)
    await store.destroy('seal', act)
    expect(objects().length).toBe(before)
  })

  it('are only those that are meant to be: others stay in files', async () => {
    const store = await open(hsm.token, { holds: (name) => name.startsWith('seal-') })
    expect((await store.generate('seal-1', 'ec-p256')).signSync).toBeUndefined()
    expect((await store.generate('statement-1', 'ec-p256')).signSync).toBeDefined()
    expect((await store.generate('seal-sm2', 'sm2')).signSync).toBeDefined()
  })

  it('say which token they lie in when none, or another, is configured', async () => {
    const store = await open(hsm.token)
    await store.generate('seal', 'ec-p256')
    store.close()
    const without = await createKeyStore({ folder: join(folder, 'store'), passphrase: 'for tests' })
    stores.push(without)
    expect(() => without.get('seal')).toThrow(code('KEY_TOKEN_UNAVAILABLE'))
    expect(() => without.get('seal')).toThrow(hsm.token.label)
    await expect(without.destroy('seal', act)).rejects.toThrow(code('KEY_TOKEN_UNAVAILABLE'))
  })

  it('are in doubt, not mistaken, when the token lost them', async () => {
    const store = await open(hsm.token, { retryForMs: 300 })
    const key = await store.generate('seal', 'ec-p256')
    store.close()
    hsm.remove()
    const other = makeSoftHsm()
    const again = await open(other.token, { retryForMs: 300 })
    await expect(again.get('seal').sign(data)).rejects.toThrow(code('KEY_NOT_FOUND'))
    expect(again.get('seal').publicKey).toEqual(key.publicKey)
    again.close()
    other.remove()
  })
})

describe.skipIf(isMissing)('a wrong PIN', () => {
  it('is refused at the start, and neither told nor tried again until the file says another', async () => {
    hsm.writePin('999999')
    const refused = await open(hsm.token).catch((error: unknown) => error)
    expect(refused).toEqual(code('KEY_PIN_WRONG'))
    expect(inspect(refused, { depth: 9 })).not.toMatch(/999999|314159/)
  })

  it('met while the house runs is asked of the token once, however many want to sign', async () => {
    const server = serveSoftHsm(hsm)
    if (isServerMissing()) return
    await server.start()
    try {
      const store = await open(server.token, { retryForMs: 500 })
      const key = await store.generate('seal', 'ec-p256')
      hsm.writePin('999999')
      await server.kill()
      await server.start()
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => key.sign(data)))
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: code('KEY_PIN_WRONG') })
      const restartWith = async (pin: string) => {
        await server.kill()
        expect(hsm.setTokenPin(pin)).toBe(true)
        await server.start()
      }
      // Were the PIN tried again, it would be the right one by now.
      await restartWith('999999')
      await expect(key.sign(data)).rejects.toThrow(code('KEY_PIN_WRONG'))
      await restartWith('777777')
      await expect(key.sign(data)).rejects.toThrow(code('KEY_PIN_WRONG'))
      hsm.writePin('777777')
      expect(await isValid(key, data, await key.sign(data))).toBe(true)
    } finally {
      await server.kill()
    }
  })

  it('is not the same as a PIN file that is missing or empty', async () => {
    hsm.writePin('')
    await expect(open(hsm.token)).rejects.toThrow(code('KEY_PIN_UNREADABLE'))
    await expect(open(hsm.token, { pinFile: join(folder, 'none') })).rejects.toThrow(code('KEY_PIN_UNREADABLE'))
  })
})

describe.skipIf(isMissing || isServerMissing())('a token server that is killed', () => {
  it('and comes back loses no signature of those under way, and mistakes none', async () => {
    const server = serveSoftHsm(hsm)
    await server.start()
    try {
      const store = await open(server.token)
      const keys = [await store.generate('one', 'ec-p256'), await store.generate('two', 'rsa-2048')]
      const killing = (async () => {
        for (let kills = 0; kills < 6; kills++) {
          await delay(120)
          await server.kill()
          await delay(60)
          await server.start()
        }
      })()
      const signed = await Promise.all(
        Array.from({ length: 400 }, async (_, index) => {
          const text = new TextEncoder().encode(`document ${index}`)
          const key = keys[index % 2]!
          await delay(index * 2)
          return isValid(key, text, await key.sign(text))
        }),
      )
      await killing
      expect(signed.filter((is) => is)).toHaveLength(400)
      expect(store.usage('one').signatures + store.usage('two').signatures).toBe(400)
    } finally {
      await server.kill()
    }
  })

  it('for good is an outage with a code within the bound, heard of at once by those who come later', async () => {
    const server = serveSoftHsm(hsm)
    await server.start()
    try {
      const store = await open(server.token, { retryForMs: 600 })
      const key = await store.generate('seal', 'ec-p256')
      await server.kill()
      const from = performance.now()
      const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => key.sign(data)))
      for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: code('KEY_TOKEN_UNAVAILABLE') })
      expect(performance.now() - from).toBeLessThan(6000)
      const later = performance.now()
      await expect(key.sign(data)).rejects.toThrow(code('KEY_TOKEN_UNAVAILABLE'))
      expect(performance.now() - later).toBeLessThan(500)
      await server.start()
      expect(await isValid(key, data, await key.sign(data))).toBe(true)
    } finally {
      await server.kill()
    }
  })

  it('before the house starts does not keep it from starting', async () => {
    const server = serveSoftHsm(hsm)
    await server.start()
    try {
      const store = await open(server.token)
      await store.generate('seal', 'ec-p256')
      store.close()
      await server.kill()
      const again = await open(server.token, { retryForMs: 300 })
      await expect(again.get('seal').sign(data)).rejects.toThrow(code('KEY_TOKEN_UNAVAILABLE'))
      await server.start()
      const key = again.get('seal')
      expect(await isValid(key, data, await key.sign(data))).toBe(true)
    } finally {
      await server.kill()
    }
  })

  it('together with the process that speaks to it costs no signature', async () => {
    const server = serveSoftHsm(hsm)
    await server.start()
    try {
      const store = await open(server.token)
      const key = await store.generate('seal', 'ec-p256')
      const childOf = () =>
        spawnSync('pgrep', ['-P', String(process.pid), '-f', 'pkcs11-child'])
          .stdout.toString()
          .trim()
      const first = childOf()
      expect(first).toMatch(/^\d+$/)
      const signing = Promise.all(Array.from({ length: 60 }, () => key.sign(data)))
      process.kill(Number(first), 'SIGKILL')
      for (const signature of await signing) expect(await isValid(key, data, signature)).toBe(true)
      expect(childOf()).not.toBe(first)
      expect(store.usage('seal').signatures).toBe(60)
    } finally {
      await server.kill()
    }
  })

  it('that hangs does not hold up the process', async () => {
    const server = serveSoftHsm(hsm)
    await server.start()
    try {
      const store = await open(server.token, { retryForMs: 300 })
      const key = await store.generate('seal', 'ec-p256')
      server.freeze(true)
      const signing = key.sign(data)
      let ticks = 0
      for (const from = performance.now(); performance.now() - from < 300; ticks++) await delay(10)
      expect(ticks).toBeGreaterThan(15)
      server.freeze(false)
      expect(await isValid(key, data, await signing)).toBe(true)
    } finally {
      await server.kill()
    }
  })
})
