import type { ca, ocsp } from '../../pki/index.ts'
import { toWholeSecond } from '../domain/authority.ts'
import { type HeldAnswer, ocspSchedule } from '../domain/ocsp-answer.ts'
import type { CertificateStanding } from '../store/certificates.ts'
import type { KeyUses } from './count-key-uses.ts'
import type { Responder } from './open-responders.ts'

/** A certificate asked about, and what the register says of its serial number. */
export interface Question {
  readonly certId: ocsp.CertId
  readonly standing: CertificateStanding | undefined
}

/** Signs what the register said at `now` or later, and counts the use of the key. What the key throws passes through. */
export async function signAnswer(
  responder: Responder,
  uses: KeyUses,
  questions: readonly Question[],
  now: Date,
  nonce?: Uint8Array,
): Promise<Pick<HeldAnswer, 'der' | 'thisUpdate' | 'nextUpdate'>> {
  const thisUpdate = toWholeSecond(now)
  const nextUpdate = new Date(Math.min(thisUpdate.getTime() + ocspSchedule.lifetimeMs, responder.notAfter.getTime()))
  const prepared = responder.answers.prepare({
    responses: questions.map(({ certId, standing }) => ({
      certId,
      status: statusOf(responder, standing, thisUpdate),
      thisUpdate,
      nextUpdate,
      // Nothing is ever removed from the register, so answers reach back to the authority's beginning.
      ...(standing !== undefined && standing.notAfter <= thisUpdate
        ? { archiveCutoff: responder.certificateOfAuthority.notBefore }
        : {}),
    })),
    producedAt: thisUpdate,
    nonce,
  })
  uses.add(responder.keyName, 'ocsp', thisUpdate, 1)
  const signature = responder.key.signSync?.(prepared.toSign) ?? (await responder.key.sign(prepared.toSign))
  return { der: prepared.assemble(signature), thisUpdate, nextUpdate }
}

/** A serial number that another authority gave, or that was never handed out, is unknown to this one. */
export function isKnown(
  responder: Responder,
  standing: CertificateStanding | undefined,
): standing is CertificateStanding {
  return standing !== undefined && standing.issuer === responder.authority && standing.state !== 'prepared'
}

function statusOf(responder: Responder, standing: CertificateStanding | undefined, now: Date): ca.CertificateStatus {
  if (!isKnown(responder, standing)) return { kind: 'unknown' }
  if (standing.revokedAt === null || standing.revocationReason === null) return { kind: 'good' }
  const revocationDate = new Date(Math.min(toWholeSecond(standing.revokedAt).getTime(), now.getTime()))
  return { kind: 'revoked', revocationDate, reason: standing.revocationReason }
}
