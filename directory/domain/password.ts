import { scrypt, timingSafeEqual } from 'node:crypto'

/** About a fifth of a second and 32 MiB each (OWASP's equivalent of N=2^17, p=1, with less memory). */
const COST = { ln: 15, r: 8, p: 3 }
/** For passwords that everyone knows: nothing is guarded by making them dear to check. */
const COST_OF_PUBLIC = { ln: 10, r: 8, p: 1 }
const HASH_BYTES = 32
const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w-]+)\$([\w-]+)$/

function derive(password: string, salt: Uint8Array, cost: { ln: number; r: number; p: number }): Promise<Buffer> {
  const N = 2 ** cost.ln
  const options = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r }
  return new Promise((resolve, reject) => {
    // One form of each character, so that a password typed on another system is the same (RFC 8265 §4.2).
    scrypt(password.normalize('NFC'), salt, HASH_BYTES, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    )
  })
}

/** `$scrypt$ln=…,r=…,p=…$salt$hash`, with the cost inside so that it can rise. */
export async function hashPassword(
  password: string,
  salt: Uint8Array,
  kind: 'secret' | 'public' = 'secret',
): Promise<string> {
  const cost = kind === 'secret' ? COST : COST_OF_PUBLIC
  const hash = await derive(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${Buffer.from(salt).toString('base64url')}$${hash.toString('base64url')}`
}

export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, ln, r, p, salt, hash] = FORMAT.exec(stored) ?? []
  if (hash === undefined) throw new TypeError('not a stored password')
  const derived = await derive(password, Buffer.from(salt!, 'base64url'), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  })
  const expected = Buffer.from(hash, 'base64url')
  return derived.length === expected.length && timingSafeEqual(derived, expected)
}

/** A stored password that none matches, as costly to check as any: for names without an account. */
export const UNMATCHABLE = `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$AAAAAAAAAAAAAAAAAAAAAA$${Buffer.alloc(HASH_BYTES).toString('base64url')}`
