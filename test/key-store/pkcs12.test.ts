// PKCS #12 files of openssl, old and new, taken over and handed out; and files made to do harm.
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyStore, type KeyStore } from '../../key-store/index.ts'
import { asn1, primitives } from '../../pki/index.ts'
import { isMissing, run } from '../support/tools.ts'

const data = new TextEncoder().encode('to be signed')
const act = { by: 'tester', reason: 'a test' }
const code = (expected: string) => expect.objectContaining({ name: 'KeyStoreError', code: expected })
const password = '口令 with spaces 123'

let folder: string
let store: KeyStore
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p12-'))
  store = await createKeyStore({ folder: join(folder, 'store'), passphrase: 'for tests' })
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})
const at = (name: string) => join(folder, name)

const keyKinds = {
  rsa: ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  ec: ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  sm2: ['genpkey', '-algorithm', 'SM2'],
} as const

const openssl = (...args: string[]) => {
  const { status, output } = run('openssl', args)
  if (status !== 0) throw new Error(output)
}

function makeKey(kind: keyof typeof keyKinds): void {
  if (existsSync(at(`${kind}.pem`))) return
  openssl(...keyKinds[kind], '-out', at(`${kind}.pem`))
  const digest = kind === 'sm2' ? ['-sm3', '-sigopt', 'distid:1234567812345678'] : ['-sha256']
  openssl(
    'req',
    '-new',
    '-x509',
    '-key',
    at(`${kind}.pem`),
    '-subj',
    '/CN=test',
    '-days',
    '9',
    ...digest,
    '-out',
    at(`${kind}.crt`),
  )
}

let count = 0
function makePkcs12(kind: keyof typeof keyKinds, word: string, ...options: string[]): Uint8Array {
  makeKey(kind)
  const out = at(`${++count}.p12`)
  const files = ['-inkey', at(`${kind}.pem`), '-in', at(`${kind}.crt`)]
  openssl('pkcs12', '-export', ...files, '-name', '公章', '-out', out, '-passout', `pass:${word}`, ...options)
  return readFileSync(out)
}

const forms: Record<string, readonly string[]> = {
  'AES-256 and HMAC-SHA-256': [],
  'AES-128 and HMAC-SHA-512': ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512'],
  'RC2-40 and 3DES with a SHA-1 MAC': ['-legacy'],
  'RC2-128': ['-legacy', '-certpbe', 'PBE-SHA1-RC2-128', '-keypbe', 'PBE-SHA1-RC2-128'],
  'two-key 3DES': ['-legacy', '-certpbe', 'PBE-SHA1-2DES', '-keypbe', 'PBE-SHA1-2DES'],
  'no MAC': ['-nomac'],
  'certificates in the clear': ['-certpbe', 'NONE'],
}

describe.skipIf(isMissing('openssl'))('importPkcs12', () => {
  for (const [form, options] of Object.entries(forms))
    it(`takes over a key under ${form}`, async () => {
      const { key, certificates } = await store.importPkcs12(
        `k${++count}`,
        makePkcs12('rsa', password, ...options),
        password,
        act,
      )
      expect(await primitives.verify(key.signatureAlgorithm, key.publicKey, data, await key.sign(data))).toBe(true)
      expect(certificates).toHaveLength(1)
      expect(store.records().at(-1)).toMatchObject({ event: 'imported', ...act })
    })

  it('takes over P-256 and SM2 keys, old and new, under an empty password too', async () => {
    for (const kind of ['ec', 'sm2'] as const)
      for (const [word, options] of [
        [password, []],
        [password, ['-legacy']],
        ['', []],
        ['', ['-legacy']],
      ] as const) {
        const { key } = await store.importPkcs12(`k${++count}`, makePkcs12(kind, word, ...options), word, act)
        expect(key.signatureAlgorithm).toBe(kind === 'sm2' ? 'SM2-with-SM3' : 'ecdsa-with-SHA256')
        expect(await primitives.verify(key.signatureAlgorithm, key.publicKey, data, await key.sign(data))).toBe(true)
      }
  })

  it('tells a wrong password from a damaged file', async () => {
    const file = makePkcs12('ec', password)
    for (const wrong of ['', 'guess', `${password} `])
      await expect(store.importPkcs12('wrong', file, wrong, act)).rejects.toThrow(code('KEY_IMPORT_PASSWORD_WRONG'))
    const withoutMac = makePkcs12('ec', password, '-nomac')
    await expect(store.importPkcs12('wrong', withoutMac, 'guess', act)).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^KEY_IMPORT_(PASSWORD_WRONG|DAMAGED)$/) }),
    )
    await expect(store.importPkcs12('wrong', file.subarray(0, -20), password, act)).rejects.toThrow(
      code('KEY_IMPORT_DAMAGED'),
    )
    await expect(store.importPkcs12('wrong', Buffer.from('no file'), password, act)).rejects.toThrow(
      code('KEY_IMPORT_DAMAGED'),
    )
    await expect(store.importPkcs12('wrong', Buffer.concat([file, file]), password, act)).rejects.toThrow(
      code('KEY_IMPORT_DAMAGED'),
    )
    expect(store.list()).not.toContain('wrong')
  })

  it('refuses, never throws something else, when any octet was changed', async () => {
    const file = makePkcs12('ec', password, '-iter', '2')
    for (let place = 0; place < file.length; place += 5) {
      const changed = Buffer.from(file)
      changed[place]! ^= 0x11
      const error = await store
        .importPkcs12(`changed-${place}`, changed, password, act)
        .catch((reason: unknown) => reason)
      const expected = { name: 'KeyStoreError', code: expect.stringMatching(/^KEY_IMPORT_/) }
      expect({ place, error }).toMatchObject({ place, error: expected })
    }
  })

  it('refuses kinds of keys that no seal uses', async () => {
    for (const args of [
      ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
      ['-algorithm', 'ED25519'],
      ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024'],
    ]) {
      openssl('genpkey', ...args, '-out', at('odd.pem'))
      openssl('pkcs12', '-export', '-nocerts', '-inkey', at('odd.pem'), '-out', at('odd.p12'), '-passout', 'pass:x')
      const odd = readFileSync(at('odd.p12'))
      await expect(store.importPkcs12('odd', odd, 'x', act)).rejects.toThrow(code('KEY_KIND_UNSUPPORTED'))
    }
  })

  it('never takes a name twice, and says so before it looks at the file', async () => {
    await store.generate('taken', 'ec-p256')
    await expect(store.importPkcs12('taken', new Uint8Array(0), '', act)).rejects.toThrow(code('KEY_EXISTS'))
  })
})

const { encodeContext, encodeInteger, encodeOctetString, encodeOid, encodeSequence } = asn1
const oid = {
  data: '1.2.840.113549.1.7.1',
  shrouded: '1.2.840.113549.1.12.10.1.2',
  nested: '1.2.840.113549.1.12.10.1.6',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  sha256: '2.16.840.1.101.3.4.2.1',
  aes: '2.16.840.1.101.3.4.1.42',
}
const dataInfo = (content: Uint8Array) =>
  encodeSequence(encodeOid(oid.data), encodeContext(0, encodeOctetString(content)))
const pfx = (safes: Uint8Array, ...mac: Uint8Array[]) => encodeSequence(encodeInteger(3), dataInfo(safes), ...mac)
const bag = (type: string, value: Uint8Array) => encodeSequence(encodeOid(type), encodeContext(0, value))
const macData = (iterations: number, salt = new Uint8Array(8)) =>
  encodeSequence(
    encodeSequence(encodeSequence(encodeOid(oid.sha256)), encodeOctetString(new Uint8Array(32))),
    encodeOctetString(salt),
    encodeInteger(iterations),
  )
const shrouded = (iterations: number) => {
  const kdf = encodeSequence(
    encodeOid(oid.pbkdf2),
    encodeSequence(encodeOctetString(new Uint8Array(8)), encodeInteger(iterations)),
  )
  const cipher = encodeSequence(encodeOid(oid.aes), encodeOctetString(new Uint8Array(16)))
  const algorithm = encodeSequence(encodeOid(oid.pbes2), encodeSequence(kdf, cipher))
  return bag(oid.shrouded, encodeSequence(algorithm, encodeOctetString(new Uint8Array(64))))
}
const bags = (...some: Uint8Array[]) => encodeSequence(dataInfo(encodeSequence(...some)))
const nest = (depth: number): Uint8Array => bag(oid.nested, encodeSequence(...(depth === 0 ? [] : [nest(depth - 1)])))

describe('a PKCS #12 file made to do harm', () => {
  const limit = 'KEY_IMPORT_LIMIT_EXCEEDED'
  const hostile: Record<string, readonly [Uint8Array, string]> = {
    'asks for two thousand million iterations of its MAC': [pfx(bags(), macData(2_000_000_000)), limit],
    'asks for a million and one': [pfx(bags(), macData(1_000_001)), limit],
    'asks for a hundred million iterations of PBKDF2': [pfx(bags(shrouded(100_000_000))), limit],
    'asks for no iteration at all': [pfx(bags(), macData(0)), 'KEY_IMPORT_DAMAGED'],
    'asks for a million iterations again and again': [
      pfx(bags(...Array.from({ length: 9 }, () => shrouded(400_000)))),
      '',
    ],
    'has a salt of 100 KB': [pfx(bags(), macData(1, new Uint8Array(100_000))), limit],
    'nests bags in bags': [pfx(bags(nest(6))), limit],
    'has a thousand bags': [pfx(bags(...Array.from({ length: 1000 }, () => nest(0)))), ''],
    'is larger than any': [pfx(new Uint8Array(300_000)), limit],
    'holds no key': [pfx(bags()), 'KEY_IMPORT_UNSUPPORTED'],
    'nests indefinite lengths': [Buffer.alloc(20_000, Buffer.from([0x30, 0x80])), limit],
    'claims a length it has not': [
      Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x03]),
      'KEY_IMPORT_DAMAGED',
    ],
    'is empty': [new Uint8Array(0), 'KEY_IMPORT_DAMAGED'],
  }
  for (const [what, [file, expected]] of Object.entries(hostile))
    it(`is refused soon when it ${what}`, async () => {
      const from = performance.now()
      const error = await store.importPkcs12('hostile', file, 'x', act).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ name: 'KeyStoreError', code: expected || expect.stringMatching(/^KEY_IMPORT_/) })
      expect(performance.now() - from).toBeLessThan(5000)
    })
})

describe('a PKCS #12 file with PBMAC1 (RFC 9579)', () => {
  it('is proven by the key that PBKDF2 gives', async () => {
    const source = await store.generate('pbmac1-source', 'ec-p256', { isExportable: true })
    const exported = await store.exportPkcs12('pbmac1-source', { password: 'long enough it is', certificates: [] }, act)
    const [, authSafe] = asn1.readSequence(asn1.parseDer(exported), 'PFX')
    const safes = asn1.readOctetString(authSafe!.children[1]!.children[0], 'authSafe')
    const salt = new Uint8Array(16).fill(7)
    const mac = createHmac('sha256', pbkdf2Sync('long enough it is', salt, 1000, 32, 'sha256'))
      .update(safes)
      .digest()
    const prf = encodeSequence(encodeOid('1.2.840.113549.2.9'))
    const kdf = encodeSequence(
      encodeOid(oid.pbkdf2),
      encodeSequence(encodeOctetString(salt), encodeInteger(1000), encodeInteger(32), prf),
    )
    const algorithm = encodeSequence(encodeOid('1.2.840.113549.1.5.14'), encodeSequence(kdf, prf))
    const macInfo = encodeSequence(
      encodeSequence(algorithm, encodeOctetString(mac)),
      encodeOctetString(salt),
      encodeInteger(1),
    )
    const file = pfx(safes, macInfo)
    const { key } = await store.importPkcs12('pbmac1', file, 'long enough it is', act)
    expect(key.publicKey).toEqual(source.publicKey)
    await expect(store.importPkcs12('pbmac1-2', file, 'another word', act)).rejects.toThrow(
      code('KEY_IMPORT_PASSWORD_WRONG'),
    )
  })
})

describe('exportPkcs12', () => {
  it('hands out only what was made for it, under a password worth the name, and records it', async () => {
    await store.generate('stays', 'ec-p256')
    await store.generate('goes', 'ec-p256', { isExportable: true })
    const content = { password, certificates: [] }
    await expect(store.exportPkcs12('stays', content, act)).rejects.toThrow(code('KEY_NOT_EXPORTABLE'))
    await expect(store.exportPkcs12('nobody', content, act)).rejects.toThrow(code('KEY_NOT_FOUND'))
    await expect(store.exportPkcs12('goes', { ...content, password: 'short' }, act)).rejects.toThrow(
      code('KEY_EXPORT_PASSWORD_WEAK'),
    )
    const before = store.records().length
    await store.exportPkcs12('goes', content, act)
    expect(store.records().slice(before)).toEqual([
      expect.objectContaining({ event: 'exported', name: 'goes', ...act }),
    ])
  })

  it.skipIf(isMissing('openssl'))(
    'writes what openssl opens and what is taken over again, for each kind of key',
    async () => {
      for (const kind of ['rsa', 'ec', 'sm2'] as const) {
        const name = `round-${kind}`
        const taken = await store.importPkcs12(name, makePkcs12(kind, password), password, {
          ...act,
          isExportable: true,
        })
        const file = await store.exportPkcs12(name, { password, certificates: taken.certificates }, act)
        writeFileSync(at('out.p12'), file)
        const opened = run('openssl', [
          'pkcs12',
          '-in',
          at('out.p12'),
          '-passin',
          `pass:${password}`,
          '-nodes',
          '-info',
        ])
        expect([opened.status, opened.output]).toEqual([0, expect.stringContaining('PBES2, PBKDF2, AES-256-CBC')])
        expect(opened.output).toContain('BEGIN PRIVATE KEY')
        expect(opened.output).toContain('BEGIN CERTIFICATE')
        const again = await store.importPkcs12(`${name}-again`, file, password, act)
        expect(again.key.publicKey).toEqual(taken.key.publicKey)
        expect(again.certificates).toEqual(taken.certificates)
        await expect(store.exportPkcs12(`${name}-again`, { password, certificates: [] }, act)).rejects.toThrow(
          code('KEY_NOT_EXPORTABLE'),
        )
      }
    },
  )
})
