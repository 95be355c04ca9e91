import { describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../../licence-format/index.ts'
import type { Authorisation } from '../../../seal-service/domain/authorisation.ts'
import {
  type Caller,
  decideDocumentUse,
  decideSealUse,
  decideStatement,
  type Leave,
  type SealFacts,
} from '../../../seal-service/domain/seal-policy.ts'

const department = '11330199MB0000001X'
const other = '11330199MB00000025'
const typeCode = '11100000MB0143028R001'
const otherType = '11100000MB03271699001'
const at = new Date('2026-11-21T08:00:00Z')

const identifierOf = (type: string, issuerCode: string) =>
  formatIdentifier({ typeCode: type, issuerCode, serial: 'ABCDEFGHIJ0123456789', version: 1 })
const identifier = identifierOf(typeCode, department)

const caller: Caller = { id: 'clerk', departmentCode: department, roles: ['issuer'] }
const seal: SealFacts = {
  ...{ id: '33019900000001', departmentCode: department, typeCodes: [typeCode], state: 'active', kindCode: '01' },
}
const issuers: Authorisation = {
  ...{ id: '1', sealId: seal.id, grantee: { kind: 'role', id: 'issuer' }, purposes: ['licences'] },
  ...{ perDay: null, perMinute: null, from: at, until: null, needsSecondPerson: false, delegatedFrom: null },
  ...{ grantedAt: at, grantedBy: 'keeper', ended: null },
}
const leave: Leave = { standing: [issuers], grants: [], at }
const request = { identifier, typeCode, sealId: seal.id }
const coded = (code: string) => expect.objectContaining({ code })

describe('decideSealUse', () => {
  it('allows an issuer its own seal in use on its own licence of an allowed type', () => {
    expect(decideSealUse(caller, request, seal, leave)).toEqual({ identifier, typeCode, issuerCode: department })
  })

  it('takes an identifier without the root and gives the full one', () => {
    const short = identifier.slice('1.2.156.3005.2.'.length)
    expect(decideSealUse(caller, { ...request, identifier: short }, seal, leave).identifier).toBe(identifier)
  })

  it.each([
    ['a caller without the role', 'SEAL_ROLE_MISSING', { caller: { ...caller, roles: ['viewer'] } }],
    ['a caller without any role', 'SEAL_ROLE_MISSING', { caller: { ...caller, roles: [] } }],
    ['a caller without department', 'SEAL_ISSUER_MISMATCH', { caller: { ...caller, departmentCode: null } }],
    [
      'a licence of another issuer',
      'SEAL_ISSUER_MISMATCH',
      { request: { ...request, identifier: identifierOf(typeCode, other) } },
    ],
    [
      'a type that is not the one in the identifier',
      'SEAL_TYPE_MISMATCH',
      { request: { ...request, typeCode: otherType } },
    ],
    ['an unknown seal', 'SEAL_NOT_FOUND', { seal: undefined }],
    ["somebody's own seal", 'SEAL_NOT_ALLOWED_ON_TYPE', { seal: { ...seal, kindCode: '05' as const } }],
    ['another seal than the one asked for', 'SEAL_NOT_FOUND', { request: { ...request, sealId: '33019900000002' } }],
    ['a seal of another department', 'SEAL_NOT_YOURS', { seal: { ...seal, departmentCode: other } }],
    ['a seal that is not made', 'SEAL_NOT_MADE', { seal: { ...seal, state: 'approved' as const } }],
    ['a suspended seal', 'SEAL_SUSPENDED', { seal: { ...seal, state: 'suspended' as const } }],
    ['a revoked seal', 'SEAL_REVOKED', { seal: { ...seal, state: 'revoked' as const } }],
    ['a lost seal', 'SEAL_LOST', { seal: { ...seal, state: 'lost' as const } }],
    ['an expired seal', 'SEAL_CERTIFICATE_EXPIRED', { seal: { ...seal, state: 'expired' as const } }],
    ['a collected seal', 'SEAL_NOT_IN_USE', { seal: { ...seal, state: 'collected' as const } }],
    ['a caller whom nobody authorised', 'SEAL_NOT_AUTHORISED', { leave: { ...leave, standing: [] } }],
    [
      'an authorisation for another seal',
      'SEAL_NOT_AUTHORISED',
      { leave: { ...leave, standing: [{ ...issuers, sealId: '33019900000002' }] } },
    ],
    [
      'a seal that is not allowed on the type',
      'SEAL_NOT_ALLOWED_ON_TYPE',
      { seal: { ...seal, typeCodes: [otherType] } },
    ],
    [
      'a wrong check character',
      'SEAL_IDENTIFIER_MALFORMED',
      { request: { ...request, identifier: identifier.replace(/.$/, (c) => (c === '0' ? '1' : '0')) } },
    ],
    ['no identifier', 'SEAL_IDENTIFIER_MALFORMED', { request: { ...request, identifier: '' } }],
  ])(
    'refuses %s with %s',
    (_what, code, change: {
      caller?: Caller
      request?: typeof request
      seal?: SealFacts | undefined
      leave?: Leave
    }) => {
      const given = { caller, request, seal: seal as SealFacts | undefined, leave, ...change }
      expect(() => decideSealUse(given.caller, given.request, given.seal, given.leave)).toThrowError(coded(code))
    },
  )

  it('allows the seal of another department by its leave, or by its authorisation for this one', () => {
    const foreign = { ...seal, departmentCode: other }
    const grants = [{ sealId: seal.id, departmentCode: department, typeCode }]
    expect(decideSealUse(caller, request, foreign, { ...leave, grants }).issuerCode).toBe(department)
    const standing = [{ ...issuers, grantee: { kind: 'department' as const, id: department } }]
    expect(decideSealUse(caller, request, foreign, { ...leave, standing }).issuerCode).toBe(department)
    const elsewhere = [{ ...issuers, grantee: { kind: 'department' as const, id: '11330199MB0000003Y' } }]
    expect(() => decideSealUse(caller, request, foreign, { ...leave, standing: elsewhere })).toThrowError(
      coded('SEAL_NOT_YOURS'),
    )
  })
})

describe('decideDocumentUse', () => {
  const user: Caller = { id: 'user', departmentCode: department, roles: ['seal-user'] }
  const order = { sealId: seal.id, templateCode: 'notice' }
  const forUsers = { ...issuers, grantee: { kind: 'role' as const, id: 'seal-user' }, purposes: ['notice'] }
  const usersLeave: Leave = { ...leave, standing: [forUsers] }

  it('allows a seal user what he is authorised for, and no other template', () => {
    expect(decideDocumentUse(user, order, seal, usersLeave)).toEqual([[forUsers]])
    const another = { ...order, templateCode: 'contract' }
    expect(() => decideDocumentUse(user, another, seal, usersLeave)).toThrowError(coded('SEAL_NOT_AUTHORISED'))
    const none = { ...order, templateCode: null }
    expect(() => decideDocumentUse(user, none, seal, usersLeave)).toThrowError(coded('SEAL_NOT_AUTHORISED'))
    const all = { ...usersLeave, standing: [{ ...forUsers, purposes: ['documents'] }] }
    expect(decideDocumentUse(user, none, seal, all)).toHaveLength(1)
  })

  it.each([
    ['a viewer', 'SEAL_ROLE_MISSING', { caller: { ...user, roles: ['viewer'] } }],
    ['a keeper', 'SEAL_ROLE_MISSING', { caller: { ...user, roles: ['seal-keeper'] } }],
    ['another department', 'SEAL_NOT_YOURS', { caller: { ...user, departmentCode: other } }],
    ['a caller without department', 'SEAL_NOT_YOURS', { caller: { ...user, departmentCode: null } }],
    ['an unknown seal', 'SEAL_NOT_FOUND', { seal: undefined }],
    ['a lost seal', 'SEAL_LOST', { seal: { ...seal, state: 'lost' as const } }],
    ['a leave for licences', 'SEAL_NOT_AUTHORISED', { leave }],
  ])('refuses %s with %s', (_what, code, change: { caller?: Caller; seal?: SealFacts | undefined; leave?: Leave }) => {
    const given = { caller: user, seal: seal as SealFacts | undefined, leave: usersLeave, ...change }
    expect(() => decideDocumentUse(given.caller, order, given.seal, given.leave)).toThrowError(coded(code))
  })
})

describe('decideStatement', () => {
  const statement = { identifier, claims: { identifier } }

  it('allows an issuer a statement on what one of its seals in use may seal', () => {
    const suspended: SealFacts = { ...seal, id: '33019900000009', state: 'suspended' }
    const decided = decideStatement(caller, statement, [suspended, seal], leave)
    expect(decided).toMatchObject({ sealId: seal.id, facts: { issuerCode: department } })
  })

  it('takes the seal that the caller is authorised for', () => {
    const second = { ...seal, id: '33019900000009' }
    const standing = [{ ...issuers, sealId: second.id }]
    expect(decideStatement(caller, statement, [seal, second], { ...leave, standing }).sealId).toBe(second.id)
  })

  it.each([
    ['a caller without the role', 'SEAL_ROLE_MISSING', { caller: { ...caller, roles: ['viewer'] } }],
    ['a licence of another issuer', 'SEAL_ISSUER_MISMATCH', { caller: { ...caller, departmentCode: other } }],
    [
      'claims of another licence',
      'STATEMENT_IDENTIFIER_MISMATCH',
      { request: { identifier, claims: { identifier: identifierOf(otherType, department) } } },
    ],
    ['a department without seals', 'SEAL_NOT_ALLOWED_ON_TYPE', { seals: [] }],
    ['seals of another type', 'SEAL_NOT_ALLOWED_ON_TYPE', { seals: [{ ...seal, typeCodes: [otherType] }] }],
    ['seals of another department', 'SEAL_NOT_ALLOWED_ON_TYPE', { seals: [{ ...seal, departmentCode: other }] }],
    ['a caller whom nobody authorised', 'SEAL_NOT_AUTHORISED', { leave: { ...leave, standing: [] } }],
    ['a suspended seal alone', 'SEAL_SUSPENDED', { seals: [{ ...seal, state: 'suspended' as const }] }],
    ['a revoked seal alone', 'SEAL_REVOKED', { seals: [{ ...seal, state: 'revoked' as const }] }],
  ])(
    'refuses %s with %s',
    (_what, code, change: { caller?: Caller; request?: typeof statement; seals?: SealFacts[]; leave?: Leave }) => {
      const given = { caller, request: statement, seals: [seal], leave, ...change }
      expect(() => decideStatement(given.caller, given.request, given.seals, given.leave)).toThrowError(coded(code))
    },
  )
})
