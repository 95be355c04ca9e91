import { PDFArray, PDFDocument, PDFName } from '@cantoo/pdf-lib'
import { PdfDocument, shareBytes } from '../../pades/document.ts'
import { appendUpdate, firstFreeNumber, type UpdatedObject } from '../../pades/incremental-update.ts'
import { Budget, defaultLimits } from '../../pades/limits.ts'
import { type PdfSignature, readSignedPdf, type SignedPdf } from '../../pades/read/index.ts'
import { type SealOptions, sealDocumentSync } from '../../pades/write/index.ts'
import { cms } from '../../pki/index.ts'
import { createTestPki, type TestKeyKind } from '../fixtures/pki.ts'

export const signedAt = new Date('2026-11-21T08:00:00Z')

export const sealOptions = {
  field: 'Seal1',
  place: { page: 0, x: 380.5, y: 90.25, width: 119.06, height: 119.06 },
  appearance: { content: new TextEncoder().encode('1 0 0 RG 4 w 10 10 80 80 re S'), bbox: [0, 0, 100, 100] },
  name: '云汀市市场监督管理局',
  reason: '制发电子证照',
  signedAt,
  docMdp: 1,
} as const satisfies SealOptions

/** What makes one foreign document different from another. */
export interface DocumentShape {
  readonly pages?: number
  readonly objectStreams?: boolean
  /** a text field and its widget on the first page */
  readonly form?: boolean
  /** an empty /Annots, as cantoo leaves it, or one in an object of its own shared by all pages */
  readonly annotations?: 'empty' | 'shared'
  readonly file?: { readonly name: string; readonly text: string }
}

/** A PDF by a writer that is not ours. */
export async function makePdf(shape: DocumentShape = {}): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  for (let i = 0; i < (shape.pages ?? 1); i++) document.addPage([595.28, 841.89]).drawText(`Page ${i + 1}`)
  const [first] = document.getPages()
  if (shape.form === true) document.getForm().createTextField('applicant.name').addToPage(first!)
  if (shape.annotations === 'empty') first!.node.set(PDFName.of('Annots'), document.context.obj([]))
  if (shape.annotations === 'shared') {
    const list = document.context.register(PDFArray.withContext(document.context))
    for (const page of document.getPages()) page.node.set(PDFName.of('Annots'), list)
  }
  if (shape.file !== undefined) {
    await document.attach(new TextEncoder().encode(shape.file.text), shape.file.name, { mimeType: 'application/json' })
  }
  return document.save({ useObjectStreams: shape.objectStreams ?? false })
}

export const shapes: Readonly<Record<string, DocumentShape>> = {
  'a plain document': {},
  'a document of three pages with a form': { pages: 3, form: true },
  'a document with an empty /Annots': { annotations: 'empty' },
  'a document whose pages share one /Annots': { pages: 2, annotations: 'shared' },
  'a document with object streams': { objectStreams: true, pages: 2 },
  'a document with object streams and a form': { objectStreams: true, form: true },
}

/** A seal's compiled CMS with its key. */
export async function makeSealer(kind: TestKeyKind = 'ec-p256') {
  const pki = await createTestPki({ root: {}, issuing: { under: 'root' }, seal: { under: 'issuing', key: kind } })
  const { certificate, chain, key } = pki.get('seal')
  const signer = cms.compileSigner({ certificate, chain, signatureAlgorithm: key.signatureAlgorithm })
  return {
    signer,
    key,
    root: pki.get('root').certificate,
    seal: (pdf: Uint8Array, options: Partial<SealOptions> = {}) =>
      sealDocumentSync(pdf, { ...sealOptions, ...options }, signer, key),
    /** An approval signature: it certifies nothing. */
    sign(pdf: Uint8Array, options: Partial<SealOptions> = {}) {
      const { docMdp: _, ...approval } = sealOptions
      return sealDocumentSync(pdf, { ...approval, ...options }, signer, key)
    },
  }
}

export const openPdf = (bytes: Uint8Array) =>
  new PdfDocument(shareBytes(bytes, new Budget(defaultLimits)), bytes.length)

/** Appends an update with any objects, as an attacker or another tool would. */
export function update(
  bytes: Uint8Array,
  objects: (document: PdfDocument, free: number) => readonly UpdatedObject[],
): Uint8Array {
  const document = openPdf(bytes)
  return appendUpdate(document, objects(document, firstFreeNumber(document)), new Uint8Array(16)).bytes
}

/** Text as evidence has it, as far as a PDF is concerned: one SEQUENCE. */
export function inSequence(text: string): string {
  const length = text.length < 0x80 ? [text.length] : [0x82, text.length >> 8, text.length & 0xff]
  return String.fromCharCode(0x30, ...length) + text
}

/** Puts text in place of other text of the same length. */
export function patch(bytes: Uint8Array, from: string, to: string): Uint8Array {
  if (from.length !== to.length) throw new TypeError('a patch keeps the length')
  const at = Buffer.from(bytes).indexOf(from, 0, 'latin1')
  if (at < 0) throw new TypeError(`no "${from}" to patch`)
  const patched = bytes.slice()
  patched.set(Buffer.from(to, 'latin1'), at)
  return patched
}

export const concat = (...parts: (Uint8Array | string)[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))))

export function read(bytes: Uint8Array): SignedPdf {
  const result = readSignedPdf(bytes)
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`)
  return result
}

export const onlySignature = (bytes: Uint8Array): PdfSignature => {
  const { signatures } = read(bytes)
  if (signatures.length !== 1) throw new Error(`${signatures.length} signatures`)
  return signatures[0]!
}

/** Whether a reader that trusts every signer would take the document: what no attack may reach. */
export async function isAccepted(bytes: Uint8Array): Promise<boolean> {
  const result = readSignedPdf(bytes)
  if (!result.ok || result.signatures.length === 0) return false
  for (const signature of result.signatures) {
    if (signature.byteRange !== 'ok' || !['none', 'permitted'].includes(signature.laterChanges)) return false
    if (signature.contents === null || !(await isIntact(signature))) return false
  }
  return true
}

async function isIntact(signature: PdfSignature): Promise<boolean> {
  try {
    const data = cms.parseSignedData(signature.contents!, { allowBer: true })
    if (data.signerInfos.length !== 1) return false
    if (signature.type === 'document-time-stamp') return await isTimeStampIntact(data, signature)
    const [answer] = await cms.verifySignedData(data, { content: signature.signedBytes() })
    return answer?.messageDigestMatches !== false && answer?.signatureValid === true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** The token's own signature, and its imprint found as it is among the bytes that it signs (RFC 3161, 2.4.2). */
async function isTimeStampIntact(data: cms.SignedData, signature: PdfSignature): Promise<boolean> {
  const [answer] = await cms.verifySignedData(data)
  if (answer?.signatureValid !== true || answer.messageDigestMatches !== true) return false
  const { createHash } = await import('node:crypto')
  const token = Buffer.from(signature.contents!)
  return ['sha256', 'sha384', 'sha512', 'sha1'].some((name) =>
    token.includes(createHash(name).update(signature.signedBytes()).digest()),
  )
}
