// The loop: take a seed or a mutant that did something new, change it a few times, judge it, keep it when it did something new itself.
import { createHash } from 'node:crypto'
import type { Seed } from './corpus.ts'
import type { Coverage } from './coverage.ts'
import { createRandom, type Random } from './random.ts'
import type { Target } from './targets.ts'

/** A mutant by its making: the same seed and numbers give the same bytes. */
export interface Mutant {
  readonly target: string
  readonly seed: string
  /** One 32-bit number a change. */
  readonly mutations: readonly number[]
}

export interface Finding extends Mutant {
  readonly kind: 'crash' | 'wrong' | 'hang' | 'memory'
  readonly what: string
}

/** Larger mutants are not judged: what they could show, smaller ones show sooner. */
const MOST_BYTES = 24 << 20
const KEPT_EACH = 48

interface Kept {
  readonly seed: Seed
  readonly mutations: readonly number[]
  readonly bytes: Uint8Array
}

interface Entry {
  readonly target: Target
  readonly kept: Kept[]
  readonly behaviours: Set<string>
}

/** The bytes of a mutant. Whoever the change borrows from follows from its number, too. */
export function makeMutant(
  { seeds, mutate }: Target,
  seed: Seed,
  mutations: readonly number[],
  from = seed.bytes,
): Uint8Array {
  let bytes = from
  for (const number of mutations) {
    const random = createRandom(number)
    bytes = mutate(bytes, random, random.pick(seeds).bytes)
    if (bytes.length > MOST_BYTES) return bytes.subarray(0, MOST_BYTES)
  }
  return bytes
}

/** Judges one mutant; whatever is thrown is a crash. */
export async function judgeMutant(
  target: Target,
  seed: Seed,
  bytes: Uint8Array,
): Promise<{ behaviour: string; finding: Pick<Finding, 'kind' | 'what'> | null }> {
  try {
    const { behaviour, fault } = await target.judge(bytes, seed)
    return { behaviour, finding: fault === null ? null : { kind: 'wrong', what: fault } }
  } catch (error) {
    const what =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 4).join('\n') : String(error)
    return { behaviour: 'crash', finding: { kind: 'crash', what } }
  }
}

export interface Fuzzer {
  /** One iteration; the finding, if there is one. */
  step(): Promise<Finding | null>
  /** Mutants kept because they did something new. */
  kept(): number
}

/** @param begin told of every mutant before it is judged, so that a watcher knows what hangs */
export function createFuzzer(
  targets: readonly Target[],
  seed: number,
  coverage: Coverage | null,
  begin: (mutant: Mutant) => void,
): Fuzzer {
  const random = createRandom(seed)
  const entries = targets.map((target): Entry => ({ target, kept: [], behaviours: new Set() }))
  const weights = targets.reduce((sum, { weight }) => sum + weight, 0)

  return {
    async step() {
      const { target, kept, behaviours } = pickEntry(random)
      const parent = random.chance(kept.length ? 0.5 : 0) ? random.pick(kept) : fresh(random.pick(target.seeds))
      const added = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3, 5]) }, () => random.bits())
      const mutant = { target: target.name, seed: parent.seed.name, mutations: [...parent.mutations, ...added] }
      begin(mutant)
      const bytes = makeMutant(target, parent.seed, added, parent.bytes)
      const { behaviour, finding } = await judgeMutant(target, parent.seed, bytes)
      const key = createHash('sha1').update(behaviour).digest('base64')
      const isNew = !behaviours.has(key)
      behaviours.add(key)
      const reached = coverage ? await coverage.takeNew() : 0
      if ((isNew || reached > 0) && bytes.length < 4 << 20 && mutant.mutations.length <= 24) {
        if (kept.length >= KEPT_EACH) kept[random.below(KEPT_EACH)] = { ...mutant, seed: parent.seed, bytes }
        else kept.push({ ...mutant, seed: parent.seed, bytes })
      }
      return finding && { ...mutant, ...finding }
    },
    kept: () => entries.reduce((sum, entry) => sum + entry.kept.length, 0),
  }

  function pickEntry(from: Random): Entry {
    let left = from.below(weights)
    for (const entry of entries) if ((left -= entry.target.weight) < 0) return entry
    return entries[0]!
  }
}

const fresh = (seed: Seed): Kept => ({ seed, mutations: [], bytes: seed.bytes })

/** The mutant with as few changes as show the same kind of fault. */
export async function minimise(target: Target, seed: Seed, finding: Finding): Promise<Finding> {
  let best = finding
  for (let at = best.mutations.length - 1; at >= 0; at--) {
    const mutations = best.mutations.toSpliced(at, 1)
    const judged = await judgeMutant(target, seed, makeMutant(target, seed, mutations))
    if (judged.finding?.kind === finding.kind) best = { ...best, ...judged.finding, mutations }
  }
  return best
}
