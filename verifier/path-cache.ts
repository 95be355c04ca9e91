// Paths once validated, with the stretch of time in which the answer cannot change. One seal signs many thousand licences.
import { crl, PkiError, x509 } from '../pki/index.ts'

const DAY_MS = 86_400_000
const SECOND_MS = 1000
const MOST_PATHS = 256
const MOST_LISTS = 32
/** Certificates that come with a seal take some kilobytes. More is somebody's junk, and is not kept. */
const LARGEST_KEPT = 64 * 1024
const latin1 = new TextDecoder('latin1')

interface Known {
  readonly from: number
  readonly until: number
  readonly result: x509.PathResult
}

interface ReadList {
  readonly id: number
  readonly crl: crl.Crl | null
}

export interface PathQuestion {
  readonly leaf: Uint8Array
  readonly intermediates: readonly Uint8Array[]
  readonly purpose: x509.Purpose
  readonly crls: readonly Uint8Array[] | undefined
  readonly at: Date
}

export type PathCache = (question: PathQuestion) => Promise<x509.PathResult>

/** A `validatePath` that remembers. Certificates and lists that cannot be parsed are left out, as pki does. */
export function createPathCache(trustAnchors: readonly Uint8Array[]): PathCache {
  const known = new Map<string, Known[]>()
  const lists = new WeakMap<Uint8Array, ReadList>()
  const listsByText = new Map<string, ReadList>()
  const anchors = trustAnchors.map(x509.parseCertificate)
  let count = 0

  /** A list is known by its bytes: a source may hand over a fresh copy each time. */
  const readList = (der: Uint8Array): ReadList => {
    const same = lists.get(der)
    if (same) return same
    const text = latin1.decode(der)
    const read = listsByText.get(text) ?? { id: ++count, crl: parseOrNull(crl.parseCrl, der) }
    lists.set(der, read)
    if (!listsByText.has(text)) {
      if (listsByText.size >= MOST_LISTS) listsByText.delete(listsByText.keys().next().value!)
      listsByText.set(text, read)
    }
    return read
  }

  const validate = (question: PathQuestion, usable: readonly crl.Crl[] | undefined): Promise<x509.PathResult> =>
    x509.validatePath({
      leaf: question.leaf,
      intermediates: question.intermediates,
      anchors,
      purpose: question.purpose,
      at: question.at,
      ...(usable === undefined ? {} : { crls: usable }),
    })

  return async (question) => {
    const read = question.crls?.map(readList)
    const usable = read?.flatMap((list) => list.crl ?? [])
    const size = question.intermediates.reduce((sum, { length }) => sum + length, question.leaf.length)
    if (size > LARGEST_KEPT) return validate(question, usable)
    // What is kept must not hold on to the document in which it came.
    const [leaf, ...intermediates] = [question.leaf, ...question.intermediates].map((der) => new Uint8Array(der))
    const { purpose, at } = question
    const key = [
      purpose,
      read?.map(({ id }) => id).join() ?? 'none',
      ...[leaf!, ...intermediates].map((der) => latin1.decode(der)),
    ].join('\n')
    const time = at.getTime()
    const before = known.get(key) ?? []
    const hit = before.find(({ from, until }) => from <= time && time < until)
    if (hit) return hit.result
    const certificates = [leaf!, ...intermediates].flatMap((der) => parseOrNull(x509.parseCertificate, der) ?? [])
    const result = await validate({ ...question, leaf: leaf!, intermediates }, usable)
    if (known.size >= MOST_PATHS) known.delete(known.keys().next().value!)
    known.set(key, [
      ...before.slice(-8),
      { ...stretchAround(time, [...certificates, ...anchors], usable ?? []), result },
    ])
    return result
  }
}

function parseOrNull<T>(parse: (der: Uint8Array) => T, der: Uint8Array): T | null {
  try {
    return parse(der)
  } catch (error) {
    if (error instanceof PkiError) return null
    throw error
  }
}

/**
 * The stretch around `time` without any instant (or the end of the second it names) at which a certificate, list or entry begins or ends to count. Terms of algorithms end
 * at midnight UTC, so it never leaves the day.
 */
function stretchAround(
  time: number,
  certificates: readonly x509.Certificate[],
  crls: readonly crl.Crl[],
): { from: number; until: number } {
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
  for (const certificate of certificates) {
    around(certificate.notBefore)
    around(certificate.notAfter)
    for (const list of crls) around(crl.findRevocation(list, certificate)?.revocationDate)
  }
  for (const list of crls) {
    around(list.thisUpdate)
    around(list.nextUpdate)
  }
  return { from, until }
}
