import { execFile } from 'node:child_process'
import { createApp, createMetrics, type Listening, listen, type Metrics } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { baseUrl, type PkiWorld } from './world.ts'

/** The PKI's addresses on a free port, and the figures they leave. */
export async function serve(
  pki: PkiWorld['pki'],
  metrics: Metrics = createMetrics(),
): Promise<Listening & { figure(name: string): Promise<number> }> {
  const log = createLog({ level: 'silent' })
  const app = createApp({ routeSets: [pki.routes], ids: systemIds, log, baseUrl, isProduction: false, metrics })
  const listening = await listen(app, { port: 0, host: '127.0.0.1' })
  const figure = async (name: string) => {
    const line = (await metrics.text()).text.split('\n').find((text) => text.startsWith(`${name} `))
    return Number(line?.slice(name.length))
  }
  return { ...listening, figure }
}

/** Runs a program while this process goes on serving it; `output` is stdout and stderr together. */
export function runBeside(program: string, args: readonly string[]): Promise<{ readonly output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 20_000 }, (_error, stdout, stderr) => resolve({ output: stdout + stderr }))
  })
}

/** So many tasks, two hundred under way at once: each opens a connection, and a machine that is busy drops thousands. */
export async function manyAtOnce<T>(count: number, task: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const work = async () => {
    while (next < count) {
      const n = next++
      results[n] = await task(n)
    }
  }
  await Promise.all(Array.from({ length: 200 }, work))
  return results
}
