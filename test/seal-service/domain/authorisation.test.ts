import { describe, expect, it } from 'vitest'
import {
  type Authorisation,
  checkDelegation,
  checkTerms,
  findChains,
  type Grantee,
  isRunning,
  type Terms,
  type UseFacts,
} from '../../../seal-service/domain/authorisation.ts'

const owner = '11330199MB0000001X'
const other = '11330199MB00000025'
const typeCode = '11100000MB0143028R001'
const at = new Date('2026-11-21T08:00:00Z')
const minutes = (count: number) => new Date(at.getTime() + count * 60_000)
const coded = (code: string) => expect.objectContaining({ code })

const granted: Authorisation = {
  ...{ id: '1', sealId: 'S', grantee: { kind: 'account', id: 'wang' }, purposes: [typeCode] },
  ...{ perDay: null, perMinute: null, from: at, until: null, needsSecondPerson: false, delegatedFrom: null },
  ...{ grantedAt: at, grantedBy: 'keeper', ended: null },
}
const facts: UseFacts = {
  ...{ callerId: 'wang', callerKind: 'person', departmentCode: owner, roles: ['issuer'] },
  ...{ purpose: typeCode, isLicence: true, ownerCode: owner, at },
}
const chains = (changed: Partial<Authorisation>, asked: Partial<UseFacts> = {}) =>
  findChains([{ ...granted, ...changed }], 'S', { ...facts, ...asked })
const isCovered = (changed: Partial<Authorisation>, asked: Partial<UseFacts> = {}) => {
  try {
    return chains(changed, asked).length === 1
  } catch (error) {
    expect(error).toEqual(coded('SEAL_NOT_AUTHORISED'))
    return false
  }
}

describe('leave for copies', () => {
  it.each<[string, boolean, readonly string[], Partial<UseFacts>]>([
    ['a copy by leave for copies', true, ['copies'], { isCopy: true }],
    ['a copy by leave for licences', false, ['licences'], { isCopy: true }],
    ['a copy by leave for its type', false, [typeCode], { isCopy: true }],
    ['a licence by leave for copies', false, ['copies'], {}],
    ['a document whose template is called like it', false, ['copies'], { isLicence: false, purpose: 'copies' }],
    ['that document by leave for documents', true, ['documents'], { isLicence: false, purpose: 'copies' }],
  ])('covers %s: %s', (_what, expected, purposes, asked) => {
    expect(isCovered({ purposes }, asked)).toBe(expected)
  })

  it.each<[boolean, readonly string[]]>([
    [true, ['copies']],
    [false, ['licences']],
    [false, ['documents']],
  ])('is passed on: %s, by whoever has leave for %j', (may, purposes) => {
    const terms = { ...granted, purposes: ['copies'], grantee: { kind: 'account', id: 'li' } as const }
    const pass = () => checkDelegation(terms, { ...granted, purposes }, at)
    if (may) expect(pass).not.toThrow()
    else expect(pass).toThrow(coded('SEAL_DELEGATION_EXCEEDS'))
  })
})

describe('findChains', () => {
  it.each<[string, boolean, Grantee, Partial<UseFacts>]>([
    ['the account itself', true, { kind: 'account', id: 'wang' }, {}],
    ['another account', false, { kind: 'account', id: 'li' }, {}],
    ['a machine of that id', false, { kind: 'account', id: 'wang' }, { callerKind: 'machine' }],
    ['the system under that id', false, { kind: 'account', id: 'wang' }, { callerKind: 'system' }],
    ['a caller whose kind is not told', true, { kind: 'account', id: 'wang' }, { callerKind: null }],
    ['the account after it left the department', false, { kind: 'account', id: 'wang' }, { departmentCode: other }],
    ['a machine by its id', true, { kind: 'client', id: 'wang' }, { callerKind: 'machine' }],
    ['a person with the id of a machine', false, { kind: 'client', id: 'wang' }, {}],
    ['a role', true, { kind: 'role', id: 'issuer' }, {}],
    ['a role for the system that acts with it', true, { kind: 'role', id: 'issuer' }, { callerKind: 'system' }],
    ['another role', false, { kind: 'role', id: 'seal-user' }, {}],
    ['a role in another department', false, { kind: 'role', id: 'issuer' }, { departmentCode: other }],
    ['another department', true, { kind: 'department', id: other }, { departmentCode: other }],
    ['a third department', false, { kind: 'department', id: other }, { departmentCode: '11330199MB0000003Y' }],
  ])('by grantee covers %s: %s', (_who, expected, grantee, asked) => {
    expect(isCovered({ grantee }, asked)).toBe(expected)
  })

  it.each<[string, boolean, readonly string[], Partial<UseFacts>]>([
    ['the type named', true, [typeCode], {}],
    ['another type', false, ['11100000MB0143028R002'], {}],
    ['every licence', true, ['licences'], {}],
    ['a document under a leave for licences', false, ['licences'], { purpose: 'documents', isLicence: false }],
    ['a document', true, ['documents'], { purpose: 'documents', isLicence: false }],
    ['a template under a leave for documents', true, ['documents'], { purpose: 'notice', isLicence: false }],
    ['a licence under a leave for documents', false, ['documents'], {}],
    ['a template called like every licence', false, ['licences'], { purpose: 'licences', isLicence: false }],
    ['a template called like a type of licence', false, [typeCode], { purpose: typeCode, isLicence: false }],
    ['such a template under a leave for documents', true, ['documents'], { purpose: typeCode, isLicence: false }],
    [
      'a document without template under a leave for one',
      false,
      ['notice'],
      { purpose: 'documents', isLicence: false },
    ],
  ])('by purpose covers %s: %s', (_what, expected, purposes, asked) => {
    expect(isCovered({ purposes }, asked)).toBe(expected)
  })

  it('covers from its first instant until just before its last', () => {
    const time = { from: minutes(1), until: minutes(2) }
    expect([0, 1, 1.99, 2].map((after) => isCovered(time, { at: minutes(after) }))).toEqual([false, true, true, false])
    expect(isCovered({ ended: { at: minutes(1), by: 'keeper', cause: 'x' } }, { at: minutes(1) })).toBe(false)
  })

  it('covers a part only with its whole, which must run as well', () => {
    const part: Authorisation = { ...granted, id: '2', grantee: { kind: 'account', id: 'li' }, delegatedFrom: '1' }
    const li = { ...facts, callerId: 'li' }
    expect(findChains([granted, part], 'S', li)).toEqual([[part, granted]])
    expect(() => findChains([part], 'S', li)).toThrowError(coded('SEAL_NOT_AUTHORISED'))
    const over = { ...granted, until: minutes(5) }
    expect(() => findChains([over, part], 'S', { ...li, at: minutes(5) })).toThrowError(coded('SEAL_NOT_AUTHORISED'))
  })

  it('prefers what asks for nobody else, then what is not limited, then the older', () => {
    const all = [
      { ...granted, id: '1', needsSecondPerson: true },
      { ...granted, id: '2', perDay: 5 },
      { ...granted, id: '3' },
      { ...granted, id: '4' },
    ]
    expect(findChains(all, 'S', facts).map(([{ id }]) => id)).toEqual(['3', '4', '2', '1'])
  })

  it('says what is nearest', () => {
    expect(() => chains({ from: minutes(1) })).toThrowError(/runs now/)
    expect(() => chains({ purposes: ['notice'] })).toThrowError(/not for this/)
    expect(() => chains({ grantee: { kind: 'account', id: 'li' } })).toThrowError(/no authorisation/)
  })
})

describe('checkTerms', () => {
  const seal = { departmentCode: owner, typeCodes: [typeCode] }
  const terms: Terms = granted

  it('takes what a seal may be used for', () => {
    expect(() => checkTerms(terms, seal, 'keeper', at)).not.toThrow()
    expect(() =>
      checkTerms({ ...terms, purposes: ['documents', 'notice', 'licences'] }, seal, 'keeper', at),
    ).not.toThrow()
  })

  it.each<[string, string, Partial<Terms>]>([
    ['an end before its beginning', 'SEAL_AUTHORISATION_INVALID', { from: minutes(5), until: minutes(4) }],
    ['an end in the past', 'SEAL_AUTHORISATION_INVALID', { from: minutes(-5), until: at }],
    ['no purpose', 'SEAL_AUTHORISATION_INVALID', { purposes: [] }],
    ['a purpose twice', 'SEAL_AUTHORISATION_INVALID', { purposes: [typeCode, typeCode] }],
    ['a type that the seal is not for', 'SEAL_AUTHORISATION_INVALID', { purposes: ['11100000MB0143028R002'] }],
    ['a role that uses no seals', 'SEAL_AUTHORISATION_INVALID', { grantee: { kind: 'role', id: 'seal-keeper' } }],
    ['the owner as another department', 'SEAL_AUTHORISATION_INVALID', { grantee: { kind: 'department', id: owner } }],
    ['the one who grants', 'SEAL_AUTHORISATION_TO_ONESELF', { grantee: { kind: 'account', id: 'keeper' } }],
  ])('refuses %s with %s', (_what, code, changed) => {
    expect(() => checkTerms({ ...terms, ...changed }, seal, 'keeper', at)).toThrowError(coded(code))
  })
})

describe('checkDelegation', () => {
  const whole: Authorisation = {
    ...granted,
    purposes: ['licences', 'notice'],
    perDay: 10,
    perMinute: 2,
    until: minutes(60),
  }
  const part: Terms = { ...whole, grantee: { kind: 'account', id: 'li' }, purposes: [typeCode], from: at }

  it('takes a part of the whole, up to all of it', () => {
    expect(() => checkDelegation(part, whole, at)).not.toThrow()
    expect(() => checkDelegation({ ...part, purposes: whole.purposes }, whole, at)).not.toThrow()
  })

  it.each<[string, Partial<Terms>, Partial<Authorisation>]>([
    ['another purpose', { purposes: ['contract'] }, {}],
    ['every licence for one type', { purposes: ['licences'] }, { purposes: [typeCode] }],
    ['more a day', { perDay: 11 }, {}],
    ['no quota', { perDay: null }, {}],
    ['more a minute', { perMinute: 3 }, {}],
    ['an earlier beginning', { from: minutes(-1) }, {}],
    ['a later end', { until: minutes(61) }, {}],
    ['no end', { until: null }, {}],
    ['no second person', { needsSecondPerson: false }, { needsSecondPerson: true }],
    ['a whole role', { grantee: { kind: 'role', id: 'issuer' } }, {}],
    ['what a role was given', {}, { grantee: { kind: 'role', id: 'issuer' } }],
    ['what was passed on before', {}, { delegatedFrom: '7' }],
    ['what has ended', {}, { ended: { at, by: 'keeper', cause: 'x' } }],
    ['what does not run yet', {}, { from: minutes(1) }],
  ])('refuses %s', (_what, changed, wholeChanged) => {
    expect(() => checkDelegation({ ...part, ...changed }, { ...whole, ...wholeChanged }, at)).toThrowError(
      coded('SEAL_DELEGATION_EXCEEDS'),
    )
  })

  it('refuses to pass on to oneself', () => {
    const own = { ...part, grantee: { kind: 'account' as const, id: 'wang' } }
    expect(() => checkDelegation(own, whole, at)).toThrowError(coded('SEAL_AUTHORISATION_TO_ONESELF'))
  })
})

describe('isRunning', () => {
  it('is over once it was ended', () => {
    expect(isRunning(granted, at)).toBe(true)
    expect(isRunning({ ...granted, ended: { at, by: 'keeper', cause: 'left' } }, minutes(1))).toBe(false)
  })
})
