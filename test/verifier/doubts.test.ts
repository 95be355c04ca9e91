// Whose word a bundle's time is: of whoever made it, unless something shows it.
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../licence-format/index.ts'
import { appendValidationData } from '../../pades/write/index.ts'
import { ca, x509 } from '../../pki/index.ts'
import {
  type AtHand,
  type BundleMaterial,
  findDoubts,
  type Replay,
  readBundle,
  replayContent,
  writeBundle,
} from '../../verifier/bundle/index.ts'
import { NO_EVIDENCE, verifyDocument, verifyStatementText } from '../../verifier/index.ts'
import { sealAt } from '../fixtures/levels.ts'
import { forge, forgeCrl } from '../support/forge-pki.ts'
import {
  claimsOf,
  crls,
  evidence,
  fromNow,
  LIST_ADDRESS,
  licence,
  live,
  MARKET,
  NOW,
  page,
  pki,
  policy,
  statementText,
  statusList,
  trustList,
  withEntity,
} from './world.ts'

const THEN = new Date('2026-05-15T00:00:00Z')
const DAY = 86_400_000
const before = new Date(THEN.getTime() - DAY)

const listsOfThen = {
  ...NO_EVIDENCE,
  crls: await Promise.all(
    (['root', 'ca'] as const).map((name) =>
      ca.issueCrl({
        issuer: { certificate: pki.get(name).certificate },
        key: pki.get(name).key,
        crlNumber: 1,
        thisUpdate: before,
        nextUpdate: new Date(THEN.getTime() + 7 * DAY),
        entries: [],
      }),
    ),
  ),
  trustList: await trustList({ issuedAt: before, nextUpdate: new Date(THEN.getTime() + 30 * DAY) }),
  statusLists: new Map([
    [LIST_ADDRESS, await statusList({ issuedAt: before, expiresAt: new Date(THEN.getTime() + DAY) })],
  ]),
}

async function materialOf(bytes: Uint8Array, found = listsOfThen, at = THEN): Promise<BundleMaterial> {
  const subject = { kind: 'document', name: 'a.pdf', bytes } as const
  return { subject, evidence: found, policy, at, report: await verifyDocument(subject, found, policy, at) }
}

async function doubtsOf(material: BundleMaterial, lists?: AtHand['lists'], change: Partial<Replay> = {}) {
  const bundle = await readBundle(await writeBundle(material))
  const replayed = await replayContent(bundle)
  expect(replayed).toMatchObject({ same: true, report: { verdict: 'accepted' } })
  return findDoubts(bundle, { ...replayed, ...change }, policy, { now: NOW, ...(lists && { lists }) })
}

const sealed = async (by: 'seal' | 'sealRevoked', signedAt: Date, stampedAt: Date | null, files = {}) =>
  sealAt(
    await page(files),
    pki.get(by),
    { field: 'Seal1', signedAt, docMdp: 1 },
    stampedAt ? [{ at: stampedAt, by: pki.get('tsa') }] : [],
  )
/** With a key that is revoked since 1 June, by whoever stole it, today. */
const stolen = sealed('sealRevoked', before, null)
const receiptOf = (provenAt: Date | null) =>
  ({ valid: true, provenAt: provenAt?.toISOString() ?? null }) as Replay['receipt']

describe('findDoubts of the time that a bundle names', () => {
  it('tells that nothing shows it, and what the lists at hand say of the seal', async () => {
    const material = await materialOf(await stolen)
    expect(await doubtsOf(material, { crls })).toEqual(['REVOKED_SINCE', 'TIME'])
    expect(await doubtsOf(material)).toEqual(['TIME'])
  })

  it('is content where the verdict as of now is the same, by newer lists', async () => {
    const material = await materialOf(await sealed('seal', before, null))
    expect(await doubtsOf(material)).toEqual(['TIME'])
    expect(await doubtsOf(material, { crls, trustList: await trustList() })).toEqual([])
  })

  it('is content where stamps that hold now prove the document to be older', async () => {
    const data = licence({ issuedOn: '2026-05-14', validFrom: '2026-05-14', validUntil: '2026-06-01' })
    const files = {
      'licence.json': canonicalJson(data),
      'statement.txt': statementText(claimsOf(data, { issuedAt: new Date(before.getTime() - DAY) })),
    }
    const stamped = await materialOf(await sealed('seal', before, before, files))
    const lists = { crls, trustList: await trustList() }
    // It ran out since: not accepted as of now, and in force then.
    expect(await doubtsOf(stamped, lists)).toEqual([])
    expect(await doubtsOf(await materialOf(await sealed('seal', before, null, files)), lists)).toEqual(['TIME'])
  })

  it('lets a valid receipt with a stamp show it, and no receipt outweigh a revocation', async () => {
    const material = await materialOf(await sealed('seal', before, null))
    expect(await doubtsOf(material, {}, { receipt: receiptOf(THEN) })).toEqual([])
    expect(await doubtsOf(material, {}, { receipt: receiptOf(null) })).toEqual(['TIME'])
    const revoked = await materialOf(await stolen)
    expect(await doubtsOf(revoked, { crls }, { receipt: receiptOf(THEN) })).toEqual(['REVOKED_SINCE'])
  })

  it('hears of a revocation whatever the bundle and its document bring beside it', async () => {
    const { key } = await forge({ name: 'stranger' })
    const authority = x509.parseCertificate(pki.get('ca').certificate)
    const { serialNumber } = x509.parseCertificate(pki.get('sealRevoked').certificate)
    const forged = await Promise.all(
      Array.from({ length: 205 }, (_, i) =>
        forgeCrl({
          issuer: { certificate: authority, key, der: authority.raw },
          entries: [{ serial: serialNumber }],
          thisUpdate: fromNow(-1000 * i),
          nextUpdate: fromNow(DAY),
        }),
      ),
    )
    const bytes = await stolen
    const receipt = receiptOf(THEN)
    const inside = appendValidationData(bytes, { certificates: [], ocsps: [], crls: forged })
    expect(await doubtsOf(await materialOf(inside), { crls }, { receipt })).toEqual(['REVOKED_SINCE'])
    const beside = await materialOf(bytes, { ...listsOfThen, crls: [...listsOfThen.crls, ...forged] })
    expect(await doubtsOf(beside, { crls }, { receipt })).toEqual(['REVOKED_SINCE'])
  })

  it('hears of a compromise from the trust list at hand, whatever an unsigned answer of the register confirms', async () => {
    const data = licence({ issuedOn: '2026-05-14', validFrom: '2026-05-14' })
    const files = {
      'licence.json': canonicalJson(data),
      'statement.txt': statementText(claimsOf(data, { issuedAt: new Date(before.getTime() - DAY) })),
    }
    const compromised = await trustList({
      entities: withEntity(MARKET, (entity) => ({
        ...entity,
        services: entity.services.map((one) => ({
          ...one,
          states: [...one.states, { state: 'compromised' as const, since: fromNow(-DAY) }],
        })),
      })),
    })
    const bytes = await sealed('seal', before, null, files)
    const answer = live({
      dataDigest: Buffer.from(claimsOf(data).dataDigest).toString('hex'),
      asOf: THEN.toISOString(),
    })
    const { signatures } = await verifyDocument({ name: 'a.pdf', bytes }, listsOfThen, policy, THEN)
    const made = { ...listsOfThen, live: { ...answer, sealedDigest: signatures[0]!.signedDigest } }
    expect(await doubtsOf(await materialOf(bytes, made), { crls, trustList: compromised })).toContain('REVOKED_SINCE')
  })

  it('holds for codes too, which no stamp can prove', async () => {
    const text = statementText(claimsOf(licence({ validFrom: '2026-05-14' }), { issuedAt: before }))
    const found = { ...listsOfThen, statusLists: new Map([[LIST_ADDRESS, await statusList({ issuedAt: THEN })]]) }
    const report = await verifyStatementText(text, found, policy, THEN)
    const material: BundleMaterial = { subject: { kind: 'statement', text }, evidence: found, policy, at: THEN, report }
    const { crls: _, ...lists } = await evidence()
    const revoked = new Map([[LIST_ADDRESS, await statusList({ value: 1 })]])
    expect(await doubtsOf(material, { ...lists, crls })).toEqual([])
    expect(await doubtsOf(material, { crls, trustList: lists.trustList, statusLists: revoked })).toEqual(['TIME'])
  })
})
