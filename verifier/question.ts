// What may be asked beside "is it genuine, and in force now?".
export interface Question {
  /** Was the licence in force at this instant? Left out: the validation time. */
  readonly inForceAt?: Date
  /** Text of a QR code scanned from the paper or the screen in hand: it must be that of this very document. */
  readonly scannedStatement?: string
}
