import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { isReference } from '../../pades/objects.ts'
import { appendValidationData, embedCms, prepareDocumentTimeStamp } from '../../pades/write/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import {
  concat,
  inSequence,
  isAccepted,
  makePdf,
  makeSealer,
  openPdf,
  read,
  shapes,
  signedAt,
  update,
} from './documents.ts'

const bytes = (text: string) => concat(inSequence(text))
const evidence = {
  certificates: [bytes('certificate of the seal'), bytes('certificate of its CA')],
  crls: [bytes('a list of revoked certificates')],
  ocsps: [bytes('an answer'), bytes('another answer')],
}

let sealer: Awaited<ReturnType<typeof makeSealer>>
let sealed: Uint8Array
beforeAll(async () => {
  sealer = await makeSealer()
  sealed = sealer.seal(await makePdf({ pages: 2 }))
})

const startsWith = (whole: Uint8Array, prefix: Uint8Array): boolean =>
  Buffer.compare(whole.subarray(0, prefix.length), prefix) === 0

/** A document time stamp whose token is one short octet string: what stands in /Contents is not judged here. */
const stamp = (pdf: Uint8Array, at = signedAt) =>
  embedCms(prepareDocumentTimeStamp(pdf, { contentsLength: 32, at }), Uint8Array.of(4, 1, 7))

/** The VRI key of every signature by ISO 32000-2, 12.8.4.4, from the digits in the file. */
const keysIn = (pdf: Uint8Array): string[] =>
  [
    ...Buffer.from(pdf)
      .toString('latin1')
      .matchAll(/\/Contents <([0-9a-f]+)>/g),
  ].map(([, digits]) => createHash('sha1').update(Buffer.from(digits!, 'hex')).digest('hex').toUpperCase())

describe('appendValidationData', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(`adds evidence to ${name} as a permitted change`, async () => {
      const before = sealer.seal(await makePdf(shape))
      const after = appendValidationData(before, evidence)
      expect(startsWith(after, before)).toBe(true)
      expect(await isAccepted(after)).toBe(true)
      const pdf = read(after)
      expect(pdf.signatures[0]).toMatchObject({ laterChanges: 'permitted', coversWholeFile: false })
      expect(pdf.signatures[0]!.findings.map(({ kind }) => kind)).toEqual(['evidence-added'])
      expect(pdf.validationData()).toMatchObject({ ...evidence, unreadable: 0 })
    })
  }

  it('may be renewed by others in a dictionary of its own, which leaves the former behind', () => {
    const before = appendValidationData(sealed, evidence)
    const catalogWith = (dss: string) => {
      const { catalog, trailer } = openPdf(before)
      const root = trailer.entries.get('Root')
      if (!isReference(root)) throw new TypeError('the catalog is an object')
      return { number: root.number, generation: 0, body: writeDictionary(catalog, { DSS: dss }) }
    }
    const { catalog } = openPdf(before)
    const former = openPdf(before).dictionary(catalog.entries.get('DSS'))!
    const verdictOn = (pdf: Uint8Array) => read(pdf).signatures[0]!.laterChanges
    const renewed = update(before, (_, free) => [
      { number: free, generation: 0, body: writeDictionary(former, {}) },
      catalogWith(`${free} 0 R`),
    ])
    expect(verdictOn(renewed)).toBe('permitted')
    const unused = update(renewed, (_, free) => [{ number: free, generation: 0, body: '<< /Former true >>' }])
    expect(verdictOn(unused)).toBe('not-permitted')
    // What was in use where it was not permitted is no evidence of before.
    const free = openPdf(before).chain[0]!.section.trailer.entries.get('Size') as number
    const strange = update(before, () => [
      { number: free, generation: 0, body: '<< /Certs [] /Strange true >>' },
      catalogWith(`${free} 0 R`),
    ])
    expect(verdictOn(update(strange, () => [catalogWith(writeDictionary(former, {}))]))).toBe('not-permitted')
  })

  it('keys the evidence of a signature by the digest of its whole /Contents, padding included', () => {
    const after = appendValidationData(sealed, evidence)
    expect([...read(after).validationData()!.vri]).toEqual([[keysIn(sealed)[0], evidence]])
  })

  it('gives the same bytes for the same document and evidence', () => {
    expect(Buffer.compare(appendValidationData(sealed, evidence), appendValidationData(sealed, evidence))).toBe(0)
  })

  it('gives the document back where it has all of it', () => {
    const once = appendValidationData(sealed, evidence)
    expect(appendValidationData(once, evidence)).toBe(once)
    expect(appendValidationData(once, { certificates: [evidence.certificates[1]!], crls: [], ocsps: [] })).toBe(once)
    expect(appendValidationData(sealed, { certificates: [], crls: [], ocsps: [] })).toBe(sealed)
  })

  it('adds to what is there and repeats nothing', async () => {
    const once = appendValidationData(sealed, evidence)
    const more = {
      certificates: [...evidence.certificates, bytes('certificate of the time stamp')],
      crls: [],
      ocsps: [],
    }
    const twice = appendValidationData(once, more)
    expect(read(twice).validationData()).toMatchObject({ ...evidence, certificates: more.certificates })
    expect([...read(twice).validationData()!.vri.values()]).toEqual([{ ...evidence, certificates: more.certificates }])
    expect(
      Buffer.from(twice.subarray(once.length))
        .toString('latin1')
        .match(/ obj\n/g),
    ).toHaveLength(2)
    expect(await isAccepted(twice)).toBe(true)
  })

  it('writes evidence given twice once', () => {
    const [first] = evidence.certificates
    const after = appendValidationData(sealed, { certificates: [first!, first!.slice()], crls: [], ocsps: [] })
    expect(read(after).validationData()!.certificates).toEqual([first])
  })

  it('says for whom the evidence is: every signature, none, or those named', () => {
    const stamped = stamp(sealed)
    const keys = keysIn(stamped)
    const vri = (chosen?: 'all' | 'none' | readonly string[]) => [
      ...read(appendValidationData(stamped, { ...evidence, ...(chosen ? { vri: chosen } : {}) }))
        .validationData()!
        .vri.keys(),
    ]
    expect(vri()).toEqual(keys)
    expect(vri('all')).toEqual(keys)
    expect(vri('none')).toEqual([])
    expect(vri(['DocTimeStamp1'])).toEqual([keys[1]])
    throwsWithCode(() => vri(['Seal2']), 'PADES_FIELD_NOT_FOUND')
  })

  it('says once that structures of PAdES are used, and only below PDF 2.0', () => {
    const text = (pdf: Uint8Array) => Buffer.from(pdf).toString('latin1')
    const once = appendValidationData(sealed, evidence)
    const twice = appendValidationData(stamp(once), { ...evidence, crls: [bytes('a younger list')] })
    expect(text(once)).toContain('/ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >>')
    expect(text(twice.subarray(once.length))).not.toContain('/ESIC << /BaseVersion /1.7 /ExtensionLevel 1 >> /ESIC')
    const newer = sealed.slice()
    newer.set(bytes('%PDF-2.0'))
    expect(text(appendValidationData(newer, evidence))).not.toContain('/ESIC')
  })

  it('refuses what cannot be read for certain', () => {
    throwsWithCode(() => appendValidationData(new Uint8Array(50), evidence), 'PADES_XREF_BROKEN')
  })
})

describe('prepareDocumentTimeStamp', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(`covers the whole of ${name} and is no change to it`, async () => {
      const before = sealer.seal(await makePdf(shape))
      const after = stamp(before)
      expect(startsWith(after, before)).toBe(true)
      const { signatures } = read(after)
      expect(signatures.map(({ field, type }) => [field, type])).toEqual([
        ['Seal1', 'signature'],
        ['DocTimeStamp1', 'document-time-stamp'],
      ])
      expect(signatures[0]).toMatchObject({ laterChanges: 'permitted', docMdp: 1 })
      expect(signatures[1]).toMatchObject({ laterChanges: 'none', coversWholeFile: true, subFilter: 'ETSI.RFC3161' })
      expect(signatures[1]!.contents).toEqual(Uint8Array.of(4, 1, 7))
    })
  }

  it('digests what the time stamp covers', () => {
    const prepared = prepareDocumentTimeStamp(sealed, { contentsLength: 4000, at: signedAt })
    const [, end, start] = prepared.byteRange
    const expected = createHash('sha256').update(prepared.bytes.subarray(0, end)).update(prepared.bytes.subarray(start))
    expect(Buffer.compare(prepared.digest(), expected.digest())).toBe(0)
  })

  it('takes the first name that is free, again and again', () => {
    const often = stamp(stamp(appendValidationData(stamp(sealed), evidence)))
    const { signatures } = read(often)
    expect(signatures.map(({ field }) => field)).toEqual(['Seal1', 'DocTimeStamp1', 'DocTimeStamp2', 'DocTimeStamp3'])
    expect(signatures.map(({ laterChanges }) => laterChanges)).toEqual(['permitted', 'permitted', 'permitted', 'none'])
  })
})

describe('validationData', () => {
  it('is null where there is none', () => {
    expect(read(sealed).validationData()).toBeNull()
  })

  it('is what each revision held', () => {
    const once = stamp(appendValidationData(sealed, { ...evidence, ocsps: [] }))
    const pdf = read(stamp(appendValidationData(once, evidence)))
    const [seal, first, second] = pdf.signatures
    expect(pdf.validationData(seal)).toBeNull()
    expect(pdf.validationData(first)).toMatchObject({ ...evidence, ocsps: [] })
    expect(pdf.validationData(second)).toMatchObject(evidence)
    expect(pdf.validationData()).toMatchObject(evidence)
  })
})
