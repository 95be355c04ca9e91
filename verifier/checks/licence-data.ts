// What licence does the sealed revision carry? Only files of the revision that the seal covers count.
import {
  LICENCE_DATA_FILE,
  type LicenceData,
  LicenceFormatError,
  parseLicenceData,
  STATEMENT_FILE,
} from '../../licence-format/index.ts'
import type { EmbeddedFiles } from '../../pades/read/index.ts'
import { primitives } from '../../pki/index.ts'
import { finding } from '../messages.ts'
import type { Finding } from '../report.ts'

export interface CarriedLicence {
  readonly isLicence: boolean
  readonly finding: Finding
  readonly data: LicenceData | null
  /** SHA-256 of licence.json. */
  readonly dataDigest: Uint8Array | null
  /** Text of the embedded statement. */
  readonly statementText: string | null
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const nothing = { data: null, dataDigest: null, statementText: null } as const

/** Reads licence.json and statement.txt from the embedded files of the sealed revision. */
export async function checkLicenceData(embedded: EmbeddedFiles): Promise<CarriedLicence> {
  if (!embedded.ok) {
    return { ...nothing, isLicence: false, finding: finding('licence-data', 'undecided', 'EMBEDDED_FILES_UNREADABLE') }
  }
  const [file, ...more] = embedded.files.filter(({ name }) => name === LICENCE_DATA_FILE)
  if (!file) return { ...nothing, isLicence: false, finding: finding('licence-data', 'info', 'NO_LICENCE_DATA') }
  const statements = embedded.files.filter(({ name }) => name === STATEMENT_FILE)
  if (more.length > 0 || statements.length > 1) {
    return { ...nothing, isLicence: true, finding: finding('licence-data', 'failed', 'LICENCE_DATA_AMBIGUOUS') }
  }
  try {
    return {
      isLicence: true,
      finding: finding('licence-data', 'passed', 'LICENCE_DATA_READ'),
      data: parseLicenceData(file.bytes),
      dataDigest: await primitives.digest('SHA-256', file.bytes),
      statementText: statements[0] ? textOf(statements[0].bytes) : null,
    }
  } catch (error) {
    if (!(error instanceof LicenceFormatError)) throw error
    return {
      ...nothing,
      isLicence: true,
      finding: finding('licence-data', 'failed', 'LICENCE_DATA_WRONG', { detail: error.message }),
    }
  }
}

/** Text of the statement file; bytes that are no text give a text that no statement reader accepts. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes).replace(/\r?\n$/, '')
  } catch {
    return '\ufffd'
  }
}
