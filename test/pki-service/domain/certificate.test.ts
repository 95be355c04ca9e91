import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  authorityNames,
  crlSchedules,
  demonstrationPki,
  endOfUse,
  endOfValidity,
  generationName,
  generationOf,
  importedProfiles,
  isInUse,
  offeredProfiles,
  profileNames,
} from '../../../pki-service/domain/authority.ts'
import {
  certificateStates,
  certificateTransitions,
  checkSubject,
  checkTransition,
  revocationReasons,
  serialNumberFrom,
} from '../../../pki-service/domain/certificate.ts'
import { packagePath } from '../../../platform/index.ts'

const sqlOf = (file: string) =>
  readFileSync(packagePath('pki-service', 'store', 'migrations', file), 'utf8').replace(/\s+/g, ' ')
const sql = sqlOf('0001_pki.sql')
const later = sqlOf('0002_online.sql')
const latest = sqlOf('0006_ledger.sql')
const sqlList = (values: readonly string[]) => `in (${values.map((value) => `'${value}'`).join(', ')})`

describe('the states of a certificate', () => {
  it('stand in the database as they stand in the table', () => {
    expect(sql).toContain(`check (state ${sqlList(certificateStates)})`)
    expect(sql).toContain(`check (revocation_reason ${sqlList(revocationReasons)})`)
    expect(latest).toContain(`check (profile ${sqlList([...profileNames, ...importedProfiles])})`)
    const pattern = (name: string) => new RegExp(new RegExp(`check \\(${name} ~ '(.*?)'\\)`).exec(later)![1]!)
    for (const { name } of demonstrationPki) {
      for (const generation of [1, 2, 13]) expect(generationName(name, generation)).toMatch(pattern('own_name'))
    }
    for (const name of authorityNames) expect(name).toMatch(pattern('issuer'))
  })

  it('change only as the table says, and never back', () => {
    for (const from of certificateStates) {
      for (const to of certificateStates) {
        const check = () => checkTransition(from, to)
        if (certificateTransitions[from].includes(to)) expect(check).not.toThrow()
        else expect(check).toThrowError(expect.objectContaining({ code: 'PKI_TRANSITION_FORBIDDEN' }))
      }
    }
    expect(certificateTransitions.revoked).toEqual([])
  })
})

describe('the demonstration PKI', () => {
  it('has TEST in every name and every issuer before what it issues', () => {
    const seen: string[] = []
    for (const entity of demonstrationPki) {
      expect(entity.commonName).toContain('TEST')
      expect([...seen, entity.name]).toContain(entity.issuer)
      seen.push(entity.name)
    }
  })

  it('keeps seals, statements and lists under authorities of their own', () => {
    const listIssuers = demonstrationPki.filter(({ profile }) => profile.endsWith('signer')).map(({ issuer }) => issuer)
    expect(new Set(listIssuers)).toEqual(new Set(['list-ca']))
    expect(offeredProfiles.seal.issuer).not.toBe(offeredProfiles.statement.issuer)
  })

  it('lets a stamp be verified for fourteen years after its key rested, and a responder be unasked about for two at most', () => {
    const of = (name: string) => demonstrationPki.find((entity) => entity.name === name)!
    const signer = of('time-stamp-signer')
    expect(signer.validityDays - signer.useDays!).toBeGreaterThanOrEqual(14 * 365.25)
    expect(of('time-stamp-ca').validityDays).toBeGreaterThan(signer.validityDays)
    expect(of('root').validityDays).toBeGreaterThan(of('time-stamp-ca').validityDays)
    for (const name of authorityNames)
      expect(of(`${name}-ocsp`)).toMatchObject({ issuer: name, validityDays: signer.validityDays, useDays: 365 })
  })

  it('renews every CRL long before it ends', () => {
    for (const { lifetimeMs, refreshAfterMs } of Object.values(crlSchedules)) {
      expect(refreshAfterMs).toBeLessThanOrEqual(lifetimeMs / 2)
    }
  })
})

describe('the generations of a signer', () => {
  it('have a number in their name from the second on', () => {
    expect([1, 2, 10].map((n) => generationName('list-ca', n))).toEqual(['list-ca', 'list-ca-2', 'list-ca-10'])
    expect(['list-ca', 'list-ca-2', 'list-ca-10'].map((name) => generationOf('list-ca', name))).toEqual([1, 2, 10])
    for (const name of ['list-ca-', 'list-ca-0', 'list-ca-ocsp', 'seal-ca', 'list-ca-2-ocsp']) {
      expect(generationOf('list-ca', name)).toBeUndefined()
    }
  })

  it('take turns: a key is used from its beginning on and not on the day its time is over', () => {
    const signer = demonstrationPki.find(({ name }) => name === 'time-stamp-signer')!
    const notBefore = new Date('2026-11-21T08:00:00Z')
    const inUse = (at: string) => isInUse(signer, { notBefore }, new Date(at))
    expect(inUse('2026-11-21T07:59:59Z')).toBe(false)
    expect(inUse('2026-11-21T08:00:00Z')).toBe(true)
    expect(inUse('2027-11-21T07:59:59Z')).toBe(true)
    expect(inUse('2027-11-21T08:00:00Z')).toBe(false)
    const notAfter = new Date('2041-11-21T08:00:00Z')
    expect(endOfUse(notBefore, 365, notAfter)).toEqual(new Date('2027-11-21T07:59:59Z'))
    expect(endOfUse(notBefore, undefined, notAfter)).toBeUndefined()
    expect(endOfUse(notBefore, 365, new Date('2027-01-01T00:00:00Z'))).toEqual(new Date('2027-01-01T00:00:00Z'))
  })
})

describe('endOfValidity', () => {
  it("never goes beyond the issuer's own end", () => {
    const from = new Date('2026-01-01T00:00:00Z')
    expect(endOfValidity(from, 365, undefined)).toEqual(new Date('2026-12-31T23:59:59Z'))
    expect(endOfValidity(from, 365, new Date('2026-06-01T00:00:00Z'))).toEqual(new Date('2026-06-01T00:00:00Z'))
  })
})

describe('serialNumberFrom', () => {
  it('makes a positive number of 16 octets from any random octets', () => {
    expect(serialNumberFrom(new Uint8Array(16))).toBe(`40${'00'.repeat(15)}`)
    expect(serialNumberFrom(new Uint8Array(16).fill(0xff))).toBe(`7f${'ff'.repeat(15)}`)
    expect(() => serialNumberFrom(new Uint8Array(8))).toThrow(TypeError)
  })
})

describe('checkSubject', () => {
  const subject = { organisation: '云汀市民政局', organisationCode: '11330199MB0000001X', commonName: '云汀市民政局' }

  it('takes a department', () => {
    expect(() => checkSubject(subject)).not.toThrow()
  })

  it.each([
    ['an empty organisation', { organisation: ' ' }],
    ['a common name of 58 characters', { commonName: '局'.repeat(58) }],
    ['a line break', { commonName: '云汀市\n民政局' }],
    ['a bidirectional override', { organisation: '云汀市\u202e民政局' }],
  ])('refuses %s', (_what, change) => {
    expect(() => checkSubject({ ...subject, ...change })).toThrowError(
      expect.objectContaining({ code: 'PKI_SUBJECT_INVALID' }),
    )
  })
})
