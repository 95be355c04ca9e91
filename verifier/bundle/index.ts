/**
 * Evidence that outlives its makers: a bundle holds everything that a verdict followed from, and judging it again gives the same report;
 * a receipt is the verifier's signed word for it.
 *
 * It holds no key, asks nobody and reads no clock: `createReceipts` is given a key, a stamp and a clock.
 *
 * Invariants: the same material gives the same bytes; a bundle with any octet changed is refused; what a bundle says is believed no
 * further than its roots and its receipt are.
 */
export { type ContentDigests, type EvidenceBundle, readBundle, writeBundle } from './bundle.ts'
export type { AnyReport, BundleContent, BundleMaterial, BundleSubject } from './content.ts'
export type { Difference } from './differences.ts'
export { type AtHand, type Doubt, findDoubts } from './doubts.ts'
export { BundleError, type BundleErrorCode } from './errors.ts'
export {
  createReceipts,
  type ReceiptReason,
  type Receipts,
  type ReceiptsOptions,
  type ReceiptTrust,
  type ReceiptUse,
  type ReceiptVerification,
  verifyReceipt,
} from './receipt.ts'
export { encodeReceiptFile, readReceiptFile, type SignedReceipt } from './receipt-file.ts'
export { type Replay, type ReplayTrust, replayBundle, replayContent } from './replay.ts'
export { SOFTWARE } from './software.ts'
