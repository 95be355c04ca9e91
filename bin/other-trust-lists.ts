// Trust lists of other cities and departments in a trust folder: `others/NAME/` holds pin.json (what the operator decided), the roots, and
// what was last read of list and CRLs. `refreshOthers` reads them anew and keeps only what may be believed.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuardedFetch } from '../platform/index.ts'
import {
  type Evidence,
  findPinFaults,
  judgeTrustList,
  type ListMemory,
  NO_EVIDENCE,
  type PinnedTrustList,
  type UsedList,
  type ValidationPolicy,
} from '../verifier/index.ts'
import { CommandError } from './errors.ts'
import { derBlocks } from './pem.ts'
import { indexStatusLists } from './status-lists.ts'
import { unlessMissing } from './unless-missing.ts'

/** A pinned list as the folder holds it. */
export interface OtherList {
  readonly pin: PinnedTrustList
  /** Where list and CRLs are published. */
  readonly address: string
  readonly crlAddresses: readonly string[]
  /** As last read; null before that. */
  readonly trustList: string | null
  readonly crls: readonly Uint8Array[]
  /** Signed status lists that somebody put there, by their address: for verifying without a network. */
  readonly statusLists: ReadonlyMap<string, string>
}

export interface Others {
  /** Divisions of the own list: `pin.json` of the trust folder itself. */
  readonly divisions?: readonly string[]
  readonly lists: readonly OtherList[]
}

/** What a policy demands by the pins. */
export function demandsOf(others: Others | undefined): Pick<ValidationPolicy, 'divisions' | 'otherTrustLists'> {
  const { divisions, lists = [] } = others ?? {}
  return {
    ...(divisions && { divisions }),
    ...(lists.length > 0 && { otherTrustLists: lists.map(({ pin }) => pin) }),
  }
}

const LARGEST_PIN = 64 * 1024

/**
 * Reads the pins of a trust folder and what was last read under them.
 * @throws CommandError TRUST_PINS_INVALID where a pin is malformed or cannot be read, or two speak for one division: nothing is guessed
 * then, since without its pin a department of others would fall under the own list.
 */
export async function readOthers(folder: string): Promise<Others> {
  const entries = (await readable(readdir(join(folder, 'others'), { withFileTypes: true }), 'others')) ?? []
  const names = entries.filter((entry) => !entry.isFile()).map(({ name }) => name)
  const own = await readPin(folder)
  const lists = await Promise.all(names.sort().map((name) => readOther(join(folder, 'others', name), name)))
  const found = lists.filter((list) => list !== null)
  const divisions = own ? divisionsOf(own, 'own') : undefined
  const faults = findPinFaults(
    found.map(({ pin }) => pin),
    divisions,
  )
  if (faults.length > 0) throw invalid(faults.join('; '))
  return { ...(divisions && { divisions }), lists: found }
}

/** A folder without a pin is nobody's list. */
async function readOther(folder: string, name: string): Promise<OtherList | null> {
  const written = await readPin(folder)
  if (!written) return null
  const { address, signers, crls = [] } = written
  if (!isAddress(address) || !isArrayOf(crls, isAddress)) throw invalid(`${name}: expected addresses of list and CRLs`)
  if (signers !== undefined && !isArrayOf(signers, isText)) throw invalid(`${name}: signers are no list of digests`)
  const files = await readdir(folder)
  const bytes = (wanted: RegExp) =>
    Promise.all(files.filter((file) => wanted.test(file)).map((file) => readFile(join(folder, file))))
  const [text] = await bytes(/^trust-list\.jwt$/)
  const anchors = (await bytes(/\.(pem|cer|crt)$/)).flatMap((file) => derBlocks(new Uint8Array(file)))
  return {
    pin: { name, divisions: divisionsOf(written, name), anchors, ...(signers && { signers }) },
    address,
    crlAddresses: crls,
    trustList: text ? text.toString('utf8').trim() : null,
    crls: (await bytes(/\.crl$/)).flatMap((file) => derBlocks(new Uint8Array(file))),
    statusLists: await indexStatusLists(
      (await bytes(/^status-list-.*\.jwt$/)).map((file) => file.toString('utf8').trim()),
    ),
  }
}

async function readPin(folder: string): Promise<Record<string, unknown> | null> {
  const text = await readable(readFile(join(folder, 'pin.json'), 'utf8'), folder)
  if (text === null) return null
  const read = text.length > LARGEST_PIN ? null : parseJson(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw invalid(`${folder}: pin.json is no object`)
  return read as Record<string, unknown>
}

async function readable<T>(reading: Promise<T>, what: string): Promise<T | null> {
  try {
    return await unlessMissing(reading)
  } catch (cause) {
    throw new CommandError('TRUST_PINS_INVALID', `the pins of trust lists cannot be read: ${what}`, { cause })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isAddress = (value: unknown): value is string =>
  isText(value) && /^https?:$/.test(URL.parse(value)?.protocol ?? '')
const isArrayOf = <T>(value: unknown, is: (item: unknown) => item is T): value is T[] =>
  Array.isArray(value) && value.every(is)

function divisionsOf({ divisions }: Record<string, unknown>, name: string): readonly string[] {
  if (!isArrayOf(divisions, isText)) throw invalid(`${name}: expected divisions`)
  return divisions
}

const invalid = (what: string) => new CommandError('TRUST_PINS_INVALID', `the pins of trust lists are wrong: ${what}`)

export interface Refreshed {
  readonly name: string
  /** Null: nobody answered. `kept`: what came may not be believed, or is no newer, so what was there stays. */
  readonly outcome: 'renewed' | 'kept' | null
  /** Code of the finding that refused it. */
  readonly code?: string
}

/**
 * Reads every pinned list and its CRLs anew, each judged before it takes the place of the one before: its signer, its pin, its time, and
 * that it is not older than what was seen. Never throws for what others do.
 */
export async function refreshOthers(
  folder: string,
  { lists }: Others,
  { fetch, policy, memory, remember, at }: RefreshOptions,
): Promise<Refreshed[]> {
  return Promise.all(
    lists.map(async (list): Promise<Refreshed> => {
      const { name } = list.pin
      const own = join(folder, 'others', name)
      const fetched = await Promise.all(list.crlAddresses.map((address) => fetch(address)))
      const crls = fetched.every((crl) => crl !== null) && fetched.length > 0 ? (fetched as Uint8Array[]) : list.crls
      const bytes = await fetch(list.address)
      if (!bytes) return { name, outcome: null }
      const text = Buffer.from(bytes).toString('utf8').trim()
      const evidence: Evidence = { ...NO_EVIDENCE, crls, otherTrustLists: new Map([[name, text]]), memory: memory() }
      const { list: believed, finding } = await judgeTrustList(list.pin, evidence, policy, at)
      if (!believed) return { name, outcome: 'kept', code: finding.code }
      await remember([believed])
      await keep(own, list, text, crls)
      return { name, outcome: text === list.trustList ? 'kept' : 'renewed' }
    }),
  )
}

export interface RefreshOptions {
  readonly fetch: GuardedFetch
  readonly policy: ValidationPolicy
  memory(): ListMemory
  remember(lists: readonly UsedList[]): void | Promise<void>
  readonly at: Date
}

const CRL = /^ca-\d+\.crl$/

/** Each file at once: a reader sees the old one or the new one. */
async function keep(folder: string, list: OtherList, text: string, crls: readonly Uint8Array[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (crls !== list.crls) {
    for (const [i, crl] of crls.entries()) await write(folder, `ca-${i + 1}.crl`, crl)
    const names = (await readdir(folder)).filter((name) => CRL.test(name))
    for (const name of names) if (Number(/\d+/.exec(name)![0]) > crls.length) await rm(join(folder, name))
  }
  if (text !== list.trustList) await write(folder, 'trust-list.jwt', text)
}

async function write(folder: string, name: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(folder, `.${name}.${randomBytes(6).toString('hex')}.new`)
  await writeFile(temporary, content, { flush: true })
  await rename(temporary, join(folder, name))
}
