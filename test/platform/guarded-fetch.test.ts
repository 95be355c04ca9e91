import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuardedFetch, privateAddresses, type ResolveHost } from '../../platform/index.ts'
import { isPublicAddress, mayConnect } from '../../platform/public-address.ts'

// A server that does what a hostile one would.
let server: Server
let port: number
const asked: string[] = []
const behaviour: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/good': (_, response) => response.end('good'),
  '/echo': async (request, response) => {
    for await (const part of request) response.write(part)
    response.end(String(request.headers['content-type']))
  },
  '/elsewhere': (_, response) => response.writeHead(302, { Location: '/good' }).end(),
  '/large': (_, response) => {
    response.writeHead(200)
    const part = Buffer.alloc(64 * 1024)
    const more = () => {
      while (!response.destroyed && response.write(part));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  },
  '/declared': (_, response) => response.writeHead(200, { 'Content-Length': String(1 << 30) }).flushHeaders(),
  '/drip': (_, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  },
  '/silent': () => undefined,
  '/packed': (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('bomb'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half')
    setTimeout(() => response.destroy(), 20)
  },
  '/missing': (_, response) => response.writeHead(404).end('no'),
}
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`)
    behaviour[request.url!]!(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
})

const at = (path: string, host = '127.0.0.1') => `http://${host}:${port}${path}`
const fetchHere = createGuardedFetch({ privateAddresses: 'loopback', timeoutMs: 300, maxBytes: 1000 })
const text = async (address: string) => {
  const bytes = await fetchHere(address)
  return bytes && Buffer.from(bytes).toString()
}
const answering =
  (...addresses: string[]): ResolveHost =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('createGuardedFetch', () => {
  it('reads a good answer, and sends a body where there is one', async () => {
    expect(await text(at('/good'))).toBe('good')
    const echo = await fetchHere(at('/echo'), { body: Uint8Array.of(65, 66), contentType: 'application/x-test' })
    expect(Buffer.from(echo!).toString()).toBe('ABapplication/x-test')
  })

  it.each(['/elsewhere', '/large', '/declared', '/packed', '/cut', '/missing'])(
    'has no answer from %s',
    async (path) => {
      expect(await text(at(path))).toBeNull()
    },
  )

  it('follows no redirection', async () => {
    asked.length = 0
    await text(at('/elsewhere'))
    expect(asked.map((line) => line.split(' ')[1])).toEqual(['/elsewhere'])
  })

  it.each(['/silent', '/drip'])('waits for %s no longer than its limit, whatever drips in', async (path) => {
    const from = performance.now()
    expect(await text(at(path))).toBeNull()
    expect(performance.now() - from).toBeLessThan(2000)
  })

  it('stops when the caller does', async () => {
    const calling = AbortSignal.timeout(30)
    const patient = createGuardedFetch({ privateAddresses: 'loopback', timeoutMs: 60_000 })
    expect(await patient(at('/silent'), { signal: calling })).toBeNull()
  })

  it('asks nobody at this machine or in a private network unless told to', async () => {
    asked.length = 0
    const strict = createGuardedFetch({ timeoutMs: 300 })
    const names = createGuardedFetch({ timeoutMs: 300, resolve: answering('127.0.0.1') })
    const mixed = createGuardedFetch({ timeoutMs: 300, resolve: answering('8.8.8.8', '127.0.0.1') })
    for (const host of [
      '127.0.0.1',
      'localhost',
      '127.1',
      '0x7f000001',
      '2130706433',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ])
      expect(await strict(at('/good', host)), host).toBeNull()
    expect(await names(at('/good', 'licence.example.gov.cn'))).toBeNull()
    expect(await mixed(at('/good', 'licence.example.gov.cn'))).toBeNull()
    expect(asked).toEqual([])
  })

  it('connects to the address it looked at: a name that answers otherwise the second time gains nothing', async () => {
    asked.length = 0
    let times = 0
    const rebinding: ResolveHost = (_, done) => {
      times++
      done(null, [{ address: times === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }])
    }
    const guarded = createGuardedFetch({ timeoutMs: 300, resolve: rebinding })
    expect(await guarded(at('/good', 'rebind.example'))).toBeNull()
    expect(times).toBe(1)
    let looked = 0
    const steady: ResolveHost = (host, done) => {
      looked++
      answering('127.0.0.1')(host, done)
    }
    const open = createGuardedFetch({ privateAddresses: 'loopback', resolve: steady })
    expect(await open(at('/good', 'pinned.example'))).not.toBeNull()
    expect(looked).toBe(1)
    expect(asked).toEqual([`pinned.example:${port} /good`])
  })

  it.each([
    'file:///etc/passwd',
    'ftp://example.org/',
    'data:text/plain,x',
    'http://user:word@127.0.0.1/',
    'no address',
    '',
  ])('does not ask %s', async (address) => expect(await fetchHere(address)).toBeNull())
})

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '114.114.114.114', '223.5.5.5', '2400:3200::1', '2a00:1450:4001:80b::200e'])(
    'is true of %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    'example.org',
    '',
  ])('is false of %s', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('mayConnect', () => {
  it('opens this machine alone by loopback, everything by allow', () => {
    expect([mayConnect('127.0.0.1', 'loopback'), mayConnect('::1', 'loopback')]).toEqual([true, true])
    expect([mayConnect('10.0.0.1', 'loopback'), mayConnect('::ffff:127.0.0.1', 'loopback')]).toEqual([false, false])
    expect([mayConnect('10.0.0.1', 'allow'), mayConnect('name', 'allow')]).toEqual([true, false])
  })
})

describe('privateAddresses', () => {
  it('refuses in production, and lets a newcomer’s own machine be asked otherwise', () => {
    expect(privateAddresses({ NODE_ENV: 'production' })).toBe('refuse')
    expect(privateAddresses({})).toBe('loopback')
    expect(privateAddresses({ NODE_ENV: 'production', PRIVATE_ADDRESSES: 'allow' })).toBe('allow')
    expect(privateAddresses({ PRIVATE_ADDRESSES: 'yes' })).toBe('refuse')
  })
})
