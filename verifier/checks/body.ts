// Of a licence on an uploaded document: is it the document that its data name?
import type { LicenceData } from '../../licence-format/index.ts'
import { primitives } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

/**
 * Compares the octets that the document begins with, and tells what may mislead in them, as of any document that was made elsewhere.
 * Nothing is asked of a licence that was drawn.
 */
export async function checkBody(
  bytes: Uint8Array,
  data: LicenceData | null,
  findRisks: () => readonly Finding[],
): Promise<Finding[]> {
  if (!data?.body) return []
  const digest = await primitives.digest('SHA-256', bytes.subarray(0, data.body.bytes))
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const isSame = bytes.length > data.body.bytes && hex === data.body.digest
  const found = isSame
    ? finding('licence-data', 'passed', 'BODY_AS_UPLOADED')
    : finding('licence-data', 'failed', 'BODY_DIFFERS')
  return [found, ...findRisks()]
}
