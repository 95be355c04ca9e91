// What may be asked beside "is it genuine, and in force now?".
import { toShanghaiTime } from '../licence-format/index.ts'
import type { Text } from './report.ts'

export interface Question {
  /** Was the licence in force at this instant? Left out: the validation time. */
  readonly inForceAt?: Date
  /** Text of a QR code scanned from the paper or the screen in hand: it must be that of this very document. */
  readonly scannedStatement?: string
}

/** A question as a report repeats it, so that nobody takes its answer for one about now. */
export interface AskedQuestion {
  /** ISO 8601. */
  readonly inForceAt?: string
  readonly scannedStatement?: string
}

/** The member `question` of a report; nothing where nothing beside was asked. */
export function repeatQuestion({ inForceAt, scannedStatement }: Question): { readonly question?: AskedQuestion } {
  if (inForceAt === undefined && scannedStatement === undefined) return {}
  const question = {
    ...(inForceAt && { inForceAt: inForceAt.toISOString() }),
    ...(scannedStatement !== undefined && { scannedStatement }),
  }
  return { question }
}

/** An instant as people of the city read it, with its zone. */
export function instantForPeople(instant: Date): Text {
  const text = toShanghaiTime(instant).slice(0, 19).replace('T', ' ')
  return { zh: `${text}（北京时间）`, en: `${text} (Beijing time)` }
}
