import { describe, expect, it } from 'vitest'
import { canonicalJson, type TrustedEntity } from '../../licence-format/index.ts'
import {
  anchorsByPurpose,
  createPolicySource,
  type Evidence,
  type TrustRoots,
  verifyDocument,
  verifyStatementText,
} from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import {
  claimsOf,
  codes,
  evidence,
  fromNow,
  LIST_ADDRESS,
  licence,
  MARKET,
  NOW,
  page,
  pki,
  sealedLicence,
  statementText,
  statusList,
  trustList,
  withEntity,
} from './world.ts'

const own = pki.get('root').certificate
const outside = pki.get('otherRoot').certificate
const forSeals: TrustRoots = { anchors: [own], sealAnchors: [outside] }

type Name = Parameters<typeof pki.get>[0]
const adding = (kind: TrustedEntity['services'][number]['kind'], name: Name) => (entity: TrustedEntity) => ({
  ...entity,
  services: [
    ...entity.services,
    { kind, certificate: pki.get(name).certificate, states: [{ state: 'granted' as const, since: fromNow(-1e9) }] },
  ],
})
/** The own list, which names the seal that the authority outside certified. */
const ownList = await trustList({ entities: withEntity(MARKET, adding('seal', 'stranger')) })
const sealed = await sealedLicence({ sealedBy: 'stranger' })

const verifyWith = async (roots: TrustRoots, found: Partial<Evidence> = {}, bytes = sealed) =>
  verifyDocument(
    { name: 'a.pdf', bytes },
    { ...(await evidence({ trustList: ownList })), ...found },
    anchorsByPurpose(roots),
    NOW,
  )

describe('a root that may stand above seals alone', () => {
  it('stands above a seal', async () => {
    expect(await verifyWith(forSeals)).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED' })
    expect((await verifyWith({ anchors: [own] })).verdict).not.toBe('accepted')
  })

  it('stands above no trust list, whatever its certificate says', async () => {
    const entities = withEntity(MARKET, adding('seal', 'stranger'))
    const theirs = await trustList({ entities, signer: 'strangerTrustSigner' })
    const report = await verifyWith(forSeals, { trustList: theirs })
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toContain('TRUST_LIST_REFUSED')
    expect((await verifyWith({ anchors: [own, outside] }, { trustList: theirs })).verdict).toBe('accepted')
  })

  it('makes no QR statement count by such a list', async () => {
    const theirs = await evidence({ trustList: await trustList({ signer: 'strangerTrustSigner' }) })
    const judge = (roots: TrustRoots) => verifyStatementText(statementText(), theirs, anchorsByPurpose(roots), NOW)
    expect(await judge(forSeals)).toMatchObject({ verdict: 'undecided', statement: null })
    expect((await judge({ anchors: [own, outside] })).verdict).toBe('accepted')
  })

  it('stands above no status list, even of a signer that the trust list names by mistake', async () => {
    const entities = withEntity(MARKET, adding('seal', 'stranger')).map((entity) =>
      entity.code === null ? adding('status-list', 'strangerStatusSigner')(entity) : entity,
    )
    const found = {
      trustList: await trustList({ entities }),
      statusLists: new Map([[LIST_ADDRESS, await statusList({ signer: 'strangerStatusSigner' })]]),
    }
    const report = await verifyWith(forSeals, found)
    expect(report.verdict).toBe('undecided')
    expect(codes(report, 'undecided')).toContain('STATUS_LIST_REFUSED')
    expect((await verifyWith({ anchors: [own, outside] }, found)).verdict).toBe('accepted')
  })
})

describe('a time stamp of an authority outside', async () => {
  const unsealed = await page({
    'licence.json': canonicalJson(licence()),
    'statement.txt': statementText(claimsOf(licence())),
  })
  const at = fromNow(-1_800_000)
  const options = { field: 'Seal1', signedAt: at, docMdp: 1 } as const
  const stamped = sealAt(unsealed, pki.get('stranger'), options, [{ by: pki.get('strangerTsa'), at }])
  const entities = withEntity(MARKET, adding('seal', 'stranger')).map((entity) =>
    entity.code === null ? adding('time-stamp', 'strangerTsa')(entity) : entity,
  )
  const named = { trustList: await trustList({ entities }) }

  it('proves no time under a root that may stand above seals alone', async () => {
    const report = await verifyWith(forSeals, named, stamped)
    expect(report.signatures[0]).toMatchObject({ level: 'B-B', bestSignatureTime: NOW.toISOString() })
  })

  it('proves its time under a root that is configured for time stamps, which stands above no seal then', async () => {
    const both = await verifyWith({ ...forSeals, stampAnchors: [outside] }, named, stamped)
    expect(both.signatures[0]).toMatchObject({ level: 'B-T', bestSignatureTime: at.toISOString() })
    const report = await verifyWith({ anchors: [own], stampAnchors: [outside] }, named, stamped)
    expect(report.verdict).toBe('undecided')
    expect(report.signatures[0]!.subIndication).toBe('NO_CERTIFICATE_CHAIN_FOUND')
  })
})

describe('a policy by the roots as of now', () => {
  it('stays the same object as long as they are the same, and forgets a root that is gone', async () => {
    let roots: TrustRoots = forSeals
    const policy = createPolicySource(() => anchorsByPurpose(roots))
    const first = policy()
    roots = { anchors: [new Uint8Array(own)], sealAnchors: [new Uint8Array(outside)] }
    expect(policy()).toBe(first)
    const judge = async () =>
      verifyDocument({ name: 'a.pdf', bytes: sealed }, await evidence({ trustList: ownList }), policy(), NOW)
    expect((await judge()).verdict).toBe('accepted')
    roots = { anchors: [own] }
    expect(policy()).not.toBe(first)
    expect((await judge()).verdict).toBe('undecided')
    roots = { anchors: [own], stampAnchors: [outside] }
    expect(policy().timeStampAnchors).toEqual([own, outside])
  })
})
