import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PdfDocument, shareBytes } from '../../pades/document.ts'
import { decrypt } from '../../pades/encryption.ts'
import { appendUpdate, firstFreeNumber, type UpdatedObject } from '../../pades/incremental-update.ts'
import { Budget, defaultLimits } from '../../pades/limits.ts'
import { isArray, isDictionary, isReference, isString, type PdfDictionary, type PdfValue } from '../../pades/objects.ts'
import { readPages } from '../../pades/pages.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { PadesError, prepareSeal } from '../../pades/write/index.ts'
import { writeDictionary } from '../../pades/write-value.ts'
import { NO_EVIDENCE, verifyDocument } from '../../verifier/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'
import { isAccepted, makePdf, makeSealer, onlySignature, patch, read, sealOptions } from './documents.ts'

// Documents that open without a password, as qpdf encrypts them, and a signature put on the encrypted file.

const text = '{"number":"1"}'
const ways: Readonly<Record<string, readonly string[]>> = {
  'RC4, 40 bits': ['', 'owner', '40', '--'],
  'RC4, 128 bits': ['', 'owner', '128', '--use-aes=n', '--'],
  'crypt filters with RC4, metadata in the clear': ['', 'owner', '128', '--force-V4', '--cleartext-metadata', '--'],
  'AES, 128 bits': ['', 'owner', '128', '--use-aes=y', '--'],
  'AES, 256 bits, revision 5': ['', 'owner', '256', '--force-R5', '--'],
  'AES, 256 bits': ['', 'owner', '256', '--'],
  'AES, 256 bits, metadata in the clear': ['', 'owner', '256', '--cleartext-metadata', '--'],
}

let sealer: Awaited<ReturnType<typeof makeSealer>>
let plain: Uint8Array
const folder = temporaryFolder()
beforeAll(async () => {
  sealer = await makeSealer()
  plain = await makePdf({ pages: 2, form: true, file: { name: 'licence.json', text } })
})

function encrypt(pdf: Uint8Array, way: readonly string[], ...options: readonly string[]): Uint8Array {
  const [from, to] = [join(folder, 'plain.pdf'), join(folder, 'encrypted.pdf')]
  writeFileSync(from, pdf)
  const done = run('qpdf', [from, '--allow-weak-crypto', ...options, '--encrypt', ...way, to])
  if (done.status !== 0) throw new Error(done.output)
  return new Uint8Array(readFileSync(to))
}

const open = (bytes: Uint8Array) =>
  new PdfDocument(shareBytes(bytes, new Budget(defaultLimits), { base: 0, mayDecrypt: true }), bytes.length)

function append(bytes: Uint8Array, objects: (document: PdfDocument, free: number) => readonly UpdatedObject[]) {
  const document = open(bytes)
  return appendUpdate(document, objects(document, firstFreeNumber(document)), new Uint8Array(16)).bytes
}

/** A dictionary of the document in PDF syntax, with its strings encrypted again for the object that it becomes. */
function encrypted(document: PdfDocument, number: number, dictionary: PdfDictionary, replaced = {}): string {
  const { opened } = document.shared.encryption!
  const encryptString = (plain: Uint8Array): Uint8Array => {
    if (opened!.strings === 'rc4') return decrypt(opened!, 'rc4', plain, { number, generation: 0 })
    const iv = randomBytes(16)
    const name = opened!.strings === 'aes-256' ? 'aes-256-cbc' : 'aes-128-cbc'
    const place = Uint8Array.of(number, number >> 8, number >> 16, 0, 0)
    const salted = createHash('md5').update(opened!.key).update(place).update('sAlT').digest()
    const cipher = createCipheriv(name, name === 'aes-256-cbc' ? opened!.key : salted, iv)
    return Buffer.concat([iv, cipher.update(plain), cipher.final()])
  }
  const encryptValue = (value: PdfValue): PdfValue => {
    if (isString(value)) return { ...value, bytes: encryptString(value.bytes) }
    if (isArray(value)) return { ...value, items: value.items.map(encryptValue) }
    if (!isDictionary(value)) return value
    return { ...value, entries: new Map([...value.entries].map(([key, item]) => [key, encryptValue(item)])) }
  }
  return writeDictionary(encryptValue(dictionary) as PdfDictionary, replaced)
}

const rootOf = (document: PdfDocument): number => {
  const root = document.trailer.entries.get('Root')
  return isReference(root) ? root.number : 0
}

/** An invisible signature without any string but /Contents, which stands in the clear. */
function signEncrypted(pdf: Uint8Array): Uint8Array {
  const placeholder = '0'.repeat(8)
  const bytes = append(pdf, (document, free) => [
    {
      number: free,
      generation: 0,
      body: `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 ${placeholder} ${placeholder} ${placeholder}] /Contents <${'0'.repeat(2 * sealer.signer.maxLength)}> >>`,
    },
    {
      number: free + 1,
      generation: 0,
      body: `<< /Type /Annot /Subtype /Widget /FT /Sig /Rect [0 0 0 0] /V ${free} 0 R >>`,
    },
    {
      number: rootOf(document),
      generation: 0,
      body: encrypted(document, rootOf(document), document.catalog, {
        AcroForm: `<< /Fields [${free + 1} 0 R] /SigFlags 3 >>`,
      }),
    },
  ])
  const file = Buffer.from(bytes)
  const from = file.indexOf('<0000', file.lastIndexOf('/Contents'))
  const to = file.indexOf('>', from) + 1
  const range = `/ByteRange [0 ${[from, to, file.length - to].map((number) => String(number).padStart(8, '0')).join(' ')}]`
  file.write(range, file.lastIndexOf('/ByteRange'), 'latin1')
  const digest = new Uint8Array(createHash('sha256').update(file.subarray(0, from)).update(file.subarray(to)).digest())
  const cms = sealer.signer.assemble(digest, sealer.key.signSync!(sealer.signer.attributesToSign(digest)))
  file.write(Buffer.from(cms).toString('hex'), from + 1, 'latin1')
  return new Uint8Array(file)
}

describe.skipIf(isMissing('qpdf', 'mutool'))('readSignedPdf on an encrypted document', () => {
  for (const [name, way] of Object.entries(ways)) {
    for (const objectStreams of way[2] === '40' ? ['disable'] : ['disable', 'generate']) {
      it(`reads strings, streams and a signature under ${name}, object streams ${objectStreams}`, async () => {
        const signed = signEncrypted(encrypt(plain, way, `--object-streams=${objectStreams}`))
        writeFileSync(join(folder, 'signed.pdf'), signed)
        expect(run('qpdf', ['--check', join(folder, 'signed.pdf')]).output).toContain(
          'No syntax or stream encoding errors',
        )
        expect(run('mutool', ['show', join(folder, 'signed.pdf'), 'trailer']).status).toBe(0)
        const pdf = read(signed)
        const files = pdf.embeddedFiles(pdf.signatures[0])
        expect(files.ok && files.files.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([text])
        expect(files.ok && files.files[0]!.name).toBe('licence.json')
        expect(onlySignature(signed)).toMatchObject({ byteRange: 'ok', laterChanges: 'none' })
        expect(await isAccepted(signed)).toBe(true)
      })
    }
  }

  it('judges what was added to it as in any other document', async () => {
    const signed = signEncrypted(encrypt(plain, ways['AES, 256 bits']!))
    const turned = append(signed, (document) => {
      const page = readPages(document)[0]!
      return [
        {
          number: page.object,
          generation: 0,
          body: encrypted(document, page.object, page.dictionary, { Rotate: '90' }),
        },
      ]
    })
    expect(onlySignature(turned).laterChanges).toBe('not-permitted')
    const same = append(signed, (document) => {
      const page = readPages(document)[0]!
      return [{ number: page.object, generation: 0, body: encrypted(document, page.object, page.dictionary) }]
    })
    expect(onlySignature(same).laterChanges).toBe('permitted')
  })

  it('does not follow a later revision that is encrypted in another way, or not at all', async () => {
    for (const name of ['RC4, 128 bits', 'AES, 256 bits']) {
      const signed = signEncrypted(encrypt(plain, ways[name]!))
      const noMore = append(signed, () => [])
      const bare = patch(noMore, '/Encrypt', '/Encrypt')
      const at = Buffer.from(bare).lastIndexOf('/Encrypt')
      bare.set(Buffer.from('/Encrypz'), at)
      expect(await isAccepted(bare), name).toBe(false)
      const rewritten = append(signed, (document) => {
        const encryption = document.trailer.entries.get('Encrypt')
        const number = isReference(encryption) ? encryption.number : 0
        return [{ number, generation: 0, body: writeDictionary(document.object(number)!.value as PdfDictionary) }]
      })
      const result = readSignedPdf(rewritten)
      expect(result.ok ? result.signatures[0]!.laterChanges : result.code, name).not.toBe('permitted')
      expect(await isAccepted(rewritten), name).toBe(false)
    }
  })

  it('says that it needs a password, and the verifier leaves it undecided', async () => {
    for (const way of [
      ['secret', 'owner', '40', '--'],
      ['secret', 'owner', '128', '--use-aes=y', '--'],
      ['secret', 'owner', '256', '--'],
    ]) {
      const locked = encrypt(plain, way)
      expect(readSignedPdf(locked)).toMatchObject({ ok: false, code: 'PADES_ENCRYPTED' })
      const report = await verifyDocument(
        { name: 'a.pdf', bytes: locked },
        NO_EVIDENCE,
        { trustAnchors: [] },
        new Date(0),
      )
      expect(report).toMatchObject({
        verdict: 'undecided',
        indication: 'INDETERMINATE',
        subIndication: 'FORMAT_FAILURE',
      })
      expect(report.findings.map(({ code }) => code)).toEqual(['PDF_ENCRYPTED'])
    }
  })

  it('says so of recipients, of an unknown handler, and of permissions that were changed', () => {
    const original = encrypt(plain, ways['AES, 256 bits']!)
    for (const bytes of [
      patch(original, '/Filter /Standard', '/Filter /StandarX'),
      patch(original, '/CFM /AESV3', '/CFM /AESV9'),
      patch(original, '/R 6', '/R 7'),
      patch(original, '/P -4', '/P -8'),
    ]) {
      expect(readSignedPdf(bytes)).toMatchObject({ ok: false, code: 'PADES_ENCRYPTED' })
    }
  })

  it('is not sealed by the writer, which would have to encrypt what it adds', () => {
    const bytes = encrypt(plain, ways['AES, 256 bits']!)
    expect(() => prepareSeal(bytes, { ...sealOptions, contentsLength: 100 })).toThrow(PadesError)
  })

  it('takes the page tree of an encrypted document for what qpdf takes it', () => {
    const bytes = encrypt(plain, ways['RC4, 128 bits']!, '--object-streams=generate')
    expect(isArray(open(bytes).dictionary(open(bytes).catalog.entries.get('Pages'))!.entries.get('Kids'))).toBe(true)
    expect(read(bytes).pageCount).toBe(2)
  })
})
