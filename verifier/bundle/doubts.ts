// What keeps somebody from taking a bundle's verdict for his own: whom it trusts, what it demands, which time it names.
import { asn1 } from '../../pki/index.ts'
import type { Evidence } from '../evidence.ts'
import type { FindingCode } from '../messages.ts'
import type { PinnedTrustList } from '../pinned-trust-list.ts'
import type { TrustAnchors, ValidationPolicy } from '../policy.ts'
import { namePolicy } from '../policy-file.ts'
import type { EvidenceBundle } from './bundle.ts'
import type { AnyReport } from './content.ts'
import { judge, type Replay } from './replay.ts'

/** Whom somebody trusts, for what: what a policy says of it. */
type TrustedRoots = Pick<ValidationPolicy, keyof TrustAnchors | 'divisions' | 'otherTrustLists'>

/**
 * Why somebody may not take a bundle's verdict for his own. `ROOT`: it rests on a root, a pinned list or divisions that he does not trust so.
 * `POLICY`: it was judged by other demands than his. `REGISTER_ANSWER`: without the register's answer, which nobody signed, it would not
 * be accepted. `TIME`: nothing shows that the document was there at the time as of which it was judged, and now it would not be accepted.
 * `REVOKED_SINCE`: a list at hand tells of a revocation that outweighs what is proven, or a seal's path does not hold now for another reason
 * than that time has passed.
 */
export type Doubt = 'ROOT' | 'POLICY' | 'REGISTER_ANSWER' | 'TIME' | 'REVOKED_SINCE'

/** What whoever takes a bundle over knows himself. */
export interface AtHand {
  readonly now: Date
  /** Lists beside those of the bundle, which may have left some out or be older. */
  readonly lists?: Partial<Pick<Evidence, 'crls' | 'trustList' | 'statusLists' | 'otherTrustLists'>>
}

/**
 * What keeps `trusted` from taking over the verdict of a bundle. Policy, register's answer and time are the word of whoever made it: they
 * count where a valid receipt, judged by trusted roots, says that a verifier used them. One without a time stamp could be dated back by
 * whoever has the key since. What is revoked is asked of the lists at hand in any case.
 */
export async function findDoubts(
  bundle: EvidenceBundle,
  replayed: Replay,
  trusted: ValidationPolicy,
  atHand: AtHand,
): Promise<Doubt[]> {
  const { content } = bundle
  const isAccepted = replayed.report.verdict === 'accepted'
  const now: Judged = { ...content, policy: trusted, evidence: joined(content.evidence, atHand), at: atHand.now }
  const unanswered = isAccepted ? await judge(withoutAnswer(now)) : null
  const doubts: Doubt[] = [
    ...(restsOn(content.policy, trusted) ? [] : (['ROOT'] as const)),
    ...(unanswered && tellsRevocation(unanswered) ? (['REVOKED_SINCE'] as const) : []),
  ]
  if (replayed.receipt?.valid && replayed.receipt.provenAt !== null) return doubts
  const [its, ours] = await Promise.all([content.policy, trusted].map(namePolicy))
  if (its!.digest !== ours!.digest) doubts.push('POLICY')
  if (!unanswered) return doubts
  const needsAnswer = content.evidence.live !== null && (await judge(withoutAnswer(content))).verdict !== 'accepted'
  if (needsAnswer) doubts.push('REGISTER_ANSWER')
  const { verdict } = needsAnswer ? await judge(now) : unanswered
  if (verdict !== 'accepted' && !wasThereAt(content.at, unanswered)) doubts.push('TIME')
  return doubts
}

type Judged = Parameters<typeof judge>[0]

const withoutAnswer = (judged: Judged): Judged => ({ ...judged, evidence: { ...judged.evidence, live: null } })

function joined(evidence: Evidence, { lists = {} }: AtHand): Evidence {
  const { crls = [], trustList = null, statusLists = [], otherTrustLists = [] } = lists
  return {
    ...evidence,
    crls: [...crls, ...evidence.crls],
    trustList: trustList ?? evidence.trustList,
    statusLists: new Map([...evidence.statusLists, ...statusLists]),
    otherTrustLists: new Map([...(evidence.otherTrustLists ?? []), ...otherTrustLists]),
  }
}

const COMPROMISES: ReadonlySet<string> = new Set<FindingCode>(['SEAL_COMPROMISED', 'STATEMENT_KEY_COMPROMISED'])

/** What a path comes to by the passing of time. Whoever makes a document chooses by which other reason it does not hold. */
const COURSE_OF_TIME: ReadonlySet<string> = new Set<FindingCode>([
  'CERTIFICATE_OUT_OF_BOUNDS',
  'REVOCATION_UNKNOWN',
  'REVOCATION_UNKNOWN_THEN',
  'ALGORITHM_WEAK',
])

const tellsRevocation = ({ findings }: AnyReport): boolean =>
  findings.some(
    ({ check, outcome, code }) =>
      COMPROMISES.has(code) ||
      (check === 'path' && (outcome === 'failed' || outcome === 'undecided') && !COURSE_OF_TIME.has(code)),
  )

/** Whether stamps that hold by all that is known now prove every seal of a document to be no younger than the time that a bundle names. */
function wasThereAt(at: Date, report: AnyReport): boolean {
  if (!('signatures' in report)) return false
  const seals = report.signatures.filter(({ type }) => type === 'signature')
  const isProven = ({ bestSignatureTime }: (typeof seals)[number]) =>
    bestSignatureTime < report.validationTime && Date.parse(bestSignatureTime) <= at.getTime()
  return seals.length > 0 && seals.every(isProven)
}

/** Whether every root is trusted for the same purpose, every pinned list of others pinned alike, and the own list for no more. */
function restsOn(its: TrustedRoots, ours: TrustedRoots): boolean {
  return (
    areAmong(its.trustAnchors, ours.trustAnchors) &&
    areAmong(its.listAnchors ?? its.trustAnchors, ours.listAnchors ?? ours.trustAnchors) &&
    areAmong(its.timeStampAnchors ?? its.trustAnchors, ours.timeStampAnchors ?? ours.trustAnchors) &&
    (ours.divisions === undefined || (its.divisions?.every((one) => ours.divisions!.includes(one)) ?? false)) &&
    (its.otherTrustLists ?? []).every((pin) => (ours.otherTrustLists ?? []).some((known) => isSamePin(pin, known)))
  )
}

const areAmong = (some: readonly Uint8Array[], all: readonly Uint8Array[]): boolean =>
  some.every((der) => all.some((one) => asn1.equalBytes(one, der)))

const isSamePin = (a: PinnedTrustList, b: PinnedTrustList): boolean =>
  a.divisions.every((division) => b.divisions.includes(division)) &&
  areAmong(a.anchors, b.anchors) &&
  (a.anchors.length > 0 || b.anchors.length === 0) &&
  `${[...(a.signers ?? [])].sort()}` === `${[...(b.signers ?? [])].sort()}`
