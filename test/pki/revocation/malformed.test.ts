import { describe, expect, it } from 'vitest'
import { asn1, crl, OID, ocsp, PkiError, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  extension,
  extKeyUsage,
  forge,
  forgeCa,
  forgeCrl,
  forgeOcsp,
  generalName,
  keyUsage,
  reasonCode,
} from '../../support/forge-pki.ts'

const { encodeContext, encodeContextPrimitive, encodeGeneralizedTime, encodeInteger, encodeSequence } = asn1

/** What is left of a damaged structure: a value, or nothing where it was refused by a `PkiError`. Anything else fails the test. */
function parseOrNothing<T>(parse: (der: Uint8Array) => T, der: Uint8Array): T | undefined {
  try {
    return parse(der)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

function* damaged(sound: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < sound.length; at++) {
    for (const flip of [0x01, 0x80]) {
      const changed = sound.slice()
      changed[at]! ^= flip
      yield changed
    }
    yield sound.slice(0, at)
  }
}

describe('damaged revocation data', () => {
  it('are refused, or read and never believed', async () => {
    const root = await forgeCa({ name: 'Root' })
    const leaf = await forge({ name: 'Leaf', issuer: root })
    const delegate = await forge({
      name: 'Responder',
      issuer: root,
      extensions: [keyUsage([0]), extKeyUsage(OID.ocspSigning)],
    })
    const about = extension(
      OID.certificateIssuer,
      encodeSequence(generalName.directory(root.certificate.subject.raw)),
      true,
    )
    const serial = leaf.certificate.serialNumber
    const date = extension('2.5.29.24', encodeGeneralizedTime(testTimes.start))
    const point = encodeContext(0, encodeContext(0, generalName.directory('Root')))
    const scope = extension(
      OID.issuingDistributionPoint,
      encodeSequence(point, encodeContextPrimitive(4, Uint8Array.of(0xff))),
      true,
    )
    const list = await forgeCrl({
      issuer: root,
      entries: [{ serial, extensions: [reasonCode(1), date, about] }],
      extensions: [scope, extension(OID.cRLNumber, encodeInteger(7))],
    })
    const response = await forgeOcsp({
      signer: delegate,
      certificates: [delegate.der],
      singles: [{ certificate: leaf.certificate, issuer: root, status: { revokedAt: testTimes.start, reason: 1 } }],
      extensions: [extension(OID.ocspNonce, asn1.encodeOctetString(Uint8Array.of(1)))],
    })
    const validate = (changes: Partial<x509.PathRequest>) =>
      x509.validatePath({
        leaf: leaf.certificate,
        intermediates: [],
        anchors: [root.certificate],
        at: testTimes.now,
        ...changes,
      })
    const goods = { crls: [await forgeCrl({ issuer: root, thisUpdate: testTimes.start })] }
    expect(await validate({ crls: [list] })).toMatchObject({ reason: 'REVOKED' })
    expect(await validate({ ...goods, ocsps: [response] })).toMatchObject({ reason: 'REVOKED' })

    for (const bytes of damaged(list)) {
      const read = parseOrNothing(crl.parseCrl, bytes)
      if (read === undefined) continue
      expect([...read.entries.values()].length).toBe(read.entries.size)
      // Only an octet that nobody signed, none in a list, could leave it as good as it was.
      expect((await validate({ crls: [read] })).valid).toBe(false)
    }
    for (const bytes of damaged(response)) {
      const read = parseOrNothing(ocsp.parseResponse, bytes)
      if (read === undefined) continue
      const { revocation } = await validate({ ocsps: [read] })
      expect(['revoked', 'unknown']).toContain(revocation[0]!.status)
    }
  }, 60_000)
})
