// Changes that know nothing of a format.
import type { Random } from '../random.ts'

/** `bytes` with [from, to) replaced. */
export function splice(bytes: Uint8Array, from: number, to: number, put: Uint8Array): Uint8Array {
  const result = new Uint8Array(from + put.length + bytes.length - to)
  result.set(bytes.subarray(0, from), 0)
  result.set(put, from)
  result.set(bytes.subarray(to), from + put.length)
  return result
}

const INTERESTING = [0x00, 0x01, 0x0a, 0x0d, 0x20, 0x28, 0x29, 0x2f, 0x30, 0x3c, 0x3e, 0x5b, 0x5d, 0x7f, 0x80, 0xff]

/** What comes in may be anybody's memory (a Buffer's own `slice` does not copy either): nothing is changed in place. */
type Change = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

const stretch = (bytes: Uint8Array, random: Random, most: number): [from: number, to: number] => {
  const from = random.below(bytes.length + 1)
  return [from, Math.min(bytes.length, from + random.below(most + 1))]
}

const changes: readonly Change[] = [
  function flipBit(bytes, random) {
    const changed = new Uint8Array(bytes)
    if (changed.length) changed[random.below(changed.length)]! ^= 1 << random.below(8)
    return changed
  },
  function setByte(bytes, random) {
    const changed = new Uint8Array(bytes)
    if (changed.length) changed[random.below(changed.length)] = random.pick(INTERESTING)
    return changed
  },
  function remove(bytes, random) {
    const [from, to] = stretch(bytes, random, 64)
    return splice(bytes, from, to, new Uint8Array())
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1)
    return splice(bytes, at, at, random.bytes(random.between(1, 16)))
  },
  function repeat(bytes, random) {
    const [from, to] = stretch(bytes, random, 4_096)
    return splice(bytes, from, from, bytes.subarray(from, to))
  },
  function move(bytes, random) {
    const [from, to] = stretch(bytes, random, 512)
    const [put, end] = stretch(bytes, random, 512)
    return splice(bytes, put, end, bytes.subarray(from, to))
  },
  function takeFromOther(bytes, random, other) {
    const [from, to] = stretch(other, random, 2_048)
    const [put, end] = stretch(bytes, random, 2_048)
    return splice(bytes, put, random.chance(0.5) ? put : end, other.subarray(from, to))
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1))
  },
]

/** One change anywhere; `other` lends a stretch. */
export const mutateBytes: Change = (bytes, random, other) => random.pick(changes)(bytes, random, other)
