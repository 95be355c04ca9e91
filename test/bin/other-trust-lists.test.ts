import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { evidenceOfFolder } from '../../bin/evidence.ts'
import { type ListMemoryStore, openListMemory } from '../../bin/list-memory.ts'
import { demandsOf, readOthers, refreshOthers } from '../../bin/other-trust-lists.ts'
import { readTrustFolder } from '../../bin/trust-folder.ts'
import { createGuardedFetch } from '../../platform/index.ts'
import { createGatherer, findSubject, verifyDocument } from '../../verifier/index.ts'
import {
  claimsOf,
  crls,
  HOST,
  licence,
  NOW,
  pki,
  sealedLicence,
  statementText,
  statusList,
  trustList,
} from '../verifier/world.ts'

// The city of `world.ts` as another city, published by a server that does what it likes.

let server: Server
let origin: string
const asked: string[] = []
let published: string | Buffer
let redirect = false
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!)
    if (redirect) response.writeHead(302, { Location: '/trust-list' }).end()
    else if (request.url === '/trust-list') response.end(published)
    else response.end(Buffer.from(crls[Number(request.url!.slice(1))] ?? []))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
})

const fetchHere = createGuardedFetch({ privateAddresses: 'loopback', timeoutMs: 1000, maxBytes: 1 << 20 })
const policy = { trustAnchors: [] }
let folder: string
let memory: ListMemoryStore
const pinned = () => join(folder, 'others', 'yunting')
const writePin = (pin: object, name = 'yunting') => {
  mkdirSync(join(folder, 'others', name), { recursive: true })
  writeFileSync(join(folder, 'others', name, 'pin.json'), JSON.stringify(pin))
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zhengyin-others-'))
  memory = await openListMemory(join(folder, 'seen'))
  writePin({ address: `${origin}/trust-list`, divisions: ['3301'], crls: crls.map((_, i) => `${origin}/${i}`) })
  writeFileSync(join(pinned(), 'root.cer'), pki.get('root').certificate)
  published = await trustList({ sequenceNumber: 5 })
  redirect = false
  asked.length = 0
})
const refresh = async (store = memory) =>
  refreshOthers(folder, await readOthers(folder), {
    fetch: fetchHere,
    policy,
    memory: store.current,
    remember: store.remember,
    at: NOW,
  })
const kept = () => readFileSync(join(pinned(), 'trust-list.jwt'), 'utf8')

describe('readOthers', () => {
  it('guesses nothing where a pin, or the folder of pins, is there and cannot be read', async () => {
    mkdirSync(join(folder, 'others', 'huangshan', 'pin.json'), { recursive: true })
    await expect(readOthers(folder)).rejects.toMatchObject({ code: 'TRUST_PINS_INVALID' })
    const other = mkdtempSync(join(tmpdir(), 'zhengyin-others-'))
    writeFileSync(join(other, 'others'), 'no folder')
    await expect(readTrustFolder(other)).rejects.toMatchObject({ code: 'TRUST_PINS_INVALID' })
  })

  it('passes over notes and folders without a pin', async () => {
    writeFileSync(join(folder, 'others', 'note.txt'), 'x')
    mkdirSync(join(folder, 'others', 'empty'))
    expect((await readOthers(folder)).lists.map(({ pin }) => pin.name)).toEqual(['yunting'])
  })
})

describe('refreshOthers', () => {
  it('keeps what may be believed, with its revocation lists, and a licence of that city is accepted offline', async () => {
    expect(await refresh()).toEqual([{ name: 'yunting', outcome: 'renewed' }])
    writeFileSync(join(pinned(), 'status-list-1.jwt'), await statusList())
    const material = await readTrustFolder(folder)
    expect(material.others!.lists[0]!.crls).toHaveLength(crls.length)
    const bytes = await sealedLicence()
    const evidence = await createGatherer(evidenceOfFolder(material, null, memory))(findSubject(bytes))
    const by = { ...policy, ...demandsOf(material.others) }
    expect((await verifyDocument({ name: 'a', bytes }, evidence, by, NOW)).verdict).toBe('accepted')
    const unpinned = await verifyDocument({ name: 'a', bytes }, evidence, policy, NOW)
    expect(unpinned.verdict).not.toBe('accepted')
  })

  it('keeps the one before where what comes is older than was seen, after a restart too', async () => {
    await refresh()
    published = await trustList({ sequenceNumber: 4 })
    const refusal = { name: 'yunting', outcome: 'kept', code: 'TRUST_LIST_ROLLED_BACK' }
    expect(await refresh()).toEqual([refusal])
    expect(await refresh(await openListMemory(join(folder, 'seen')))).toEqual([refusal])
    expect((await readOthers(folder)).lists[0]!.trustList).toBe(kept())
    published = await trustList({ sequenceNumber: 6 })
    expect(await refresh()).toEqual([{ name: 'yunting', outcome: 'renewed' }])
    expect(kept()).toBe(published)
  })

  it('keeps the one before where what comes is forged, of another key, expired, no list, too long or somewhere else', async () => {
    await refresh()
    const before = kept()
    const bad: [string | Buffer, string | undefined][] = [
      [await trustList({ sequenceNumber: 9, signer: 'seal' }), 'TRUST_LIST_SIGNED_BY_OTHER_KEY'],
      [await trustList({ sequenceNumber: 9, nextUpdate: NOW }), 'TRUST_LIST_EXPIRED'],
      [`${(await trustList({ sequenceNumber: 9 })).slice(0, -3)}AAA`, 'TRUST_LIST_REFUSED'],
      ['<html>', 'TRUST_LIST_REFUSED'],
      [Buffer.alloc((1 << 20) + 1, 65), undefined],
    ]
    for (const [text, code] of bad) {
      published = text
      expect((await refresh())[0]!.code).toBe(code)
      expect(kept()).toBe(before)
    }
    redirect = true
    expect(await refresh()).toEqual([{ name: 'yunting', outcome: null }])
    expect(kept()).toBe(before)
  })

  it('leaves a whole list whatever runs beside it', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => refresh()))
    expect(outcomes.flat().every(({ code }) => code === undefined)).toBe(true)
    expect(kept()).toBe(published)
  })
})

describe('readOthers', () => {
  it('uses no pin at all where one is malformed or two speak for one place', async () => {
    writePin({ address: `${origin}/x`, divisions: ['3301'] }, 'second')
    writeFileSync(join(folder, 'others', 'second', 'root.cer'), pki.get('root').certificate)
    await expect(readOthers(folder)).rejects.toSatisfy(isPinFault)
    for (const pin of [
      { address: 'file:///etc/passwd', divisions: ['3302'] },
      { address: `${origin}/x`, divisions: '3302' },
      { address: `${origin}/x`, divisions: ['all'] },
      { address: `${origin}/x`, divisions: ['3302'], signers: [1] },
      [],
    ]) {
      writePin(pin, 'second')
      await expect(readOthers(folder)).rejects.toSatisfy(isPinFault)
    }
    writeFileSync(join(folder, 'others', 'second', 'pin.json'), '{')
    await expect(readOthers(folder)).rejects.toSatisfy(isPinFault)
  })

  it('takes a folder without a pin for nobody’s, and the divisions of the own list from its own pin', async () => {
    mkdirSync(join(folder, 'others', 'nobody'))
    writeFileSync(join(folder, 'pin.json'), JSON.stringify({ divisions: ['3302'] }))
    expect(await readOthers(folder)).toMatchObject({ divisions: ['3302'], lists: [{ pin: { name: 'yunting' } }] })
  })
})

const isPinFault = (error: unknown) => (error as { code?: string }).code === 'TRUST_PINS_INVALID'

describe('a hostile file', () => {
  it('makes nobody ask where it says: not its QR code’s host, not an issuer that no list names', async () => {
    await refresh()
    asked.length = 0
    const host = origin.slice('http://'.length)
    const material = await readTrustFolder(folder)
    const names: string[] = []
    const resolve = (name: string, done: (error: Error, addresses: []) => void) => {
      names.push(name)
      done(new Error('no names here'), [])
    }
    const fetchAnywhere = createGuardedFetch({ privateAddresses: 'allow', resolve })
    const gather = createGatherer(evidenceOfFolder(material, fetchAnywhere, memory))
    const unknown = licence({ identifier: licence().identifier })
    const text = statementText(claimsOf(unknown), 'statementUnlisted').replace(HOST.toUpperCase(), host)
    await gather({ identifier: null, statementText: text })
    await gather(findSubject(await sealedLicence({ statement: text, sealedBy: 'stranger' })))
    expect(asked).toEqual([])
    expect(new Set(names)).toEqual(new Set([HOST]))
  })
})
