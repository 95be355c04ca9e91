// Shamir's secret sharing over GF(2^8) with the polynomial of AES (FIPS 197 §4.2), octet by octet: any `threshold` shares give the
// secret, fewer say nothing of it. Arithmetic without tables and without branches on secrets: neither cache nor time tells anything.

const LARGEST = 255

/** A share: the point `index` (1 to 255) of every octet's polynomial. */
export interface Share {
  readonly index: number
  readonly octets: Uint8Array
}

/** Product in GF(2^8): eight steps whatever the factors are. */
export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) {
    product ^= -((b >> bit) & 1) & a
    a = ((a << 1) ^ (-(a >> 7) & 0x11b)) & 0xff
  }
  return product
}

/** The inverse as a^254; 0 for 0. */
export function invert(a: number): number {
  let power = a
  let inverse = 1
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power)
    inverse = multiply(inverse, power)
  }
  return inverse
}

/**
 * Splits a secret into `count` shares. `random` gives octets nobody can foretell: (threshold − 1) for each octet of the secret.
 * The caller overwrites secret and shares when done. Throws `TypeError` unless 2 ≤ threshold ≤ count ≤ 255.
 */
export function splitSecret(
  secret: Uint8Array,
  { threshold, count }: { readonly threshold: number; readonly count: number },
  random: (length: number) => Uint8Array,
): Share[] {
  if (
    !Number.isInteger(threshold) ||
    !Number.isInteger(count) ||
    threshold < 2 ||
    count < threshold ||
    count > LARGEST
  ) {
    throw new TypeError('expected 2 ≤ threshold ≤ count ≤ 255')
  }
  const coefficients = random(secret.length * (threshold - 1))
  const shares = Array.from({ length: count }, (_, i) => ({ index: i + 1, octets: new Uint8Array(secret.length) }))
  for (const { index, octets } of shares) {
    for (let place = 0; place < secret.length; place++) {
      // Horner's rule, the secret's octet as the constant term.
      let value = 0
      for (let degree = threshold - 2; degree >= 0; degree--) {
        value = multiply(value ^ coefficients[place * (threshold - 1) + degree]!, index)
      }
      octets[place] = value ^ secret[place]!
    }
  }
  coefficients.fill(0)
  return shares
}

/**
 * The secret of shares by interpolation at 0. Whether they are enough, and of one secret, must be known otherwise: too few or foreign ones
 * give octets that mean nothing. Throws `TypeError` for shares of unequal length, equal index, or none.
 */
export function combineShares(shares: readonly Share[]): Uint8Array {
  const length = shares[0]?.octets.length
  const indexes = new Set(shares.map(({ index }) => index))
  const isSound = shares.every(({ index, octets }) => index >= 1 && index <= LARGEST && octets.length === length)
  if (length === undefined || indexes.size !== shares.length || !isSound) {
    throw new TypeError('expected shares of one length, each with an index of its own')
  }
  const secret = new Uint8Array(length)
  for (const { index, octets } of shares) {
    let weight = 1
    for (const other of indexes) {
      if (other !== index) weight = multiply(weight, multiply(other, invert(other ^ index)))
    }
    for (let place = 0; place < length; place++) secret[place]! ^= multiply(weight, octets[place]!)
  }
  return secret
}
