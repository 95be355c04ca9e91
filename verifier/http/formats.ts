import type { Answer } from '../../platform/http/index.ts'
import type { Checked, Item } from './check-item.ts'
import { VerifierError } from './errors.ts'
import type { Format } from './requests.ts'

/** A verification as something else than JSON. */
export interface Written {
  readonly bytes: Uint8Array | string
  readonly contentType: string
  /** Of the file it is saved as. */
  readonly fileName: string
}

/** What was verified, and what came of it. */
export type Verified = Exclude<Checked, { readonly kind: 'digest' }> & { readonly item: Item }

export type ReportWriter = (verified: Verified) => Promise<Written> | Written

/** How a process writes reports; what it lacks is refused. */
export type ReportWriters = Partial<Readonly<Record<Exclude<Format, 'json'>, ReportWriter>>>

/** Throws VERIFICATION_FORMAT_UNAVAILABLE: before any work, where `kind` alone decides. */
export function requireFormat(format: Format, kind: Item['kind'], writers: ReportWriters): void {
  if (format === 'json') return
  if (kind !== 'digest' && writers[format]) return
  const what = kind === 'digest' ? 'digests and batches are answered in JSON only' : `this server writes no ${format}`
  throw new VerifierError('VERIFICATION_FORMAT_UNAVAILABLE', what)
}

const NO_STORE = { 'Cache-Control': 'no-store' }

/** The answer to one verification in the wanted format. */
export async function writeAnswer(
  format: Format,
  checked: Checked,
  item: Item,
  writers: ReportWriters,
): Promise<Answer> {
  if (format === 'json' || checked.kind === 'digest') return { status: 200, json: checked.answer, headers: NO_STORE }
  const { bytes, contentType, fileName } = await writers[format]!({ ...checked, item })
  const headers = { ...NO_STORE, 'Content-Disposition': `attachment; filename="${fileName}"` }
  return { status: 200, bytes, contentType, headers }
}
