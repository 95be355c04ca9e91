// Judges a bundle again from what it holds, and tells where the answer is another than the one it carries.
import type { JsonValue } from '../../licence-format/index.ts'
import { asn1, x509 } from '../../pki/index.ts'
import type { ValidationPolicy } from '../policy.ts'
import { verifyDocument } from '../verify-document.ts'
import { verifyStatementText } from '../verify-statement.ts'
import { type EvidenceBundle, readBundle, sha256 } from './bundle.ts'
import { toWellFormedJson } from './codec.ts'
import type { AnyReport, BundleMaterial } from './content.ts'
import { type Difference, findDifferences } from './differences.ts'
import { BundleError } from './errors.ts'
import { describeSubject, type ReceiptVerification, verifyReceipt } from './receipt.ts'
import { SOFTWARE } from './software.ts'
import { expectConclusions } from './stored-report.ts'

export interface Replay {
  /** The report as it comes out now. */
  readonly report: AnyReport
  /** The report that the bundle carries. */
  readonly stored: JsonValue
  /** Whether both say the same. Of a bundle that another version wrote only what both versions know is held against each other, without the words. */
  readonly same: boolean
  /** Every difference, JSON pointers. */
  readonly differences: readonly Difference[]
  /** The program that wrote the bundle, and this one. */
  readonly software: { readonly wrote: string; readonly replays: string }
  /** The roots that the verdict rests on: SHA-256 (hex) and subject. The bundle names them itself: whoever relies on it compares them with those he trusts. */
  readonly anchors: readonly { readonly sha256: string; readonly subject: string }[]
  /** Null where the bundle has none. */
  readonly receipt: ReceiptVerification | null
  readonly contentDigest: string
  readonly subject: { readonly kind: 'document' | 'statement'; readonly sha256: string }
}

export interface ReplayTrust {
  /** Roots to judge the receipt by, DER; left out: those that the bundle names. */
  readonly anchors?: readonly Uint8Array[]
  /** Roots that may stand above its time stamp, DER; default `anchors`. */
  readonly timeStampAnchors?: readonly Uint8Array[]
  /** Revocation lists beside those of the bundle, which may have left some out, DER. */
  readonly crls?: readonly Uint8Array[]
}

/** Judges what a bundle holds once more, as its report was made: pure, no network, no clock. Throws what `readBundle` and `replayContent` throw. */
export async function replayBundle(bytes: Uint8Array, trust: ReplayTrust = {}): Promise<Replay> {
  return replayContent(await readBundle(bytes), trust)
}

/**
 * As `replayBundle`, of a bundle already read. Throws BUNDLE_MALFORMED where its report lacks conclusions, BUNDLE_CHANGED or
 * BUNDLE_RECEIPT_OF_ANOTHER where its receipt is not of it.
 */
export async function replayContent(bundle: EvidenceBundle, trust: ReplayTrust = {}): Promise<Replay> {
  const { content, contentDigest } = bundle
  expectConclusions(content.report, content.subject.kind)
  const anchors = await Promise.all(rootsOf(content.policy).map(describeAnchor))
  const report = await judge(content)
  const stored = content.report
  const differences = findDifferences(stored, toWellFormedJson(report))
  const isOwn = content.software === SOFTWARE
  return {
    report,
    stored,
    same: differences.every(({ kind }) => !isOwn && kind !== 'conclusion'),
    differences,
    software: { wrote: content.software, replays: SOFTWARE },
    anchors,
    receipt: await checkReceipt(bundle, trust),
    contentDigest,
    subject: await describeSubject(content.subject),
  }
}

/** Judges what a bundle holds. */
export function judge({ subject, evidence, policy, at, question }: Omit<BundleMaterial, 'report'>): Promise<AnyReport> {
  return subject.kind === 'document'
    ? verifyDocument(subject, evidence, policy, at, question)
    : verifyStatementText(subject.text, evidence, policy, at, question)
}

async function checkReceipt(
  { content, contentDigest, receipt }: EvidenceBundle,
  { anchors, timeStampAnchors: stampAnchors = anchors, crls = [] }: ReplayTrust,
): Promise<ReceiptVerification | null> {
  if (receipt === null) return null
  const { at, evidence, policy } = content
  const { trustAnchors, listAnchors = trustAnchors, timeStampAnchors = trustAnchors } = policy
  const roots = { anchors: anchors ?? listAnchors, timeStampAnchors: stampAnchors ?? timeStampAnchors }
  const checked = await verifyReceipt(receipt, { ...roots, crls: [...crls, ...evidence.crls], at })
  if (checked.payload?.content !== contentDigest) {
    throw new BundleError('BUNDLE_RECEIPT_OF_ANOTHER', 'the receipt is not of what the bundle holds')
  }
  if (checked.reason === 'SIGNATURE_WRONG') throw new BundleError('BUNDLE_CHANGED', "the receipt's signature is wrong")
  return checked
}

async function describeAnchor(der: Uint8Array): Promise<{ sha256: string; subject: string }> {
  try {
    return { sha256: await sha256(der), subject: x509.parseCertificate(der).subject.text }
  } catch (cause) {
    throw new BundleError('BUNDLE_MALFORMED', 'a root is no certificate', { cause })
  }
}

/** Each once, whatever it may stand above. */
function rootsOf(policy: ValidationPolicy): Uint8Array[] {
  const { trustAnchors, listAnchors = [], timeStampAnchors = [], otherTrustLists = [] } = policy
  const all = [...trustAnchors, ...listAnchors, ...timeStampAnchors, ...otherTrustLists.flatMap((pin) => pin.anchors)]
  return [...new Map(all.map((der) => [asn1.toHex(der), der])).values()]
}
