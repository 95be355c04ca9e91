// Numbers that a seed determines: one 32-bit number is one mutation, so that a list of numbers names a mutant.

export interface Random {
  /** The next 32 bits. */
  bits(): number
  /** 0 … count − 1. */
  below(count: number): number
  /** From … to, both included. */
  between(from: number, to: number): number
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
  bytes(length: number): Uint8Array
}

/** A stream of numbers from a 32-bit seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (count: number): number => Math.floor((bits() / 2 ** 32) * count)
  return {
    bits,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (share) => bits() / 2 ** 32 < share,
    pick: (list) => {
      if (list.length === 0) throw new TypeError('nothing to pick from')
      return list[below(list.length)]!
    },
    bytes: (length) => Uint8Array.from({ length }, () => bits() & 0xff),
  }
}
