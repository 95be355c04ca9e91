import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeCbor } from '../../licence-format/cbor.ts'
import { parseSign1, toBeSigned } from '../../licence-format/cose-sign1.ts'
import { verifyEs256 } from '../../licence-format/ecdsa.ts'
import { parseJws } from '../../licence-format/jws.ts'
import { countPlaces, getStatus, unpackStatusList } from '../../licence-format/status-list.ts'
import { openCorpus } from '../support/corpora.ts'
import { codeOf } from './sample.ts'

interface Case {
  file: string
  size: number
  sha256: string
  expect: 'ACCEPT' | 'REJECT' | 'values as listed'
  why: string
}

const corpus = openCorpus('jose-cose')
const cases = (corpus?.json<{ cases: Case[] }>('index.json').cases ?? []).map((test) => ({
  ...test,
  title: `${test.file}: ${test.expect}, ${test.why}`,
}))
const named = (prefix: string) => cases.filter(({ file }) => file.startsWith(prefix))
const spkiOf = (key: JsonWebKey): Uint8Array =>
  new Uint8Array(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'der' }))

describe('COSE_Sign1 against cose-wg/Examples', () => {
  interface Vector {
    input: { sign0: { key: JsonWebKey } }
    intermediates: { ToBeSign_hex: string }
    output: { cbor: string }
  }
  /** Ours is a profile of COSE (docs/known-issues.md): always tagged, the algorithm protected, nothing beside what is in the message. */
  const deviations: Readonly<Record<string, 'REJECT'>> = {
    'cose__sign-pass-01.json': 'REJECT',
    'cose__sign-pass-02.json': 'REJECT',
    'cose__sign-pass-03.json': 'REJECT',
  }

  /** What lies beneath the profile: the tag, Sig_structure, ES256. The key identifier may stand where it likes. */
  async function accepts(bytes: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
    const message = decodeCbor(bytes)
    if (typeof message !== 'object' || message === null || !('tag' in message) || message.tag !== 18) return false
    const [header, , payload, signature] = message.value as Uint8Array[]
    const algorithm = (decodeCbor(header!) as Map<number, unknown>).get(1)
    return algorithm === -7 && verifyEs256(publicKey, toBeSigned(header!, payload!), signature!)
  }

  it.skipIf(corpus === undefined).each(named('cose__'))('$title', async ({ file, expect: expected }) => {
    const { input, output } = corpus!.json<Vector>(file)
    const accepted = await accepts(new Uint8Array(Buffer.from(output.cbor, 'hex')), spkiOf(input.sign0.key))
    expect(accepted ? 'ACCEPT' : 'REJECT').toBe(deviations[file] ?? expected)
  })

  it.skipIf(corpus === undefined).each(named('cose__'))('the profile of statements refuses $file', ({ file }) => {
    // Even those that are sound have their key identifier unprotected, which statements do not allow.
    const { output } = corpus!.json<Vector>(file)
    expect(codeOf(() => parseSign1(new Uint8Array(Buffer.from(output.cbor, 'hex'))))).toMatch(/^(COSE|CBOR)_/)
  })

  it.skipIf(corpus === undefined)('signs and verifies over the same octets', async () => {
    const { input, intermediates, output } = corpus!.json<Vector>('cose__sign-pass-03.json')
    const [header, , payload, signature] = decodeCbor(new Uint8Array(Buffer.from(output.cbor, 'hex'))) as Uint8Array[]
    const octets = toBeSigned(header!, payload!)
    expect(Buffer.from(octets).toString('hex').toUpperCase()).toBe(intermediates.ToBeSign_hex)
    expect(await verifyEs256(spkiOf(input.sign0.key), octets, signature!)).toBe(true)
  })
})

describe('JWS against the cookbook of RFC 7520', () => {
  interface Vector {
    output: { compact?: string }
  }
  // The signed lists are a profile of JWS (docs/known-issues.md): ES256 with the signer's certificate. None of these is.
  it.skipIf(corpus === undefined).each(named('jws__'))('the profile of lists refuses $file ($why)', ({ file }) => {
    const { compact } = corpus!.json<Vector>(file).output
    const text = compact ?? JSON.stringify(corpus!.json<Vector>(file).output)
    expect(codeOf(() => parseJws(text, 'statuslist+jwt', 1 << 20))).toMatch(/^JWS_/)
  })
})

describe('status lists against draft-ietf-oauth-status-list', () => {
  interface Vector {
    bits: 1 | 2 | 4 | 8
    lst: string
    entries: number
    expect: Record<string, number>
    all_other_entries: number
  }
  const vectors = corpus?.json<Vector[]>('status-list-vectors.json') ?? []
  it.skipIf(corpus === undefined).each(vectors)('$bits bits', async (vector) => {
    const known = ['bits', 'lst', 'entries', 'expect', 'all_other_entries']
    expect(Object.keys(vector).filter((key) => !known.includes(key))).toEqual([])
    const list = await unpackStatusList({ bits: vector.bits, lst: vector.lst })
    expect(countPlaces(list)).toBe(vector.entries)
    let others = 0
    for (let place = 0; place < vector.entries; place++) {
      const value = getStatus(list, place)
      const expected = vector.expect[String(place)]
      if (expected !== undefined) expect([place, value]).toEqual([place, expected])
      else if (value !== vector.all_other_entries) others++
    }
    expect(others).toBe(0)
  })
})
