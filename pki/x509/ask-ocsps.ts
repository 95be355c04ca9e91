import { isEarlier, isForGood, type RevocationEntry } from '../revocation/revocation-entry.ts'
import { findResponder, findWord, isOutOfDate, type OcspFault, type OcspQuestion } from '../revocation/verify-ocsp.ts'
import { askCrls, isCertain, isLater } from './ask-crls.ts'
import type { Certificate } from './certificate.ts'
import type { RevocationAnswer, RevocationSources, RevocationStatus, SourceStatus } from './check-revocation.ts'

/** What a verified response says about a certificate. */
interface Word {
  readonly answer: RevocationAnswer
  readonly entry: RevocationEntry | undefined
  readonly isRunOut: boolean
}

/**
 * The status of a certificate by the responses that name it (RFC 6960 §3.2). Any that revokes it decides, also one that has run out; a
 * hold counts until a newer response calls the certificate good.
 */
export async function askOcsps(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
): Promise<SourceStatus> {
  const faults: OcspFault[] = []
  const words = await findWords(certificate, above, sources, faults)
  const revoked = ({ answer, entry, isRunOut }: Word): SourceStatus => ({
    status: 'revoked',
    answer,
    entry,
    faults,
    isRunOut,
  })
  const revoking = words.filter(({ entry }) => entry !== undefined)
  const now = revoking.filter(({ entry }) => !isLater(entry!.revocationDate, sources))
  const ended = firstOf(now.filter(({ entry }) => isForGood(entry!)))
  if (ended !== undefined) return revoked(ended)
  const silent = newestOf(words.filter(({ entry }) => entry === undefined))
  const isLifted = ({ answer, entry }: Word): boolean =>
    !isForGood(entry!) && silent !== undefined && silent.answer.thisUpdate > answer.thisUpdate
  const held = newestOf(now.filter((word) => !isLifted(word)))
  if (held !== undefined) return revoked(held)
  const later = revoking.filter((word) => !now.includes(word) && !isLifted(word))
  const entry = firstOf(later)?.entry
  // A response that tells a revocation later than the time judged answers for that time, unless it has run out.
  const good = newestOf(later.filter(({ isRunOut }) => !isRunOut)) ?? silent
  if (good === undefined) return { status: 'unknown', answer: undefined, entry, faults, isRunOut: false }
  const lifting = now.length > 0 && silent !== undefined && silent !== good ? silent.answer.madeOf : []
  const answer = { ...good.answer, madeOf: [...good.answer.madeOf, ...lifting] }
  return { status: 'good', answer, entry, faults, isRunOut: false }
}

const firstOf = (words: readonly Word[]): Word | undefined =>
  words.reduce<Word | undefined>(
    (first, word) => (first && !isEarlier(word.entry!, first.entry!) ? first : word),
    undefined,
  )

const newestOf = (words: readonly Word[]): Word | undefined =>
  words.reduce<Word | undefined>((newest, word) => {
    const isNewer = newest === undefined || word.answer.thisUpdate > newest.answer.thisUpdate
    return isNewer ? word : newest
  }, undefined)

/** What responses that count say: those that call it good, and those that revoke it. */
async function findWords(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
  faults: OcspFault[],
): Promise<Word[]> {
  const issuer = above[0]!
  const delegates = new Map<Certificate, RevocationStatus>()
  const question = toQuestion(certificate, above, sources, delegates)
  const named = sources.ocsps
    .filter(({ single }) => single.some(({ certId }) => certId.serialNumberHex === certificate.serialNumberHex))
    .sort(
      (a, b) =>
        Number(sources.isBrought(a)) - Number(sources.isBrought(b)) || b.producedAt.getTime() - a.producedAt.getTime(),
    )
  const words: Word[] = []
  for (const response of named) {
    const word = await findWord(response, question)
    if (word === undefined) continue
    if (!sources.mayCheck(response, issuer)) {
      if (word.entry !== undefined) faults.push('LIMIT_EXCEEDED')
      continue
    }
    const { single, entry } = word
    const isRunOut = sources.runOut.has(response) || isOutOfDate(single, question)
    const by = single.status !== 'revoked' && isRunOut ? 'STALE' : await findResponder(response, question)
    if (by === 'LIMIT_EXCEEDED' && entry === undefined) continue
    if (typeof by === 'string') faults.push(by)
    else if (single.status !== 'unknown') {
      const { thisUpdate, nextUpdate } = single
      const status = delegates.get(by)
      const signer = { path: by === issuer ? above : [by, ...above], revocation: status ? [status] : [] }
      const madeOf = [{ signed: response, signer }]
      words.push({ answer: { kind: 'ocsp', response, single, thisUpdate, nextUpdate, madeOf }, entry, isRunOut })
    }
  }
  return words
}

/** `delegates`: what is said of those that were asked about. */
function toQuestion(
  certificate: Certificate,
  above: readonly Certificate[],
  sources: RevocationSources,
  delegates: Map<Certificate, RevocationStatus>,
): OcspQuestion {
  const { at, madeWithin, algorithms, candidates, signatures } = sources
  return {
    issuer: above[0]!,
    certificate,
    at,
    candidates,
    signatures,
    ...(algorithms === undefined ? {} : { algorithms }),
    ...(madeWithin === undefined ? {} : { madeWithin }),
    mayCheckDelegate: (delegate, response) => sources.mayCheckDelegate(delegate, above[0]!, response),
    sameDelegate: sources.sameDelegate,
    // A delegate's status comes from lists alone: responses about responders could go in circles.
    async checkDelegate(delegate) {
      const told = await askCrls(delegate, above, sources)
      const { status, entry } = told
      delegates.set(delegate, told)
      if (entry === undefined && !isCertain(told, sources)) return 'unknown'
      // Whoever has the key of a delegate revoked since may date an answer as they like: only what is known about it counts, not when.
      return entry === undefined ? status : 'revoked'
    },
  }
}
