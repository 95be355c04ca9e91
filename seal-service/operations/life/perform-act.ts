import type { Workshop } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import { act, type Call, type EventDraft, type Held, type LifeAnswer } from './act.ts'
import type { ActRequest, RequestFor } from './act-request.ts'
import { destroySeal } from './destroy-seal.ts'
import { approvePicture, drawForSeal } from './draw-picture.ts'
import { dropEnding, endSeal } from './end-seal.ts'
import { changeTypes, orderTypes } from './further-types.ts'
import { acceptSeal, fileSeal, handOver } from './hand-over.ts'
import { certifyAnew, makeAppliedSeal, waitForCertificate } from './make-applied-seal.ts'

/** Does one act of a seal's life, whichever it is. See `act` for what it throws. */
export async function performAct(shop: Workshop, call: Omit<Call, 'action'>, request: ActRequest): Promise<LifeAnswer> {
  const named = { ...call, action: request.action }
  switch (request.action) {
    case 'approve':
      return act(shop, named, async () => (held) => approve(request, held))
    case 'draw':
      return drawForSeal(shop, named, request)
    case 'approve-picture':
      return act(shop, named, async () => (held) => approvePicture(request, held))
    case 'wait':
      return waitForCertificate(shop, named)
    case 'make':
      return makeAppliedSeal(shop, named, request)
    case 'file':
      return fileSeal(shop, named)
    case 'issue':
    case 'return':
      return handOver(shop, named, request)
    case 'accept':
      return acceptSeal(shop, named)
    case 'report-lost':
      return act(shop, named, async () => (held) => reportLost(request, held))
    case 'renew':
      return certifyAnew(shop, named, request)
    case 'revoke':
    case 'withdraw':
    case 'cancel':
      return endSeal(shop, named, request)
    case 'drop-ending':
      return act(shop, named, async () => (held) => dropEnding(request, held))
    case 'order-types':
      return act(shop, named, async () => async (held) => orderTypes(request, held))
    case 'change-types':
      return act(shop, named, async () => (held) => changeTypes(request, held))
    case 'destroy':
      return destroySeal(shop, named, request)
    default:
      return act(shop, named, async () => async () => ({ reason: request.reason }))
  }
}

/** What was read is what is approved. */
async function approve({ applicationDigest, reason }: RequestFor<'approve'>, { facts }: Held): Promise<EventDraft> {
  const { application } = facts
  if (application === null || Buffer.from(application.digest).toString('hex') !== applicationDigest.toLowerCase())
    throw new SealError('SEAL_APPLICATION_CHANGED', 'the application is not the one that was read: read it again')
  return { reason: reason ?? null, detail: { applicationDigest, version: application.version } }
}

async function reportLost({ reason, lostAt }: RequestFor<'report-lost'>, { at, seal }: Held): Promise<EventDraft> {
  if (lostAt !== undefined && (lostAt > at || lostAt < seal.createdAt)) {
    const fault = { pointer: '/lostAt', code: 'OUT_OF_RANGE', detail: 'expected between its making and now' }
    throw new SealError('SEAL_STEP_INVALID', 'a loss is told as it happened', { faults: [fault] })
  }
  return { reason, effectiveAt: lostAt ?? null }
}
