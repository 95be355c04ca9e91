import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import type { SigningKey } from '../pki/index.ts'
import { KeyStoreError } from './errors.ts'
import { type Guard, toSigningKey } from './keys.ts'
import { openSheet, readSheet, SHARE_COST, type ShareFacts, writeSheet } from './share-sheet.ts'
import { combineShares, type Share, splitSecret } from './shares.ts'

/** Who keeps a share, by the order of the shares. */
export interface SharingOptions {
  /** How many shares open the key; 2 or more. */
  readonly threshold: number
  /** One passphrase for each share. */
  readonly passphrases: readonly string[]
  /** log2 of scrypt's N, 14 to 20; 17 when left out. */
  readonly log2Cost?: number
}

/** A P-256 key that exists in memory alone, for as long as a ceremony takes. */
export interface SharedKey {
  /** Refuses with `KEY_DESTROYED` after `destroy`. */
  readonly key: SigningKey
  /** First 16 octets of SHA-256 over the public key, hexadecimal: every sheet of this key carries it. */
  readonly keyId: string
  /**
   * New sheets, one for each passphrase, as text to be kept or printed. Earlier sheets still open the key: they are to be destroyed.
   * Throws `KEY_SHARES_IMPOSSIBLE` for a threshold below 2 or above the number of passphrases, or one shorter than 12 characters.
   */
  share(options: SharingOptions): Promise<string[]>
  /** Overwrites the private key's octets held here; the key is not usable any more. */
  destroy(): void
}

/** P-256 private keys as ECPrivateKey (RFC 5915) without public key: what stands before and after the 32 octets. */
const BEFORE = Buffer.from('30310201010420', 'hex')
const AFTER = Buffer.from('a00a06082a8648ce3d030107', 'hex')
const SCALAR_AT = 7
const SCALAR_LENGTH = 32
const SHORTEST_PASSPHRASE = 12
const MOST_SHARES = 16

/** Makes a key that is written nowhere: its shares are all there is of it. */
export function makeSharedKey(): SharedKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const der = privateKey.export({ type: 'sec1', format: 'der' })
  const scalar = Buffer.from(der.subarray(SCALAR_AT, SCALAR_AT + SCALAR_LENGTH))
  der.fill(0)
  return toSharedKey(privateKey, scalar)
}

function toSharedKey(privateKey: KeyObject, scalar: Buffer): SharedKey {
  let isDestroyed = false
  const guard: Guard = () => {
    if (isDestroyed) throw new KeyStoreError('KEY_DESTROYED', 'the shared key was put away')
  }
  // Its uses are noted in the transcript of the ceremony, one by one.
  const key = toSigningKey(privateKey, guard, () => {})
  const keyId = keyIdOf(key.publicKey)
  return Object.freeze<SharedKey>({
    key,
    keyId,
    async share({ threshold, passphrases, log2Cost = SHARE_COST }) {
      guard()
      checkSharing(threshold, passphrases)
      const count = passphrases.length
      const setId = randomBytes(4).toString('hex')
      const shares = splitSecret(scalar, { threshold, count }, randomBytes)
      const sheets: string[] = []
      // One after the other: each takes as much memory as scrypt is told to.
      for (const [i, { index, octets }] of shares.entries()) {
        sheets.push(await writeSheet({ keyId, setId, threshold, count, index }, octets, passphrases[i]!, log2Cost))
        octets.fill(0)
      }
      return sheets
    },
    destroy() {
      isDestroyed = true
      scalar.fill(0)
    },
  })
}

const keyIdOf = (publicKey: Uint8Array): string => createHash('sha256').update(publicKey).digest('hex').slice(0, 32)

function checkSharing(threshold: number, passphrases: readonly string[]): void {
  const refuse = (why: string) => new KeyStoreError('KEY_SHARES_IMPOSSIBLE', why)
  if (
    !Number.isInteger(threshold) ||
    threshold < 2 ||
    threshold > passphrases.length ||
    passphrases.length > MOST_SHARES
  ) {
    throw refuse(`expected 2 to ${MOST_SHARES} shares, and from 2 to all of them to open the key`)
  }
  if (passphrases.some((passphrase) => [...passphrase].length < SHORTEST_PASSPHRASE)) {
    throw refuse(`a passphrase has at least ${SHORTEST_PASSPHRASE} characters`)
  }
}

/** Takes shares one by one until they are enough. What was opened is overwritten by `open` and by `discard`. */
export interface ShareCollector {
  /** What a sheet says of itself; throws `KEY_SHARE_DAMAGED`, `KEY_SHARES_FOREIGN`, `KEY_SHARE_DUPLICATE`. */
  inspect(sheet: string): ShareFacts
  /** Opens and keeps a share; throws what `inspect` throws, and `KEY_SHARE_PASSPHRASE_WRONG`. */
  add(sheet: string, passphrase: string): Promise<ShareFacts>
  /** How many more are needed; undefined before the first. */
  missing(): number | undefined
  /** The key; throws `KEY_SHARES_TOO_FEW`, and `KEY_SHARES_FOREIGN` when they do not give the key that they name. */
  open(): SharedKey
  discard(): void
}

/** Nothing of the key can be learnt from fewer shares than its threshold: the shares given by then are all there is in memory. */
export function collectShares(): ShareCollector {
  let first: ShareFacts | undefined
  const shares: Share[] = []
  const discard = (): void => {
    for (const { octets } of shares.splice(0)) octets.fill(0)
  }
  const check = (facts: ShareFacts): ShareFacts => {
    if (first !== undefined && (facts.keyId !== first.keyId || facts.setId !== first.setId)) {
      throw new KeyStoreError('KEY_SHARES_FOREIGN', `share ${facts.index} is of another key or of another sharing`)
    }
    if (shares.some(({ index }) => index === facts.index)) {
      throw new KeyStoreError('KEY_SHARE_DUPLICATE', `share ${facts.index} was given already`)
    }
    return facts
  }
  return {
    inspect: (sheet) => check(readSheet(sheet).facts),
    async add(sheet, passphrase) {
      const read = readSheet(sheet)
      check(read.facts)
      const octets = await openSheet(read, passphrase)
      try {
        // Asked again: another share may have been opened meanwhile.
        check(read.facts)
      } catch (error) {
        octets.fill(0)
        throw error
      }
      first ??= read.facts
      shares.push({ index: read.facts.index, octets })
      return read.facts
    },
    missing: () => (first === undefined ? undefined : Math.max(0, first.threshold - shares.length)),
    open() {
      if (first === undefined || shares.length < first.threshold) {
        const needed = first === undefined ? '' : `, needed are ${first.threshold}`
        throw new KeyStoreError('KEY_SHARES_TOO_FEW', `${shares.length} shares were given${needed}`)
      }
      const scalar = Buffer.from(combineShares(shares))
      discard()
      const opened = openScalar(scalar)
      if (opened?.keyId === first.keyId) return opened
      opened?.destroy()
      scalar.fill(0)
      throw new KeyStoreError('KEY_SHARES_FOREIGN', 'the shares do not give the key that they name')
    },
    discard,
  }
}

function openScalar(scalar: Buffer): SharedKey | undefined {
  const der = Buffer.concat([BEFORE, scalar, AFTER])
  try {
    return toSharedKey(createPrivateKey({ key: der, format: 'der', type: 'sec1' }), scalar)
  } catch {
    return undefined
  } finally {
    der.fill(0)
  }
}
