import { createHash, timingSafeEqual } from 'node:crypto'
import { canonicalJson, type LicenceData } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import {
  ACCESS_LIFETIME_MS,
  ATTEMPTS,
  afterWrongAttempt,
  LINK_LIFETIME_MS,
  normaliseCharacters,
  PROVED_CHARACTERS,
  refusalOf,
} from '../domain/holder-link.ts'
import { departmentStatus } from '../domain/validity.ts'
import { LicenceError } from '../errors.ts'
import * as store from '../store/holder-links.ts'
import { findLicence, type LicenceRow } from '../store/licences.ts'
import { recordAudit } from '../store/register.ts'
import type { Deps } from './deps.ts'
import { type LabelledLicence, labelledLicence } from './labelled-licence.ts'
import { asOfNow } from './life/due-orders.ts'
import { getOwnRow, openData, openDocument } from './read-licence.ts'
import { keyedHash } from './sealed-content.ts'

/** What the issuer hands to the holder. Only a hash of the token in `url` is kept. */
export interface CreatedLink {
  readonly url: string
  readonly expiresAt: Date
}

/**
 * Makes a link to a licence for its holder. The licence must be on the register. The same idempotency key gives the same link: its
 * token is a keyed hash of it, since a random one could not be told twice.
 * @throws LicenceError LICENCE_NOT_FOUND, LICENCE_NOT_ISSUED, LICENCE_ERASED
 */
export async function createHolderLink(
  deps: Deps,
  caller: Principal,
  identifier: string,
  key: string,
): Promise<CreatedLink> {
  const row = await getOwnRow(deps, caller, identifier)
  if (row.documentBlob === null)
    throw new LicenceError('LICENCE_NOT_ISSUED', 'this licence has no document: it is not issued')
  if (row.wrappedDataKey === null)
    throw new LicenceError('LICENCE_ERASED', 'the personal data of this licence have been erased')
  const createdAt = deps.clock.now()
  const expiresAt = new Date(createdAt.getTime() + LINK_LIFETIME_MS)
  const scope = canonicalJson({ departmentCode: caller.departmentCode, identifier, key })
  const token = Buffer.from(keyedHash(deps, 'holder-link', scope)).toString('base64url')
  const url = `${deps.baseUrl}/h/${token}`
  const tokenHash = hashOf(token)
  const link = deps.ids.uuid()
  return deps.database.transaction(async (tx) => {
    const isNew = await store.insertLink(tx, {
      link,
      identifier,
      tokenHash,
      createdAt,
      createdBy: caller.id,
      expiresAt,
    })
    if (!isNew) return { url, expiresAt: (await store.findLink(tx, tokenHash))!.expiresAt }
    await recordAudit(tx, caller, createdAt, [{ action: 'create-holder-link', identifier, detail: link }])
    return { url, expiresAt }
  })
}

export interface SeenLink {
  readonly typeName: { readonly zh: string; readonly en: string }
  readonly issuer: { readonly zh: string; readonly en: string }
  readonly expiresAt: Date
  readonly attemptsLeft: number
  readonly locked: boolean
}

/**
 * What a link leads to, before anything is proved: no word of the holder.
 * @throws LicenceError HOLDER_LINK_NOT_FOUND, HOLDER_LINK_EXPIRED
 */
export async function readHolderLink(deps: Deps, token: string): Promise<SeenLink> {
  const link = await store.findLink(deps.database, hashOf(token))
  if (!link) throw notFound()
  const now = deps.clock.now()
  if (now >= link.expiresAt && !link.lockedAt) throw refusal('HOLDER_LINK_EXPIRED', link, now)
  const row = (await findLicence(deps.database, link.identifier))!
  await store.recordLook(deps.database, { link: link.link, identifier: link.identifier, at: now, what: 'seen' })
  const issuer = (await deps.facts.departments()).find(({ code }) => code === row.departmentCode)?.name
  return {
    typeName: deps.templates.entry(row.typeCode)?.name ?? { zh: row.typeCode, en: row.typeCode },
    issuer: issuer ?? { zh: row.departmentCode, en: row.departmentCode },
    expiresAt: link.expiresAt,
    attemptsLeft: link.lockedAt ? 0 : ATTEMPTS - link.attempts,
    locked: link.lockedAt !== null,
  }
}

export interface OpenedLink {
  readonly accessToken: string
  readonly expiresAt: Date
  readonly licence: LabelledLicence
}

/**
 * Opens a link with the last six characters of a holder's code. Attempts come one at a time, wrong ones ever slower; the fifth locks
 * the link for good.
 * @throws LicenceError HOLDER_LINK_NOT_FOUND, _EXPIRED, _LOCKED, _TOO_SOON, _WRONG_CHARACTERS
 */
export async function openHolderLink(deps: Deps, token: string, lastSix: string): Promise<OpenedLink> {
  const found = await store.findLink(deps.database, hashOf(token))
  if (!found) throw notFound()
  const row = (await findLicence(deps.database, found.identifier))!
  const data = openData(deps, row)
  const right = provesHolder(deps, found.link, data, lastSix)
  const now = deps.clock.now()
  const accessToken = newToken(deps)
  const expiresAt = new Date(now.getTime() + ACCESS_LIFETIME_MS)
  const refused = await deps.database.transaction(async (tx) => {
    const link = (await store.lockLink(tx, hashOf(token)))!
    const look = (what: store.Look) =>
      store.recordLook(tx, { link: link.link, identifier: link.identifier, at: now, what })
    const code = refusalOf(link, now)
    if (code) return refusal(code, link, now)
    if (right) {
      await store.insertAccess(tx, { tokenHash: hashOf(accessToken), link: link.link, expiresAt })
      await look('opened')
      return undefined
    }
    const { attempts, nextAttemptAt, lockedAt } = afterWrongAttempt(link, now)
    await store.recordWrongAttempt(tx, link.link, attempts, nextAttemptAt, lockedAt)
    await look(lockedAt ? 'locked' : 'refused')
    return refusal(
      lockedAt ? 'HOLDER_LINK_LOCKED' : 'HOLDER_LINK_WRONG_CHARACTERS',
      { ...link, attempts, nextAttemptAt },
      now,
    )
  })
  if (refused) throw refused
  const [current] = await asOfNow(deps.database, [row], now)
  return { accessToken, expiresAt, licence: labelledLicence(deps, data, departmentStatus(current!.state, row, now)) }
}

/**
 * The sealed PDF, for a while after a link was opened.
 * @throws LicenceError HOLDER_LINK_NOT_FOUND, HOLDER_LINK_ACCESS_REFUSED
 */
export async function readHolderDocument(
  deps: Deps,
  token: string,
  accessToken: string,
): Promise<{ identifier: string; pdf: Uint8Array }> {
  const link = await store.findLink(deps.database, hashOf(token))
  if (!link) throw notFound()
  const now = deps.clock.now()
  const until = await store.findAccess(deps.database, hashOf(accessToken), link.link)
  if (!until || now >= until) throw new LicenceError('HOLDER_LINK_ACCESS_REFUSED', 'open the link again')
  const row: LicenceRow = (await findLicence(deps.database, link.identifier))!
  const pdf = await openDocument(deps, row)
  await store.recordLook(deps.database, { link: link.link, identifier: link.identifier, at: now, what: 'document' })
  return { identifier: link.identifier, pdf }
}

const newToken = (deps: Deps): string => Buffer.from(deps.ids.bytes(32)).toString('base64url')

const hashOf = (token: string): Uint8Array => createHash('sha256').update(token).digest()

/** Compares keyed hashes, every holder's, whatever the answer: the time taken says nothing. */
function provesHolder(deps: Deps, link: string, { holders }: LicenceData, lastSix: string): boolean {
  const given = keyedHash(deps, `holder-link ${link}`, normaliseCharacters(lastSix))
  let right = false
  for (const { code } of holders) {
    const characters = normaliseCharacters(code).slice(-PROVED_CHARACTERS)
    const expected = keyedHash(deps, `holder-link ${link}`, characters)
    // A holder may be on record without a number, and then nothing proves who comes.
    const canProve = characters.length === PROVED_CHARACTERS
    right = (timingSafeEqual(given, expected) && canProve) || right
  }
  return right
}

const notFound = () => new LicenceError('HOLDER_LINK_NOT_FOUND', 'there is no such link')

const messages = {
  HOLDER_LINK_EXPIRED: 'the link has expired: ask the issuer for a new one',
  HOLDER_LINK_LOCKED: 'the link is locked after too many wrong attempts: ask the issuer for a new one',
  HOLDER_LINK_TOO_SOON: 'wait a moment before the next attempt',
  HOLDER_LINK_WRONG_CHARACTERS: 'these are not the last six characters',
} as const

function refusal(
  code: keyof typeof messages,
  { attempts, nextAttemptAt }: Pick<store.HolderLinkRow, 'attempts' | 'nextAttemptAt'>,
  now: Date,
): LicenceError {
  const left = code === 'HOLDER_LINK_WRONG_CHARACTERS' ? `; ${ATTEMPTS - attempts} attempts left` : ''
  const waitMs =
    nextAttemptAt && (code === 'HOLDER_LINK_TOO_SOON' || left) ? nextAttemptAt.getTime() - now.getTime() : 0
  const retry = waitMs > 0 ? { retryAfterSeconds: Math.ceil(waitMs / 1000) } : {}
  return new LicenceError(code, messages[code] + left, retry)
}
