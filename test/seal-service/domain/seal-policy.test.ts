import { describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../../licence-format/index.ts'
import type { Seal } from '../../../seal-service/domain/seal.ts'
import { type Caller, decideSealUse, decideStatement } from '../../../seal-service/domain/seal-policy.ts'

const department = '11330199MB0000001X'
const other = '11330199MB00000025'
const typeCode = '11100000MB0143028R001'
const otherType = '11100000MB03271699001'
const at = new Date('2026-11-21T08:00:00Z')

const identifierOf = (type: string, issuerCode: string) =>
  formatIdentifier({ typeCode: type, issuerCode, serial: 'ABCDEFGHIJ0123456789', version: 1 })
const identifier = identifierOf(typeCode, department)

const caller: Caller = { id: 'clerk', departmentCode: department, roles: ['issuer'] }
const seal: Seal = {
  id: '33019900000001',
  departmentCode: department,
  name: '云汀市市场监督管理局',
  keyName: 'seal-33019900000001',
  keyAlgorithm: 'ec-p256',
  diameterMm: 45,
  ringText: '云汀市市场监督管理局',
  lowerText: null,
  typeCodes: [typeCode],
  state: 'active',
  stateChangedAt: at,
  createdAt: at,
  certificateNumber: 1,
}
const request = { identifier, typeCode, sealId: seal.id }
const coded = (code: string) => expect.objectContaining({ code })

describe('decideSealUse', () => {
  it('allows an issuer its own seal in use on its own licence of an allowed type', () => {
    expect(decideSealUse(caller, request, seal)).toEqual({ identifier, typeCode, issuerCode: department })
  })

  it('takes an identifier without the root and gives the full one', () => {
    const short = identifier.slice('1.2.156.3005.2.'.length)
    expect(decideSealUse(caller, { ...request, identifier: short }, seal).identifier).toBe(identifier)
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
    ['another seal than the one asked for', 'SEAL_NOT_FOUND', { request: { ...request, sealId: '33019900000002' } }],
    ['a seal of another department', 'SEAL_NOT_YOURS', { seal: { ...seal, departmentCode: other } }],
    ['a seal that is not made', 'SEAL_NOT_MADE', { seal: { ...seal, state: 'approved' as const } }],
    ['a suspended seal', 'SEAL_SUSPENDED', { seal: { ...seal, state: 'suspended' as const } }],
    ['a revoked seal', 'SEAL_REVOKED', { seal: { ...seal, state: 'revoked' as const } }],
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
    (_what, code, change: { caller?: Caller; request?: typeof request; seal?: Seal | undefined }) => {
      const given = { caller, request, seal: seal as Seal | undefined, ...change }
      expect(() => decideSealUse(given.caller, given.request, given.seal)).toThrowError(coded(code))
    },
  )
})

describe('decideStatement', () => {
  const statement = { identifier, claims: { identifier } }

  it('allows an issuer a statement on what one of its seals in use may seal', () => {
    const suspended: Seal = { ...seal, id: '33019900000009', state: 'suspended' }
    expect(decideStatement(caller, statement, [suspended, seal]).issuerCode).toBe(department)
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
    ['a suspended seal alone', 'SEAL_SUSPENDED', { seals: [{ ...seal, state: 'suspended' as const }] }],
    ['a revoked seal alone', 'SEAL_REVOKED', { seals: [{ ...seal, state: 'revoked' as const }] }],
  ])('refuses %s with %s', (_what, code, change: { caller?: Caller; request?: typeof statement; seals?: Seal[] }) => {
    const given = { caller, request: statement, seals: [seal], ...change }
    expect(() => decideStatement(given.caller, given.request, given.seals)).toThrowError(coded(code))
  })
})
