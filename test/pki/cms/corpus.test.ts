import { describe, expect, it } from 'vitest'
import { cms, PkiError } from '../../../pki/index.ts'
import { openCorpus } from '../../support/corpora.ts'

interface Case {
  readonly file: string
  readonly content?: string | null
  readonly expect: 'ACCEPT' | 'REJECT' | 'UNSUPPORTED_OK'
  readonly why: string
}

const knownFields = new Set(['file', 'size', 'sha256', 'content', 'expect', 'why'])
const corpus = openCorpus('cms')
const cases = corpus?.json<{ cases: Case[] }>('index.json').cases ?? []

/** One word a signer, or the code of the refusal. */
async function judge({ file, content }: Case): Promise<readonly (string | null)[]> {
  try {
    const signedData = cms.parseSignedData(corpus!.read(file), { allowBer: true })
    const signed = content == null ? {} : { content: corpus!.read(content) }
    return (await cms.verifySignedData(signedData, signed)).map(({ reason }) => reason)
  } catch (error) {
    if (error instanceof PkiError) return [error.code]
    throw error
  }
}

describe('verifySignedData on the CMS of others', () => {
  it.skipIf(corpus === undefined).each(cases)('$file, $why: $expect', async (one) => {
    for (const field of Object.keys(one)) expect(knownFields).toContain(field)
    const reasons = await judge(one)
    expect(reasons).not.toEqual([])
    if (one.expect === 'ACCEPT') expect(new Set(reasons)).toEqual(new Set([null]))
    if (one.expect === 'REJECT') expect(reasons).not.toContain(null)
    // A signer by DSA is refused by name; beside it, one by RSA may be right.
    if (one.expect === 'UNSUPPORTED_OK')
      for (const reason of reasons) expect([null, 'SIGNATURE_ALGORITHM_UNKNOWN']).toContain(reason)
  })
})
