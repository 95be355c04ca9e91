// A load generator that costs little itself: fixed requests over raw connections, one under way on each.
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

export interface Load {
  readonly host: string
  readonly port: number
  readonly connections: number
  /** Whole HTTP requests, taken in turn. */
  readonly requests: readonly Buffer[]
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** An HTTP request as it goes over the wire. */
export function httpRequest(method: string, path: string, body?: { type: string; bytes: Uint8Array }): Buffer {
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    ...(body ? [`Content-Type: ${body.type}`, `Content-Length: ${body.bytes.length}`] : []),
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body?.bytes ?? Buffer.alloc(0)])
}

/** Drives a server for so many seconds; answers how many responses a second came whole, with status 200. */
export async function drive(load: Load, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  const begin = performance.now()
  let next = 0
  let answered = 0
  const runs = Array.from({ length: load.connections }, async () => {
    let connection: Connection | undefined
    while (performance.now() < until) {
      connection ??= await open(load)
      const request = load.requests[next++ % load.requests.length] as Buffer
      const answer = await connection.ask(request)
      if (answer.status !== 200) throw new Error(`the server answered ${answer.status}`)
      answered++
      if (!answer.isKept) connection = undefined
    }
    connection?.end()
  })
  await Promise.all(runs)
  return (answered * 1000) / (performance.now() - begin)
}

interface Connection {
  ask(request: Buffer): Promise<{ readonly status: number; readonly isKept: boolean }>
  end(): void
}

async function open({ host, port }: Load): Promise<Connection> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect({ host, port, noDelay: true }, () => resolve(opened))
    opened.once('error', reject)
  })
  socket.removeAllListeners('error')
  let received: Buffer = Buffer.alloc(0)
  let waiting: { resolve(answer: { status: number; isKept: boolean }): void; reject(error: Error): void } | undefined
  const settle = (isEnded: boolean): void => {
    const headEnd = received.indexOf(HEAD_END)
    if (headEnd < 0) {
      if (isEnded) waiting?.reject(new Error('the connection ended without an answer'))
      return
    }
    const head = received.toString('latin1', 0, headEnd)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    const isWhole = length === undefined ? isEnded : received.length >= headEnd + 4 + Number(length)
    if (!isWhole) return
    received = Buffer.alloc(0)
    const isKept = !isEnded && head.startsWith('HTTP/1.1') && !/\r\nconnection: *close/i.test(head)
    if (!isKept) socket.destroy()
    waiting?.resolve({ status: Number(head.slice(9, 12)), isKept })
    waiting = undefined
  }
  socket.on('data', (piece) => {
    received = received.length === 0 ? piece : Buffer.concat([received, piece])
    settle(false)
  })
  socket.on('end', () => settle(true))
  socket.on('error', (error) => waiting?.reject(error))
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    end: () => socket.destroy(),
  }
}
