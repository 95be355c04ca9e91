import { describe, expect, it } from 'vitest'
import { OID, x509 } from '../../pki/index.ts'
import { testTimes } from '../fixtures/pki.ts'
import { extKeyUsage, type Forged, forge, forgeCa, forgeCrl, forgeOcsp } from '../support/forge-pki.ts'

// CAs under the same root that have nothing to do with the one whose certificates they would like to speak about.

describe('lists about the certificates of another CA', async () => {
  const root = await forgeCa({ name: 'Root' })
  const ca = await forgeCa({ name: 'CA', issuer: root })
  const leaf = await forge({ name: 'Leaf', issuer: ca })
  const neighbour = await forgeCa({ name: 'Neighbour', issuer: root })
  const rootList = await forgeCrl({ issuer: root })

  const ask = async (signer: Forged, ...others: Forged[]) =>
    x509.validatePath({
      leaf: leaf.der,
      intermediates: [ca, signer, ...others].map(({ der }) => der),
      anchors: [root.der],
      at: testTimes.now,
      crls: [rootList, ...(await Promise.all([signer, ...others].map((issuer) => forgeCrl({ issuer }))))],
    })

  it('do not count from a namesake that certified itself, below a neighbour', async () => {
    const namesake = await forgeCa({ name: 'CA', issuer: neighbour })
    const own = await forgeCa({ name: 'CA', issuer: namesake })
    expect(await ask(own, namesake, neighbour)).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
  })

  it('do not count from a namesake below a namesake of the root', async () => {
    const falseRoot = await forgeCa({ name: 'Root', issuer: neighbour })
    const namesake = await forgeCa({ name: 'CA', issuer: falseRoot })
    expect(await ask(namesake, falseRoot, neighbour)).toMatchObject({ valid: false, reason: 'REVOCATION_UNKNOWN' })
  })

  it('count from a key that the certifier of the CA certified too', async () => {
    expect(await ask(await forgeCa({ name: 'CA', issuer: root }))).toMatchObject({ valid: true })
  })
})

describe('an answer of a delegate that was revoked since', async () => {
  const root = await forgeCa({ name: 'Root' })
  const leaf = await forge({ name: 'Leaf', issuer: root })
  const delegate = await forge({ name: 'Responder', issuer: root, extensions: [extKeyUsage(OID.ocspSigning)] })
  const [before, after] = [new Date('2026-03-01T00:00:00Z'), new Date('2026-05-01T00:00:00Z')]
  const answer = await forgeOcsp({
    signer: delegate,
    certificates: [delegate.der],
    singles: [{ certificate: leaf.certificate, issuer: root }],
  })
  /** A list that speaks of the delegate alone. */
  const listWith = (...serials: Uint8Array[]) =>
    forgeCrl({ issuer: root, entries: serials.map((serial) => ({ serial, revokedAt: after })) })

  it('does not count about the past: its date is the word of whoever has the key', async () => {
    const ask = async (list: Uint8Array) =>
      x509.validatePath({
        leaf: leaf.der,
        intermediates: [],
        anchors: [root.der],
        at: before,
        ocsps: [answer],
        crls: [list],
        madeWithin: { from: before, until: testTimes.now },
      })
    const { revocation } = await ask(await listWith())
    expect(revocation[0]).toMatchObject({ status: 'good', answer: { kind: 'ocsp' } })
    const told = await ask(await listWith(delegate.certificate.serialNumber))
    expect(told.revocation[0]).toMatchObject({ answer: { kind: 'crl' }, faults: ['RESPONDER_REVOKED'] })
  })
})
