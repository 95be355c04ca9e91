import type { PdfSignature } from '../../pades/read/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { type Evidence, findSubject, type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import { read } from '../pades/documents.ts'
import { openTestDatabase } from '../support/database.ts'
import { clerk, exampleOf, type House, openHouse } from '../support/service.ts'

/** One licence as the whole house minted it (B-B unless said otherwise), and where its seal lies in the file. */
export interface Minted {
  readonly typeCode: string
  readonly identifier: string
  readonly pdf: Uint8Array
  /** The QR statement that it carries. */
  readonly statement: string
  readonly signature: PdfSignature
  /** First and last offset after of the hex string with the CMS, brackets included: the only bytes that are not signed. */
  readonly gap: readonly [from: number, to: number]
}

export type MintedLevel = 'B-B' | 'B-LTA'

export interface MintedHouse {
  readonly house: House
  /** One of every template. */
  readonly licences: readonly Minted[]
  /** Everything a verifier may be given, as of now. */
  evidence(): Promise<Evidence>
  verify(pdf: Uint8Array, evidence?: Evidence): Promise<VerificationReport>
}

export async function mintEveryTemplate(level: MintedLevel = 'B-B'): Promise<MintedHouse> {
  const house = await openHouse(await openTestDatabase())
  const licences: Minted[] = []
  for (const { typeCode } of listTemplates()) licences.push(await mint(house, typeCode, `property ${typeCode}`, level))
  await house.licences.publishLists()
  const policy = { trustAnchors: house.pki.anchors() }
  const evidence = async (): Promise<Evidence> => ({
    crls: await house.pki.crls(),
    trustList: await house.licences.trustList(),
    statusLists: await house.licences.statusLists(),
    live: null,
  })
  const known = await evidence()
  const verify = (bytes: Uint8Array, given: Evidence = known) =>
    verifyDocument({ name: 'licence.pdf', bytes }, given, policy, house.clock.now())
  return { house, licences, evidence, verify }
}

/** Mints one more licence from the example of its type. */
export async function mint(
  house: House,
  typeCode: string,
  key = `property ${typeCode}`,
  level: MintedLevel = 'B-B',
): Promise<Minted> {
  const [outcome] = await house.licences.issueLicences(clerk, [{ key, typeCode, data: exampleOf(typeCode), level }])
  if (!outcome?.ok) throw new Error(`${typeCode} was not issued`, { cause: outcome?.error })
  const { identifier } = outcome.licence
  const pdf = new Uint8Array(await house.licences.readDocument(clerk, identifier))
  const [signature] = read(pdf).signatures
  const [[, from], [to]] = signature!.signedRanges as [[number, number], [number, number]]
  const statement = findSubject(pdf).statementText!
  return { typeCode, identifier, pdf, statement, signature: signature!, gap: [from, to] }
}

const MARKS = [
  'xref\n',
  'trailer',
  'startxref',
  '%%EOF',
  '/ByteRange',
  '/Contents',
  '/Catalog',
  '/AcroForm',
  '/Perms',
  '/DocMDP',
  '/Names',
  '/EmbeddedFiles',
  '/AF[',
  '/Prev ',
  '/Root ',
  '/ID ',
  '/Type /Sig',
  '/Type/EmbeddedFile',
  '{"fields"',
  'HTTPS://',
  '/Annots',
  '/Pages',
  ' 0 obj',
] as const

/** Offsets inside the signed ranges at which something hangs on one byte: every place of every mark and what follows it, and both edges. */
export function criticalOffsets({ pdf, gap }: Minted): number[] {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length)
  const offsets = new Set([0, 5, 7, gap[0] - 2, gap[0] - 1, gap[1], gap[1] + 1, pdf.length - 1, pdf.length - 2])
  for (const mark of MARKS) {
    for (let at = file.indexOf(mark, 0, 'latin1'); at >= 0; at = file.indexOf(mark, at + 1, 'latin1')) {
      for (const after of [-1, 0, 1, mark.length, mark.length + 1, mark.length + 4]) offsets.add(at + after)
    }
  }
  return [...offsets].filter((at) => at >= 0 && at < pdf.length && (at < gap[0] || at >= gap[1])).sort((a, b) => a - b)
}

/** The document with one byte changed by XOR. */
export function flip(pdf: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = new Uint8Array(pdf)
  changed[at]! ^= mask
  return changed
}
