import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { UpdatedObject } from '../../pades/incremental-update.ts'
import { isReference, type PdfDictionary } from '../../pades/objects.ts'
import { readSignedPdf, type SignedPdf, type ValidationData } from '../../pades/read/index.ts'
import { appendValidationData, embedCms, prepareDocumentTimeStamp } from '../../pades/write/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import {
  concat,
  inSequence,
  isAccepted,
  makePdf,
  makeSealer,
  type openPdf,
  read,
  signedAt,
  update,
} from './documents.ts'

type Document = ReturnType<typeof openPdf>

const bytes = (text: string) => concat(inSequence(text))
const evidence = { certificates: [bytes('a certificate')], crls: [bytes('a list')], ocsps: [bytes('an answer')] }

let sealed: Uint8Array
let certified: Uint8Array
beforeAll(async () => {
  const sealer = await makeSealer()
  const pdf = await makePdf()
  sealed = sealer.sign(pdf)
  certified = sealer.seal(pdf)
})

const stream = (number: number, text: string, entries = ''): UpdatedObject => ({
  number,
  generation: 0,
  body: `<< ${entries} /Length ${text.length} >>`,
  stream: concat(text),
})

/** The catalog with a /DSS written as text, and objects beside it. */
const withStore =
  (dss: (free: number) => string, objects: (free: number) => readonly UpdatedObject[] = () => []) =>
  (document: Document, free: number): UpdatedObject[] => {
    const root = document.trailer.entries.get('Root')
    const number = isReference(root) ? root.number : 0
    const body = writeDictionary(document.object(number)!.value as PdfDictionary, { DSS: dss(free) })
    return [{ number, generation: 0, body }, ...objects(free)]
  }

const storeOf = (pdf: Uint8Array): ValidationData | null => read(pdf).validationData()
const nothing = { certificates: [], crls: [], ocsps: [] }

/** What lies in /DSS, and what comes of it. */
const hostile: Readonly<
  Record<string, [dss: (free: number) => string, objects?: (free: number) => readonly UpdatedObject[]]>
> = {
  'a number': [() => '7'],
  'an array': [() => '[1 2 3]'],
  'a reference to nothing': [(free) => `${free} 0 R`],
  'lists that are names': [() => '<< /Certs /a /CRLs /b /OCSPs /c /VRI /d >>'],
  'lists of numbers, strings and dictionaries': [() => '<< /Certs [1 (x) << /A 1 >>] /VRI << /AB 7 /CD [1] >> >>'],
  'references to what is no stream': [
    (free) => `<< /Certs [${free} 0 R] >>`,
    (free) => [{ number: free, generation: 0, body: '[1]' }],
  ],
  'references with another generation': [(free) => `<< /Certs [${free} 5 R] >>`, (free) => [stream(free, 'x')]],
  'a list that leads in a circle': [
    (free) => `<< /Certs ${free} 0 R >>`,
    (free) => [
      { number: free, generation: 0, body: `${free + 1} 0 R` },
      { number: free + 1, generation: 0, body: `${free} 0 R` },
    ],
  ],
  'itself as its own evidence': [
    (free) => `${free} 0 R`,
    (free) => [{ number: free, generation: 0, body: `<< /Certs [${free} 0 R] /VRI ${free} 0 R >>` }],
  ],
  'a stream with an unknown filter': [
    (free) => `<< /OCSPs [${free} 0 R] >>`,
    (free) => [stream(free, 'x', '/Filter /LZWDecode')],
  ],
  'a stream that does not inflate': [
    (free) => `<< /OCSPs [${free} 0 R] >>`,
    (free) => [stream(free, 'xxxxxxxx', '/Filter /FlateDecode')],
  ],
}

describe('validationData of a hostile document', () => {
  for (const [name, [dss, objects]] of Object.entries(hostile)) {
    it(`is empty or null for a DSS with ${name}`, () => {
      const data = storeOf(update(sealed, withStore(dss, objects)))
      if (data !== null) expect(data).toMatchObject(nothing)
    })
  }

  it('leaves out what cannot be read, and says how much', () => {
    const dss = (free: number) => `<< /Certs [${free} 0 R ${free + 1} 0 R null ${free} 0 R] /OCSPs [${free + 2} 0 R] >>`
    const objects = (free: number) => [stream(free, inSequence('good')), { number: free + 1, generation: 0, body: '7' }]
    expect(storeOf(update(sealed, withStore(dss, objects)))).toEqual({
      ...nothing,
      certificates: [bytes('good')],
      vri: new Map(),
      unreadable: 2,
    })
  })

  it('is null beyond a limit, and the document is readable all the same', () => {
    const many = update(
      sealed,
      withStore(
        (free) => `<< /Certs [${`${free} 0 R `.repeat(10_001)}] >>`,
        (free) => [stream(free, 'x')],
      ),
    )
    expect(storeOf(many)).toBeNull()
    const vri = Array.from({ length: 1_001 }, (_, i) => `/K${i} << >>`).join(' ')
    expect(
      storeOf(
        update(
          sealed,
          withStore(() => `<< /VRI << ${vri} >> >>`),
        ),
      ),
    ).toBeNull()
  })

  it('reads one stream once, however often it is named', () => {
    const dss = (free: number) => {
      const list = `[${`${free} 0 R `.repeat(800)}]`
      const vri = Array.from({ length: 100 }, (_, i) => `/K${i} << /Cert ${list} >>`).join(' ')
      return `<< /Certs ${list} /VRI << ${vri} >> >>`
    }
    const started = performance.now()
    const data = storeOf(
      update(
        sealed,
        withStore(dss, (free) => [stream(free, 'x'.repeat(200_000))]),
      ),
    )
    expect(data!.certificates).toHaveLength(1)
    expect([...data!.vri.values()].every(({ certificates }) => certificates[0] === data!.certificates[0])).toBe(true)
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  it('stops at the limit of work for streams made to inflate without end', () => {
    const limits = { work: 4 << 20, streamBytes: 1 << 20 }
    const zeros = Uint8Array.from(
      Buffer.from('789cedc101010000008090feafee080a00000000000000000000000000000000', 'hex'),
    )
    const bomb = update(
      sealed,
      withStore(
        (free) => `<< /Certs [${Array.from({ length: 400 }, (_, i) => `${free + i} 0 R`).join(' ')}] >>`,
        (free) =>
          Array.from({ length: 400 }, (_, i) => ({
            number: free + i,
            generation: 0,
            body: `<< /Filter /FlateDecode /Length ${zeros.length} >>`,
            stream: zeros,
          })),
      ),
    )
    const result = readSignedPdf(bomb, limits)
    expect(result.ok && result.validationData()?.certificates.length).toBeFalsy()
  })

  it('never throws, and never makes a verdict better, for any byte of the store changed (property)', async () => {
    const whole = appendValidationData(certified, evidence)
    const accepted = await isAccepted(whole)
    expect(accepted).toBe(true)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: certified.length, max: whole.length - 1 }), fc.nat(255), async (at, byte) => {
        const changed = whole.slice()
        changed[at] = byte
        const result = readSignedPdf(changed)
        if (!result.ok) return
        const data = result.validationData()
        expect(data === null || Array.isArray(data.certificates)).toBe(true)
        // A document whose form is gone has no seal at all; whatever else changed, the seal covers what it covered.
        for (const seal of result.signatures) {
          expect(seal.coversWholeFile).toBe(false)
          expect(seal.signedLength).toBe(certified.length)
          expect(seal.laterChanges).not.toBe('none')
        }
      }),
      { numRuns: 400 },
    )
  })

  it('is covered by the document time stamp after it: any byte changed breaks its imprint or its coverage', () => {
    const whole = appendValidationData(certified, evidence)
    const prepared = prepareDocumentTimeStamp(whole, { contentsLength: 16, at: signedAt })
    const stamped = embedCms(prepared, Uint8Array.of(4, 1, 7))
    const original = Buffer.from(read(stamped).signatures[1]!.signedBytes())
    for (let at = certified.length; at < whole.length; at += 7) {
      const changed = stamped.slice()
      changed[at]! ^= 1
      const result = readSignedPdf(changed)
      const second = result.ok ? result.signatures.find(({ type }) => type === 'document-time-stamp') : undefined
      if (second?.byteRange === 'ok') expect(original.equals(second.signedBytes())).toBe(false)
    }
  })
})

describe('appendValidationData to a hostile document', () => {
  for (const [name, [dss, objects]] of Object.entries(hostile)) {
    it(`writes a sound store over one with ${name}, or refuses`, () => {
      const before = update(sealed, withStore(dss, objects))
      let after: Uint8Array
      try {
        after = appendValidationData(before, evidence)
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^PADES_/)
        return
      }
      expect(storeOf(after)).toMatchObject(evidence)
      expect((readSignedPdf(after) as SignedPdf).signatures).toHaveLength(1)
    })
  }

  it('keeps what it does not know in the store', () => {
    const before = update(
      sealed,
      withStore(
        (free) =>
          `<< /Type /DSS /Certs [${free} 0 R] /Private (kept) /VRI << /ABCD << /Cert [${free} 0 R] /TU (D:2026) >> >> >>`,
        (free) => [stream(free, inSequence('a certificate'))],
      ),
    )
    const after = appendValidationData(before, evidence)
    const text = Buffer.from(after.subarray(before.length)).toString('latin1')
    expect(text).toContain('/Private <6B657074>')
    expect(text).toContain('/TU ')
    expect(storeOf(after)!.certificates).toEqual(evidence.certificates)
    expect([...storeOf(after)!.vri.keys()][0]).toBe('ABCD')
  })

  it('refuses what is no document', () => {
    throwsWithCode(() => appendValidationData(new Uint8Array(99), evidence), 'PADES_XREF_BROKEN')
    const stamping = () => prepareDocumentTimeStamp(new Uint8Array(9), { contentsLength: 9, at: signedAt })
    throwsWithCode(stamping, 'PADES_XREF_BROKEN')
  })

  it('refuses a length that is none', () => {
    for (const contentsLength of [0, -1, 1.5, Number.NaN]) {
      expect(() => prepareDocumentTimeStamp(sealed, { contentsLength, at: signedAt })).toThrow(TypeError)
    }
  })
})
