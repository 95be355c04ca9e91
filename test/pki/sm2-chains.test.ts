import { describe, expect, it } from 'vitest'
import { x509 } from '../../pki/index.ts'
import { openCorpus } from '../support/corpora.ts'

interface Chain {
  leaf: string
  intermediates: string | null
  anchor: string
  at: string
  expect: 'ACCEPT' | 'REJECT'
  why: string
}

const corpus = openCorpus('sm2')
const all = corpus?.json<{ cases: (Chain | { file: string })[] }>('index.json').cases ?? []
const chains = all.filter((entry): entry is Chain => 'leaf' in entry)

/** Certificates of a file; "file (CN=name)" means the one of that name. */
function load(name: string): Uint8Array[] {
  const [, file, commonName] = /^(\S+)(?: \(CN=(.*)\))?$/.exec(name)!
  return x509
    .decodePem(new TextDecoder().decode(corpus!.read(file!)))
    .filter(
      (der) =>
        commonName === undefined ||
        x509.parseCertificate(der).subject.attributes.some(({ value }) => value === commonName),
    )
}

describe.skipIf(corpus === undefined)('chains of the corpus sm2', () => {
  it('have no field that is not read here', () => {
    const known = ['leaf', 'intermediates', 'anchor', 'at', 'expect', 'why']
    for (const chain of chains) expect(known).toEqual(expect.arrayContaining(Object.keys(chain)))
    expect(all.length - chains.length).toBe(1)
  })

  it.each(chains)('$leaf under $anchor at $at: $expect ($why)', async (chain) => {
    const [leaf] = load(chain.leaf)
    const anchors = load(chain.anchor)
    expect(anchors).toHaveLength(1)
    const result = await x509.validatePath({
      leaf: leaf!,
      intermediates: chain.intermediates === null ? [] : load(chain.intermediates),
      anchors,
      at: new Date(chain.at),
    })
    expect({ valid: result.valid, reason: result.reason }).toMatchObject({ valid: chain.expect === 'ACCEPT' })
  })

  it.each(chains.filter((chain) => chain.expect === 'ACCEPT'))(
    '$leaf: not under a key that did not sign it',
    async (chain) => {
      const [leaf] = load(chain.leaf)
      const turned = leaf!.slice()
      turned[turned.length - 1]! ^= 1
      const result = await x509.validatePath({
        leaf: turned,
        intermediates: chain.intermediates === null ? [] : load(chain.intermediates),
        anchors: load(chain.anchor),
        at: new Date(chain.at),
      })
      expect(result.valid).toBe(false)
    },
  )
})
