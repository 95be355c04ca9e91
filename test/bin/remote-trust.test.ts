import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openRemoteTrust } from '../../bin/remote-trust.ts'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import { testClock } from '../support/clock.ts'
import { testLog } from '../support/log.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { toThrowWithCode } from '../support/to-throw-with-code.ts'
import { evidence, IDENTIFIER, LIST_ADDRESS, NOW, pki, trustList } from '../verifier/world.ts'

const good = await evidence()
const signal = AbortSignal.timeout(60_000)
const answers = new Map<string, string>()
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url!)
  const answer = answers.get(request.url!)
  if (answer === undefined) response.writeHead(404).end()
  else response.end(answer)
})
let statusUrl: string
const folder = temporaryFolder()
const roots = { anchors: [pki.get('root').certificate], sealAnchors: [], stampAnchors: [] }
const nothing = { ...roots, crls: [], trustList: null, statusLists: new Map<string, string>() }

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  statusUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  answers.clear()
  asked.length = 0
})

const clock = testClock(NOW)
const open = (options: object = {}) => {
  const { log } = testLog()
  return openRemoteTrust({ trustAnchors: [folder], privateAddresses: 'refuse', clock, log, ...options })
}

describe('openRemoteTrust', () => {
  it('believes roots of its folder alone, and takes lists and answers from the register that the operator named', async () => {
    await writeTrustFolder(folder, nothing)
    const stranger = Buffer.from(pki.get('otherRoot').certificate).toString('base64')
    const crl = Buffer.from(good.crls[0]!).toString('base64')
    answers.set('/trust-list', `${good.trustList}\n`)
    answers.set('/trust-material', JSON.stringify({ anchors: [stranger], crls: [crl, 7] }))
    answers.set(
      `/api/licences/${IDENTIFIER}/status`,
      JSON.stringify({ identifier: IDENTIFIER, status: 'in force', asOf: 'x' }),
    )
    const trust = await open({ statusUrl })
    expect(trust.roots().anchors).toEqual(roots.anchors)
    expect(await trust.source.trustList(signal)).toBe(good.trustList)
    expect(await trust.source.crls(signal)).toEqual([new Uint8Array(good.crls[0]!)])
    expect(await trust.source.licenceStatus!(IDENTIFIER, signal, null)).toMatchObject({ status: 'in force' })
    await trust.checkReady()
  })

  it('keeps the list it has where none, nonsense or an older one comes', async () => {
    const first = await trustList({ sequenceNumber: 5 })
    answers.set('/trust-list', first)
    const trust = await open({ statusUrl })
    for (const other of [undefined, 'nonsense', await trustList({ sequenceNumber: 4 })]) {
      if (other === undefined) answers.delete('/trust-list')
      else answers.set('/trust-list', other)
      await trust.refresh()
      expect(await trust.source.trustList(signal)).toBe(first)
    }
    const next = await trustList({ sequenceNumber: 6 })
    answers.set('/trust-list', next)
    await trust.refresh()
    expect(await trust.source.trustList(signal)).toBe(next)
  })

  it('is not kept from a list by one that somebody else signed with a higher number', async () => {
    const forged = await trustList({ sequenceNumber: 2 ** 40, signer: 'strangerTrustSigner' })
    const genuine = await trustList({ sequenceNumber: 5 })
    answers.set('/trust-list', forged)
    const trust = await open({ statusUrl })
    answers.set('/trust-list', genuine)
    await trust.refresh()
    expect(await trust.source.trustList(signal)).toBe(genuine)
    answers.set('/trust-list', forged)
    await trust.refresh()
    expect(await trust.source.trustList(signal)).toBe(genuine)
  })

  it('reads its folder again, but not into nothing', async () => {
    await writeTrustFolder(folder, {
      ...nothing,
      trustList: good.trustList,
      crls: good.crls,
      statusLists: good.statusLists,
    })
    const trust = await open()
    expect(await trust.source.trustList(signal)).toBe(good.trustList)
    expect(await trust.source.statusList!(LIST_ADDRESS, signal)).toBe(good.statusLists.get(LIST_ADDRESS))
    await writeTrustFolder(folder, { ...nothing, anchors: [] })
    await trust.refresh()
    expect(trust.roots().anchors).toEqual(roots.anchors)
    expect(asked).toEqual([])
    await writeTrustFolder(folder, nothing)
  })

  it('asks no private address that a list names, unless it is the register', async () => {
    const trust = await open()
    const address = `${statusUrl}/api/licences/${IDENTIFIER}/status`
    answers.set(
      `/api/licences/${IDENTIFIER}/status`,
      JSON.stringify({ identifier: IDENTIFIER, status: 'in force', asOf: 'x' }),
    )
    expect(await trust.source.licenceStatus!(IDENTIFIER, signal, address)).toBeNull()
    expect(await trust.source.statusList!(`${statusUrl}/status-lists/1`, signal)).toBeNull()
    expect(asked).toEqual([])
    expect(await trust.byDigest('ab'.repeat(32), signal)).toBeNull()
    await expect(trust.checkReady()).rejects.toThrow('no trust list')
  })

  it('asks for a status list again after a minute, and serves the one before while nobody answers', async () => {
    const path = '/status-lists/9'
    answers.set(path, 'first')
    const trust = await open({ statusUrl })
    const get = () => trust.source.statusList!(statusUrl + path, signal)
    expect([await get(), await get()]).toEqual(['first', 'first'])
    expect(asked.filter((url) => url === path)).toHaveLength(1)
    clock.advance(61_000)
    answers.set(path, 'second')
    expect(await get()).toBe('second')
    clock.advance(61_000)
    answers.delete(path)
    expect(await get()).toBe('second')
  })

  it('takes an answer of another shape for none', async () => {
    const trust = await open({ statusUrl })
    const digest = 'ab'.repeat(32)
    for (const answer of ['nonsense', '[]', 'null', '{"status":1}', '{"identifier":null}']) {
      answers.set(`/api/sealed-digests/${digest}/status`, answer)
      expect(await trust.byDigest(digest, signal)).toBeNull()
    }
    answers.set(
      `/api/sealed-digests/${digest}/status`,
      JSON.stringify({ identifier: null, status: 'unknown', asOf: 'x' }),
    )
    expect(await trust.byDigest(digest, signal)).toMatchObject({ identifier: '', status: 'unknown' })
  })

  it('does not open without a root', async () => {
    await toThrowWithCode(() => open({ trustAnchors: [join(folder, 'nowhere')] }), 'FILE_UNREADABLE')
    await writeTrustFolder(join(folder, 'empty'), { ...nothing, anchors: [] })
    await toThrowWithCode(() => open({ trustAnchors: [join(folder, 'empty')] }), 'TRUST_FOLDER_EMPTY')
  })
})
