// From B-T upwards: validation data, then an archive time stamp. Both are appended; no earlier byte is touched.
import { appendValidationData, embedCms, prepareDocumentTimeStamp } from '../../pades/write/index.ts'
import { asn1, x509 } from '../../pki/index.ts'
import type { Workshop } from '../dependencies.ts'
import { isAtLeast, type Level } from '../domain/level.ts'
import type { RevocationAnswer } from '../ports/revocation-source.ts'
import { type ArchiveStamp, describeArchiveStamp } from './archive-stamp.ts'
import { readStampedCertificates, type StampedCertificates } from './read-certificates.ts'

export interface Raisable {
  readonly pdf: Uint8Array
  readonly level: Level
  readonly target: Level
  /** Null where it has to be read from the document. */
  readonly known: StampedCertificates | null
  /** Why an earlier step failed: then no further one is tried. */
  readonly shortfall?: Error | null
}

export interface Raised {
  readonly pdf: Uint8Array
  readonly level: Level
  /** Of the archive time stamp added now. */
  readonly archive: ArchiveStamp | null
  /** Why the target was not reached. */
  readonly shortfall: Error | null
}

/**
 * Raises each document towards its target as far as evidence can be had; never throws for what others do not answer. One round of
 * answers serves the whole group.
 */
export async function raiseLevels(shop: Workshop, documents: readonly Raisable[]): Promise<Raised[]> {
  const start = documents.map((document): Underway => ({ shortfall: null, ...document, archive: null }))
  const atLeastLt = await raise(start, 'B-T', 'B-LT', async (due) =>
    (await appendAnswers(shop, due)).map((pdf) => ({ pdf, archive: null })),
  )
  return raise(atLeastLt, 'B-LT', 'B-LTA', (due) => stampDocuments(shop, due))
}

type Underway = Raisable & Raised

/** Takes the documents that are at `from` and want more to `to`. */
async function raise(
  documents: readonly Underway[],
  from: Level,
  to: Level,
  step: (due: readonly Raisable[]) => Promise<Stamped[]>,
): Promise<Underway[]> {
  const isDue = ({ level, target, shortfall }: Underway) =>
    level === from && isAtLeast(target, to) && shortfall === null
  const due = documents.filter(isDue)
  const raised = due.length === 0 ? [] : await step(due).catch(toError)
  let next = 0
  return documents.map((document) => {
    if (!isDue(document)) return document
    if (raised instanceof Error) return { ...document, shortfall: raised }
    return { ...document, ...raised[next++]!, level: to }
  })
}

export const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))

/** Where answers about certificates come from, and which certificates lead to a root besides those of the document. */
type AnswerSources = Pick<Workshop, 'revocation' | 'crossCertificates'> & {
  readonly outside: Pick<Workshop['outside'], 'anchors'>
}

/**
 * DSS and VRI with the chains and one fresh answer about each of their certificates but the roots. What other cities say of a root of
 * these goes with it, without an answer: whoever trusts them has their lists.
 */
export async function appendAnswers(
  { revocation, crossCertificates, outside }: AnswerSources,
  documents: readonly Pick<Raisable, 'pdf' | 'known'>[],
): Promise<Uint8Array[]> {
  if (revocation === undefined) throw new Error('no source of revocation data is configured')
  const stamped = documents.map(({ pdf, known }) => known ?? readStampedCertificates(pdf))
  const all = uniqueBytes(stamped.flatMap(({ certificates }) => certificates))
  const areRoots = await Promise.all(all.map(isRoot))
  const asked = all.filter((_, index) => !areRoots[index])
  const notBefore = new Date(Math.max(...stamped.map(({ stampedBy }) => stampedBy.getTime())))
  // An authority that is trusted without being a root stands in no document.
  const answers = await revocation.answers(asked, notBefore, [...all, ...outside.anchors()])
  const answerOf = new Map(asked.map((certificate, index) => [hex(certificate), answers[index]!]))
  const cross = crossCertificates?.().filter((one) => all.some((other) => hasSameKey(one, other))) ?? []
  return documents.map(({ pdf }, index) => {
    const certificates = uniqueBytes(stamped[index]!.certificates)
    const found = certificates.flatMap((certificate) => answerOf.get(hex(certificate)) ?? [])
    const ofKind = (kind: RevocationAnswer['kind']) =>
      uniqueBytes(found.filter((answer) => answer.kind === kind).map(({ der }) => der))
    return appendValidationData(pdf, {
      certificates: [...certificates, ...cross],
      crls: ofKind('crl'),
      ocsps: ofKind('ocsp'),
    })
  })
}

function hasSameKey(one: Uint8Array, other: Uint8Array): boolean {
  return asn1.equalBytes(
    x509.parseCertificate(one).subjectPublicKeyInfo,
    x509.parseCertificate(other).subjectPublicKeyInfo,
  )
}

const rootsSeen = new WeakMap<Uint8Array, Promise<boolean>>()

/** Nobody answers for a root: it is trusted or not. A new key of an authority that the old one certified has its name and is no root. */
function isRoot(der: Uint8Array): Promise<boolean> {
  const known = rootsSeen.get(der)
  if (known !== undefined) return known
  const certificate = x509.parseCertificate(der)
  const isSelfIssued = certificate.issuer.matchKey === certificate.subject.matchKey
  const found = isSelfIssued ? x509.verifyCertificateSignature(certificate, certificate) : Promise.resolve(false)
  rootsSeen.set(der, found)
  return found
}

/** A document time stamp over everything there is (EN 319 142-1, 5.4.3). */
export async function stampDocuments(
  { timestamper, clock }: Workshop,
  documents: readonly Pick<Raisable, 'pdf'>[],
): Promise<Stamped[]> {
  if (timestamper === undefined) throw new Error('no time-stamping authority is configured')
  const contentsLength = await timestamper.maxTokenLength()
  const prepared = documents.map(({ pdf }) => prepareDocumentTimeStamp(pdf, { contentsLength, at: clock.now() }))
  const { tokens, certificates } = await timestamper.stamp(prepared.map((one) => one.digest()))
  const archive = describeArchiveStamp(certificates[0]!)
  return prepared.map((one, index) => ({ pdf: embedCms(one, tokens[index]!), archive }))
}

interface Stamped {
  readonly pdf: Uint8Array
  readonly archive: ArchiveStamp | null
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function uniqueBytes(values: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(values.map((value) => [hex(value), value])).values()]
}
