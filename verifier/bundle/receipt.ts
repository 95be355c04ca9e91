// Receipts of verifications: made with the verifier's own key, believed through its certificate and a time stamp.
import {
  type JwsSigner,
  LicenceFormatError,
  type ParsedReceipt,
  parseReceipt,
  parseStatusList,
  parseTrustList,
  type ReceiptList,
  type ReceiptPayload,
  signReceipt,
  verifyJwsSignature,
} from '../../licence-format/index.ts'
import { asn1, PkiError, primitives, tsp, x509 } from '../../pki/index.ts'
import { CLOCK_TOLERANCE_MS } from '../policy.ts'
import { digestMaterial, sha256 } from './bundle.ts'
import type { BundleMaterial, BundleSubject } from './content.ts'
import type { SignedReceipt } from './receipt-file.ts'
import { SOFTWARE } from './software.ts'

const MOST_LISTS = 64

export interface ReceiptsOptions {
  /** The key that signs now, with its certificate and those above it; called for each receipt. */
  signer(): Promise<JwsSigner>
  /** Stamps a SHA-256 digest; rejects when no stamp can be had. Left out: receipts carry none. */
  stamp?(digest: Uint8Array): Promise<NonNullable<SignedReceipt['timeStamp']>>
  /** Called with each receipt before it is handed out: no use of the key goes unrecorded. */
  record?(use: ReceiptUse): Promise<void>
  now(): Date
}

/** One use of the receipt key. */
export interface ReceiptUse {
  readonly at: Date
  /** SHA-256 of the receipt's JWS, hex. */
  readonly receiptDigest: string
  /** SHA-256 of what was verified, hex. */
  readonly subjectDigest: string
}

export interface Receipts {
  /** Signs that this material gave this report. Rejects where the key, the stamp or the record fails: there is no receipt then. */
  sign(material: BundleMaterial): Promise<SignedReceipt>
}

/** Makes the signer of receipts. It holds no key itself. */
export function createReceipts({ signer, stamp, record, now }: ReceiptsOptions): Receipts {
  return {
    async sign(material) {
      const key = await signer()
      const name = x509.parseCertificate(key.chain[0]!).subject.text
      const at = now()
      const payload = await describeVerification(material, name, at)
      const jws = await signReceipt(payload, key)
      const ascii = new TextEncoder().encode(jws)
      const digest = await primitives.digest('SHA-256', ascii)
      await record?.({ at, receiptDigest: asn1.toHex(digest), subjectDigest: payload.subject.sha256 })
      return { jws, timeStamp: stamp ? await stamp(digest) : null }
    },
  }
}

/** What a receipt says of a material. */
async function describeVerification(material: BundleMaterial, name: string, issuedAt: Date): Promise<ReceiptPayload> {
  const { subject, evidence, at, report } = material
  const digests = await digestMaterial(material)
  return {
    format: 'zhengyin-verification-receipt',
    version: 1,
    verifier: { name, software: SOFTWARE },
    issuedAt: issuedAt.toISOString(),
    subject: await describeSubject(subject),
    validationTime: at.toISOString(),
    verdict: report.verdict,
    reason: report.reason.toWellFormed().slice(0, 1_000),
    indication: 'indication' in report ? report.indication : null,
    subIndication: 'subIndication' in report ? report.subIndication : null,
    trustLists: await Promise.all(trustListsIn(evidence).map(describeTrustList)),
    statusLists: await Promise.all([...evidence.statusLists].slice(0, MOST_LISTS).map(describeStatusList)),
    ...digests,
  }
}

/** What was verified, by its digest: the document's bytes, or the text in UTF-8. */
export async function describeSubject(subject: BundleSubject): Promise<ReceiptPayload['subject']> {
  const bytes = subject.kind === 'document' ? subject.bytes : new TextEncoder().encode(subject.text)
  return { kind: subject.kind, sha256: await sha256(bytes) }
}

/** The own one first; more lists than a receipt may name are named by the content alone. */
function trustListsIn({ trustList, otherTrustLists }: BundleMaterial['evidence']): string[] {
  return [...(trustList === null ? [] : [trustList]), ...(otherTrustLists?.values() ?? [])].slice(0, MOST_LISTS)
}

async function describeTrustList(text: string): Promise<ReceiptList> {
  const digest = await sha256(new TextEncoder().encode(text))
  const list = orNull(() => parseTrustList(text).list)
  return list
    ? { sha256: digest, sequence: list.sequenceNumber, issuedAt: list.issuedAt.toISOString() }
    : { sha256: digest }
}

async function describeStatusList([address, text]: readonly [string, string]): Promise<ReceiptList> {
  const digest = await sha256(new TextEncoder().encode(text))
  const list = await parseStatusList(text).catch(refusedOnly)
  const named = { sha256: digest, address: address.toWellFormed().slice(0, 4_096) }
  return list ? { ...named, issuedAt: list.issuedAt.toISOString() } : named
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    return refusedOnly(error)
  }
}

function refusedOnly(error: unknown): null {
  if (error instanceof LicenceFormatError || error instanceof PkiError) return null
  throw error
}

/** By what a receipt is judged. */
export interface ReceiptTrust {
  /** Roots, DER. */
  readonly anchors: readonly Uint8Array[]
  /** Roots of time stamps, DER; default `anchors`. */
  readonly timeStampAnchors?: readonly Uint8Array[]
  /**
   * Revocation lists, DER; left out: revocation is not asked. Those count that are no older than the receipt's stamp, or current at `at`; what
   * any of them tells of a revocation counts.
   */
  readonly crls?: readonly Uint8Array[]
  readonly at: Date
}

export type ReceiptReason =
  | 'MALFORMED'
  | 'SIGNATURE_WRONG'
  | 'SIGNER_NOT_TRUSTED'
  | 'NAME_WRONG'
  | 'FROM_LATER'
  | 'TIME_STAMP_WRONG'
  | 'TIME_STAMP_NOT_TRUSTED'

export interface ReceiptVerification {
  readonly valid: boolean
  readonly reason: ReceiptReason | null
  readonly detail: string
  /** What it says; null only where it could not be read. Believed where `valid`. */
  readonly payload: ReceiptPayload | null
  /** Subject of the signer's certificate. */
  readonly signedBy: string | null
  /** Time of a valid stamp, ISO 8601; null without one. */
  readonly provenAt: string | null
  /** Whether revocation lists were asked. */
  readonly isRevocationChecked: boolean
}

/**
 * Judges a receipt: its signature, its signer's path and extended key usage, its time stamp. With a valid stamp the path needs to hold at
 * the stamped time, so that a receipt outlives its certificate; without one at `at`, and of a key that was revoked, whenever, none is
 * believed. Never throws for what it is given.
 */
export async function verifyReceipt(receipt: SignedReceipt, trust: ReceiptTrust): Promise<ReceiptVerification> {
  let parsed: ParsedReceipt
  let signer: x509.Certificate
  try {
    parsed = parseReceipt(receipt.jws)
    signer = x509.parseCertificate(parsed.jws.chain[0]!)
  } catch (error) {
    refusedOnly(error)
    const detail = (error as Error).message
    return { ...NOTHING_KNOWN, reason: 'MALFORMED', detail }
  }
  const { payload, jws } = parsed
  const known = {
    ...NOTHING_KNOWN,
    payload,
    signedBy: signer.subject.text,
    isRevocationChecked: trust.crls !== undefined,
  }
  const refuse = (reason: ReceiptReason, detail: string) => ({ ...known, reason, detail })
  if (!(await verifyJwsSignature(jws))) return refuse('SIGNATURE_WRONG', 'the signature does not fit the receipt')
  if (payload.verifier.name !== known.signedBy)
    return refuse('NAME_WRONG', 'it names another verifier than its certificate')
  const stamped = receipt.timeStamp && (await judgeStamp(receipt.jws, receipt.timeStamp, trust))
  if (stamped && 'reason' in stamped) return refuse(stamped.reason, stamped.detail)
  const provenAt = stamped?.provenAt ?? null
  const latest = (provenAt ?? trust.at).getTime() + CLOCK_TOLERANCE_MS
  if (Date.parse(payload.issuedAt) > latest)
    return refuse('FROM_LATER', 'it says it was made later than it is proven to exist')
  const path = await x509.validatePastPath({
    leaf: signer,
    intermediates: jws.chain.slice(1),
    ...toldTo(trust),
    anchors: trust.anchors,
    asOf: provenAt ?? trust.at,
    purpose: 'receipt',
  })
  if (!path.valid) return refuse('SIGNER_NOT_TRUSTED', `${path.reason}: ${path.detail}`)
  if (provenAt === null && path.revokedFrom !== null)
    return refuse(
      'SIGNER_NOT_TRUSTED',
      `revoked as of ${path.revokedFrom.toISOString()}, and nothing proves it to be older`,
    )
  return { ...known, valid: true, reason: null, detail: '', provenAt: provenAt?.toISOString() ?? null }
}

const NOTHING_KNOWN: Omit<ReceiptVerification, 'reason'> = {
  valid: false,
  detail: '',
  payload: null,
  signedBy: null,
  provenAt: null,
  isRevocationChecked: false,
}

const FAR = new Date(Date.UTC(9999, 0, 1))

/** `at` of a bundle is the word of its maker: lists of later tell what has become of a key since. */
const toldTo = ({ crls, at }: ReceiptTrust) => ({ at, toldUntil: FAR, ...(crls && { crls }) })

type StampJudgement =
  | { readonly provenAt: Date }
  | { readonly reason: 'TIME_STAMP_WRONG' | 'TIME_STAMP_NOT_TRUSTED'; readonly detail: string }

/** As every stamp over what nothing else proves: by the algorithms, the path and the end of its authority. */
async function judgeStamp(
  jws: string,
  { token, certificates }: NonNullable<SignedReceipt['timeStamp']>,
  trust: ReceiptTrust,
): Promise<StampJudgement> {
  const data = new TextEncoder().encode(jws)
  const judged = await tsp.judgeToken(
    token,
    { data, certificates },
    {
      ...toldTo(trust),
      anchors: trust.timeStampAnchors ?? trust.anchors,
      clockToleranceMs: CLOCK_TOLERANCE_MS,
    },
  )
  if (judged.outcome === 'proven') return { provenAt: judged.provenAt }
  return { reason: judged.fault === 'token' ? 'TIME_STAMP_WRONG' : 'TIME_STAMP_NOT_TRUSTED', detail: judged.detail }
}
