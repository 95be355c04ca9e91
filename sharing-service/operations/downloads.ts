import { createHash } from 'node:crypto'
import { findTicket, insertTicket } from '../store/downloads.ts'
import { nothingFound } from './decide.ts'
import type { Deps } from './deps.ts'

const TICKET_BYTES = 32
const LASTS_MS = 15 * 60_000

/** A name for a copy that nobody guesses, for a quarter of an hour. Only its hash is kept. */
export async function createDownload({ database, ids, clock }: Deps, copyId: string): Promise<string> {
  const id = Buffer.from(ids.bytes(TICKET_BYTES)).toString('base64url')
  await insertTicket(database, { hash: hashOf(id), copyId, expiresAt: new Date(clock.now().getTime() + LASTS_MS) })
  return id
}

/** The copy behind such a name. Throws SHARING_LICENCE_NOT_FOUND: unknown and past are one. */
export async function findDownload({ database, register, clock }: Deps, id: string): Promise<Uint8Array> {
  const copyId = await findTicket(database, hashOf(id), clock.now())
  const pdf = copyId === undefined ? undefined : await register.copyDocument(copyId)
  if (!pdf) throw nothingFound()
  return pdf
}

const hashOf = (id: string): Uint8Array => createHash('sha256').update(id).digest()
