import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { embedCms, prepareSeal, sealDocument } from '../../pades/write/index.ts'
import { throwsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { isAccepted, makePdf, makeSealer, onlySignature, read, sealOptions, shapes, signedAt } from './documents.ts'

let sealer: Awaited<ReturnType<typeof makeSealer>>
let rsaSealer: Awaited<ReturnType<typeof makeSealer>>
beforeAll(async () => {
  sealer = await makeSealer()
  rsaSealer = await makeSealer('rsa-2048')
})

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0

describe('sealDocument', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(`seals ${name} and keeps every earlier byte`, async () => {
      const pdf = await makePdf(shape)
      const copy = pdf.slice()
      const sealed = sealer.seal(pdf)
      expect(startsWith(sealed, copy)).toBe(true)
      expect(Buffer.compare(pdf, copy)).toBe(0)
      expect(await isAccepted(sealed)).toBe(true)
      expect(onlySignature(sealed)).toMatchObject({
        field: 'Seal1',
        type: 'signature',
        subFilter: 'ETSI.CAdES.detached',
        byteRange: 'ok',
        coversWholeFile: true,
        laterChanges: 'none',
        paddingIsZero: true,
        docMdp: 1,
        name: sealOptions.name,
        reason: sealOptions.reason,
        claimedSigningTime: signedAt,
        page: 0,
      })
    })
  }

  it('gives the same bytes for the same document, options and signature', async () => {
    const pdf = await makePdf()
    expect(Buffer.compare(rsaSealer.seal(pdf), rsaSealer.seal(pdf))).toBe(0)
    const { signer, key } = rsaSealer
    expect(Buffer.compare(await sealDocument(pdf, sealOptions, signer, key), rsaSealer.seal(pdf))).toBe(0)
  })

  it('needs a key with signSync only for the call without a promise', async () => {
    const pdf = await makePdf()
    const { signSync: _, ...remote } = rsaSealer.key
    const sealed = await sealDocument(pdf, sealOptions, rsaSealer.signer, remote)
    expect(await isAccepted(sealed)).toBe(true)
  })

  it('puts the widget on the page asked for, without touching the others', async () => {
    const pdf = await makePdf({ pages: 3, annotations: 'shared' })
    const sealed = sealer.seal(pdf, { place: { ...sealOptions.place, page: 2 } })
    expect(onlySignature(sealed).page).toBe(2)
    expect(read(sealed).revisions[1]!.replaced).toHaveLength(2)
  })

  it('adds an approval signature to a signed document, which stays permitted', async () => {
    const once = sealer.sign(await makePdf({ pages: 2 }))
    const twice = rsaSealer.sign(once, { field: 'Seal2' })
    expect(startsWith(twice, once)).toBe(true)
    expect(await isAccepted(twice)).toBe(true)
    expect(read(twice).signatures.map(({ field, laterChanges }) => [field, laterChanges])).toEqual([
      ['Seal1', 'permitted'],
      ['Seal2', 'none'],
    ])
  })

  it('does the same on cross-reference streams', async () => {
    const twice = sealer.sign(sealer.sign(await makePdf({ objectStreams: true })), { field: 'Seal2' })
    expect(await isAccepted(twice)).toBe(true)
  })

  it('writes cross-reference entries of exactly twenty bytes', async () => {
    const sealed = Buffer.from(sealer.seal(await makePdf())).toString('latin1')
    const table = /xref\n([\s\S]*?)trailer/.exec(sealed.slice(sealed.lastIndexOf('\nxref\n')))![1]!
    const entries = table.split(/(?<=\n)/).filter((line) => !/^\d+ \d+\n$/.test(line))
    expect(entries).toHaveLength(5)
    for (const entry of entries) expect(entry).toMatch(/^\d{10} \d{5} n \n$/)
  })

  it('keeps the first part of /ID and changes the second', async () => {
    const ids = (bytes: Uint8Array) =>
      [
        ...Buffer.from(bytes)
          .toString('latin1')
          .matchAll(/\/ID\s*\[\s*<(\w+)>\s*<(\w+)>/g),
      ].map((match) => match.slice(1))
    const [before, after] = ids(sealer.sign(sealer.sign(await makePdf()), { field: 'Seal2' }))
    expect(after![0]).toBe(before![0])
    expect(after![1]).not.toBe(before![1])
  })
})

describe('prepareSeal', () => {
  const options = { ...sealOptions, contentsLength: 4000 }

  it('digests both stretches as they are written', async () => {
    const prepared = prepareSeal(await makePdf(), options)
    const [, end, start, length] = prepared.byteRange
    const before = prepared.bytes.slice()
    const expected = createHash('sha256')
      .update(prepared.bytes.subarray(0, end))
      .update(prepared.bytes.subarray(start, start + length))
      .digest()
    expect(Buffer.compare(prepared.digest(), expected)).toBe(0)
    expect(Buffer.compare(prepared.bytes, before)).toBe(0)
    expect(prepared.bytes[end]).toBe(0x3c)
    expect(start + length).toBe(prepared.bytes.length)
  })

  it('digests alike when the reserved place is shorter than what follows it', async () => {
    const prepared = prepareSeal(await makePdf(), { ...options, contentsLength: 10 })
    const [, end, start] = prepared.byteRange
    const expected = createHash('sha256')
      .update(prepared.bytes.subarray(0, end))
      .update(prepared.bytes.subarray(start))
      .digest()
    expect(Buffer.compare(prepared.digest(), expected)).toBe(0)
  })

  it('refuses what cannot be sealed, each with its code', async () => {
    const pdf = await makePdf({ form: true })
    const place = (change: object) => () => prepareSeal(pdf, { ...options, place: { ...options.place, ...change } })
    throwsWithCode(place({ page: 7 }), 'PADES_PAGE_NOT_FOUND')
    throwsWithCode(place({ page: -1 }), 'PADES_PAGE_NOT_FOUND')
    throwsWithCode(place({ width: 0 }), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(place({ x: Number.NaN }), 'PADES_PLACEMENT_INVALID')
    throwsWithCode(() => prepareSeal(pdf, { ...options, field: 'applicant.name' }), 'PADES_FIELD_NAME_TAKEN')
    throwsWithCode(() => prepareSeal(sealer.sign(pdf), { ...options, docMdp: 2 }), 'PADES_FIELD_ALREADY_SIGNED')
    throwsWithCode(() => prepareSeal(sealer.sign(pdf), { ...options, field: 'Seal2' }), 'PADES_ALREADY_SIGNED')
    throwsWithCode(() => prepareSeal(sealer.seal(pdf), { ...options, field: 'Seal2' }), 'PADES_CHANGES_NOT_PERMITTED')
    throwsWithCode(() => prepareSeal(new Uint8Array(100), options), 'PADES_XREF_BROKEN')
  })
})

describe('embedCms', () => {
  it('refuses a CMS that is longer than the place reserved for it', async () => {
    const prepared = prepareSeal(await makePdf(), { ...sealOptions, contentsLength: 16 })
    throwsWithCode(() => embedCms(prepared, new Uint8Array(17)), 'PADES_CONTENTS_TOO_SMALL')
  })

  it('leaves nothing of a longer CMS that was embedded before', async () => {
    const prepared = prepareSeal(await makePdf(), { ...sealOptions, contentsLength: 16 })
    embedCms(prepared, Uint8Array.of(0x04, 3, 1, 2, 3))
    const signature = onlySignature(embedCms(prepared, Uint8Array.of(0x04, 1, 9)))
    expect(signature.contents).toEqual(Uint8Array.of(0x04, 1, 9))
    expect(signature.paddingIsZero).toBe(true)
  })
})

describe.skipIf(isMissing('qpdf', 'pdfsig', 'mutool'))('sealed files under other tools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-seal-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  for (const [name, shape] of Object.entries(shapes)) {
    it(`finds nothing wrong with the seal on ${name}`, async () => {
      const file = join(folder, `${name.replaceAll(/\W/g, '-')}.pdf`)
      writeFileSync(file, rsaSealer.seal(await makePdf(shape)))
      const qpdf = run('qpdf', ['--check', file])
      expect(qpdf.output).toContain('No syntax or stream encoding errors found')
      expect(qpdf.status).toBe(0)
      const pdfsig = run('pdfsig', ['-nocert', file])
      expect(pdfsig.output).toContain('Signature is Valid')
      expect(pdfsig.output).toContain('Total document signed')
      const mutool = run('mutool', ['sign', '-v', file])
      expect(mutool.output).toContain('The document is unchanged since signing')
      const complaints = mutool.output.split('\n').filter((line) => /error|warning|repair/i.test(line))
      expect(complaints).toEqual(['\tCertificate error: Self-signed certificate in chain.'])
    })
  }
})
