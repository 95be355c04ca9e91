// Rates of several tasks in one run: short rounds in turn, so that a machine's changing speed touches all alike.
import { performance } from 'node:perf_hooks'

export type Task = () => unknown | Promise<unknown>

export interface Rate {
  /** Median over the rounds, calls a second. */
  readonly perSecond: number
  /** Median processor time of one call, in microseconds, all threads of this process. */
  readonly cpuMicros: number
  /** 99th percentile of one call's duration over all rounds, in milliseconds. */
  readonly p99Ms: number
}

/** The middle one, by size. */
export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number

async function round(
  task: Task,
  seconds: number,
  durations: number[],
): Promise<{ perSecond: number; cpuMicros: number }> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  let calls = 0
  for (let now = start; now - start < seconds * 1000 || calls === 0; ) {
    const result = task()
    if (result instanceof Promise) await result
    const after = performance.now()
    durations.push(after - now)
    now = after
    calls++
  }
  const elapsed = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  return { perSecond: (calls * 1000) / elapsed, cpuMicros: (user + system) / calls }
}

/** Runs every task once to warm up for a second, then in turn for `rounds` rounds of `seconds` each. */
export async function measure(
  tasks: Readonly<Record<string, Task>>,
  { rounds = 3, seconds = 1.5 } = {},
): Promise<Record<string, Rate>> {
  const names = Object.keys(tasks)
  for (const name of names) await round(tasks[name] as Task, Math.min(1, seconds), [])
  const taken = new Map(
    names.map((name) => [name, { rates: [] as number[], cpu: [] as number[], durations: [] as number[] }]),
  )
  for (let i = 0; i < rounds; i++) {
    for (const name of names) {
      const kept = taken.get(name)
      if (!kept) continue
      // No task pays for what another left behind. One alone is not collected for: what the engine compiled goes too, as in no service.
      if (names.length > 1) globalThis.gc?.()
      const { perSecond, cpuMicros } = await round(tasks[name] as Task, seconds, kept.durations)
      kept.rates.push(perSecond)
      kept.cpu.push(cpuMicros)
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, { rates, cpu, durations }]) => {
      durations.sort((a, b) => a - b)
      const p99Ms = durations[Math.min(durations.length - 1, Math.floor(durations.length * 0.99))] as number
      return [name, { perSecond: median(rates), cpuMicros: median(cpu), p99Ms }]
    }),
  )
}
