// The words of ETSI EN 319 102-1 (tables 5 and 6) and their URNs of ETSI TS 119 102-2.

/** What is said of a signature, and of one building block of its validation. */
export type Indication = 'TOTAL-PASSED' | 'INDETERMINATE' | 'TOTAL-FAILED'
export type BlockIndication = 'PASSED' | 'INDETERMINATE' | 'FAILED'

/** Every sub-indication of the standard, those for total failure first. */
export const subIndications = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
  'SIG_CONSTRAINTS_FAILURE',
  'CHAIN_CONSTRAINTS_FAILURE',
  'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'POLICY_PROCESSING_ERROR',
  'SIGNATURE_POLICY_NOT_AVAILABLE',
  'TIMESTAMP_ORDER_FAILURE',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND_NO_POE',
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
  'OUT_OF_BOUNDS_NO_POE',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'NO_POE',
  'TRY_LATER',
  'SIGNED_DATA_NOT_FOUND',
  'CUSTOM',
  'GENERIC',
] as const
export type SubIndication = (typeof subIndications)[number]

/** `urn:etsi:019102:mainindication:total-passed` and its like; of a building block `…:passed`. */
export const indicationUrn = (indication: Indication | BlockIndication): string =>
  `urn:etsi:019102:mainindication:${indication.toLowerCase()}`

/** `urn:etsi:019102:subindication:HASH_FAILURE` and its like. */
export const subIndicationUrn = (subIndication: SubIndication): string =>
  `urn:etsi:019102:subindication:${subIndication}`

/**
 * The building blocks of EN 319 102-1: format checking (§5.2.2), identification of the signing certificate (§5.2.3), validation context
 * (§5.2.4), cryptographic verification (§5.2.7), certificate validation (§5.2.6), signature acceptance (§5.2.8), past signature validation
 * (§5.6.2.4), validation time sliding (§5.6.2.2).
 */
export const buildingBlocks = ['FC', 'ISC', 'VCI', 'CV', 'XCV', 'SAV', 'PSV', 'VTS'] as const
export type BuildingBlock = (typeof buildingBlocks)[number]

export interface BlockResult {
  readonly indication: BlockIndication
  readonly subIndication: SubIndication | null
}

/** Null: the block was not reached, or there was nothing for it to do. */
export type BlockResults = Readonly<Record<BuildingBlock, BlockResult | null>>

/** What was said of a part, as said of a block. */
export function toBlock(part: { indication: Indication; subIndication: SubIndication | null }): BlockResult {
  const { indication, subIndication } = part
  return { indication: indication.replace('TOTAL-', '') as BlockIndication, subIndication }
}

/** The worst of some results of one block, the first among equals; passed where there is none. */
export function worstBlock(results: readonly (BlockResult | null)[]): BlockResult {
  const found = (wanted: BlockIndication) => results.find((result) => result?.indication === wanted)
  return found('FAILED') ?? found('INDETERMINATE') ?? { indication: 'PASSED', subIndication: null }
}
