import { ca } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { HeldAnswer } from '../domain/ocsp-answer.ts'
import type { Figures } from '../figures.ts'
import type { OcspAnswers, OcspRequest } from './answer-ocsp.ts'

/** An answer that everybody may get, or the OCSPResponse (DER) that is for this question alone. */
export type OcspReply = HeldAnswer | Uint8Array

/**
 * Answers an OCSPRequest (DER) with an OCSPResponse, whatever happens: what cannot be answered is told in its own words (RFC 6960 §2.3),
 * unsigned. `maySayUnknown` is asked before anything is signed about a certificate that is not known. At once where the answer is held.
 */
export type OcspResponding = (der: Uint8Array, maySayUnknown: () => boolean) => OcspReply | Promise<OcspReply>

export function createOcspResponding({ clock }: Dependencies, answers: OcspAnswers, figures: Figures): OcspResponding {
  const refuse = (status: ca.OcspErrorStatus, error?: unknown): Uint8Array => {
    figures.tellAnswer(status, error)
    return ca.encodeOcspError(status)
  }
  const make = async (request: OcspRequest, maySayUnknown: () => boolean): Promise<OcspReply> => {
    try {
      const made = await answers.answer(request, maySayUnknown)
      const isHeld = !('known' in made)
      figures.tellAnswer(isHeld ? 'held' : made.known ? 'fresh' : 'unknown')
      return isHeld ? made : made.der
    } catch (error) {
      return refuse('tryLater', error)
    }
  }
  return (der, maySayUnknown) => {
    let request: OcspRequest
    try {
      request = ca.parseOcspRequest(der)
    } catch {
      return refuse('malformedRequest')
    }
    const held = answers.held(request, clock.now())
    if (held !== undefined) {
      figures.tellAnswer('held')
      return held
    }
    return answers.isOurs(request) ? make(request, maySayUnknown) : refuse('unauthorized')
  }
}
