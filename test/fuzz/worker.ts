// A thread that fuzzes until it is stopped, or judges one mutant. What it is at stands in shared memory, for when it hangs.
import { parentPort, workerData } from 'node:worker_threads'
import { startCoverage } from './coverage.ts'
import { createFuzzer, type Finding, judgeMutant, type Mutant, makeMutant, minimise } from './fuzzer.ts'
import { plantedTargets } from './planted.ts'
import type { Target } from './targets.ts'

export interface WorkerTask {
  /** Folder of the corpus; `planted` for targets with known faults. */
  readonly corpus: string
  readonly seed: number
  readonly isGuided: boolean
  /** Names of targets, all when empty. */
  readonly only: readonly string[]
  /** Judge this one instead of making others. */
  readonly one: Mutant | null
  /** [0] iterations begun, [1] length of the JSON of the mutant under judgement, then its octets. */
  readonly shared: SharedArrayBuffer
}

export type WorkerMessage =
  | { readonly type: 'ready'; readonly targets: Readonly<Record<string, number>> }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'judged'; readonly finding: Finding | null }
  | { readonly type: 'progress'; readonly kept: number }

const task = workerData as WorkerTask
const post = (message: WorkerMessage): void => parentPort!.postMessage(message)
const counters = new Int32Array(task.shared, 0, 2)
const note = new Uint8Array(task.shared, 8)

function begin(mutant: Mutant): void {
  const { written } = new TextEncoder().encodeInto(JSON.stringify(mutant), note)
  counters[1] = written
  Atomics.add(counters, 0, 1)
}

/** The rooms are loaded only where they are fuzzed. */
async function openTargets(): Promise<readonly Target[]> {
  if (task.corpus === 'planted') return plantedTargets
  const [{ readCorpus }, { makeTargets }] = await Promise.all([import('./corpus.ts'), import('./targets.ts')])
  return makeTargets(await readCorpus(task.corpus))
}

const every = await openTargets()
const targets = every.filter(({ name }) => task.only.length === 0 || task.only.includes(name))
post({ type: 'ready', targets: Object.fromEntries(targets.map(({ name, seeds }) => [name, seeds.length])) })
const find = ({ target: name, seed: path }: Mutant) => {
  const target = every.find((candidate) => candidate.name === name)
  const seed = target?.seeds.find((candidate) => candidate.name === path)
  if (!target || !seed) throw new TypeError(`no seed ${path} in target ${name}`)
  return { target, seed }
}

if (task.one) {
  const { target, seed } = find(task.one)
  begin(task.one)
  const { finding } = await judgeMutant(target, seed, makeMutant(target, seed, task.one.mutations))
  post({ type: 'judged', finding: finding && { ...task.one, ...finding } })
} else {
  const coverage = task.isGuided ? await startCoverage() : null
  const fuzzer = createFuzzer(targets, task.seed, coverage, begin)
  for (let count = 1; ; count++) {
    const finding = await fuzzer.step()
    if (finding) {
      const { target, seed } = find(finding)
      post({ type: 'finding', finding: await minimise(target, seed, finding) })
    }
    if (count % 100 === 0) post({ type: 'progress', kept: fuzzer.kept() })
  }
}
