// Paths once validated, with the stretch of time in which the answer cannot change. One seal signs many thousand licences.
import { type AlgorithmTerms, crl, type ocsp, x509 } from '../pki/index.ts'
import type { CheckBudget, SignaturePair } from './check-budget.ts'
import type { AskedData, ReadCertificate, ReadCrl, ReadOcsp, RevocationData } from './revocation-data.ts'

const DAY_MS = 86_400_000
const SECOND_MS = 1000
const MOST_PATHS = 256
/** Certificates that come with a seal and its time stamps are few. More is somebody's junk, and is not kept. */
const MOST_CERTIFICATES = 32
/** Single answers of one response beyond this number are a register of their own, and not kept. */
const MOST_SINGLES = 32
const FAR = new Date(Date.UTC(9999, 0, 1))

interface Known {
  readonly from: number
  readonly until: number
  readonly result: x509.PathResult
  /** what was asked to find it */
  readonly pairs: readonly SignaturePair[]
}

interface Validated extends Pick<Known, 'result' | 'pairs'> {
  /** lists of which the signature holds: what others say counts at no time */
  readonly sound: ReadonlySet<unknown>
}

export interface PathQuestion {
  readonly leaf: ReadCertificate
  readonly intermediates: readonly ReadCertificate[]
  readonly purpose: x509.Purpose
  /** `undefined`: revocation is not asked */
  readonly revocation: AskedData | undefined
  /**
   * `present`: lists and responses count while fresh at `at`. `past`: those given count, whatever their time, and a revocation after `at`
   * is none (EN 319 102-1 §5.6.2).
   */
  readonly tense: 'present' | 'past'
  /** the one path that is asked about; left out: any */
  readonly along?: readonly x509.Certificate[]
  readonly at: Date
  /** what the document may still cost; `undefined` for what no document brings along */
  readonly budget: CheckBudget | undefined
}

export type PathCache = (question: PathQuestion) => Promise<x509.PathResult>

/** A `validatePath` that remembers. */
export function createPathCache(trustAnchors: readonly Uint8Array[], algorithms?: AlgorithmTerms): PathCache {
  const known = new Map<string, Known[]>()
  const anchors = trustAnchors.map(x509.parseCertificate)
  const signatures = x509.createSignatureCache()

  const search = (
    { leaf, intermediates, purpose, at, revocation, tense, along }: PathQuestion,
    counting: x509.SignatureCache,
  ): Promise<x509.PathResult> =>
    x509.validatePath({
      leaf: leaf.value,
      intermediates: intermediates.map(({ value }) => value),
      anchors,
      // What is asked about by itself was found before, for its purpose or as the signer of an answer.
      purpose: along ? 'any' : purpose,
      at,
      signatures: counting,
      ...(algorithms && { algorithms }),
      ...(along && { along }),
      ...(revocation && {
        crls: revocation.crls.map(parsedOf),
        ocsps: revocation.ocsps.map(parsedOf),
        runOut: { crls: revocation.runOut.crls.map(parsedOf), ocsps: revocation.runOut.ocsps.map(parsedOf) },
        isBrought: isAmong(revocation.brought),
      }),
      ...(tense === 'past' && { madeWithin: { from: new Date(0), until: FAR } }),
    })

  /** `null` once the document has asked for more than it may. */
  const validate = async (question: PathQuestion): Promise<Validated | null> => {
    const { budget } = question
    const pairs: SignaturePair[] = []
    const sound = new Set<unknown>()
    const counting: x509.SignatureCache = {
      async ask(signed, signer, check) {
        pairs.push([signed, signer])
        if (budget?.take(signed, signer) === false) throw new BudgetSpent()
        const fault = await signatures.ask(signed, signer, check)
        if (fault === null) sound.add(signed)
        return fault
      },
    }
    try {
      return { result: await search(question, counting), pairs, sound }
    } catch (error) {
      if (error instanceof BudgetSpent) return null
      throw error
    }
  }

  return async (question) => {
    const { budget } = question
    if (budget?.isSpent) return givenUp(question)
    if (!mayBeKept(question)) return (await validate(question))?.result ?? givenUp(question)
    const key = keyOf(question)
    const time = question.at.getTime()
    const before = known.get(key) ?? []
    const hit = before.find(({ from, until }) => from <= time && time < until)
    if (hit) {
      const isWithin = hit.pairs.every((pair) => budget?.take(...pair) !== false)
      return isWithin ? hit.result : givenUp(question)
    }
    const found = await validate(question)
    if (found === null) return givenUp(question)
    const { result, pairs, sound } = found
    if (known.size >= MOST_PATHS) known.delete(known.keys().next().value!)
    known.set(key, [...before.slice(-8), { ...stretchAround(question, anchors, sound), result, pairs }])
    return result
  }
}

/** Ends a search from within: there is no answer to give to the question that was one too many. */
class BudgetSpent extends Error {}

const givenUp = ({ leaf }: PathQuestion): x509.PathResult => ({
  valid: false,
  reason: 'PATH_LIMIT_EXCEEDED',
  detail: 'the document asks for more signature checks than any real one',
  path: [leaf.value],
  faultIndex: 0,
  revocation: [],
})

function isAmong({ crls, ocsps }: RevocationData): NonNullable<x509.PathRequest['isBrought']> {
  const values = new Set<crl.Crl | ocsp.OcspResponse>([...crls, ...ocsps].map(({ value }) => value))
  return (data) => values.has(data)
}

const parsedOf = <T>({ value }: { readonly value: T }): T => value

function keyOf({ purpose, tense, revocation, leaf, intermediates }: PathQuestion): string {
  const list = (items: readonly { readonly id: number }[] | undefined) => items?.map(({ id }) => id).join() ?? '-'
  const { crls, ocsps, runOut, brought } = revocation ?? {}
  const asked = [crls, ocsps, runOut?.crls, runOut?.ocsps, brought?.crls, brought?.ocsps].map(list)
  return [purpose, tense, ...asked, leaf.id, list(intermediates)].join(' ')
}

/** Everything that is asked, whatever of it counts. */
function allOf(revocation: AskedData | undefined): { crls: readonly ReadCrl[]; ocsps: readonly ReadOcsp[] } {
  if (revocation === undefined) return { crls: [], ocsps: [] }
  const { crls, ocsps, runOut } = revocation
  return { crls: [...crls, ...runOut.crls], ocsps: [...ocsps, ...runOut.ocsps] }
}

function mayBeKept({ leaf, intermediates, revocation, along }: PathQuestion): boolean {
  const { crls, ocsps } = allOf(revocation)
  return (
    along === undefined &&
    intermediates.length <= MOST_CERTIFICATES &&
    [leaf, ...intermediates, ...crls, ...ocsps].every(({ isKept }) => isKept) &&
    ocsps.every(({ value }) => value.single.length <= MOST_SINGLES)
  )
}

/**
 * The stretch around `at` without any instant (or the end of the second it names) at which a certificate, list or entry begins or ends to
 * count. Of lists that nobody signed no entry is read: they may be long, and many. Terms of algorithms end at midnight UTC, so it never leaves the day. Responses have terms of the present in which clocks may
 * differ: what they say of it is kept for this very instant alone.
 */
function stretchAround(
  { at, tense, leaf, intermediates, revocation }: PathQuestion,
  anchors: readonly x509.Certificate[],
  sound: ReadonlySet<unknown>,
): { from: number; until: number } {
  const time = at.getTime()
  const { crls, ocsps } = allOf(revocation)
  if (tense === 'present' && ocsps.length > 0) return { from: time, until: time + 1 }
  const day = Math.floor(time / DAY_MS) * DAY_MS
  let from = day
  let until = day + DAY_MS
  const turn = (instant: number) => {
    if (instant <= time) from = Math.max(from, instant)
    else until = Math.min(until, instant)
  }
  const around = (instant: Date | undefined) => {
    if (!instant) return
    for (const offset of [0, 1, SECOND_MS]) turn(instant.getTime() + offset)
  }
  for (const certificate of [leaf.value, ...intermediates.map(({ value }) => value), ...anchors]) {
    around(certificate.notBefore)
    around(certificate.notAfter)
    for (const { value } of crls) if (sound.has(value)) around(crl.findRevocation(value, certificate)?.revocationDate)
  }
  for (const { value } of crls) {
    around(value.thisUpdate)
    around(value.nextUpdate)
  }
  for (const { value } of ocsps) for (const { revocationDate } of value.single) around(revocationDate)
  return { from, until }
}
