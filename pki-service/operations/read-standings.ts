import type { Database } from '../../platform/index.ts'
import { PkiServiceError } from '../errors.ts'
import { type CertificateStanding, findStandings } from '../store/certificates.ts'

/** So many questions wait for the register; more are sent away. */
const waitingLimit = 4096
const atOnce = 500

/** Reads standings for many who ask one by one: all that came while one question was under way go into the next. */
export interface StandingReader {
  /** Undefined for a serial number that was never given. Throws `PKI_TOO_MANY_QUESTIONS`; what the database throws passes through. */
  read(serialNumber: string): Promise<CertificateStanding | undefined>
}

interface Waiting {
  readonly serialNumber: string
  readonly resolve: (standing: CertificateStanding | undefined) => void
  readonly reject: (error: unknown) => void
}

export function createStandingReader(database: Database): StandingReader {
  const waiting: Waiting[] = []
  let isReading = false
  const readAll = async (): Promise<void> => {
    isReading = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, atOnce)
      try {
        const found = await findStandings(database, [...new Set(batch.map(({ serialNumber }) => serialNumber))])
        const bySerial = new Map(found.map((standing) => [standing.serialNumber, standing]))
        for (const { serialNumber, resolve } of batch) resolve(bySerial.get(serialNumber))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isReading = false
  }
  return {
    read: (serialNumber) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= waitingLimit) {
          reject(new PkiServiceError('PKI_TOO_MANY_QUESTIONS', 'too many questions wait for the register'))
          return
        }
        waiting.push({ serialNumber, resolve, reject })
        // Whoever asks in the same turn goes along.
        if (!isReading) queueMicrotask(() => (isReading ? undefined : readAll()))
      }),
  }
}
