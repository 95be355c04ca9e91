import { type Database, isSqlError, type Transaction, UNIQUE_VIOLATION } from '../../../platform/index.ts'
import { SealError } from '../../errors.ts'
import { findAnswer, insertAnswer } from '../../store/answers.ts'

/** Who asks under which Idempotency-Key, and the digest of the request. */
export interface Once {
  readonly callerId: string
  readonly key: string
  readonly requestDigest: Uint8Array
}

/**
 * Does the work once for a key, in one transaction with the answer, a JSON value; a repeat is answered as the first was. Throws
 * `SEAL_REQUEST_CONFLICT` for another request under the same key.
 */
export async function answerOnce<Answer>(
  database: Database,
  once: Once,
  at: Date,
  work: (tx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  const attempt = () =>
    database.transaction(async (tx) => {
      const kept = await findAnswer(tx, once.callerId, once.key)
      if (kept !== undefined) {
        if (Buffer.compare(kept.requestDigest, once.requestDigest) !== 0)
          throw new SealError('SEAL_REQUEST_CONFLICT', 'this Idempotency-Key was used with another request')
        return kept.answer as Answer
      }
      const answer = await work(tx)
      await insertAnswer(tx, { ...once, answer, at })
      return answer
    })
  try {
    return await attempt()
  } catch (error) {
    if (!isSqlError(error, UNIQUE_VIOLATION, 'answers_pkey')) throw error
    return attempt()
  }
}
