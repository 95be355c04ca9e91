import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import { testTimes } from '../../fixtures/pki.ts'
import {
  extension,
  type Forged,
  type ForgedCrl,
  forge,
  forgeCa,
  forgeCrl,
  reasonCode,
} from '../../support/forge-pki.ts'

// What delta lists say where they contradict complete ones, or cannot be joined with them.

type List = Omit<ForgedCrl, 'issuer'> & { readonly issuer?: Forged }

const number = (value: number) => extension(OID.cRLNumber, asn1.encodeInteger(value))
const complete = (of: number, more: Partial<List> = {}): List => ({ extensions: [number(of)], ...more })
const change = (from: number, to: number, more: Partial<List> = {}, ...extensions: Uint8Array[]): List => ({
  extensions: [number(to), extension(OID.deltaCRLIndicator, asn1.encodeInteger(from), true), ...extensions],
  ...more,
})

describe('delta lists', () => {
  let root: Forged
  let leaf: Forged
  let revoking: Partial<List>
  let held: Partial<List>
  let lifted: Partial<List>
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    leaf = await forge({ name: 'Leaf', issuer: root })
    const saying = (code: number) => ({
      entries: [{ serial: leaf.certificate.serialNumber, extensions: [reasonCode(code)] }],
    })
    ;[revoking, held, lifted] = [saying(1), saying(6), saying(8)]
  })
  const statusOf = async (...lists: List[]) => {
    const crls = await Promise.all(lists.map((list) => forgeCrl({ issuer: root, ...list })))
    const request = { leaf: leaf.der, intermediates: [], anchors: [root.der], at: testTimes.now, crls }
    return (await x509.validatePath(request)).revocation[0]!.status
  }

  it('revoke for good whether they can be joined or not, and whatever newer ones leave out', async () => {
    expect(await statusOf(complete(5), change(6, 7, revoking))).toBe('revoked')
    expect(await statusOf(complete(5), change(5, 6, { ...revoking, nextUpdate: testTimes.now }))).toBe('revoked')
    expect(await statusOf({}, change(5, 6, revoking))).toBe('revoked')
    expect(await statusOf(complete(7), change(5, 6, revoking))).toBe('revoked')
    expect(await statusOf(complete(5), change(5, 6, revoking), change(5, 7))).toBe('revoked')
    expect(await statusOf(change(5, 6, revoking))).toBe('revoked')
  })

  it('revoke nothing from the future, by another key or about others', async () => {
    const later = { thisUpdate: new Date(testTimes.now.getTime() + 1000) }
    expect(await statusOf(complete(5), change(5, 6, { ...revoking, ...later }))).toBe('good')
    const stranger = await forgeCa({ name: 'Root' })
    expect(await statusOf(complete(5), change(5, 6, { ...revoking, issuer: stranger }))).toBe('good')
    const onlyCa = asn1.encodeSequence(asn1.encodeContextPrimitive(2, Uint8Array.of(0xff)))
    const scope = extension(OID.issuingDistributionPoint, onlyCa, true)
    expect(await statusOf(complete(5), change(5, 6, revoking, scope))).toBe('good')
  })

  it('put on hold until a newer list, or a newer delta that can be joined, has not', async () => {
    expect(await statusOf(complete(5), change(6, 7, held))).toBe('revoked')
    expect(await statusOf(complete(5), change(5, 6, held), change(5, 7))).toBe('good')
    expect(await statusOf(complete(8), change(5, 6, held))).toBe('good')
    expect(await statusOf(complete(5), change(5, 6, held), change(6, 7))).toBe('revoked')
  })

  it('take back nothing but a hold (RFC 5280 §5.3.1)', async () => {
    expect(await statusOf(complete(5, held), change(5, 6, lifted))).toBe('good')
    expect(await statusOf(complete(5, revoking), change(5, 6, lifted))).toBe('revoked')
    expect(await statusOf(complete(5), change(5, 6, revoking), change(5, 7, lifted))).toBe('revoked')
  })
})
