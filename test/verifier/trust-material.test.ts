import { afterEach, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen } from '../../platform/http/index.ts'
import { createLog, systemIds } from '../../platform/index.ts'
import { createTrustMaterialRoutes, type TrustMaterialSource } from '../../verifier/http/index.ts'

const START = new Date('2026-11-21T08:00:00Z')
let server: Listening | undefined
afterEach(() => server?.stop())

interface Material {
  readonly asOf: string
  readonly anchors: readonly string[]
  readonly sealAnchors: readonly string[]
  readonly stampAnchors: readonly string[]
  readonly crls: readonly string[]
  readonly trustList: string
  readonly statusLists: readonly string[]
}

async function serve(source: Partial<TrustMaterialSource> = {}) {
  const time = { now: START, calls: 0, fails: false }
  const routes = createTrustMaterialRoutes({
    roots: () => ({
      anchors: [Uint8Array.of(1, 2, 255)],
      sealAnchors: [Uint8Array.of(3)],
      stampAnchors: [Uint8Array.of(4)],
    }),
    crls: async () => {
      time.calls++
      if (time.fails) throw new Error('no lists')
      return [Uint8Array.of(7)]
    },
    statusListAddresses: async () => ['https://licences.example.cn/status-lists/0'],
    clock: { now: () => time.now },
    ...source,
  })
  const log = createLog({ level: 'silent' })
  const app = createApp({ routeSets: [routes], ids: systemIds, log, baseUrl: 'http://127.0.0.1', isProduction: false })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  server = listening
  return { time, ask: () => fetch(`${listening.url}/trust-material`) }
}

describe('GET /trust-material', () => {
  it('answers with roots by what they stand above, revocation lists and where the signed lists are, without a login', async () => {
    const { ask } = await serve()
    const response = await ask()
    expect(response.status).toBe(200)
    expect((await response.json()) as Material).toEqual({
      asOf: START.toISOString(),
      anchors: ['AQL/'],
      sealAnchors: ['Aw=='],
      stampAnchors: ['BA=='],
      crls: ['Bw=='],
      trustList: '/trust-list',
      statusLists: ['https://licences.example.cn/status-lists/0'],
    })
  })

  it('leaves out a list so long that pages would take nothing at all', async () => {
    const { ask } = await serve({ crls: async () => [Uint8Array.of(7), new Uint8Array(12 << 20), Uint8Array.of(8)] })
    expect(((await (await ask()).json()) as Material).crls).toEqual(['Bw==', 'CA=='])
  })

  it('is made once for many who ask together, and again after half a minute', async () => {
    const { time, ask } = await serve()
    await Promise.all([ask(), ask(), ask()])
    expect(time.calls).toBe(1)
    time.now = new Date(START.getTime() + 31_000)
    expect(((await (await ask()).json()) as Material).asOf).toBe(time.now.toISOString())
    expect(time.calls).toBe(2)
  })

  it('does not keep a failure, nor an answer from a time that has not come', async () => {
    const { time, ask } = await serve()
    time.fails = true
    expect((await ask()).status).toBe(500)
    time.fails = false
    expect((await ask()).status).toBe(200)
    time.now = new Date(START.getTime() - 3_600_000)
    expect(((await (await ask()).json()) as Material).asOf).toBe(time.now.toISOString())
  })
})
