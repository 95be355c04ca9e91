import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { PlatformError, type Principal, refuseUnfit } from '../../../platform/index.ts'
import { entryFaults } from '../../domain/entry-rules.ts'
import type { TypeEntry } from '../../domain/type-entry.ts'
import { LicenceError } from '../../errors.ts'
import { recordAudit } from '../../store/register.ts'
import { recordImport, type TypeRow, versionsOfType } from '../../store/types.ts'
import type { Deps } from '../deps.ts'
import { digestOf } from '../templates/digest.ts'
import { draftIn, fieldsInForce } from './edit-types.ts'
import { elementsOf } from './elements.ts'
import { rangeOf, requireKeeper } from './keeper.ts'

/** Media type and `typ` of the signed catalogue. */
export const CATALOGUE_TYPE = 'licence-catalogue+jws'
export const MAX_FILE_BYTES = 8 << 20
const MOST_ENTRIES = 5000

/** The published entries as a compact JWS (RFC 7515), its key beside it: whom the key belongs to, the reader knows otherwise. */
export async function exportCatalogue(deps: Deps): Promise<string> {
  const { keys } = await deps.outwardKey.jwks()
  const [newest] = keys.slice(-1)
  const entries = deps.templates.list().map(({ typeCode, version, state: _state, ...entry }) => {
    return { typeCode, version, elements: elementsOf(typeCode, entry), entry }
  })
  const issuedAt = Math.floor(deps.clock.now().getTime() / 1000)
  return deps.outwardKey.sign(CATALOGUE_TYPE, JSON.stringify({ iss: deps.baseUrl, iat: issuedAt, entries }), {
    jwk: newest && { kty: newest.kty, crv: newest.crv, x: newest.x, y: newest.y },
  })
}

export interface CatalogueImport {
  readonly file: string
  /** Thumbprint of the signer's key, as the trial run told it and a person compared it. */
  readonly signer?: string | undefined
  /** Left out: a trial run, in which nothing is written. */
  readonly apply?: boolean | undefined
}

export interface ImportReport {
  readonly signer: string
  readonly issuer: string
  readonly issuedAt: Date
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly same: readonly string[]
  readonly refused: readonly { readonly typeCode: string; readonly why: string }[]
  readonly applied: boolean
}

/** Reads one entry that nobody vouches for; undefined for what is none. */
export type ReadEntry = (json: unknown) => { readonly typeCode: string; readonly entry: TypeEntry } | undefined

/**
 * Takes the entries of a signed catalogue over as drafts of the caller's department, to be reviewed as any others; first as a trial,
 * which tells whose key signed and what would change.
 * @throws LicenceError CATALOGUE_FILE_INVALID
 */
export async function importCatalogue(
  deps: Deps,
  caller: Principal,
  { file, signer, apply = false }: CatalogueImport,
  readEntry: ReadEntry,
): Promise<ImportReport> {
  const opened = openFile(file)
  if (apply && signer !== opened.signer)
    throw invalid('the file is signed with another key than the one named: compare the thumbprint first')
  const range = await rangeOf(deps, caller)
  const added: Taken[] = []
  const changed: Taken[] = []
  const same: string[] = []
  const refused: { typeCode: string; why: string }[] = []
  const seen = new Set<string>()
  for (const json of opened.entries) {
    const read = readEntry(json)
    if (!read) throw invalid('an entry of the file does not have the form of an entry')
    const { typeCode, entry } = read
    // Which of the two is meant only its sender knows.
    if (seen.has(typeCode)) throw invalid(`the file names the type ${typeCode} twice`)
    seen.add(typeCode)
    const isSound = entryFaults(typeCode, entry, await fieldsInForce(deps.database, typeCode)).length === 0
    const versions = await versionsOfType(deps.database, typeCode)
    const why = isSound ? await refusalOf(deps, range, versions) : 'TYPE_ENTRY_INVALID'
    if (why !== undefined) refused.push({ typeCode, why })
    else if (versions[0]?.entryDigest === digestOf(entry)) same.push(typeCode)
    else (versions.length === 0 ? added : changed).push({ typeCode, entry, replaces: versions[0]?.entryDigest ?? null })
  }
  if (apply) await take(deps, caller, file, opened.signer, { added, changed })
  const codes = (all: readonly Taken[]) => all.map(({ typeCode }) => typeCode)
  const { signer: thumbprint, issuer, issuedAt } = opened
  return {
    signer: thumbprint,
    issuer,
    issuedAt,
    added: codes(added),
    changed: codes(changed),
    same,
    refused,
    applied: apply,
  }
}

interface Taken {
  readonly typeCode: string
  readonly entry: TypeEntry
  readonly replaces: string | null
}

/** Why the caller may not take over an entry of a type that is there already. */
async function refusalOf(
  deps: Deps,
  range: Awaited<ReturnType<typeof rangeOf>>,
  versions: readonly TypeRow[],
): Promise<string | undefined> {
  if (versions.length === 0) return undefined
  if (versions.some(({ state }) => state === 'draft' || state === 'reviewed')) return 'TYPE_STATE_REFUSED'
  try {
    await requireKeeper(deps.database, range, versions, { above: false })
    return undefined
  } catch (error) {
    if (!(error instanceof LicenceError)) throw error
    return error.code
  }
}

async function take(
  deps: Deps,
  caller: Principal,
  file: string,
  signer: string,
  { added, changed }: { added: readonly Taken[]; changed: readonly Taken[] },
): Promise<void> {
  const range = await rangeOf(deps, caller)
  const digest = createHash('sha256').update(file).digest('hex')
  await deps.database.transaction(async (tx) => {
    const at = deps.clock.now()
    for (const one of [...added, ...changed]) await draftIn(deps, tx, caller, range, one)
    await recordImport(tx, {
      digest,
      signer,
      at,
      by: caller.id,
      departmentCode: caller.departmentCode,
      added: added.map(({ typeCode }) => typeCode),
      changed: changed.map(({ typeCode }) => typeCode),
    })
    await recordAudit(tx, caller, at, [{ action: 'import-catalogue', identifier: null, detail: digest }])
  })
}

const invalid = (message: string, cause?: unknown) => new LicenceError('CATALOGUE_FILE_INVALID', message, { cause })

/** The check of bodies saw a signed text, not what is in it. */
function requireFit(json: unknown, root: readonly PropertyKey[]): void {
  try {
    refuseUnfit(json, root)
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause
    const { faults } = cause
    throw new LicenceError('CATALOGUE_FILE_INVALID', 'the file holds what is no text, or too much', {
      cause,
      ...(faults && { faults }),
    })
  }
}

interface OpenedFile {
  readonly signer: string
  readonly issuer: string
  readonly issuedAt: Date
  readonly entries: readonly unknown[]
}

type Json = Readonly<Record<string, unknown>>

/** @throws LicenceError CATALOGUE_FILE_INVALID */
function openFile(file: string): OpenedFile {
  const parts = file.trim().split('.')
  const [head, body, signature] = parts
  if (parts.length !== 3 || !head || !body || !signature) throw invalid('the file is no compact JWS')
  const header = readJson(head)
  if (header['alg'] !== 'ES256' || header['typ'] !== CATALOGUE_TYPE || header['crit'] !== undefined)
    throw invalid(`the file is not of the type ${CATALOGUE_TYPE}, signed with ES256`)
  const { key, thumbprint } = readKey(header['jwk'])
  const octets = Buffer.from(signature, 'base64url')
  if (!verify('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, octets))
    throw invalid('the signature does not belong to the file')
  const { iss, iat, entries } = readJson(body)
  if (typeof iss !== 'string' || iss.length > 300 || typeof iat !== 'number' || !(Math.abs(iat) < 1e11))
    throw invalid('the file does not say whose it is and of when')
  if (!Array.isArray(entries) || entries.length > MOST_ENTRIES)
    throw invalid(`the file has no list of entries, or one of more than ${MOST_ENTRIES}`)
  requireFit(iss, ['iss'])
  for (const [index, entry] of entries.entries()) requireFit(entry, ['entries', index])
  return { signer: thumbprint, issuer: iss, issuedAt: new Date(iat * 1000), entries }
}

function readJson(base64Url: string): Json {
  try {
    const json: unknown = JSON.parse(Buffer.from(base64Url, 'base64url').toString('utf8'))
    if (typeof json === 'object' && json !== null) return { ...json }
  } catch (error) {
    throw invalid('a part of the file is no JSON', error)
  }
  throw invalid('a part of the file is no object')
}

function readKey(jwk: unknown): { key: KeyObject; thumbprint: string } {
  const { kty, crv, x, y } = { ...Object(jwk) }
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string')
    throw invalid('the file does not carry the P-256 key that signed it')
  try {
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
    return { key, thumbprint: createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url') }
  } catch (error) {
    throw invalid('the key in the file is no point of its curve', error)
  }
}
