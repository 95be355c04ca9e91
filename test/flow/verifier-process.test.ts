// The public check as a process of its own, as `npm run start:verifier` runs it: roots in a folder, the register of a house elsewhere.
import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { businessLicence, exampleOf, type RunningHouse, send, startHouse } from '../support/running-house.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface Verifier {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stderr(): string
}

const folder = temporaryFolder()
const children: ChildProcess[] = []

async function launch(settings: Record<string, string>): Promise<Verifier> {
  const { NODE_ENV: _mode, ...inherited } = process.env
  const env = { ...inherited, BASE_URL: '', HOST: '127.0.0.1', PORT: '0', INIT_CWD: folder, ...settings }
  const child = spawn(process.execPath, ['bin/verifier.ts'], {
    cwd: packageRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (piece) => {
      written[name] += piece
    })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  let isOver = false
  ended.then(() => {
    isOver = true
  })
  for (;;) {
    const url = /(http:\/\/127\.0\.0\.1:\d+)\/verify/.exec(written.stdout)?.[1]
    if (url) return { url, child, ended, stderr: () => written.stderr }
    if (isOver) return { url: '', child, ended, stderr: () => written.stderr }
    await delay(30)
  }
}

let running: RunningHouse
let identifier: string
let pdf: Uint8Array
beforeAll(async () => {
  running = await startHouse()
  const { house } = running
  const issued = await running.call('/api/licences', {
    key: running.issuers.market,
    body: { typeCode: businessLicence, data: exampleOf(businessLicence) },
    once: 'one',
  })
  identifier = issued.json.identifier
  pdf = (await running.call(`/api/licences/${identifier}/document`, { key: running.issuers.market })).bytes
  await writeTrustFolder(join(folder, 'trust'), { ...house.roots(), crls: [], trustList: null, statusLists: new Map() })
}, 120_000)
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await running.close()
  rmSync(folder, { recursive: true, force: true })
})

const settings = () => ({ TRUST_ANCHORS: 'trust', LICENCE_STATUS_URL: running.url })
const upload = (url: string, headers: Record<string, string> = {}) =>
  send(`${url}/api/verifications`, { bytes: pdf as never, headers: { 'content-type': 'application/pdf', ...headers } })

describe('npm run start:verifier', () => {
  it('judges documents and digests by roots of its own and the register elsewhere, and sees a revocation', async () => {
    const verifier = await launch(settings())
    expect((await send(`${verifier.url}/readyz`)).json).toEqual({ status: 'ready', checks: { trust: 'ok' } })
    const { json: report } = await upload(verifier.url)
    expect(report).toMatchObject({
      verdict: 'accepted',
      licence: { identifier, status: 'in force', issuerEntitled: true },
    })
    const sealedDigest = report.signatures[0].signedDigest
    const ask = async () => (await send(`${verifier.url}/api/verifications`, { body: { sealedDigest } })).json
    expect(await ask()).toMatchObject({ verdict: 'accepted', identifier })
    running.clock.advance(1000)
    const revoked = await running.call(`/api/licences/${identifier}/revocations`, {
      key: running.issuers.market,
      body: { reason: 'test' },
    })
    expect(revoked.status).toBeLessThan(300)
    expect(await ask()).toMatchObject({ verdict: 'refused', status: 'revoked' })
    expect((await upload(verifier.url)).json).toMatchObject({ verdict: 'refused', licence: { status: 'revoked' } })
    verifier.child.kill('SIGTERM')
    expect(await verifier.ended).toBe(0)
  })

  it('gives its page what judges without a network: roots, and the signed lists of the register elsewhere', async () => {
    await running.house.licences.publishLists()
    const verifier = await launch(settings())
    const [own, registers] = await Promise.all(
      [verifier.url, running.url].map(async (url) => (await send(`${url}/trust-material`)).json),
    )
    expect(own).toMatchObject({ anchors: registers.anchors, trustList: '/trust-list' })
    expect(own.statusLists).toEqual(registers.statusLists)
    const paths = ['/trust-list', new URL(own.statusLists[0]).pathname]
    for (const path of paths) {
      const [passedOn, asSigned] = await Promise.all([send(verifier.url + path), send(running.url + path)])
      expect(passedOn.status).toBe(200)
      expect(Buffer.from(passedOn.bytes).equals(asSigned.bytes)).toBe(true)
    }
    expect((await send(`${verifier.url}/status-lists/999`)).json.code).toBe('VERIFICATION_REGISTER_UNAVAILABLE')
    verifier.child.kill('SIGTERM')
    expect(await verifier.ended).toBe(0)
  })

  it('forgets on restart what was to be fetched, and says so by the answer of what never was', async () => {
    const before = await launch(settings())
    const accepted = await upload(before.url, { prefer: 'respond-async' })
    expect(accepted.status).toBe(202)
    before.child.kill('SIGKILL')
    await before.ended
    const after = await launch(settings())
    const { status, json } = await send(after.url + accepted.headers.get('location'))
    expect([status, json.code]).toEqual([404, 'VERIFICATION_NOT_FOUND'])
    after.child.kill('SIGTERM')
    await after.ended
  })

  it('without a register and without lists is not ready, and leaves undecided what it cannot know', async () => {
    const verifier = await launch({ TRUST_ANCHORS: 'trust' })
    expect((await send(`${verifier.url}/readyz`)).status).toBe(503)
    expect((await upload(verifier.url)).json.verdict).toBe('undecided')
    const digest = await send(`${verifier.url}/api/verifications`, { body: { sealedDigest: 'ab'.repeat(32) } })
    expect([digest.status, digest.json.code]).toEqual([503, 'VERIFICATION_REGISTER_UNAVAILABLE'])
    verifier.child.kill('SIGTERM')
    expect(await verifier.ended).toBe(0)
  })

  it('refuses to start without a root, and in production with a TEST root', async () => {
    for (const [wrong, code] of [
      [{ TRUST_ANCHORS: '' }, 'CONFIG_INVALID'],
      [{ TRUST_ANCHORS: 'nowhere' }, 'FILE_UNREADABLE'],
      [
        { TRUST_ANCHORS: 'trust', NODE_ENV: 'production', BASE_URL: 'https://verify.example' },
        'TEST_ROOT_IN_PRODUCTION',
      ],
    ] as const) {
      const verifier = await launch(wrong)
      expect(await verifier.ended).toBe(1)
      expect(verifier.stderr()).toContain(code)
    }
  })
})
