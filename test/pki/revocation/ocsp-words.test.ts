import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, ocsp, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  extension,
  extKeyUsage,
  type Forged,
  type ForgedOcsp,
  type ForgedSingle,
  forge,
  forgeCa,
  forgeOcsp,
} from '../../support/forge-pki.ts'

const { encodeGeneralizedTime, encodeNull } = asn1
const minutes = (count: number): Date => new Date(testTimes.now.getTime() + count * 60_000)

describe('what a response says about one certificate', () => {
  let root: Forged
  let leaf: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    leaf = await forge({ name: 'Leaf', issuer: root })
  })
  const answer = (spec: Partial<ForgedOcsp> = {}, single: Partial<ForgedSingle> = {}) =>
    forgeOcsp({
      signer: root,
      singles: [{ certificate: leaf.certificate, issuer: root, ...single }],
      ...spec,
    }).then(ocsp.parseResponse)
  const verify = (response: ocsp.OcspResponse, changes: Partial<ocsp.OcspQuestion> = {}) =>
    ocsp.verifyResponse(response, {
      issuer: root.certificate,
      certificate: leaf.certificate,
      at: testTimes.now,
      ...changes,
    })

  it('weighs several words on one certificate together, in whatever order', async () => {
    const { certificate } = leaf
    const invalidSince = (day: string) =>
      extension(OID.invalidityDate, encodeGeneralizedTime(new Date(`${day}T00:00:00Z`)))
    const single = (revokedOn: string, reason: number, ...extensions: Uint8Array[]) => {
      const status = { revokedAt: new Date(`${revokedOn}T00:00:00Z`), reason }
      return { certificate, issuer: root, status, extensions }
    }
    const singles = [
      single('2026-05-01', 4),
      single('2026-05-03', 1, invalidSince('2026-02-01')),
      single('2026-06-01', 6),
      { certificate, issuer: root, thisUpdate: testTimes.thisUpdate },
    ]
    const madeWithin = { from: testTimes.start, until: testTimes.end }
    for (const ordered of [singles, singles.toReversed()]) {
      const response = await answer({ singles: ordered })
      expect(await verify(response)).toBeNull()
      const found = await ocsp.findSingle(response, { certificate, issuer: root.certificate })
      const revocationDate = new Date('2026-05-01T00:00:00Z')
      expect(found).toMatchObject({ status: 'revoked', reason: 'superseded', revocationDate })
      const asOf = async (day: string) => {
        const at = new Date(`${day}T00:00:00Z`)
        const request = { leaf: leaf.der, intermediates: [], anchors: [root.der], ocsps: [response], at, madeWithin }
        return (await x509.validatePath(request)).revocation[0]
      }
      expect(await asOf('2026-05-02')).toMatchObject({ status: 'revoked' })
      const invalidityDate = new Date('2026-02-01T00:00:00Z')
      expect(await asOf('2026-04-30')).toMatchObject({ status: 'good', entry: { revocationDate, invalidityDate } })
    }
  })

  it('lets a word that it cannot make sense of spoil a good one, and none that revokes', async () => {
    const unknown = {
      certificate: leaf.certificate,
      issuer: root,
      extensions: [extension('1.2.3.4', encodeNull(), true)],
    }
    const good = { certificate: leaf.certificate, issuer: root }
    const revoked = { ...good, status: { revokedAt: testTimes.start } }
    expect(await verify(await answer({ singles: [good, unknown] }))).toBe('CRITICAL_EXTENSION_UNKNOWN')
    expect(await verify(await answer({ singles: [unknown, revoked] }))).toBeNull()
    expect(await verify(await answer({ singles: [{ ...revoked, ...unknown }, good] }))).toBe(
      'CRITICAL_EXTENSION_UNKNOWN',
    )
  })

  it('refuses an answer about a time after it was made, or one that ends before it begins (RFC 6960 §2.4)', async () => {
    const made = (thisUpdate: number, nextUpdate: number, status: ForgedSingle['status'] = 'good') =>
      answer({ producedAt: minutes(-60) }, { status, thisUpdate: minutes(thisUpdate), nextUpdate: minutes(nextUpdate) })
    const madeWithin = { from: testTimes.start, until: testTimes.end }
    for (const changes of [{}, { madeWithin }]) {
      expect(await verify(await made(-55, 60), changes)).toBeNull()
      expect(await verify(await made(-54, 60), changes)).toBe('TIMES_WRONG')
      expect(await verify(await made(-60, -61), changes)).toBe('TIMES_WRONG')
      expect(await verify(await made(-54, 60, { revokedAt: testTimes.start }), changes)).toBe('TIMES_WRONG')
    }
  })

  it('takes of a delegate that has expired nothing but what it answered while it was valid', async () => {
    const ended = await forge({
      name: 'Ended',
      issuer: root,
      notAfter: minutes(-60),
      extensions: [extKeyUsage(OID.ocspSigning), extension(OID.ocspNoCheck, encodeNull())],
    })
    const single = { certificate: leaf.certificate, issuer: root }
    const ask = async (producedAt: number, thisUpdate: number, changes: Partial<ocsp.OcspQuestion> = {}) => {
      const times = { thisUpdate: minutes(thisUpdate), nextUpdate: minutes(60) }
      const status = changes.madeWithin ? 'good' : { revokedAt: testTimes.start }
      const singles = [{ ...single, ...times, status } as const]
      return verify(
        await answer({ signer: ended, certificates: [ended.der], producedAt: minutes(producedAt), singles }),
        changes,
      )
    }
    const madeWithin = { from: testTimes.start, until: testTimes.end }
    for (const changes of [{ madeWithin }, {}]) {
      expect(await ask(-61, -61, changes)).toBeNull()
      expect(await ask(-61, -58, changes)).toBe('RESPONDER_EXPIRED')
      expect(await ask(-58, -61, changes)).toBe('RESPONDER_EXPIRED')
    }
    expect(await verify(await answer({ signer: ended, certificates: [ended.der] }))).toBe('RESPONDER_EXPIRED')
  })
})
