import { randomBytes } from 'node:crypto'

/** The only source of randomness outside the key rooms. Everything else gets it as an argument. */
export interface Ids {
  /** UUID version 7 (RFC 9562 §5.7); one process gives ever rising ones. */
  uuid(): string
  bytes(length: number): Uint8Array
  /** `length` characters drawn uniformly from 0-9A-Z. */
  serial(length: number): string
}

const SERIAL_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** The largest multiple of 36 that a byte can reach: bytes above it would favour the first characters. */
const UNBIASED_BELOW = 252

export function serialFrom(bytes: (length: number) => Uint8Array, length: number): string {
  let serial = ''
  while (serial.length < length) {
    for (const byte of bytes(length - serial.length + 4)) {
      if (byte < UNBIASED_BELOW && serial.length < length) serial += SERIAL_ALPHABET[byte % 36]
    }
  }
  return serial
}

/** Octets in hexadecimal: a table is several times faster than a buffer for so few. */
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** UUIDs of version 7 whose 12 bits after the millisecond count upwards, so that they sort in the order they were made. */
export function uuidSource(now: () => number, bytes: (length: number) => Uint8Array): () => string {
  let lastMs = 0
  let counter = 0
  let printedMs = -1
  let printed = ''
  return () => {
    const random = bytes(10)
    const ms = now()
    if (ms > lastMs) {
      lastMs = ms
      counter = ((random[8]! << 8) | random[9]!) & 0x7ff
    } else if (++counter > 0xfff) {
      lastMs++
      counter = 0
    }
    if (lastMs !== printedMs) {
      const time = lastMs.toString(16).padStart(12, '0')
      printedMs = lastMs
      printed = `${time.slice(0, 8)}-${time.slice(8)}-`
    }
    const hex = (index: number) => HEX[random[index]!]!
    const variant = HEX[(random[0]! & 0x3f) | 0x80]!
    const node = hex(2) + hex(3) + hex(4) + hex(5) + hex(6) + hex(7)
    return `${printed}${HEX[0x70 | (counter >> 8)]}${HEX[counter & 0xff]}-${variant}${hex(1)}-${node}`
  }
}

const POOL_OCTETS = 4096

/**
 * Random octets in small pieces out of a large one, because asking the system costs more than the octets. Each is handed out once and
 * wiped here.
 */
export function pooledBytes(fill: (length: number) => Uint8Array): (length: number) => Uint8Array {
  let pool = new Uint8Array(0)
  let used = 0
  return (length) => {
    if (length > POOL_OCTETS / 16) return new Uint8Array(fill(length))
    if (used + length > pool.length) {
      pool = new Uint8Array(fill(POOL_OCTETS))
      used = 0
    }
    const octets = pool.slice(used, used + length)
    pool.fill(0, used, used + length)
    used += length
    return octets
  }
}

const systemBytes = pooledBytes(randomBytes)

export const systemIds: Ids = {
  uuid: uuidSource(() => Date.now(), systemBytes),
  bytes: systemBytes,
  serial: (length) => serialFrom(systemBytes, length),
}
