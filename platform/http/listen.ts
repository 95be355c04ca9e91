import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface Listening {
  readonly host: string
  readonly port: number
  /** `http://host:port`, without a slash at its end. */
  readonly url: string
  /** Takes no new connection, waits for the running requests, cuts what is left after the limit. */
  stop(): Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 60_000
/** Longer than reverse proxies keep an idle connection (nginx: 60 s): otherwise they send on one that is just being closed, and answer 502. */
const KEEP_ALIVE_MS = 65_000
const STOP_TIMEOUT_MS = 10_000

/** Serves on a host and port (0: any free one). Rejects with Node's error, e.g. EADDRINUSE. */
export async function listen(
  app: { readonly handler: RequestListener; beginStopping?(): void },
  options: { readonly host: string; readonly port: number; readonly stopTimeoutMs?: number },
): Promise<Listening> {
  const timeouts = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  }
  const server = createServer(timeouts, app.handler)
  // Whoever asks before sending is told to go on where the body is read, or refused without having sent it (RFC 9110 §10.1.1).
  server.on('checkContinue', (request, response) => server.emit('request', request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const urlHost = options.host.includes(':') ? `[${options.host}]` : options.host
  const closeIdle = trackIdle(server)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      app.beginStopping?.()
      const limit = setTimeout(() => server.closeAllConnections(), options.stopTimeoutMs ?? STOP_TIMEOUT_MS)
      server.close(() => {
        clearTimeout(limit)
        resolve()
      })
      closeIdle()
    })
  return {
    host: options.host,
    port,
    url: `http://${urlHost}:${port}`,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

/** Node's own closing of idle connections leaves those open that never sent a request; browsers open such ones in advance. */
function trackIdle(server: Server): () => void {
  const requests = new Map<Socket, number>()
  let isClosing = false
  const count = (socket: Socket, by: number): void => {
    const running = (requests.get(socket) ?? 0) + by
    if (requests.has(socket)) requests.set(socket, running)
    if (isClosing && running === 0) socket.destroySoon()
  }
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0)
    socket.once('close', () => requests.delete(socket))
  })
  server.on('request', ({ socket }, response) => {
    count(socket, 1)
    response.once('close', () => count(socket, -1))
  })
  return () => {
    isClosing = true
    for (const socket of requests.keys()) count(socket, 0)
  }
}
