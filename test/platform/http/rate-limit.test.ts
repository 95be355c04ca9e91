import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createApp, createRateLimit, listen, publicRoute } from '../../../platform/http/index.ts'
import { networkOf } from '../../../platform/http/rate-limit.ts'
import { createLog, systemIds } from '../../../platform/index.ts'
import { testClock } from '../../support/clock.ts'

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.7:50412', '192.0.2.7'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['department:11330100002490000X', 'department:11330100002490000X'],
    ['x'.repeat(16_000), 'x'.repeat(100)],
    ['', ''],
    ['no address', 'no address'],
  ])('takes %j for %j', (address, network) => expect(networkOf(address)).toBe(network))
})

describe('charge', () => {
  it('takes what a request cost beyond its turn, down to one bucket owed, and never gives', () => {
    const clock = testClock()
    const limit = createRateLimit({ capacity: 3, refillPerSecond: 1, clock })
    limit.take('192.0.2.1')
    limit.charge('192.0.2.1', -5)
    limit.charge('192.0.2.1', Number.NaN)
    limit.take('192.0.2.1')
    limit.charge('192.0.2.1', 1000)
    const refusal = () => limit.take('192.0.2.1')
    expect(refusal).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 4 }))
    clock.advance(3_900)
    expect(refusal).toThrow(expect.objectContaining({ retryAfterSeconds: 1 }))
    clock.advance(200)
    expect(refusal).not.toThrow()
    expect(() => limit.take('192.0.2.2')).not.toThrow()
  })
})

it('a route counts all addresses of one network as one, and those of another apart', async () => {
  const limited = publicRoute({
    method: 'get',
    path: '/limited',
    permission: 'public',
    summary: 'Limited',
    rateLimit: createRateLimit({ capacity: 2, refillPerSecond: 0.1, clock: testClock() }),
    answers: { 200: { description: 'ok', schema: z.object({}) } },
    handle: () => ({ status: 200, json: {} }),
  })
  const log = createLog({ level: 'silent' })
  const baseUrl = 'http://127.0.0.1'
  const routeSets = [{ routes: [limited], problems: {} }]
  const app = createApp({ routeSets, ids: systemIds, log, baseUrl, isProduction: false, trustedProxies: 1 })
  const server = await listen(app, { host: '127.0.0.1', port: 0 })
  const statuses: number[] = []
  for (const last of ['1', '2', '3', 'ffff:1']) {
    const headers = { 'x-forwarded-for': `2001:db8:0:7::${last}` }
    statuses.push((await fetch(`${server.url}/limited`, { headers })).status)
  }
  statuses.push((await fetch(`${server.url}/limited`, { headers: { 'x-forwarded-for': '2001:db8:0:8::1' } })).status)
  await server.stop()
  expect(statuses).toEqual([200, 200, 429, 429, 200])
})
