import { createHash, randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { openBytes, sealBytes } from './envelope.ts'
import { KeyStoreError } from './errors.ts'

// One share as its holder keeps it: octets under the holder's passphrase, written so that they can be typed in from paper.
//   version 1 | key 16 | set 4 | threshold 1 | count 1 | index 1 | log2 N 1 | salt 16 | sealed share 28 + 32 | check 4

/** What a sheet says without its passphrase. */
export interface ShareFacts {
  /** First 16 octets of SHA-256 over the public key (SubjectPublicKeyInfo), hexadecimal. */
  readonly keyId: string
  /** Shares made in one go have one; shares of an earlier sharing of the same key have another. */
  readonly setId: string
  readonly threshold: number
  readonly count: number
  readonly index: number
}

const VERSION = 1
const PREFIX = 41
const SHARE = 32
const LENGTH = PREFIX + 28 + SHARE + 4

/** 128 MiB and about a third of a second for every guess at a holder's passphrase. */
export const SHARE_COST = 17
const LEAST_COST = 14
const HIGHEST_COST = 20

const derive = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt)

function deriveKey(passphrase: string, salt: Uint8Array, log2Cost: number): Promise<Buffer> {
  const N = 2 ** log2Cost
  return derive(passphrase.normalize('NFC'), salt, 32, { N, r: 8, p: 1, maxmem: 256 * N * 8 })
}

/** Seals a share of 32 octets under a passphrase; everything that the sheet says is bound in. */
export async function writeSheet(
  facts: ShareFacts,
  share: Uint8Array,
  passphrase: string,
  log2Cost = SHARE_COST,
): Promise<string> {
  const salt = randomBytes(16)
  const prefix = Buffer.concat([
    Buffer.from([VERSION]),
    Buffer.from(facts.keyId, 'hex'),
    Buffer.from(facts.setId, 'hex'),
    Buffer.from([facts.threshold, facts.count, facts.index, log2Cost]),
    salt,
  ])
  const key = await deriveKey(passphrase, salt, log2Cost)
  const body = Buffer.concat([prefix, sealBytes(key, share, prefix)])
  key.fill(0)
  return toLines(Buffer.concat([body, digest(body).subarray(0, 4)]))
}

export interface ReadSheet {
  readonly facts: ShareFacts
  readonly octets: Buffer
}

/** Reads a sheet, as file or as typed, without its passphrase. Throws `KEY_SHARE_DAMAGED`, with the line where a letter is wrong. */
export function readSheet(text: string): ReadSheet {
  const octets = fromLines(text)
  const isWhole =
    octets.length === LENGTH &&
    digest(octets.subarray(0, LENGTH - 4))
      .subarray(0, 4)
      .equals(octets.subarray(LENGTH - 4))
  const [threshold, count, index, log2Cost] = octets.subarray(21, 25)
  const isSound =
    octets[0] === VERSION &&
    threshold! >= 2 &&
    threshold! <= count! &&
    index! >= 1 &&
    index! <= count! &&
    log2Cost! >= LEAST_COST &&
    log2Cost! <= HIGHEST_COST
  if (!isWhole || !isSound) throw damaged('this is not a whole share')
  const facts = {
    keyId: octets.toString('hex', 1, 17),
    setId: octets.toString('hex', 17, 21),
    threshold: threshold!,
    count: count!,
    index: index!,
  }
  return { facts, octets }
}

/** The 32 octets of the share; the caller overwrites them. Throws `KEY_SHARE_PASSPHRASE_WRONG`. */
export async function openSheet({ facts, octets }: ReadSheet, passphrase: string): Promise<Buffer> {
  const prefix = octets.subarray(0, PREFIX)
  const key = await deriveKey(passphrase, octets.subarray(25, PREFIX), octets[24]!)
  const share = openBytes(key, octets.subarray(PREFIX, LENGTH - 4), prefix)
  key.fill(0)
  if (share?.length !== SHARE) {
    throw new KeyStoreError('KEY_SHARE_PASSPHRASE_WRONG', `the passphrase does not open share ${facts.index}`)
  }
  return share
}

const damaged = (why: string): KeyStoreError => new KeyStoreError('KEY_SHARE_DAMAGED', why)
const digest = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest()

/** Crockford's base 32: no letter that is taken for another; what is typed for one counts as that one. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PER_LINE = 30

function toLines(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let pending = 0
  for (const octet of octets) {
    pending = (pending << 8) | octet
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(pending >> (bits - 5)) & 31]
    pending &= (1 << bits) - 1
  }
  if (bits > 0) text += ALPHABET[(pending << (5 - bits)) & 31]
  const lines = text.match(new RegExp(`.{1,${PER_LINE}}`, 'g')) ?? []
  return lines.map((line, i) => `${i + 1}: ${line.match(/.{1,5}/g)!.join(' ')} ${checkOf(i + 1, line)}\n`).join('')
}

/** Two letters that find a slip within its line, so that only that line is typed again. */
function checkOf(number: number, line: string): string {
  const [a, b] = digest(`Zhengyin share line ${number} ${line}`)
  return ALPHABET[a! & 31]! + ALPHABET[b! & 31]!
}

/** Whether one line of a sheet, typed without its number, has no slip in it. */
export function isShareLine(number: number, typed: string): boolean {
  const all = plainLetters(typed)
  return all.length > 2 && checkOf(number, all.slice(0, -2)) === all.slice(-2)
}

/** As the line was printed: without blanks, and what is taken for another letter is that one. */
const plainLetters = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')

const LINE = /^\s*(\d)\s*[:.]\s*([0-9A-Za-z][0-9A-Za-z \t-]*)$/

/** The octets of the numbered lines of a text; all other lines are for people. */
function fromLines(text: string): Buffer {
  if (text.length > 10_000) throw damaged('this is too long for a share')
  const lines: string[] = []
  for (const found of text.split(/\r?\n/)) {
    const [, number, letters] = LINE.exec(found) ?? []
    if (letters === undefined) continue
    const all = plainLetters(letters)
    const [line, check] = [all.slice(0, -2), all.slice(-2)]
    if (Number(number) !== lines.length + 1) throw damaged(`expected line ${lines.length + 1} of the share`)
    if (checkOf(lines.length + 1, line) !== check) throw damaged(`line ${number} of the share has a wrong letter`)
    lines.push(line)
  }
  const octets: number[] = []
  let bits = 0
  let pending = 0
  for (const letter of lines.join('')) {
    pending = (pending << 5) | ALPHABET.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    octets.push(pending >> bits)
    pending &= (1 << bits) - 1
  }
  return Buffer.from(octets)
}
