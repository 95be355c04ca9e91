// `key`: what a data folder's key stores hold, keys of one's own brought in, a key handed to its owner, a key destroyed.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyAct, type KeyStore, KeyStoreError } from '../../key-store/index.ts'
import { x509 } from '../../pki/index.ts'
import { dataFolder, loadConfig, systemClock } from '../../platform/index.ts'
import { callerPath, readCallerFile } from '../caller-path.ts'
import type { Prompts } from '../ceremony/prompts.ts'
import { CommandError } from '../errors.ts'
import { type KeyStores, keyStoreNames, openKeyStore } from '../key-stores.ts'

type StoreName = keyof KeyStores

export interface KeyOptions extends KeyAct {
  readonly store: StoreName
  readonly name: string
}

async function withStore<T>(name: StoreName, work: (store: KeyStore) => Promise<T> | T): Promise<T> {
  const store = await openKeyStore(name, { ...loadConfig(), clock: systemClock })
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

const tell = (facts: Record<string, unknown>): void => console.log(JSON.stringify(facts))

/** One line for each signing key: its store, name, algorithm, place, fingerprint of the public key, and how often it signed. */
export async function listKeys(): Promise<void> {
  let count = 0
  for (const storeName of keyStoreNames.filter(isMade))
    await withStore(storeName, (store) => {
      for (const name of store.list()) {
        const facts = describeKey(store, name)
        tell({ store: storeName, name, ...facts })
        count++
      }
    })
  if (count === 0) process.stderr.write(`no signing keys in ${dataFolder()}: DATA_DIR names the data folder\n`)
}

/** Whoever asks a wrong folder makes no stores in it. */
const isMade = (name: StoreName): boolean => existsSync(join(dataFolder(), 'keys', name))

/** A key that cannot be opened stands in the list with its reason: it is what one looks for. */
function describeKey(store: KeyStore, name: string): Record<string, unknown> {
  try {
    const { signatureAlgorithm, publicKey, signSync } = store.get(name)
    const fingerprint = createHash('sha256').update(publicKey).digest('hex')
    const place = signSync === undefined ? 'token' : 'file'
    return { algorithm: signatureAlgorithm, place, publicKeySha256: fingerprint, ...store.usage(name) }
  } catch (error) {
    if (error instanceof KeyStoreError) return { refused: error.code }
    throw error
  }
}

/** The signed history of a store, one record a line, verified before the first is told. */
export async function listRecords({ store }: { readonly store: StoreName }): Promise<void> {
  await withStore(store, (opened) => {
    for (const record of opened.records()) tell({ ...record })
  })
}

/** Takes the key of a PKCS #12 file over; writes the certificates that came with it where `--certificates` says. */
export async function importKey(
  prompts: Prompts,
  options: KeyOptions & { readonly file: string; readonly certificates?: string; readonly exportable?: true },
): Promise<void> {
  const { name, by, reason } = options
  const file = await readCallerFile(options.file)
  const password = await prompts.ask(`Password of ${options.file}`, { isSecret: true })
  await withStore(options.store, async (store) => {
    const isExportable = options.exportable ?? false
    const { key, certificates } = await store.importPkcs12(name, file, password, { by, reason, isExportable })
    if (options.certificates !== undefined)
      await writeNew(options.certificates, certificates.map((certificate) => x509.encodePem(certificate)).join(''))
    tell({ store: options.store, name, algorithm: key.signatureAlgorithm, certificates: certificates.length })
  })
}

/** Hands a key that was made for it to its owner, as a PKCS #12 file. */
export async function exportKey(
  prompts: Prompts,
  options: KeyOptions & { readonly out: string; readonly certificates?: string },
): Promise<void> {
  const { name, by, reason } = options
  const certificates = options.certificates === undefined ? [] : await readPem(options.certificates)
  // Looked at first: the record says that a key was handed out before it is.
  if (existsSync(callerPath(options.out))) throw isThere(options.out)
  const password = await prompts.ask('New password of the file', { isSecret: true })
  const check = (again: string) => (again === password ? undefined : 'the two passwords differ')
  await prompts.ask('The same again', { isSecret: true, check })
  await withStore(options.store, async (store) => {
    const file = await store.exportPkcs12(name, { password, certificates }, { by, reason })
    await writeNew(options.out, file)
    tell({ store: options.store, name, file: options.out })
  })
}

/** Destroys every key of a name for good; its name is asked for once more. */
export async function destroyKey(prompts: Prompts, { store: storeName, name, by, reason }: KeyOptions): Promise<void> {
  prompts.tell(`This destroys every key called ${name} of the store ${storeName}. It cannot be undone.`)
  const check = (answer: string) => (answer === name ? undefined : 'this is another name')
  await prompts.ask('Its name again', { check })
  await withStore(storeName, async (store) => tell({ ...(await store.destroy(name, { by, reason })) }))
}

async function writeNew(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(callerPath(path), content, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    throw cause instanceof Error && 'code' in cause && cause.code === 'EEXIST' ? isThere(path) : cause
  })
}

const isThere = (path: string): CommandError => new CommandError('FILE_EXISTS', `${path} is there already`)

const readPem = async (path: string): Promise<Uint8Array[]> =>
  x509.decodePem((await readCallerFile(path)).toString('latin1'))
