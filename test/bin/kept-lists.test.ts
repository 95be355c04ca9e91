// Addresses of status lists may be plain http: what comes from there without a right signature must not displace what was believed.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { evidenceOfFolder } from '../../bin/evidence.ts'
import { createListCache } from '../../bin/list-cache.ts'
import { createGatherer, findSubject, type UsedList, verifyDocument } from '../../verifier/index.ts'
import {
  codes,
  crls,
  fromNow,
  LIST_ADDRESS,
  NOW,
  pki,
  policy,
  sealedLicence,
  statusList,
  trustList,
} from '../verifier/world.ts'

const bytes = await sealedLicence()
const revoked = await statusList({ value: 1 })

/** The same list as if it were signed later: its signature no longer fits. */
function altered(list: string): string {
  const [header, payload, signature] = list.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
  const newer = Buffer.from(JSON.stringify({ ...claims, iat: claims.iat + 30 })).toString('base64url')
  return [header, newer, signature].join('.')
}

async function judge(kept: string, answer: string | null) {
  const material = {
    ...{ anchors: [pki.get('root').certificate], crls, trustList: await trustList() },
    statusLists: new Map([[LIST_ADDRESS, kept]]),
  }
  const fetch = async (address: string) =>
    answer !== null && address === LIST_ADDRESS ? new TextEncoder().encode(answer) : null
  const evidence = await createGatherer(evidenceOfFolder(material, fetch))(findSubject(bytes))
  return verifyDocument({ name: 'a.pdf', bytes }, { ...evidence, ocsps: [] }, policy, NOW)
}

describe('a status list at hand', () => {
  it('counts beside one that claims to be newer and that nobody signed', async () => {
    for (const answer of [null, altered(revoked), 'no list']) {
      const report = await judge(revoked, answer)
      expect(report.verdict).toBe('refused')
      expect(codes(report, 'failed')).toEqual(['STATUS_NOT_IN_FORCE'])
    }
  })

  it('gives way to one that is signed and newer, and to none that is older', async () => {
    const newer = await statusList({ issuedAt: fromNow(-1000) })
    expect((await judge(revoked, newer)).verdict).toBe('accepted')
    expect((await judge(newer, revoked)).verdict).toBe('accepted')
  })
})

describe('createListCache', () => {
  const used = (text: string): UsedList => ({
    ...{ kind: 'status-list', key: `own ${LIST_ADDRESS}`, name: LIST_ADDRESS, sequence: null },
    ...{ issuedAt: NOW.toISOString(), validUntil: null, digest: createHash('sha256').update(text).digest('hex') },
  })

  it('keeps beside what came last what was believed, until another is', () => {
    const cache = createListCache()
    cache.keep(LIST_ADDRESS, 'first')
    expect(cache.believed(LIST_ADDRESS)).toBeUndefined()
    cache.remember([used('first')])
    cache.keep(LIST_ADDRESS, 'second')
    cache.remember([used('first')])
    expect([cache.last(LIST_ADDRESS), cache.believed(LIST_ADDRESS)]).toEqual(['second', 'first'])
    cache.remember([used('second')])
    expect(cache.believed(LIST_ADDRESS)).toBe('second')
  })

  it('holds the lists of 256 addresses', () => {
    const cache = createListCache()
    for (let i = 0; i < 300; i++) cache.keep(`https://lists.example/${i}`, 'x')
    expect([cache.last('https://lists.example/43'), cache.last('https://lists.example/44')]).toEqual([undefined, 'x'])
  })
})
