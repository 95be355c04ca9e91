// The issuance cycle of docs/issuance-cycle.md: nine steps, two short transactions, the intent written before anything is signed.
import { canonicalJson, LicenceFormatError } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { BodyRequest } from '../domain/body.ts'
import type { SuccessorAction } from '../domain/life-policy.ts'
import { LicenceError } from '../errors.ts'
import { answerFromKeys } from './answer-from-keys.ts'
import { completeLicences } from './complete-licences.ts'
import type { Deps } from './deps.ts'
import type { IssueOutcome } from './issue-outcome.ts'
import { prepareLicences } from './prepare-licences.ts'
import { keyedHash } from './sealed-content.ts'
import { validateRequests } from './validate-requests.ts'

/** Licences that go through a step together. */
export const GROUP = 200

export interface IssueRequest {
  /** Idempotency key, within the caller's department: the same key and body make one licence and get one answer. */
  readonly key: string
  readonly typeCode: string
  /** What a person entered, by the names of the type's definition; pictures in base64. */
  readonly data: unknown
  readonly level?: string | undefined
  /** Of a type whose document is uploaded: which one, and where QR code and seal stand if not where the type has them. */
  readonly body?: BodyRequest | undefined
  readonly replaces?: Replacement | undefined
}

/** The licence that the new one takes the place of, why, and from when. */
export interface Replacement {
  readonly identifier: string
  readonly reason: string
  readonly legalBasis?: string | undefined
  readonly effectiveAt?: Date | undefined
  /** What the new one is to the old one; a change when left out. */
  readonly cause?: SuccessorAction | undefined
  /** The order that is carried out. */
  readonly orderId?: string | undefined
  /** The seal it is sealed anew with, in place of the one that is assigned. */
  readonly sealId?: string | undefined
}

/** A request under way: whoever comes with the same key and body shares its outcome. */
interface Running {
  readonly requestMac: Uint8Array
  readonly outcome: Promise<IssueOutcome>
}
export type InFlight = Map<string, Running>

export interface KeyedRequest extends IssueRequest {
  readonly requestMac: Uint8Array
}

/**
 * Issues licences, an outcome for each request in its order: a licence, or the error that stopped it. One bad request stops no other.
 * After an outage (an error that is no refusal) the licence stays prepared; the same request again, or `resumeIssuance`, completes it.
 */
export async function issueLicences(
  deps: Deps,
  inFlight: InFlight,
  caller: Principal,
  requests: readonly IssueRequest[],
): Promise<IssueOutcome[]> {
  const outcomes: Promise<IssueOutcome>[] = []
  const own: { request: KeyedRequest; settle: (outcome: IssueOutcome) => void }[] = []
  for (const request of requests) {
    const keyed = keyRequest(deps, request)
    if (keyed instanceof LicenceError) {
      outcomes.push(Promise.resolve({ ok: false, error: keyed }))
      continue
    }
    const scope = `${caller.departmentCode}\n${request.key}`
    const running = inFlight.get(scope)
    if (!running) {
      const { promise, resolve } = Promise.withResolvers<IssueOutcome>()
      const settle = (outcome: IssueOutcome) => {
        inFlight.delete(scope)
        resolve(outcome)
      }
      inFlight.set(scope, { requestMac: keyed.requestMac, outcome: promise })
      own.push({ request: keyed, settle })
      outcomes.push(promise)
    } else if (Buffer.from(keyed.requestMac).equals(running.requestMac)) outcomes.push(running.outcome)
    else outcomes.push(running.outcome.then(async () => (await issueLicences(deps, inFlight, caller, [request]))[0]!))
  }
  for (let start = 0; start < own.length; start += GROUP) {
    const group = own.slice(start, start + GROUP)
    const results = await issueGroup(
      deps,
      caller,
      group.map(({ request }) => request),
    ).catch((error: unknown) => group.map((): IssueOutcome => ({ ok: false, error })))
    for (const [index, { settle }] of group.entries()) settle(results[index]!)
  }
  return Promise.all(outcomes)
}

async function issueGroup(
  deps: Deps,
  caller: Principal,
  requests: readonly KeyedRequest[],
  isRepeat = false,
): Promise<IssueOutcome[]> {
  const answered = await answerFromKeys(deps, caller, requests)
  const fresh = requests.filter(({ key }) => !answered.has(key))
  const { valid, refused } = await validateRequests(deps, caller, fresh)
  const { prepared, overtaken, refused: tooLate } = await prepareLicences(deps, caller, valid)
  const completed = await completeLicences(deps, prepared)
  const outpaced = isRepeat ? [] : requests.filter(({ key }) => isOutpaced(tooLate.get(key)))
  if (outpaced.length > 0) {
    await deps.templates.refresh()
    const outcomes = await issueGroup(deps, caller, outpaced, true)
    for (const [index, { key }] of outpaced.entries()) answered.set(key, outcomes[index]!)
  }
  const late = await answerFromKeys(deps, caller, overtaken)
  const identifiers = new Map(prepared.map(({ key, identifier }) => [key, identifier]))
  return requests.map(
    ({ key }) =>
      answered.get(key) ??
      refused.get(key) ??
      tooLate.get(key) ??
      late.get(key) ??
      completed.get(identifiers.get(key)!)!,
  )
}

/** Whether a template was retired, most likely for its next version, between the check of a request and the record of its intent. */
const isOutpaced = (outcome: IssueOutcome | undefined): boolean =>
  outcome?.ok === false && outcome.error instanceof LicenceError && outcome.error.code === 'TEMPLATE_RETIRED'

/**
 * A request with the keyed hash of its body: a plain digest would let a thief of the database guess identity numbers. What is no JSON is
 * answered with the error to be told.
 */
export function keyRequest(deps: Deps, request: IssueRequest): KeyedRequest | LicenceError {
  const { typeCode, data, level, body: document, replaces } = request
  const { identifier, reason, effectiveAt, ...others } = replaces ?? {}
  const body = {
    typeCode,
    data: data ?? null,
    level: level ?? null,
    identifier: identifier ?? null,
    reason: reason ?? null,
    effectiveAt: effectiveAt?.toISOString() ?? null,
    ...(document && { document: given(document) }),
    ...given(others),
  }
  try {
    return { ...request, requestMac: keyedHash(deps, 'request', canonicalJson(body)) }
  } catch (error) {
    if (!(error instanceof LicenceFormatError)) throw error
    return new LicenceError('LICENCE_DATA_INVALID', 'the data are no JSON, or nested too deep', { cause: error })
  }
}

/** What was said: canonical JSON has no form for what was left out. */
const given = (members: object) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
