import { tsp } from '../../pki/index.ts'
import { PkiServiceError } from '../errors.ts'
import type { Figures } from '../figures.ts'
import type { TimeStamper } from './stamp-time.ts'

/**
 * Answers a TimeStampReq (DER) with a TimeStampResp, whatever happens: with a token, or with a rejection that says why there is none
 * (RFC 3161 §2.4.2).
 */
export type StampResponding = (der: Uint8Array) => Promise<Uint8Array>

export function createStampResponding(stamper: TimeStamper, figures: Figures): StampResponding {
  const refuse = (failureInfo: tsp.FailureInfo, text: string, error?: unknown): Uint8Array => {
    figures.tellStamps(failureInfo, error)
    return tsp.encodeRejection(failureInfo, text)
  }
  return async (der) => {
    let request: tsp.TimeStampRequest
    try {
      request = tsp.parseRequest(der)
    } catch {
      return refuse('badDataFormat', 'this is not a time-stamp request')
    }
    const refusal = tsp.findRefusal(request, [stamper.policy])
    if (refusal !== null) return refuse(refusal.failureInfo, refusal.text)
    const { messageImprint, nonce, certReq } = request
    try {
      const [token] = await stamper.stamp([{ messageImprint, nonce, certReq }])
      figures.tellStamps('granted')
      return tsp.encodeResponse(token!)
    } catch (error) {
      return error instanceof PkiServiceError && error.code === 'PKI_CLOCK_UNRELIABLE'
        ? refuse('timeNotAvailable', error.message, error)
        : refuse('systemFailure', 'no stamp can be made now', error)
    }
  }
}
