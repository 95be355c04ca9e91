import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findingCodes } from '../../verifier/index.ts'

const sourcesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && name !== 'messages.ts')
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))

describe('findings', () => {
  it('are all raised by some check: no dead code', () => {
    const sources = [...sourcesIn('verifier'), ...sourcesIn('verifier/checks')].join('\n')
    expect(findingCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })
})
