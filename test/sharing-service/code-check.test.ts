import { describe, expect, it } from 'vitest'
import { isIssuersCode } from '../../sharing-service/domain/code-check.ts'
import type { StatementVerification } from '../../verifier/index.ts'

type Findings = StatementVerification['findings']

const statement: StatementVerification['statement'] = {
  ...{ holder: '某公司', number: '1', validFrom: '2026-01-01', validUntil: null },
  ...{ issuedAt: '2026-01-01T00:00:00.000Z', typeName: null, issuerName: null },
}
const finding = (check: Findings[number]['check'], outcome: Findings[number]['outcome']): Findings[number] => ({
  ...{ check, outcome, code: 'CODE', message: { zh: '', en: '' } },
})
const genuine = [finding('statement', 'passed'), finding('issuer', 'passed'), finding('register', 'info')]

describe('a QR code', () => {
  it('is the issuer’s word where key, entitlement and register agree, whatever became of the licence', () => {
    expect(isIssuersCode({ statement, findings: genuine })).toBe(true)
    expect(isIssuersCode({ statement, findings: [...genuine, finding('licence-status', 'failed')] })).toBe(true)
    expect(isIssuersCode({ statement: null, findings: genuine })).toBe(false)
  })

  it.each(['statement', 'issuer', 'register'] as const)(
    'proves no licence where the check %s does not pass',
    (check) => {
      for (const outcome of ['failed', 'undecided'] as const)
        expect(isIssuersCode({ statement, findings: [...genuine, finding(check, outcome)] })).toBe(false)
    },
  )
})
