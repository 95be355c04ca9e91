/**
 * The layouts of GM/T 0031-2014 (V1), GB/T 38540-2020 (V4) and GM/T 0031-2025 (V5). TypeScript names drop the underscore of the
 * standards' and keep their letters; their field names stand in the comments where they are others.
 */
export type SesLayout = 'V1' | 'V4' | 'V5'

/** SES_SealInfo: what the maker signs. */
export interface SesSealInfo {
  /** header.ID: "ES" in every known seal */
  readonly headerId: string
  /** header.version: 4 and 5 for the later layouts; V1 seals say 1, or what their vendor liked */
  readonly version: number
  /** header.Vid */
  readonly vendorId: string
  /** the seal's code: 14 digits in practice */
  readonly esId: string
  readonly property: SesProperty
  readonly picture: SesPicture
  readonly extensions: readonly SesExtension[]
}

/** SES_ESPropertyInfo. Times are instants; vendors' forms without a zone are read as Beijing time. */
export interface SesProperty {
  /** 1 of an organisation, 2 of a person; vendors write others: not to be relied on */
  readonly type: number
  readonly name: string
  /** who may sign with this seal */
  readonly certList: SesCertList
  readonly createDate: Date
  readonly validStart: Date
  readonly validEnd: Date
}

/** SES_CertList: certificates (certListType 1; always in V1) as DER, or digests of them (2) with the name of the digest algorithm. */
export type SesCertList =
  | { readonly kind: 'certificates'; readonly certificates: readonly Uint8Array[] }
  | { readonly kind: 'digests'; readonly digests: readonly SesCertDigest[] }

/** CertDigestObj. The standard leaves `type` to the maker; "SM3" and its OID are known here. */
export interface SesCertDigest {
  readonly type: string
  readonly value: Uint8Array
}

/** SES_ESPictureInfo ("Pictrue" in V1): PNG, JPG, GIF, BMP, SVG, OFD, in any case of letters; millimetres. */
export interface SesPicture {
  readonly type: string
  readonly data: Uint8Array
  readonly widthMm: number
  readonly heightMm: number
}

/** ExtData */
export interface SesExtension {
  readonly oid: string
  readonly critical: boolean
  readonly value: Uint8Array
}

/** SESeal as it was received: the bytes that are signed are the bytes that came, never an encoding of ours. */
export interface SesSeal {
  readonly layout: SesLayout
  readonly raw: Uint8Array
  readonly info: SesSealInfo
  /** what the maker's signature is over: SES_SealInfo, in V1 with certificate and algorithm */
  readonly signedBytes: Uint8Array
  /** certificate of the maker, DER, not parsed */
  readonly makerCertificate: Uint8Array
  /** dotted OID */
  readonly signatureAlgorithm: string
  /** DER { r, s }, or r ‖ s in 64 octets */
  readonly signature: Uint8Array
  /** a time-stamp token over the signature; V5, seen in V4 */
  readonly timeStamp: Uint8Array | undefined
}

/** SES_Signature as it was received. */
export interface SesSignature {
  readonly layout: SesLayout
  readonly raw: Uint8Array
  /** TBS_Sign.version */
  readonly version: number
  readonly seal: SesSeal
  /** the signer's word (TBS_Sign.timeInfo); `undefined` where that is a token */
  readonly time: Date | undefined
  /** TBS_Sign.timeInfo may be a time-stamp token over dataHash; by the standard in V1 alone */
  readonly timeToken: Uint8Array | undefined
  readonly dataHash: Uint8Array
  /** what was hashed: in OFD the path of Signature.xml in the package */
  readonly propertyInfo: string
  readonly extensions: readonly SesExtension[]
  /** what the signature is over: TBS_Sign as it came */
  readonly signedBytes: Uint8Array
  /** certificate of the signer, DER, not parsed */
  readonly certificate: Uint8Array
  /** dotted OID */
  readonly signatureAlgorithm: string
  /** DER { r, s }, or r ‖ s in 64 octets */
  readonly signature: Uint8Array
  /** a time-stamp token over the signature; V4 and V5 */
  readonly timeStamp: Uint8Array | undefined
}
