import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findingCodes } from '../../verifier/index.ts'
import { issuerMessages } from '../../verifier/messages/issuers.ts'
import { signatureMessages } from '../../verifier/messages/signatures.ts'
import { statusMessages } from '../../verifier/messages/status.ts'

const sourcesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && name !== 'messages.ts')
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))

describe('findings', () => {
  it('are all raised by some check: no dead code', () => {
    const sources = [...sourcesIn('verifier'), ...sourcesIn('verifier/checks')].join('\n')
    expect(findingCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  it('have one sentence each: no code stands in two tables', () => {
    const codes = [signatureMessages, issuerMessages, statusMessages].flatMap((table) => Object.keys(table))
    expect(codes.toSorted()).toEqual([...findingCodes].sort())
  })
})
