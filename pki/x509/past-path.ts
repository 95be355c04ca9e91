// Paths as of a time that lies before the judgement, by all that is known since (EN 319 102-1 §5.6.2.1).

import { equalBytes } from '../asn1/index.ts'
import { type Crl, parseCrl } from '../revocation/crl.ts'
import { type OcspResponse, parseResponse } from '../revocation/ocsp.ts'
import type { AnswerPart } from './answer-part.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationStatus } from './check-revocation.ts'
import { type PathRequest, type PathResult, parseAll, validatePath } from './validate-path.ts'

export interface PastPathRequest extends Omit<PathRequest, 'at' | 'madeWithin'> {
  /** the time as of which the path is to hold */
  readonly asOf: Date
  /** the time of the judgement */
  readonly at: Date
  /** lists and responses made later than this do not count; default `at` */
  readonly toldUntil?: Date
}

export interface PastPathResult extends PathResult {
  /** from when on a revocation of any certificate in the path says that its key does not count, however late that was told */
  readonly revokedFrom: Date | null
}

type Entry = NonNullable<RevocationStatus['entry']>

/** From when on a revoked key does not count: from invalidityDate on it is known or suspected to be another's (RFC 5280 §5.3.2). */
export const beginOfRevocation = ({
  revocationDate,
  invalidityDate,
}: Pick<Entry, 'revocationDate' | 'invalidityDate'>): Date =>
  invalidityDate !== undefined && invalidityDate < revocationDate ? invalidityDate : revocationDate

/** Faults that more certificates or fresher lists might cure. */
const curableReasons: ReadonlySet<string> = new Set([
  'NO_CERTIFICATE_CHAIN_FOUND',
  'REVOCATION_UNKNOWN',
  'REVOCATION_STALE',
  'PATH_LIMIT_EXCEEDED',
])

/** Whether a path that does not hold might do so by more certificates or fresher lists. */
export const isCurable = ({ reason }: PathResult): boolean => reason !== null && curableReasons.has(reason)

/**
 * Validates a path as of a time before the judgement. Lists and responses count that are no older than that time, or current at the
 * judgement; what any of them tells of a revocation counts, from the earlier of its dates on.
 */
export async function validatePastPath({
  asOf,
  at,
  toldUntil = at,
  ...request
}: PastPathRequest): Promise<PastPathResult> {
  const all: Told = {
    ...(request.crls && { crls: parseAll(request.crls, parseCrl) }),
    ...(request.ocsps && { ocsps: parseAll(request.ocsps, parseResponse) }),
  }
  const past = (told: Told): Promise<PathResult> =>
    validatePath({ ...request, ...told, at: asOf, madeWithin: { from: new Date(0), until: toldUntil } })
  // What is of now is judged by what is fresh now, as ever.
  const result =
    asOf < at ? await past(selectFresh(all, asOf, at)) : await validatePath({ ...request, ...all, at: asOf })
  // Another path might be found by all that is told, and this one is the one that counts.
  const along = result.path.length > 1 ? { along: result.path } : {}
  return conclude(result, await past({ ...all, ...along }), asOf, at)
}

interface Span {
  readonly thisUpdate: Date
  readonly nextUpdate: Date | undefined
}

interface Told extends Pick<PathRequest, 'along'> {
  readonly crls?: readonly Crl[]
  readonly ocsps?: readonly OcspResponse[]
}

/** A response without nextUpdate says that newer ones are always to be had. */
const HOUR_MS = 3_600_000

/** The same rule as for documents: what is older, and not current either, says nothing of what happened since. */
function selectFresh({ crls, ocsps }: Told, asOf: Date, at: Date): Told {
  const second = wholeSecond(asOf)
  const isFresh = ({ thisUpdate, nextUpdate }: Span, lifeMs: number): boolean =>
    thisUpdate.getTime() >= second || at.getTime() < (nextUpdate?.getTime() ?? thisUpdate.getTime() + lifeMs)
  return {
    ...(crls && { crls: crls.filter((crl) => isFresh(crl, 0)) }),
    ...(ocsps && { ocsps: ocsps.filter(({ single }) => single.every((one) => isFresh(one, HOUR_MS))) }),
  }
}

const wholeSecond = (time: Date): number => Math.floor(time.getTime() / 1000) * 1000

/** `known`: what all lists at hand say, fresh or not. A revocation that was told once is not forgotten. */
function conclude(result: PathResult, known: PathResult, asOf: Date, at: Date): PastPathResult {
  const begins = result.path.map((certificate, index) => {
    const same = known.path.findIndex(({ raw }) => equalBytes(raw, certificate.raw))
    const entries = [result.revocation[index]?.entry, known.revocation[same]?.entry].filter(
      (entry) => entry !== undefined,
    )
    return entries.length === 0
      ? Number.POSITIVE_INFINITY
      : Math.min(...entries.map((entry) => beginOfRevocation(entry).getTime()))
  })
  const first = Math.min(...begins)
  const revokedFrom = Number.isFinite(first) ? new Date(first) : null
  if (!result.valid) return { ...result, revokedFrom }
  const refuse = (reason: 'REVOKED' | 'REVOCATION_STALE', faultIndex: number, detail: string): PastPathResult => ({
    ...result,
    revokedFrom,
    valid: false,
    reason,
    faultIndex,
    detail,
  })
  if (revokedFrom !== null && revokedFrom <= asOf)
    return refuse('REVOKED', begins.indexOf(first), `its key does not count from ${revokedFrom.toISOString()} on`)
  const stale = findStaleAnswer(result, asOf, at)
  return stale < 0
    ? { ...result, revokedFrom }
    : refuse('REVOCATION_STALE', stale, 'it has ended, and no revocation data of its time answer')
}

/** Of an expired certificate nobody tells anything new: neither a list that is current now though older, nor a responder that ended too. */
function findStaleAnswer({ path, revocation }: PathResult, asOf: Date, at: Date): number {
  return revocation.findIndex(({ answer }, index) => {
    if (answer === undefined || !isOver(path[index]!, at)) return false
    if (answer.thisUpdate.getTime() < wholeSecond(asOf)) return true
    // By what it was signed: which certificates lie beside an answer is anybody's choice.
    const isByEnded = ({ signed, signer }: AnswerPart): boolean =>
      'responderId' in signed && isOver(signer.path[0]!, at)
    return answer.madeOf.some(isByEnded)
  })
}

/** Whether a certificate has ended: its last second counts, all of it. */
export const isOver = ({ notAfter }: Certificate, at: Date): boolean => at.getTime() >= notAfter.getTime() + 1000
