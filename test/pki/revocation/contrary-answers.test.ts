import { beforeAll, describe, expect, it } from 'vitest'
import { asn1, OID, x509 } from '../../../pki/index.ts'
import {
  extension,
  type Forged,
  type ForgedCrl,
  type ForgedSingle,
  forge,
  forgeCa,
  forgeCrl,
  forgeOcsp,
  reasonCode,
} from '../../support/forge-pki.ts'

// Lists and responses of one CA that contradict one another: freshness is asked of "good" alone.

const day = (text: string) => new Date(`${text}T00:00:00Z`)
const now = day('2026-06-15')
const THEFT = day('2026-05-01')
const KEY_COMPROMISE = 1
const HOLD = 6
const REMOVAL = 8

describe('contrary words about one certificate', () => {
  let root: Forged
  let leaf: Forged
  beforeAll(async () => {
    root = await forgeCa({ name: 'Root' })
    leaf = await forge({ name: 'Leaf', issuer: root })
  })

  const list = (from: string, until: string | null, reason?: number, more: Partial<ForgedCrl> = {}) =>
    forgeCrl({
      issuer: root,
      thisUpdate: day(from),
      nextUpdate: until === null ? null : day(until),
      entries:
        reason === undefined
          ? []
          : [{ serial: leaf.certificate.serialNumber, revokedAt: THEFT, extensions: [reasonCode(reason)] }],
      ...more,
    })
  const answer = (from: string, until: string, reason?: number, more: Partial<ForgedSingle> = {}) =>
    forgeOcsp({
      signer: root,
      producedAt: day(from),
      singles: [
        {
          ...{ certificate: leaf.certificate, issuer: root, thisUpdate: day(from), nextUpdate: day(until) },
          ...(reason === undefined ? {} : { status: { revokedAt: THEFT, reason } }),
          ...more,
        },
      ],
    })
  const ask = async (changes: Partial<x509.PathRequest>) => {
    const request = { leaf: leaf.der, intermediates: [], anchors: [root.der], at: now, ...changes }
    const { revocation, reason } = await x509.validatePath(request)
    return { status: revocation[0]!.status, entry: revocation[0]!.entry, reason }
  }

  it('revoked by a list that has run out, it is revoked, whatever older list is current', async () => {
    const good = await list('2026-04-25', '2026-06-25')
    expect(await ask({ crls: [good] })).toMatchObject({ status: 'good' })
    for (const until of ['2026-05-03', null]) {
      const revoking = await list('2026-05-02', until, KEY_COMPROMISE)
      expect(await ask({ crls: [good, revoking] })).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
      expect(await ask({ crls: [revoking] })).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    }
  })

  it('revoked by a response that has run out, it is revoked, whatever list or response is current', async () => {
    const revoking = await answer('2026-05-02', '2026-05-03', KEY_COMPROMISE)
    const crls = [await list('2026-06-14', '2026-06-20')]
    const ocsps = [revoking, await answer('2026-06-14', '2026-06-20')]
    expect(await ask({ ocsps: ocsps.slice(1) })).toMatchObject({ status: 'good' })
    expect(await ask({ crls, ocsps: [revoking] })).toMatchObject({ status: 'revoked' })
    expect(await ask({ ocsps })).toMatchObject({ status: 'revoked' })
    expect(await ask({ ocsps: ocsps.toReversed() })).toMatchObject({ status: 'revoked' })
  })

  it('what is from the future, what another key signed and what is about others revokes nothing', async () => {
    const good = await list('2026-06-14', '2026-06-20')
    const other = await forgeCa({ name: 'Root' })
    for (const crls of [
      [await list('2026-06-16', '2026-06-20', KEY_COMPROMISE)],
      [await list('2026-05-02', '2026-05-03', KEY_COMPROMISE, { issuer: other })],
      [await list('2026-05-02', '2026-05-03', undefined, { entries: [{ serial: Uint8Array.of(1) }] })],
    ])
      expect(await ask({ crls: [good, ...crls] })).toMatchObject({ status: 'good', entry: undefined })
    const ahead = await answer('2026-06-16', '2026-06-20', KEY_COMPROMISE)
    expect(await ask({ crls: [good], ocsps: [ahead] })).toMatchObject({ status: 'good' })
  })

  it('a hold counts until a newer word lifts it, also one that has run out', async () => {
    const held = await list('2026-06-01', '2026-06-02', HOLD)
    expect(await ask({ crls: [await list('2026-05-20', '2026-06-20'), held] })).toMatchObject({ status: 'revoked' })
    expect(await ask({ crls: [held, await list('2026-06-14', '2026-06-20')] })).toMatchObject({ status: 'good' })
    const heldByAnswer = await answer('2026-06-01', '2026-06-02', HOLD)
    const older = await answer('2026-05-20', '2026-06-20')
    const newer = await answer('2026-06-14', '2026-06-20')
    expect(await ask({ ocsps: [heldByAnswer, older] })).toMatchObject({ status: 'revoked' })
    expect(await ask({ ocsps: [heldByAnswer, newer] })).toMatchObject({ status: 'good', entry: undefined })
  })

  it('a list lifts the hold of a response, and a response that of a list, only when that has run out', async () => {
    const newerList = [await list('2026-06-14', '2026-06-20')]
    const newerAnswer = [await answer('2026-06-14', '2026-06-20')]
    for (const [until, status] of [
      ['2026-06-02', 'good'],
      ['2026-06-20', 'revoked'],
    ] as const) {
      expect(await ask({ crls: newerList, ocsps: [await answer('2026-06-01', until, HOLD)] })).toMatchObject({ status })
      expect(await ask({ crls: [await list('2026-06-01', until, HOLD)], ocsps: newerAnswer })).toMatchObject({ status })
    }
    const older = { crls: [await list('2026-05-20', '2026-06-20')] }
    expect(await ask({ ...older, ocsps: [await answer('2026-06-01', '2026-06-02', HOLD)] })).toMatchObject({
      status: 'revoked',
    })
  })

  it('of several that revoke, the one for good outweighs a hold, and the earliest is told', async () => {
    const held = await answer('2026-06-14', '2026-06-20', HOLD)
    const crls = [await list('2026-06-14', '2026-06-20', KEY_COMPROMISE)]
    expect(await ask({ ocsps: [held], crls })).toMatchObject({ entry: { reason: 'keyCompromise' } })
    const serial = leaf.certificate.serialNumber
    const early = await list('2026-06-10', '2026-06-20', undefined, {
      entries: [{ serial, revokedAt: day('2026-04-01'), extensions: [reasonCode(KEY_COMPROMISE)] }],
    })
    expect(await ask({ crls: [...crls, early] })).toMatchObject({ entry: { revocationDate: day('2026-04-01') } })
  })

  describe('about the past', () => {
    const madeWithin = { from: day('2026-05-10'), until: day('9999-01-01') }
    it('are none as of a time before the revocation, which is told', async () => {
      const crls = [await list('2026-06-14', '2026-06-20', KEY_COMPROMISE)]
      const asOf = (at: Date) => ask({ crls, at, madeWithin })
      expect(await asOf(day('2026-04-30'))).toMatchObject({ status: 'good', entry: { revocationDate: THEFT } })
      expect(await asOf(THEFT)).toMatchObject({ status: 'revoked' })
    })

    it('revoke also by what was made before the span in which "good" must have been made', async () => {
      const at = day('2026-05-12')
      const ocsps = [await answer('2026-05-13', '2026-05-14')]
      expect(await ask({ at, madeWithin, ocsps })).toMatchObject({ status: 'good' })
      const crls = [await list('2026-05-02', '2026-05-03', KEY_COMPROMISE)]
      expect(await ask({ at, madeWithin, ocsps, crls })).toMatchObject({ status: 'revoked' })
      const older = [await answer('2026-05-02', '2026-05-03', KEY_COMPROMISE)]
      expect(await ask({ at, madeWithin, ocsps: [...ocsps, ...older] })).toMatchObject({ status: 'revoked' })
    })

    it('of lists and responses given as run out only what they revoke counts', async () => {
      const at = day('2026-05-12')
      const silent = await list('2026-05-13', '2026-05-20')
      const good = await answer('2026-05-13', '2026-05-20')
      const runOut = { crls: [silent], ocsps: [good] }
      expect(await ask({ at, madeWithin, crls: [], runOut })).toMatchObject({ reason: 'REVOCATION_STALE' })
      expect(await ask({ at, madeWithin, crls: [silent], runOut })).toMatchObject({ status: 'good' })
      const revoking = { crls: [await list('2026-05-13', '2026-05-20', KEY_COMPROMISE)], ocsps: [] }
      expect(await ask({ at, madeWithin, ocsps: [good], runOut: revoking })).toMatchObject({ status: 'revoked' })
    })
  })

  describe('in one list', () => {
    const entry = (since: string, reason: number, invalidSince?: string) => ({
      serial: leaf.certificate.serialNumber,
      revokedAt: day(since),
      extensions: [
        reasonCode(reason),
        ...(invalidSince === undefined
          ? []
          : [extension(OID.invalidityDate, asn1.encodeGeneralizedTime(day(invalidSince)))]),
      ],
    })
    const listOf = (entries: ForgedCrl['entries'] & {}, from = '2026-06-14') =>
      list(from, '2026-06-20', undefined, { entries })
    const ordersOf = <T>(entries: readonly T[]) => [entries, entries.toReversed()]

    it('a revocation for good outweighs a hold and its end, whatever their order and dates', async () => {
      const silent = await list('2026-06-15', '2026-06-20')
      for (const other of [REMOVAL, HOLD])
        for (const date of ['2026-04-01', '2026-06-01'])
          for (const entries of ordersOf([entry('2026-05-01', KEY_COMPROMISE), entry(date, other)])) {
            const crls = [await listOf(entries)]
            const revoked = { status: 'revoked', entry: { reason: 'keyCompromise' } }
            expect(await ask({ crls })).toMatchObject(revoked)
            expect(await ask({ crls: [...crls, silent] })).toMatchObject(revoked)
          }
    })

    it('the earliest of the dates count, each', async () => {
      const madeWithin = { from: day('2026-01-01'), until: day('9999-01-01') }
      const both = [entry('2026-05-03', KEY_COMPROMISE), entry('2026-05-04', KEY_COMPROMISE, '2026-02-01')]
      for (const entries of ordersOf(both)) {
        const told = await ask({ crls: [await listOf(entries)], at: day('2026-03-01'), madeWithin })
        expect(told).toMatchObject({
          status: 'good',
          entry: { revocationDate: day('2026-05-03'), invalidityDate: day('2026-02-01') },
        })
      }
      const heldFirst = [await listOf([entry('2026-04-01', HOLD), entry('2026-05-01', KEY_COMPROMISE)])]
      expect(await ask({ crls: heldFirst, at: day('2026-04-15'), madeWithin })).toMatchObject({ status: 'revoked' })
    })

    it('a complete one, the end of a hold says nothing (RFC 5280 §5.3.1)', async () => {
      expect(await ask({ crls: [await listOf([entry('2026-05-01', REMOVAL)])] })).toMatchObject({ status: 'good' })
      for (const entries of ordersOf([entry('2026-04-01', HOLD), entry('2026-05-01', REMOVAL)]))
        expect(await ask({ crls: [await listOf(entries)] })).toMatchObject({ status: 'revoked' })
    })
  })

  it('a list with a critical extension that is not processed revokes nothing (RFC 5280 §5.2)', async () => {
    const unknown = extension('1.2.3.4', extension(OID.reasonCode, Uint8Array.of(5, 0)), true)
    const crls = [await list('2026-05-02', '2026-05-03', KEY_COMPROMISE, { extensions: [unknown] })]
    expect(await ask({ crls: [...crls, await list('2026-06-14', '2026-06-20')] })).toMatchObject({ status: 'good' })
  })
})
