import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findingCodes } from '../../verifier/index.ts'

describe('findings', () => {
  it('are all raised by some check: no dead code', () => {
    const files = ['trust', 'verify-document', 'verify-statement'].map((name) => `verifier/${name}.ts`)
    const checks = [
      'coverage',
      'integrity',
      'issuer',
      'licence-data',
      'licence-status',
      'path',
      'register',
      'seal',
      'statement',
    ]
    const sources = [...files, ...checks.map((name) => `verifier/checks/${name}.ts`)]
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    expect(findingCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })
})
