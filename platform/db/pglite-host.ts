// Runs in a worker thread: one PGlite, so that a slow query never stalls the event loop that serves requests.
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

export type Call = { id: number; sql: string } | { id: number; bytes: Uint8Array<ArrayBuffer> }
export type Reply = { id: number; bytes?: Uint8Array<ArrayBuffer>; error?: string }

const port = parentPort
if (!port) throw new TypeError('pglite-host runs in a worker thread')

function join(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const lite = await PGlite.create((workerData as { folder: string }).folder)

async function answer(call: Call): Promise<Reply> {
  if ('sql' in call) {
    await lite.exec(call.sql)
    return { id: call.id }
  }
  const parts: Uint8Array[] = []
  const onRawData = (data: Uint8Array): void => {
    parts.push(data.slice())
  }
  await lite.runExclusive(() => lite.execProtocolRawStream(call.bytes, { onRawData }))
  return { id: call.id, bytes: join(parts) }
}

let tail: Promise<void> = Promise.resolve()
port.on('message', (call: Call | 'close') => {
  tail = tail.then(async () => {
    if (call === 'close') {
      await lite.close()
      port.close()
      return
    }
    try {
      const reply = await answer(call)
      port.postMessage(reply, reply.bytes ? [reply.bytes.buffer] : [])
    } catch (error) {
      port.postMessage({ id: call.id, error: String(error) } satisfies Reply)
    }
  })
})
port.postMessage({ id: 0 } satisfies Reply)
