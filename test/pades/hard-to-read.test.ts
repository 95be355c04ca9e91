import { beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { formObjects, pdfOf, signForm } from '../attack/signed-form.ts'
import { concat, isAccepted, makePdf, makeSealer, onlySignature, patch, read, update } from './documents.ts'

// Headers further in, cross-references of every kind, and ends that are broken.

let sealer: Awaited<ReturnType<typeof makeSealer>>
let sealed: Uint8Array
beforeAll(async () => {
  sealer = await makeSealer()
  sealed = sealer.sign(await makePdf({ pages: 2, form: true }))
})

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const code = (bytes: Uint8Array): string => {
  const result = readSignedPdf(bytes)
  return result.ok ? 'ok' : result.code
}

/** The document with all offsets moved, as a writer makes it that counts from the first octet of a file with something before it. */
function moved(pdf: Uint8Array, lead: string): Uint8Array {
  const text = latin1(pdf)
    .replace(
      /^(\d{10}) (\d{5}) n/gm,
      (_, offset, generation) => `${String(Number(offset) + lead.length).padStart(10, '0')} ${generation} n`,
    )
    .replace(/startxref\n(\d+)/g, (_, offset) => `startxref\n${Number(offset) + lead.length}`)
  return concat(lead, text)
}

describe('a header that is not at the first octet', () => {
  const lead = 'Content-Type: application/pdf\r\n\r\n'

  it('is found within 1,024 octets, whether offsets count from it or from the first octet', async () => {
    const plain = pdfOf(formObjects)
    for (const file of [concat(lead, plain), moved(plain, lead)]) {
      expect(readSignedPdf(file)).toMatchObject({ ok: true, version: '1.7', pageCount: 2, signatures: [] })
    }
    const signed = signForm(sealer, moved(plain, lead))
    expect(onlySignature(signed)).toMatchObject({ byteRange: 'ok', laterChanges: 'none' })
    expect(await isAccepted(signed)).toBe(true)
    expect(code(concat(' '.repeat(1_024), plain))).toBe('ok')
    expect(code(concat(' '.repeat(1_025), plain))).toBe('PADES_NOT_A_PDF')
  })

  it('does not bring what stands before it into a signature that does not cover it', async () => {
    for (const before of ['x', lead, '%PDF\n', '<script>alert(1)</script>\n']) {
      expect(await isAccepted(concat(before, sealed))).toBe(false)
    }
    expect(onlySignature(concat(lead, sealed)).byteRange).toBe('bad')
  })

  it('is refused where the file could be read in two ways', () => {
    const plain = latin1(pdfOf(formObjects))
    const at = Number(/startxref\n(\d+)/.exec(plain)![1])
    // A second cross-reference stands where the other way of counting looks.
    const gap = 'xref\n0 0\ntrailer\n<< /Size 1 /Root 1 0 R >>\n'
    const shifted = ' '.repeat(gap.length)
    const both = concat(
      shifted,
      plain.slice(0, at),
      gap,
      plain.slice(at).replace(`startxref\n${at}`, `startxref\n${at + gap.length}`),
    )
    expect(code(both)).toBe('PADES_XREF_BROKEN')
    expect(code(concat('x%PDF-1.4\n', pdfOf(formObjects)))).toBe('PADES_XREF_BROKEN')
  })
})

describe('a broken end', () => {
  const ends: Readonly<Record<string, () => Uint8Array>> = {
    'a cross-reference that is not where startxref says': () => {
      const later = latin1(update(sealed, () => []))
      const at = later.lastIndexOf('startxref\n') + 10
      return concat(later.slice(0, at), '7', later.slice(at))
    },
    'an update cut off in its trailer': () =>
      concat(sealed, latin1(update(sealed, () => [])).slice(sealed.length, -30), '\nstartxref\n'),
    'a startxref without an offset': () => concat(sealed, 'startxref\n%%EOF\n'),
    'a chain that leads back to itself': () => {
      const later = latin1(update(sealed, () => []))
      const own = /startxref\n(\d+)\n%%EOF\n$/.exec(later)![1]!
      const tail = later.slice(sealed.length).replace(/\/Prev \d+/, `/Prev ${own}`)
      return concat(sealed, tail)
    },
    'an update that lists objects twice': () => {
      const later = latin1(update(sealed, () => [{ number: 900, generation: 0, body: 'null' }]))
      const tail = later.slice(sealed.length)
      const entry = /900 1\n\d{10} 00000 n \n/.exec(tail)![0]
      return concat(sealed, tail.replace(entry, entry + entry))
    },
  }
  for (const [name, make] of Object.entries(ends)) {
    it(`is told, and nothing before it is judged: ${name}`, async () => {
      const bytes = make()
      expect(await isAccepted(bytes)).toBe(false)
      const result = readSignedPdf(bytes)
      expect(result).toMatchObject({ ok: false, lastReadable: { end: sealed.length, signatures: ['Seal1'] } })
      const report = await verifyDocument({ name: 'a.pdf', bytes }, NO_EVIDENCE, { trustAnchors: [] }, new Date(0))
      expect(report).toMatchObject({
        verdict: 'refused',
        indication: 'INDETERMINATE',
        subIndication: 'FORMAT_FAILURE',
        signatures: [],
        findings: [{ code: 'LAST_REVISION_BROKEN' }],
      })
    })
  }

  it('is not blamed where nothing before it can be read, or nothing there is signed', async () => {
    const plain = await makePdf()
    expect(readSignedPdf(concat(plain, 'startxref\n%%EOF\n'))).toMatchObject({ ok: false, lastReadable: null })
    const middle = patch(sealed, '/Type /Catalog', '/Type /Catalox')
    expect(readSignedPdf(middle)).toMatchObject({ ok: false, lastReadable: null })
  })
})

describe('cross-references', () => {
  it('of a later revision that are hybrid leave open what was added', async () => {
    const later = latin1(update(sealed, () => []))
    const previous = /\/Prev (\d+)/.exec(later.slice(sealed.length))![1]!
    const stream = `${sealed.length}`
    const object =
      '950 0 obj\n<< /Type /XRef /Size 1 /W [1 1 1] /Index [0 0] /Length 0 >>\nstream\n\nendstream\nendobj\n'
    const table = `xref\n0 0\ntrailer\n<< /Size 951 ${/\/Root \d+ 0 R/.exec(later)![0]} /Prev ${previous} /XRefStm ${stream} >>\n`
    const bytes = concat(sealed, object, table, `startxref\n${sealed.length + object.length}\n%%EOF\n`)
    const result = readSignedPdf(bytes)
    expect(result.ok && result.signatures[0]!.laterChanges).toBe('undecided')
    expect(await isAccepted(bytes)).toBe(false)
  })

  it('that free an object take it away, and that is no permitted change', async () => {
    const page = /(\d+) 0 obj\n<<[^>]*\/Type \/Page\b/.exec(latin1(sealed))![1]!
    const later = latin1(update(sealed, () => []))
    const tail = later.slice(sealed.length)
    const freed = tail.replace('xref\n', `xref\n${page} 1\n0000000000 00001 f \n`)
    const bytes = concat(sealed, freed)
    expect(await isAccepted(bytes)).toBe(false)
  })

  it('tell where each revision ends', () => {
    const later = update(sealed, () => [])
    expect(
      read(later)
        .revisions.map(({ end }) => end)
        .slice(-2),
    ).toEqual([sealed.length, later.length])
  })
})
