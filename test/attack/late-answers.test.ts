// Answers about the past by keys that have ended since: whoever has the key may date them as they like, so they count only where they are
// proven to be older. That goes for every key that an answer was made with, wherever its certificate lies.
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { asn1, OID, type SigningKey } from '../../pki/index.ts'
import { addData, stampDocument } from '../fixtures/levels.ts'
import {
  extension,
  extKeyUsage,
  type Forged,
  forge,
  forgeCa,
  forgeCrl,
  withoutCertificates,
} from '../support/forge-pki.ts'
import {
  at,
  authority,
  entity,
  entry,
  forYears,
  good,
  judgeToday,
  listOf,
  makeSeal,
  root,
  sealedAt,
  secondsAfter,
  stampGood,
} from '../verifier/forged-past.ts'

const SEALED = at('2023-03-01', '08:00:00')
const just = secondsAfter(SEALED, 2)
const archived = (pdf: Uint8Array) => stampDocument(pdf, { by: authority, at: secondsAfter(SEALED, 86_400) })

const ca = await forgeCa({ name: 'CA', issuer: root, ...forYears })
const seal = await makeSeal(ca)
const others = [await good(ca, root, just), await stampGood(just)]
const passed = { verdict: 'accepted', subIndication: null }

const nocheck = extension(OID.ocspNoCheck, asn1.encodeNull())
const makeResponder = (spec: Partial<Parameters<typeof forge>[0]> = {}) =>
  forge({
    name: 'Responder',
    issuer: ca,
    extensions: [extKeyUsage(OID.ocspSigning), nocheck],
    ...forYears,
    ...spec,
  })

describe('an answer of a responder whose certificate has ended since', async () => {
  const responder = await makeResponder({ notAfter: at('2024-01-01') })
  const answer = await good(seal, ca, just, responder)
  const chain = [seal, ca, root] as const

  it.each([
    ['in the answer', answer, []],
    ['beside it', withoutCertificates(answer), [entity(responder, ca, root)]],
  ])('counts only where it is proven to be older, with the certificate %s', async (_, ocsp, more) => {
    const pdf = await sealedAt(SEALED, chain, { more, ocsps: [...others, ocsp] })
    expect(await judgeToday(pdf)).toMatchObject({ verdict: 'undecided', subIndication: 'TRY_LATER', level: 'B-T' })
    expect(await judgeToday(archived(pdf))).toMatchObject({ ...passed, level: 'B-LTA' })
  })

  it('keeps no other answer from counting', async () => {
    const list = await forgeCrl({ issuer: ca, thisUpdate: just, nextUpdate: secondsAfter(just, 86_400) })
    const pdf = await sealedAt(SEALED, chain, { ocsps: [...others, answer], crls: [list] })
    expect(await judgeToday(pdf)).toMatchObject({ ...passed, level: 'B-LT' })
  })

  it('does not count where its certificate alone is proven too late', async () => {
    const taken = await sealedAt(SEALED, chain, { ocsps: [...others, withoutCertificates(answer)] })
    const caEnded = await listOf(root, entry(ca, at('2024-06-01')))
    const added = addData(archived(taken), { entities: [entity(responder, ca, root)] })
    expect(await judgeToday(added, [caEnded])).toMatchObject({ verdict: 'refused' })
  })
})

describe('an answer by a key that is too weak by now', () => {
  const rsaKey = (modulusLength: number): SigningKey => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
    return {
      signatureAlgorithm: 'sha256WithRSAEncryption',
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
      sign: async (data) => new Uint8Array(sign('sha256', data, privateKey)),
    }
  }
  const sealed = at('2013-06-01', '08:00:00')
  const then = secondsAfter(sealed, 2)

  it.each([
    [1024, 'undecided', 'CRYPTO_CONSTRAINTS_FAILURE_NO_POE'],
    [2048, 'accepted', null],
  ])('of %i bits is %s: it counts while its key did', async (bits, verdict, subIndication) => {
    const responder = await makeResponder({ key: rsaKey(bits) })
    const ocsps = [await good(seal, ca, then, responder), await good(ca, root, then), await stampGood(then)]
    const pdf = await sealedAt(sealed, [seal, ca, root], { ocsps })
    expect(await judgeToday(pdf)).toMatchObject({ verdict, subIndication })
    const proven = stampDocument(pdf, { by: authority, at: secondsAfter(sealed, 60) })
    expect(await judgeToday(proven)).toMatchObject({ ...passed, level: 'B-LTA' })
  })
})

describe('a list by another key of the CA', async () => {
  const listKey = await forgeCa({ name: 'CA', issuer: root, keyUsage: [6], ...forYears })
  const made = (issuer: Forged) => forgeCrl({ issuer, thisUpdate: just, nextUpdate: at('2023-03-08') })
  const document = async (signer: Forged) =>
    sealedAt(SEALED, [seal, ca, root], {
      more: [entity(listKey, root)],
      ocsps: [...others, await good(listKey, root, just)],
      crls: [await made(signer)],
    })

  it('that was revoked since counts only where it is proven to be older', async () => {
    const pdf = await document(listKey)
    expect(await judgeToday(pdf)).toMatchObject({ ...passed, level: 'B-LT' })
    const lost = [await listOf(root, entry(listKey, at('2024-06-01'), 2))]
    expect(await judgeToday(pdf, lost)).toMatchObject({ verdict: 'undecided', level: 'B-T' })
    expect(await judgeToday(archived(pdf), lost)).toMatchObject({ ...passed, level: 'B-LTA' })
    const lostBefore = [await listOf(root, entry(listKey, at('2022-06-01'), 2))]
    expect(await judgeToday(archived(pdf), lostBefore)).toMatchObject({ verdict: 'undecided' })
  })

  it('that was revoked since does not count in the end where only what is proven decides', async () => {
    const pdf = stampDocument(await document(listKey), { by: authority, at: at('2024-07-01') })
    const lost = [await listOf(root, entry(listKey, at('2024-06-01'), 2))]
    expect(await judgeToday(pdf, lost)).toMatchObject({ verdict: 'undecided' })
    expect(await judgeToday(await document(ca), [await listOf(root, entry(ca, at('2024-06-01'), 2))])).toMatchObject({
      verdict: 'refused',
      subIndication: 'REVOKED_CA_NO_POE',
    })
  })
})

describe('a delta list of a CA that was revoked since', () => {
  const number = (value: number) => extension(OID.cRLNumber, asn1.encodeInteger(value))
  const deltaTo = (base: number) => extension(OID.deltaCRLIndicator, asn1.encodeInteger(base), true)
  const week = { thisUpdate: just, nextUpdate: at('2023-03-08') }

  it('takes no hold back unless it is proven to be older', async () => {
    const held = entry(seal, at('2022-06-01'), 6)
    const complete = await forgeCrl({ issuer: ca, ...week, extensions: [number(5)], entries: [held] })
    const pdf = archived(await sealedAt(SEALED, [seal, ca, root], { ocsps: others, crls: [complete] }))
    const delta = await forgeCrl({
      issuer: ca,
      ...week,
      thisUpdate: secondsAfter(just, 1),
      extensions: [number(999), deltaTo(1)],
      entries: [entry(seal, SEALED, 8)],
    })
    const lost = [await listOf(root, entry(ca, at('2024-06-01'), 2))]
    expect(await judgeToday(pdf, lost)).toMatchObject({ verdict: 'refused' })
    expect(await judgeToday(addData(pdf, { crls: [delta] }))).toMatchObject(passed)
    expect(await judgeToday(addData(pdf, { crls: [delta] }), lost)).toMatchObject({ verdict: 'refused' })
  })
})

describe('a CA that ended after the one above it', () => {
  it('vouches for nothing that is proven only later', async () => {
    const upper = await forgeCa({ name: 'Upper', issuer: root, ...forYears, notAfter: at('2023-06-01') })
    const lower = await forgeCa({ name: 'Lower', issuer: upper, ...forYears, notAfter: at('2024-06-01') })
    const one = await makeSeal(lower)
    const chain = [one, lower, upper, root] as const
    const above = [await good(lower, upper, just), await good(upper, root, just), await stampGood(just)]
    const own = await good(one, lower, just)
    const late = addData(archived(await sealedAt(SEALED, chain, { ocsps: above })), { ocsps: [own] })
    expect(await judgeToday(late)).toMatchObject({ verdict: 'undecided', subIndication: 'OUT_OF_BOUNDS_NO_POE' })
    const inTime = archived(await sealedAt(SEALED, chain, { ocsps: [...above, own] }))
    expect(await judgeToday(inTime)).toMatchObject({ ...passed, level: 'B-LTA' })
  })
})
