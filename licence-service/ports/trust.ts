import type { TrustAnchors } from '../../verifier/index.ts'

/** What a new document is verified against before it is registered. DER throughout. */
export interface Trust {
  anchors(): TrustAnchors
  crls(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>
}
