import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseSign1 } from '../../licence-format/cose-sign1.ts'
import { codeOf } from './sample.ts'

const FOLDER = '../shared/corpora/jose-cose/'
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.startsWith('cose__sign-fail')) : []

// The passing vectors keep the kid in the unprotected header, which statements do not allow, so only the failing ones apply.
describe.skipIf(files.length === 0)('parseSign1 (skipped where the corpora are missing)', () => {
  it.each(files)('refuses %s of cose-wg/Examples', (name) => {
    const { output } = JSON.parse(readFileSync(FOLDER + name, 'utf8')) as { output: { cbor: string } }
    expect(codeOf(() => parseSign1(new Uint8Array(Buffer.from(output.cbor, 'hex'))))).toMatch(/^(COSE|CBOR)_/)
  })
})
