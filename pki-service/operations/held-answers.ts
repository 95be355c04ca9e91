import type { ocsp } from '../../pki/index.ts'
import type { HeldAnswer } from '../domain/ocsp-answer.ts'
import type { CertificateStanding } from '../store/certificates.ts'

/** An answer with the question it answers. */
export interface Held extends HeldAnswer {
  readonly certId: ocsp.CertId
  /** What it says of a revocation, as `revocationIn` has it. */
  readonly revocation: string
}

/** Answers by the octets of their question, as many as the limit; beyond it the ones made first are forgotten. */
export interface HeldAnswers {
  get(certId: ocsp.CertId): Held | undefined
  has(serialNumber: string): boolean
  hold(answer: Held): void
  forget(certId: ocsp.CertId): void
  /** Forgets all about these certificates; answers the questions. */
  drop(serialNumbers: Iterable<string>): ocsp.CertId[]
  values(): Held[]
  serialNumbers(): string[]
  /** Whether some answer about the certificate says something else of its revocation. */
  contradicts(standing: CertificateStanding): boolean
}

/** Since when and why a certificate is revoked; empty where it is not. */
export const revocationIn = ({
  revokedAt,
  revocationReason,
}: Pick<CertificateStanding, 'revokedAt' | 'revocationReason'>): string =>
  revokedAt === null ? '' : `${revokedAt.toISOString()} ${revocationReason}`

export function createHeldAnswers(limit: number): HeldAnswers {
  const answers = new Map<string, Held>()
  const keysBySerial = new Map<string, Set<string>>()
  const forget = (key: string): void => {
    const answer = answers.get(key)
    if (answer === undefined) return
    answers.delete(key)
    const keys = keysBySerial.get(answer.serialNumber)!
    keys.delete(key)
    if (keys.size === 0) keysBySerial.delete(answer.serialNumber)
  }
  return {
    get: (certId) => answers.get(keyOf(certId)),
    has: (serialNumber) => keysBySerial.has(serialNumber),
    hold(answer) {
      const key = keyOf(answer.certId)
      forget(key)
      answers.set(key, answer)
      const keys = keysBySerial.get(answer.serialNumber)
      if (keys === undefined) keysBySerial.set(answer.serialNumber, new Set([key]))
      else keys.add(key)
      if (answers.size > limit) forget(answers.keys().next().value!)
    },
    forget: (certId) => forget(keyOf(certId)),
    drop(serialNumbers) {
      const dropped: ocsp.CertId[] = []
      for (const serialNumber of serialNumbers) {
        for (const key of keysBySerial.get(serialNumber) ?? []) {
          dropped.push(answers.get(key)!.certId)
          forget(key)
        }
      }
      return dropped
    },
    values: () => [...answers.values()],
    serialNumbers: () => [...keysBySerial.keys()],
    contradicts: (standing) =>
      [...(keysBySerial.get(standing.serialNumber) ?? [])].some(
        (key) => answers.get(key)?.revocation !== revocationIn(standing),
      ),
  }
}

/** A request's question as it came: its hashes and their algorithm's parameters are given back in the same octets. */
function keyOf({ raw }: ocsp.CertId): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
}
