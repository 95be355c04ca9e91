// Runs the fuzzing thread and ends it where a mutant takes too long or too much; whatever ended it is judged again alone.
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Finding, Mutant } from './fuzzer.ts'
import type { WorkerMessage, WorkerTask } from './worker.ts'

/** What one document may take. */
export const MOST_MS = 10_000
const MOST_BYTES = 2 ** 30
const LOOK_EVERY_MS = 25
const MOST_FINDINGS = 20
/** How much longer by the clock than by the processor: beyond, it waits for something that never comes. */
const MOST_WAIT = 6

export interface WatchOptions {
  readonly corpus: string
  readonly seed: number
  readonly milliseconds: number
  readonly isGuided: boolean
  readonly only: readonly string[]
  readonly one: Mutant | null
  /** Time that one mutant may take. */
  readonly most: number
  tell(line: string): void
}

export interface Summary {
  readonly seed: number
  readonly seconds: number
  /** Processor time of all threads. */
  readonly cpuSeconds: number
  readonly iterations: number
  /** Mutants that did something new, of the last thread. */
  readonly kept: number
  readonly seeds: Readonly<Record<string, number>>
  /** The mutant that took longest. */
  readonly slowest: { readonly milliseconds: number; readonly mutant: Mutant | null }
  /** The greatest memory of the whole process, this watcher included. */
  readonly peakMegabytes: number
  readonly findings: readonly Finding[]
}

/** Null: time is up, or the one mutant is judged. */
type Ended = { readonly kind: 'hang' | 'memory' | 'crash'; readonly what: string; readonly mutant: Mutant } | null

/** Fuzzes for so long, or judges one mutant. */
export async function watch(options: WatchOptions): Promise<Summary> {
  const start = performance.now()
  const findings: Finding[] = []
  const state = {
    iterations: 0,
    kept: 0,
    seeds: {},
    slowest: { milliseconds: 0, mutant: null as Mutant | null },
    peak: 0,
  }
  const add = (finding: Finding): void => {
    const isKnown = findings.some(
      ({ kind, what, target }) => kind === finding.kind && what === finding.what && target === finding.target,
    )
    if (isKnown || findings.length >= MOST_FINDINGS) return
    findings.push(finding)
    const { target, seed, mutations } = finding
    options.tell(
      `${finding.kind}: ${finding.what}\n  node test/fuzz/run.ts --corpus ${options.corpus} --mutant '${JSON.stringify({ target, seed, mutations })}'`,
    )
  }
  for (let round = 0; ; round++) {
    const left = start + options.milliseconds - performance.now()
    if ((left <= 0 && round > 0) || findings.length >= MOST_FINDINGS) break
    const ended = await runThread({ ...options, seed: options.seed + round * 1_000_003 }, left, state, add)
    if (!ended) break
    if (options.one) add({ ...ended.mutant, kind: ended.kind, what: ended.what })
    else {
      // On a busy machine any mutant may look slow, and garbage of many looks like one that is too large.
      const alone = await watch({ ...options, one: ended.mutant, tell: () => {} })
      for (const finding of alone.findings) add(finding)
    }
    if (options.one) break
  }
  const { iterations, kept, seeds, slowest, peak } = state
  const { user, system } = process.cpuUsage()
  const seconds = Math.round((performance.now() - start) / 1000)
  return {
    seed: options.seed,
    seconds,
    cpuSeconds: Math.round((user + system) / 1e6),
    iterations,
    kept,
    seeds,
    slowest,
    peakMegabytes: Math.round(peak / 2 ** 20),
    findings,
  }
}

/** Milliseconds of all threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

interface State {
  iterations: number
  kept: number
  seeds: Readonly<Record<string, number>>
  slowest: { milliseconds: number; mutant: Mutant | null }
  peak: number
}

async function runThread(
  options: WatchOptions,
  left: number,
  state: State,
  add: (finding: Finding) => void,
): Promise<Ended> {
  const { corpus, seed, isGuided, only, one, most } = options
  const shared = new SharedArrayBuffer(64 << 10)
  const counters = new Int32Array(shared, 0, 2)
  const current = (): Mutant =>
    JSON.parse(Buffer.from(new Uint8Array(shared, 8, counters[1])).toString('utf8')) as Mutant
  const workerData: WorkerTask = { corpus, seed, isGuided, only, one, shared }
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 768 },
  })
  const flags = { readyAt: Number.POSITIVE_INFINITY, isJudged: false, death: null as Error | null }
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'ready') {
      flags.readyAt = performance.now()
      state.seeds = message.targets
    } else if (message.type === 'progress') state.kept = message.kept
    else {
      if (message.finding) add(message.finding)
      if (message.type === 'judged') flags.isJudged = true
    }
  })
  worker.on('error', (error) => {
    flags.death = error instanceof Error ? error : new Error(String(error))
  })
  try {
    return await look()
  } finally {
    state.iterations += Math.max(0, Atomics.load(counters, 0))
    await worker.terminate()
  }

  async function look(): Promise<Ended> {
    let [seen, since, workedBefore] = [0, 0, 0]
    // The fuzzer's own corpus and garbage are not the mutant's.
    let before = process.memoryUsage.rss()
    let last: number | undefined
    for (;;) {
      await wait(LOOK_EVERY_MS)
      const now = performance.now()
      const count = Atomics.load(counters, 0)
      if (flags.death) {
        if (count === 0) throw flags.death
        const isMemory = 'code' in flags.death && flags.death.code === 'ERR_WORKER_OUT_OF_MEMORY'
        return { kind: isMemory ? 'memory' : 'crash', what: flags.death.message, mutant: current() }
      }
      if (flags.isJudged) return null
      const memory = process.memoryUsage.rss()
      const worked = processorTime()
      if (count !== seen) [seen, since, before, workedBefore] = [count, now, memory, worked]
      // Beside other work the clock goes on while nothing is done.
      const taken = Math.min(now - since, worked - workedBefore)
      if (count > 0 && taken > state.slowest.milliseconds)
        state.slowest = { milliseconds: Math.round(taken), mutant: current() }
      state.peak = Math.max(state.peak, memory)
      if (count > 0 && (taken > most || now - since > MOST_WAIT * most))
        return { kind: 'hang', what: `no verdict after ${most} ms`, mutant: current() }
      if (count > 0 && memory - before > MOST_BYTES)
        return { kind: 'memory', what: `more than ${MOST_BYTES / 2 ** 20} MB`, mutant: current() }
      // What is under judgement when time is up still has its own time.
      if (!one && now - flags.readyAt > left && count > (last ??= count)) return null
    }
  }
}
