/** What a new document is verified against before it is registered. DER throughout. */
export interface Trust {
  anchors(): readonly Uint8Array[]
  crls(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>
}
