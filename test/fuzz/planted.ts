// Targets with faults that are known, to show that the fuzzer sees each kind.
import type { Seed } from './corpus.ts'
import { mutateBytes } from './mutate/bytes.ts'
import type { Target } from './targets.ts'

const seeds: Seed[] = [{ name: 'planted', bytes: new Uint8Array(64) }]

const planted = (name: string, act: () => string | null): Target => ({
  name,
  weight: 1,
  seeds,
  mutate: mutateBytes,
  async judge(mutant) {
    // Only a mutant that changed in a certain way meets the fault.
    const fault = mutant.length < 64 ? act() : null
    return { behaviour: String(mutant.length), fault }
  },
})

function neverEnds(): never {
  for (;;);
}

function takesMemory(): null {
  const taken: Uint8Array[] = []
  for (let i = 0; i < 16; i++) taken.push(new Uint8Array(128 << 20).fill(1))
  return taken.length ? null : null
}

export const plantedTargets: readonly Target[] = [
  planted('planted-crash', () => {
    throw new TypeError('planted')
  }),
  planted('planted-wrong', () => 'planted'),
  planted('planted-hang', neverEnds),
  planted('planted-memory', takesMemory),
]
