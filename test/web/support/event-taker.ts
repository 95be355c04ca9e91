import { once } from 'node:events'
import { createServer } from 'node:http'

/** A system that takes events on the loopback: it refuses them until it is told to take them. */
export async function startEventTaker() {
  let isTaking = false
  const refused = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(isTaking ? 204 : 503).end()
      const seen = isTaking ? taken : refused
      seen.resolve()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    address: `http://127.0.0.1:${address.port}/events`,
    refused: refused.promise,
    taken: taken.promise,
    take: () => {
      isTaking = true
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
