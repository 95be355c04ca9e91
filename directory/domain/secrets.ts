import { createHash, timingSafeEqual } from 'node:crypto'

/** Digest of a secret of 256 random bits; no salt or cost is needed where nothing can be guessed. */
export const digestOf = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest())

export const isSameDigest = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

const API_KEY = /^zhengyin_([0-9A-Z]{10})_([\w-]{43})$/

const ACCESS_TOKEN = /^zhengyin_token_[\w-]{43}$/

/** What a machine client shows for ten minutes; no API key has its form. */
export const formatAccessToken = (secret: string): string => `zhengyin_token_${secret}`

export const isAccessToken = (text: string): boolean => ACCESS_TOKEN.test(text)

export interface ApiKeyParts {
  /** Finds the row; not secret. */
  readonly prefix: string
  readonly secret: string
}

/** `zhengyin_<prefix>_<secret>`: the word in front lets secret scanners find a key that was committed by mistake. */
export const formatApiKey = ({ prefix, secret }: ApiKeyParts): string => `zhengyin_${prefix}_${secret}`

export function parseApiKey(text: string): ApiKeyParts | undefined {
  const [, prefix, secret] = API_KEY.exec(text) ?? []
  return prefix === undefined ? undefined : { prefix, secret: secret! }
}
