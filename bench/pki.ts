// ocsp.cached, ocsp.fresh, tsa: over HTTP, the server in a process of its own, the same load for OpenSSL's responder.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ca, tsp, x509 } from '../pki/index.ts'
import { packageRoot, systemIds } from '../platform/index.ts'
import { startScratchPostgres } from '../tools/scratch-postgres.ts'
import { drive, httpRequest, type Load } from './http-load.ts'
import { startOpensslPeers } from './openssl-peers.ts'
import { rows as pathRows } from './path.ts'
import type { PkiServerReady } from './pki-server.ts'
import { type Row, row } from './row.ts'

const ROUNDS = 3
const SECONDS = 2
const CONNECTIONS = 32
const QUESTIONS = 4000

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] as number

/** One thing to measure: its rate over a round, ours with the processor time of one answer. */
interface Task {
  readonly rates: number[]
  readonly cpuMicros: number[]
  run(seconds: number): Promise<number>
  readonly server?: ChildProcess
}

/** `path.pkits`, then `ocsp.*`, `tsa` and, where OpenSSL is installed, its peers in the same rounds. */
export async function* rows(only: string | undefined): AsyncIterable<Row> {
  if (only === undefined || only === 'path.pkits') yield* pathRows()
  if (only === 'path.pkits') return
  const postgres = await startScratchPostgres()
  const server = fork(join(packageRoot, 'bench', 'pki-server.ts'), postgres ? [postgres.url] : [], {
    execArgv: ['--max-semi-space-size=64'],
  })
  const peers = await startOpensslPeers()
  try {
    const [ready] = (await once(server, 'message')) as [PkiServerReady]
    const loads = await loadsFor(ready)
    const wanted = (Object.keys(loads) as (keyof typeof loads)[]).filter((name) => only === undefined || name === only)
    const tasks = new Map<string, Task>()
    const add = (name: string, run: Task['run'], ours?: ChildProcess) =>
      tasks.set(name, { rates: [], cpuMicros: [], run, ...(ours && { server: ours }) })
    for (const name of wanted) {
      add(name, (seconds) => drive(loads[name], seconds), server)
      if (peers === undefined) continue
      add(`peer of ${name}`, (seconds) =>
        name === 'tsa' ? peers.stampRate(seconds) : drive(peers.ocspLoad(name === 'ocsp.fresh'), seconds),
      )
    }
    for (const task of tasks.values()) await task.run(1)
    for (let round = 0; round < ROUNDS; round++) for (const task of tasks.values()) await measureOnce(task)
    const database = postgres ? 'PostgreSQL' : 'embedded database'
    for (const name of wanted) {
      const { rates, cpuMicros } = tasks.get(name) as Task
      const peer = tasks.get(`peer of ${name}`)
      const note = `P-256, SHA-256, HTTP/1.1 over ${CONNECTIONS} connections, ${database}, one process beside its load; ${median(cpuMicros).toFixed(0)} µs of the server's processor an answer`
      const peerName = name === 'tsa' ? 'openssl ts -reply, a process each, two at once' : 'openssl ocsp responder'
      yield peer
        ? row(name, median(rates), '/s', note, peerName, median(peer.rates))
        : row(name, median(rates), '/s', note)
    }
  } finally {
    server.send('stop')
    await once(server, 'exit')
    peers?.stop()
    postgres?.stop()
  }
}

async function measureOnce(task: Task): Promise<void> {
  const before = await cpuOf(task.server)
  const rate = await task.run(SECONDS)
  task.rates.push(rate)
  task.cpuMicros.push(((await cpuOf(task.server)) - before) / (rate * SECONDS))
}

async function cpuOf(server: ChildProcess | undefined): Promise<number> {
  if (server === undefined) return 0
  server.send('cpu')
  const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage]
  return user + system
}

async function loadsFor({ port, seals, issuer }: PkiServerReady) {
  const [authority, ...rest] = [issuer, ...seals].map((text) => Buffer.from(text, 'base64'))
  const certIds = await Promise.all(
    rest.map((seal) => ca.createCertId(authority as Buffer, x509.parseCertificate(seal).serialNumber)),
  )
  const to = (requests: readonly Buffer[]): Load => ({ host: '127.0.0.1', port, connections: CONNECTIONS, requests })
  const plain = certIds.map((certId) => ca.encodeOcspRequest({ certIds: [certId] }))
  const paths = plain.map((der) => encodeURIComponent(Buffer.from(der).toString('base64')))
  const fresh = Array.from({ length: QUESTIONS }, (_, n) => {
    const certId = certIds[n % certIds.length]
    const bytes = ca.encodeOcspRequest({ certIds: certId ? [certId] : [], nonce: systemIds.bytes(16) })
    return httpRequest('POST', '/pki/ocsp', { type: 'application/ocsp-request', bytes })
  })
  const stamps = Array.from({ length: QUESTIONS }, () => {
    const bytes = tsp.encodeRequest({ messageImprint: systemIds.bytes(32), nonce: systemIds.bytes(16), certReq: true })
    return httpRequest('POST', '/pki/tsa', { type: 'application/timestamp-query', bytes })
  })
  return {
    'ocsp.cached': to(paths.map((path) => httpRequest('GET', `/pki/ocsp/${path}`))),
    'ocsp.fresh': to(fresh),
    tsa: to(stamps),
  } as const satisfies Record<string, Load>
}
