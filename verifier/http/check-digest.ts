// A document's digest in place of the document: what the register says of it, to whoever vouches for the digest.
import { statusWord, statusWords } from '../../licence-format/index.ts'
import type { EvidenceSource, LiveStatus, Text, Verdict } from '../index.ts'
import { VerifierError } from './errors.ts'

/** What the register says of a digest. Of everything it does not know, and of a digest and an identifier that do not belong together, alike. */
export interface DigestAnswer {
  /** SHA-256 of the last seal's signed byte ranges, in lower-case hex. */
  readonly sealedDigest: string
  /** The licence whose document this is, null where the register knows none. */
  readonly identifier: string | null
  /** `accepted`: in force; `refused`: not in force; `undecided`: unknown. Who computed the digest vouches for the document. */
  readonly verdict: Verdict
  readonly status: LiveStatus['status']
  readonly asOf: string
  readonly replacedBy: string | null
  readonly sentence: Text
}

/** Where a document is looked up by its digest; null when nobody answers. */
export type DigestLookup = (sealedDigest: string, signal: AbortSignal) => Promise<LiveStatus | null>

export interface DigestQuestion {
  readonly sealedDigest: string
  readonly identifier: string | null
}

const UNKNOWN: Text = {
  zh: '登记簿中没有与此摘要相符的证照文件。',
  en: 'The register holds no licence document with this digest.',
}

/** Throws VERIFICATION_REGISTER_UNAVAILABLE where the register does not answer in time. */
export async function checkDigest(
  { sealedDigest, identifier }: DigestQuestion,
  source: { readonly licenceStatus?: EvidenceSource['licenceStatus']; readonly byDigest?: DigestLookup },
  { timeoutMs, now }: { readonly timeoutMs: number; readonly now: Date },
): Promise<DigestAnswer> {
  const signal = AbortSignal.timeout(timeoutMs)
  const asked =
    identifier === null ? source.byDigest?.(sealedDigest, signal) : source.licenceStatus?.(identifier, signal)
  const live = await inTime(asked, signal)
  const isKnown = live.status !== 'unknown' && live.sealedDigest?.toLowerCase() === sealedDigest
  if (!isKnown) {
    const asOf = now.toISOString()
    return {
      sealedDigest,
      identifier: null,
      verdict: 'undecided',
      status: 'unknown',
      asOf,
      replacedBy: null,
      sentence: UNKNOWN,
    }
  }
  const { zh, en } = statusWord(live.status)
  return {
    sealedDigest,
    identifier: live.identifier,
    verdict: live.status === 'in force' ? 'accepted' : 'refused',
    status: live.status,
    asOf: live.asOf,
    replacedBy: live.replacedBy ?? null,
    sentence: {
      zh: `登记簿中有此文件，证照状态：${zh}。`,
      en: `The register holds this document; the licence is ${en}.`,
    },
  }
}

async function inTime(asked: Promise<LiveStatus | null> | undefined, signal: AbortSignal): Promise<LiveStatus> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  signal.addEventListener('abort', () => resolve(null), { once: true })
  let cause: unknown
  const live = await Promise.race([asked ?? null, late]).catch((error: unknown) => {
    cause = error
    return null
  })
  // A word that the table lacks is no answer: whoever keeps that register speaks another language.
  if (live !== null && statusWords.some(({ state }) => state === live.status)) return live
  throw new VerifierError('VERIFICATION_REGISTER_UNAVAILABLE', 'the register did not answer', {
    retryAfterSeconds: 5,
    ...(cause === undefined ? {} : { cause }),
  })
}
