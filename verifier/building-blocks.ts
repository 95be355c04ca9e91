// What each building block of EN 319 102-1 answered about one signature.
import {
  type BlockResults,
  type BuildingBlock,
  buildingBlocks,
  type Indication,
  type SubIndication,
  toBlock,
  worstBlock,
} from './indications.ts'

/** One answer about a signature, and the block that gave it. */
export interface Part {
  readonly block: BuildingBlock
  readonly indication: Indication
  readonly subIndication: SubIndication | null
}

const ORDER_OF_WORK: readonly BuildingBlock[] = ['FC', 'ISC', 'VCI', 'CV', 'XCV', 'SAV']

/**
 * The results of a signature of which `parts` were found. Blocks up to the last that `reached` names were made. Where times are proven,
 * XCV is as of these, VTS says whether what vouches for the path is proven to be older than the ends of its keys, and PSV joins both with
 * the algorithms.
 */
export function blocksOf(parts: readonly Part[], reached: BuildingBlock, isPast: boolean): BlockResults {
  const made = ORDER_OF_WORK.slice(0, ORDER_OF_WORK.indexOf(reached) + 1)
  const of = (...blocks: BuildingBlock[]) =>
    worstBlock(parts.flatMap((part) => (blocks.includes(part.block) ? [toBlock(part)] : [])))
  const isPastMade = isPast && reached === 'SAV'
  const results = buildingBlocks.map((block) => {
    if (block === 'VTS') return [block, isPastMade ? of('VTS') : null]
    if (block === 'PSV') return [block, isPastMade ? of('PSV', 'XCV', 'VTS') : null]
    return [block, made.includes(block) ? of(block) : null]
  })
  return Object.fromEntries(results)
}

const blockBySubIndication: Readonly<Partial<Record<SubIndication, BuildingBlock>>> = {
  FORMAT_FAILURE: 'FC',
  NO_SIGNING_CERTIFICATE_FOUND: 'ISC',
  POLICY_PROCESSING_ERROR: 'VCI',
  SIGNATURE_POLICY_NOT_AVAILABLE: 'VCI',
  HASH_FAILURE: 'CV',
  SIG_CRYPTO_FAILURE: 'CV',
  SIGNED_DATA_NOT_FOUND: 'CV',
  SIG_CONSTRAINTS_FAILURE: 'SAV',
  CRYPTO_CONSTRAINTS_FAILURE: 'SAV',
  CRYPTO_CONSTRAINTS_FAILURE_NO_POE: 'SAV',
  TIMESTAMP_ORDER_FAILURE: 'SAV',
}

/** The block that a sub-indication of a time stamp comes from; `general` for those that say nothing of it. */
export const blockOf = (subIndication: SubIndication | null, general: BuildingBlock): BuildingBlock =>
  (subIndication && blockBySubIndication[subIndication]) ?? general
