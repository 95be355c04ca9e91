// The public check behind its real HTTP door, on the small made-up city, with a clock that tests move.
import type { Authority } from '../../platform/http/index.ts'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { PlatformError, systemIds } from '../../platform/index.ts'
import { createVerifierRoutes, type VerifierRoutesOptions } from '../../verifier/http/index.ts'
import type { EvidenceSource } from '../../verifier/index.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { testLog } from '../support/log.ts'
import { evidence, NOW, policy } from './world.ts'

const good = await evidence()

export const worldSource: EvidenceSource = {
  crls: async () => good.crls,
  trustList: async () => good.trustList,
  statusList: async (address) => good.statusLists.get(address) ?? null,
  licenceStatus: async () => null,
}

/** Two departments with a key each, which is their code. */
export const keyHolders: Authority = {
  authenticate: async ({ headers }) => {
    const code = String(headers['authorization']).replace('Bearer ', '')
    if (!code.startsWith('department-')) throw new PlatformError('AUTHENTICATION_REQUIRED', 'no such key')
    return { id: code, name: code, kind: 'machine', departmentCode: code, roles: [] }
  },
  isPermitted: () => false,
}

export interface VerifierServer extends Listening {
  readonly clock: TestClock
  readonly logText: () => string
  post(body: unknown, headers?: Record<string, string>, query?: string): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** The results of a batch once all are there. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect and fail where it is not
  results(accepted: Response, headers?: Record<string, string>): Promise<any[]>
}

export async function serveVerifier(options: Partial<VerifierRoutesOptions> = {}): Promise<VerifierServer> {
  const clock = testClock(NOW)
  const { log, text } = testLog()
  const routes = createVerifierRoutes({ policy, source: worldSource, clock, ids: systemIds, log, ...options })
  const app = createApp({
    routeSets: [routes],
    ids: systemIds,
    log,
    baseUrl: 'http://127.0.0.1',
    isProduction: false,
    api: { title: 'Verifier', version: '1' },
  })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  const get = (path: string, headers: Record<string, string> = {}) => fetch(listening.url + path, { headers })
  const server: VerifierServer = {
    ...listening,
    clock,
    logText: text,
    get,
    post(body, headers = {}, query = '') {
      const isPlain = body instanceof Uint8Array || body instanceof FormData || body instanceof ReadableStream
      const type = body instanceof Uint8Array ? 'application/pdf' : isPlain ? undefined : 'application/json'
      return fetch(`${listening.url}/api/verifications${query}`, {
        method: 'POST',
        headers: { ...(type && { 'content-type': type }), ...headers },
        body: (isPlain ? body : JSON.stringify(body)) as BodyInit,
      })
    },
    async results(accepted, headers) {
      for (;;) {
        const job = await (await get(accepted.headers.get('location')!, headers)).json()
        if (job.state === 'done') return job.results
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async stop() {
      await listening.stop()
      routes.close()
    },
  }
  return server
}
