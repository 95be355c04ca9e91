import { type Change, FORMS, latin1, ODD_OFFSETS, somethingToReplace } from './pdf-change.ts'
import { appendRevision, bodyOf, deflated, type NewObject, streamBody } from './pdf-file.ts'
import { mutateObject } from './pdf-object.ts'

const packedZeros = new Map<string, string>()

/** A long text of zeros, deflated once or twice. */
function zeros(length: number, isTwice: boolean): string {
  const key = `${length} ${isTwice}`
  if (!packedZeros.has(key)) {
    const once = deflated('0 '.repeat(length / 2))
    packedZeros.set(key, isTwice ? deflated(once) : once)
  }
  return packedZeros.get(key)!
}

export const revisions: readonly Change[] = [
  function replaceObject(pdf, random, other) {
    const number = somethingToReplace(pdf, random)
    const body = mutateObject(bodyOf(pdf, number) ?? '<<>>', pdf, random, other)
    return appendRevision(pdf, [{ number, body }], { form: random.pick(FORMS) })
  },
  function replaceSeveral(pdf, random, other) {
    const objects = Array.from({ length: random.between(2, 6) }, (): NewObject => {
      const number = random.chance(0.2) ? pdf.size + random.below(5) : somethingToReplace(pdf, random)
      const body = bodyOf(pdf, somethingToReplace(pdf, random)) ?? '<<>>'
      return { number, body: random.chance(0.5) ? body : mutateObject(body, pdf, random, other) }
    })
    return appendRevision(pdf, objects, { form: random.pick(FORMS) })
  },
  function sameObjectAgain(pdf, random) {
    const number = somethingToReplace(pdf, random)
    return appendRevision(pdf, [{ number, body: bodyOf(pdf, number) ?? ' null ' }], { form: random.pick(FORMS) })
  },
  function freeObject(pdf, random) {
    return appendRevision(pdf, [], {
      form: random.pick(['table', 'stream'] as const),
      freed: [somethingToReplace(pdf, random)],
    })
  },
  function newRoot(pdf, random, other) {
    const old = bodyOf(pdf, Number.parseInt(pdf.root ?? '1', 10)) ?? '<</Type/Catalog>>'
    const number = pdf.size
    const body = random.chance(0.5) ? old : mutateObject(old, pdf, random, other)
    return appendRevision(pdf, [{ number, body }], { form: random.pick(FORMS), root: `${number} 0 R` })
  },
  function emptyRevision(pdf, random) {
    return appendRevision(pdf, [], {
      form: random.pick(FORMS),
      ...(random.chance(0.3) ? { prev: Number(ODD_OFFSETS(pdf, random)) } : {}),
    })
  },
  function addAnnotation(pdf, random) {
    const page = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Page\b/.test(pdf.text.slice(from, to)))
    if (!page) return pdf.bytes
    const annotation = pdf.size
    const kinds = [
      '/Subtype/FreeText/DA(/F 9 Tf)/Contents(x)',
      '/Subtype/Stamp',
      '/Subtype/Widget/FT/Tx/T(n)/V(x)',
      '/Subtype/Widget/FT/Sig/T(Seal1)',
      '/Subtype/Link/A<</S/URI/URI(http://x)>>',
      '/Subtype/Square/C[1 0 0]',
    ]
    const rect = random.pick(['0 0 0 0', '0 0 600 800', '10 10 90 90'])
    const body = pdf.text.slice(page.from, page.to)
    const listed = body.includes('/Annots[')
      ? body.replace('/Annots[', `/Annots[${annotation} 0 R `)
      : body.replace('<<', `<</Annots[${annotation} 0 R]`)
    const objects = [
      { number: annotation, body: `<</Type/Annot${random.pick(kinds)}/Rect[${rect}]/F 4/P ${page.number} 0 R>>` },
      { number: page.number, body: listed },
    ]
    return appendRevision(pdf, objects, { form: random.pick(FORMS) })
  },
  function replaceContent(pdf, random) {
    const page = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Page\b/.test(pdf.text.slice(from, to)))
    const contents = page && /\/Contents\s*\[?\s*(\d+) 0 R/.exec(pdf.text.slice(page.from, page.to))?.[1]
    if (!contents) return pdf.bytes
    return appendRevision(
      pdf,
      [{ number: Number(contents), body: streamBody('', 'BT /F1 40 Tf 50 500 Td (FORGED) Tj ET') }],
      { form: random.pick(FORMS) },
    )
  },
  function replaceEmbedded(pdf, random, other) {
    const files = pdf.objects.filter(({ from, to }) =>
      /\/Type\s*\/EmbeddedFile|\/EmbeddedFiles|\/Type\s*\/Filespec/.test(pdf.text.slice(from, to)),
    )
    if (!files.length) return pdf.bytes
    const { number } = random.pick(files)
    return appendRevision(pdf, [{ number, body: mutateObject(bodyOf(pdf, number)!, pdf, random, other) }], {
      form: random.pick(FORMS),
    })
  },
  function replaceMetadata(pdf, random) {
    const metadata = pdf.objects.findLast(({ from, to }) => /\/Type\s*\/Metadata/.test(pdf.text.slice(from, to)))
    const number = metadata?.number ?? pdf.size
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'a'.repeat(99)}">]><x>${'&a;'.repeat(99)}</x>`
    const data = random.pick(['<x:xmpmeta xmlns:x="adobe:ns:meta/"/>', bomb, '', '<'.repeat(10_000)])
    return appendRevision(pdf, [{ number, body: streamBody('/Type/Metadata/Subtype/XML', data) }], {
      form: random.pick(FORMS),
    })
  },
  function addValidationData(pdf, random, other) {
    const root = Number.parseInt(pdf.root ?? '1', 10)
    const catalog = bodyOf(pdf, root) ?? '<</Type/Catalog>>'
    const ders = pdf.objects.filter(({ from, to }) => /stream\r?\n0\u0082/.test(pdf.text.slice(from, to)))
    const data = pdf.size
    const lend = () =>
      ders.length && random.chance(0.8)
        ? pdf.text.slice(random.pick(ders).from).split('endobj')[0]!
        : streamBody('', 'junk')
    const body = random.chance(0.5) ? lend() : mutateObject(lend(), pdf, random, other)
    const kind = random.pick(['Certs', 'OCSPs', 'CRLs', 'VRI'])
    const value =
      kind === 'VRI'
        ? `<</${'A'.repeat(40)}<</OCSP[${data} 0 R]>>>>`
        : `[${data} 0 R${` ${data} 0 R`.repeat(random.pick([0, 5, 20_000]))}]`
    const store = { number: data + 1, body: `<</Type/DSS/${kind}${value}>>` }
    const changed = /\/DSS\s*\d+ 0 R/.test(catalog)
      ? catalog.replace(/\/DSS\s*\d+ 0 R/, `/DSS ${data + 1} 0 R`)
      : catalog.replace('<<', `<</DSS ${data + 1} 0 R`)
    return appendRevision(pdf, [{ number: data, body }, store, { number: root, body: changed }], {
      form: random.pick(['table', 'stream', 'object-stream'] as const),
    })
  },
  function bomb(pdf, random) {
    const length = random.pick([1 << 20, 40 << 20])
    const data = zeros(length, random.chance(0.4))
    const filter = random.pick([
      '/Filter/FlateDecode',
      '/Filter[/FlateDecode/FlateDecode]',
      '/Filter[/FlateDecode/FlateDecode/FlateDecode]',
      `/Filter[${'/FlateDecode'.repeat(5_000)}]`,
    ])
    const number = random.chance(0.5) ? somethingToReplace(pdf, random) : pdf.size
    const type = random.pick([
      '',
      '/Type/ObjStm/N 100000/First 10',
      '/Type/XRef/W[1 4 2]/Size 99999999',
      '/Type/EmbeddedFile',
      '/Type/Metadata',
    ])
    const bytes = appendRevision(pdf, [{ number, body: streamBody(`${type}${filter}`, data) }], {
      form: random.pick(FORMS),
    })
    if (!type.includes('XRef')) return bytes
    const at = Buffer.from(bytes).lastIndexOf(`${number} 0 obj`)
    return new Uint8Array(Buffer.concat([bytes, latin1(`startxref\n${at}\n%%EOF\n`)]))
  },
  function objectStreamLoop(pdf, random) {
    const holder = pdf.size
    const number = somethingToReplace(pdf, random)
    const data = `${random.pick([number, holder])} 0 ${bodyOf(pdf, number)?.trim() ?? 'null'}`
    const body = streamBody(
      `/Type/ObjStm/N ${random.pick([1, 2, 1_000_000])}/First ${random.pick([4, data.indexOf(' ', data.indexOf(' ') + 1) + 1, 10 ** 9])}/Extends ${holder} 0 R`,
      data,
    )
    return appendRevision(pdf, [{ number: holder, body }], {
      form: random.pick(['stream', 'hybrid', 'table'] as const),
    })
  },
  function chainOfRevisions(pdf, random) {
    let last = pdf
    const count = random.pick([3, 20, 60])
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(appendRevision(last, [], { form: random.pick(['table', 'stream'] as const) }))
      const startxref = Number(/startxref\n(\d+)/.exec(bytes.toString('latin1', bytes.length - 60))![1])
      last = {
        ...last,
        bytes,
        text: last.text.slice(0, -1) + bytes.toString('latin1', last.bytes.length - 1),
        startxref,
      }
    }
    return last.bytes
  },
]
