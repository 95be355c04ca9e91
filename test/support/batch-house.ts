// A server and worker processes on one PostgreSQL and one data folder, and the people who run a batch there.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { packageRoot } from '../../platform/package-root.ts'
import { transportLicence } from './batch-rows.ts'
import type { Reply, Send } from './running-house.ts'
import type { ServerProcess } from './server-process.ts'

export interface WorkerProcess {
  readonly child: ChildProcess
  /** What it wrote so far. */
  output(): string
  /** Ends it without a word. */
  kill(): Promise<void>
}

/** Starts `bin/worker.ts` beside a server and waits until it works. */
export async function launchWorker(dataDir: string, settings: Record<string, string>): Promise<WorkerProcess> {
  const { NODE_ENV: _mode, ...inherited } = process.env
  const child = spawn(process.execPath, ['bin/worker.ts'], {
    cwd: packageRoot,
    env: { ...inherited, BASE_URL: 'http://licences.example.test', DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  child.stdout.on('data', (piece) => (written += piece))
  child.stderr.on('data', (piece) => (written += piece))
  let isOver = false
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      isOver = true
      resolve()
    }),
  )
  while (!written.includes('working on batches')) {
    if (isOver) throw new Error(`the worker ended: ${written}`)
    await delay(50)
  }
  return {
    child,
    output: () => written,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Of every thread of a process (proc(5), field 19 of `stat`). */
export const nicenessOf = ({ child: { pid } }: { readonly child: ChildProcess }): number[] =>
  readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [, afterName] = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1').split(') ')
    return Number(afterName!.split(' ')[16])
  })

/** What a process holds of memory, in MiB: now, and at most so far. */
export function memoryOf({ child }: { readonly child: ChildProcess }): { readonly now: number; readonly most: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
  const of = (name: string) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024)
  return { now: of('VmRSS'), most: of('VmHWM') }
}

/** A person of a demo department at a server. */
async function logIn(server: ServerProcess, username: string): Promise<(path: string, what?: Send) => Promise<Reply>> {
  const reply = await server.call('/api/sessions', { body: { username, password: `demo-${username}` } })
  if (reply.status !== 201) throw new Error(`${username} cannot log in: ${reply.text}`)
  const cookie = reply.headers.get('set-cookie')!.split(';', 1)[0]!
  return async (path, what = {}) => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin', ...what.headers }
    const answer = await server.call(path, { once: crypto.randomUUID(), ...what, headers })
    if (answer.status >= 300) throw new Error(`${path}: ${answer.text}`)
    return answer
  }
}

/** Those who run a batch of transport licences: who makes it, and the second person. */
export async function batchPeople(server: ServerProcess) {
  const issuer = await logIn(server, 'transport-issuer')
  const reviewer = await logIn(server, 'transport-licence-reviewer')
  const view = async (batchId: string): Promise<Reply['json']> => (await issuer(`/api/batches/${batchId}`)).json
  return {
    issuer,
    view,
    async until(batchId: string, isThere: (batch: Reply['json']) => boolean, everyMs = 200): Promise<Reply['json']> {
      for (;;) {
        const batch = await view(batchId)
        if (isThere(batch)) return batch
        if (['paused', 'cancelled'].includes(batch.state))
          throw new Error(`the batch stopped: ${JSON.stringify(batch)}`)
        await delay(everyMs)
      }
    },
    /** Takes a file and has it checked; answers the batch once that is done. */
    async check(file: Uint8Array): Promise<string> {
      const { json } = await issuer(`/api/batches?typeCode=${transportLicence}&title=x`, {
        bytes: file,
        headers: { 'content-type': 'application/octet-stream' },
      })
      const { suggested } = (await issuer(`/api/batches/${json.batchId}/mappings`)).json
      await issuer(`/api/batches/${json.batchId}/mapping`, { method: 'PUT', body: { mapping: suggested } })
      await issuer(`/api/batches/${json.batchId}/checks`, { method: 'POST' })
      await this.until(json.batchId, ({ state }) => state === 'checked')
      return json.batchId
    },
    async start(batchId: string): Promise<void> {
      await issuer(`/api/batches/${batchId}/samples`, { body: { count: 5 } })
      const { items } = (await reviewer(`/api/batches/${batchId}/samples`)).json
      for (const { row } of items) await reviewer(`/api/batches/${batchId}/samples/${row}/previews`, { method: 'POST' })
      await reviewer(`/api/batches/${batchId}/samples/approvals`, { body: { decision: 'approve' } })
      await issuer(`/api/batches/${batchId}/starts`, { method: 'POST' })
    },
  }
}
