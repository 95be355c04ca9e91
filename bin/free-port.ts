import { createServer } from 'node:net'
import { CommandError } from './errors.ts'

interface Place {
  readonly host: string
  readonly port: number
}

/**
 * Throws `PORT_IN_USE` while something else listens there: said before keys and database are made, which takes a newcomer half a minute.
 * What else keeps a port from being had, Node's own error says when the server listens.
 */
export async function expectFreePort({ host, port }: Place): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen(port, host, resolve)
    })
  } catch (cause) {
    if (isInUse(cause)) throw portInUse({ host, port }, cause)
    return
  }
  await new Promise<void>((resolve) => probe.close(() => resolve()))
}

/** What failed while the server began to listen, said as `expectFreePort` says it. */
export const asPortRefusal = (error: unknown, place: Place): unknown =>
  isInUse(error) ? portInUse(place, error) : error

const isInUse = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

const portInUse = ({ host, port }: Place, cause: unknown): CommandError => {
  const other = port + 10 <= 65_535 ? port + 10 : port - 10
  return new CommandError(
    'PORT_IN_USE',
    `端口 ${host}:${port} 已被占用，请换一个端口 port ${host}:${port} is in use, choose another: PORT=${other} npm start`,
    { cause },
  )
}
