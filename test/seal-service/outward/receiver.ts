// A receiver of events as an integrator writes one: it believes a message by its signature alone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose'

export interface Received {
  readonly id: string
  readonly position: bigint
  readonly topic: string
  readonly sealId: string
  readonly timestamp: number
  readonly body: string
  readonly signature: string
}

export interface Receiver {
  readonly address: string
  readonly taken: readonly Received[]
  /** Every attempt, taken or not, by id. */
  readonly attempts: readonly string[]
  /** What it answers from now on; `null`: nothing. */
  answer(status: ((message: Received) => number) | null): void
  close(): Promise<void>
}

export async function verifyMessage(message: Received, keys: JSONWebKeySet): Promise<void> {
  const [header, , signature] = message.signature.split('.') as [string, string, string]
  const payload = Buffer.from(message.body).toString('base64url')
  const { protectedHeader } = await flattenedVerify({ protected: header, payload, signature }, createLocalJWKSet(keys))
  const { typ, id, iat } = protectedHeader as { typ?: string; id?: unknown; iat?: unknown }
  if (typ !== 'seal-event+jws' || id !== message.id || iat !== message.timestamp) throw new Error('another message')
}

export async function startReceiver(jwks: () => Promise<object>): Promise<Receiver> {
  const taken: Received[] = []
  const attempts: string[] = []
  let status: ((message: Received) => number) | null = () => 204
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const body = Buffer.concat(parts).toString('utf8')
    const { id, position, topic, data } = JSON.parse(body)
    const message: Received = {
      id,
      position: BigInt(position),
      topic,
      sealId: data.sealId,
      timestamp: Number(request.headers['webhook-timestamp']),
      body,
      signature: String(request.headers['webhook-signature']),
    }
    attempts.push(id)
    if (status === null) return
    await verifyMessage(message, (await jwks()) as JSONWebKeySet)
    if (request.headers['webhook-id'] !== id) throw new Error('another id')
    const code = status(message)
    if (code < 300) taken.push(message)
    response.writeHead(code, code === 302 ? { Location: 'http://127.0.0.1:1/' } : {}).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/seal-events`,
    taken,
    attempts,
    answer(next) {
      status = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
