// What must hold of the verdict about a changed document, whoever changed it.
import { isDeepStrictEqual } from 'node:util'
import { readSignedPdf } from '../../pades/read/index.ts'
import { type VerificationReport, verifyDocument } from '../../verifier/index.ts'
import type { Seed, World } from './corpus.ts'
import { type ShownPages, showPages } from './shown-pages.ts'

export interface Judgement {
  /** What the verifier did, as one short text: mutants that make it do something new are kept. */
  readonly behaviour: string
  /** What must not be; null where all holds. */
  readonly fault: string | null
}

/** Bytes that a signature signs, as offsets [from, to). */
type Ranges = readonly (readonly [number, number])[]

interface Base extends Seed {
  readonly report: VerificationReport
  /** Signed ranges by the signed digest. */
  readonly signed: ReadonlyMap<string, Ranges>
  /** What another reader shows of its beginnings, by their length. */
  readonly shownBefore: Map<number, ShownPages | null>
}

/** The order of the score of other people's files: signatures intact, whole byte ranges, nothing forbidden after. */
const isUnchanged = ({ signatures, indication, documentChangedAfterSeal }: VerificationReport): boolean =>
  signatures.length > 0 &&
  indication !== 'TOTAL-FAILED' &&
  !documentChangedAfterSeal &&
  signatures.every(({ integrity, byteRange }) => integrity === 'intact' && byteRange === 'ok')

const behaviourOf = ({ verdict, indication, subIndication, signatures, findings }: VerificationReport): string =>
  [
    verdict,
    indication,
    subIndication,
    ...new Set(findings.map(({ code, outcome }) => `${code}:${outcome}`)),
    ...signatures.map(({ type, integrity, byteRange, laterChanges, level }) =>
      [type, integrity, byteRange, laterChanges, level].join(),
    ),
  ].join(' ')

/**
 * Judges mutants of one document in one world.
 *
 * @param others documents of the same world, as they were made: a mutant may turn into one of them, or an earlier state of it
 */
export async function createDocumentJudge(seed: Seed, world: World, isTrusted: boolean, others: readonly Seed[]) {
  const verify = (bytes: Uint8Array) => verifyDocument({ name: 'a.pdf', bytes }, world.evidence, world.policy, world.at)
  const isAccepted = (report: VerificationReport) => (isTrusted ? report.verdict === 'accepted' : isUnchanged(report))
  const baseOf = async (origin: Seed): Promise<Base> => {
    const report = await verify(origin.bytes)
    return { ...origin, report, signed: signedRanges(origin.bytes, report), shownBefore: new Map() }
  }
  const base = await baseOf(seed)
  let otherBases: Promise<Base[]> | undefined

  return async (mutant: Uint8Array): Promise<Judgement> => {
    const report = await verify(mutant)
    const behaviour = behaviourOf(report)
    const contradiction = findContradiction(report)
    if (contradiction) return { behaviour, fault: contradiction }
    if (!isAccepted(report) || Buffer.compare(mutant, seed.bytes) === 0) return { behaviour, fault: null }
    if (others.some((other) => other !== seed && isBeginning(mutant, other.bytes))) return { behaviour, fault: null }
    return { behaviour, fault: await findWrong(mutant, report, await originOf(report)) }
  }

  /** What a mutant is a change of: where it borrowed the whole of another licence, that one. */
  async function originOf({ licence }: VerificationReport): Promise<Base> {
    if (licence === null || isDeepStrictEqual(licence, base.report.licence)) return base
    otherBases ??= Promise.all(others.map(baseOf))
    return (await otherBases).find(({ report }) => isDeepStrictEqual(licence, report.licence)) ?? base
  }

  /** Why an accepted mutant should not have been; null where what was changed is proven to mean nothing. */
  async function findWrong(mutant: Uint8Array, report: VerificationReport, base: Base): Promise<string | null> {
    if (isTrusted && base.report.verdict !== 'accepted')
      return `accepted, though it was ${base.report.verdict} before it was changed`
    if (!isDeepStrictEqual(report.licence, base.report.licence)) return 'accepted with other licence data'
    if (!isDeepStrictEqual(report.statement, base.report.statement)) return 'accepted with another statement'
    const sealed = report.signatures.filter(({ type }) => type === 'signature')
    const sealedBefore = base.report.signatures.filter(({ type }) => type === 'signature')
    if (isTrusted && sealed.length !== sealedBefore.length) return 'accepted with another number of seals'
    const signed = new Map([...(isTrusted ? [] : signedRanges(mutant, report)), ...base.signed])
    for (const { signedDigest, laterChanges, field } of report.signatures) {
      if (laterChanges !== 'none' && laterChanges !== 'permitted') return `accepted with changes after ${field}`
      // A change may undo another's attack: what the signature signs, the attacked file must have held too.
      const ranges = signed.get(signedDigest ?? '')
      if (!ranges) return `accepted though ${field} signs other bytes than any signature before`
      if (!ranges.every(([from, to]) => Buffer.compare(mutant.subarray(from, to), base.bytes.subarray(from, to)) === 0))
        return `accepted though bytes under ${field} differ`
    }
    return findShownOtherwise(mutant, report, signed, base)
  }

  /** Another reader must show the same pages with what came after the first signature as without it, and the same over and beside them. */
  async function findShownOtherwise(
    mutant: Uint8Array,
    { signatures }: VerificationReport,
    signed: ReadonlyMap<string, Ranges>,
    base: Base,
  ): Promise<string | null> {
    const endOf = ({ signedDigest }: { signedDigest: string | null }) => signed.get(signedDigest!)!.at(-1)![1]
    const first = Math.min(...signatures.map(endOf))
    if (Buffer.compare(mutant.subarray(first), base.bytes.subarray(first)) === 0) return null
    const after = await showPages(mutant)
    const before = await showBefore(base, first)
    if (before && after?.pages !== before.pages) return 'accepted though another reader shows other pages'
    // A later seal may fill the field that was prepared for it.
    const lastSeal = Math.max(...signatures.filter(({ type }) => type === 'signature').map(endOf))
    const sealed = isTrusted ? await showBefore(base, lastSeal) : null
    if (sealed && after?.rest !== sealed.rest) return 'accepted though another reader shows other annotations or files'
    return null
  }

  /** What another reader shows of the beginning of the document as it was. */
  async function showBefore({ bytes, shownBefore }: Base, length: number): Promise<ShownPages | null> {
    if (!shownBefore.has(length)) shownBefore.set(length, await showPages(bytes.subarray(0, length)))
    return shownBefore.get(length) ?? null
  }
}

const isBeginning = (bytes: Uint8Array, whole: Uint8Array): boolean =>
  bytes.length <= whole.length && Buffer.compare(bytes, whole.subarray(0, bytes.length)) === 0

/** A report must not contradict itself. */
function findContradiction({ verdict, findings, explanation, indication, licence }: VerificationReport): string | null {
  if (verdict !== 'accepted') return null
  const against = findings.find(({ outcome }) => outcome === 'failed' || outcome === 'undecided')
  if (against) return `accepted in spite of ${against.code}`
  if (indication !== 'TOTAL-PASSED') return `accepted at ${indication}`
  if (licence === null) return null
  return explanation.answers.every(({ outcome }) => outcome === 'yes')
    ? null
    : 'accepted with an answer that is not yes'
}

function signedRanges(bytes: Uint8Array, report: VerificationReport): ReadonlyMap<string, Ranges> {
  const pdf = readSignedPdf(bytes)
  if (!pdf.ok) return new Map()
  // Reports list signatures in the reader's order.
  return new Map(
    report.signatures.flatMap(({ integrity, signedDigest }, index) =>
      integrity === 'intact' && signedDigest ? [[signedDigest, pdf.signatures[index]!.signedRanges] as const] : [],
    ),
  )
}
