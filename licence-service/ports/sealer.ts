import type { StatementClaims } from '../../licence-format/index.ts'
import type { Principal } from '../../platform/index.ts'

/**
 * The seal service as this service sees it. Both calls are idempotent: a repeat (identifier + data digest; identifier + unsigned
 * digest) answers byte for byte what the first one did, so an unknown outcome is settled by asking again.
 * A refusal is an error with one of `sealerRefusals` as its `code`; anything else is an outage, after which a licence stays prepared.
 */
export interface Sealer {
  signStatements(
    caller: Principal,
    requests: readonly { identifier: string; claims: StatementClaims }[],
  ): Promise<{ identifier: string; text: string }[]>
  sealDocuments(
    caller: Principal,
    requests: readonly {
      identifier: string
      typeCode: string
      sealId: string
      unsignedDigest: string
      pdf: Uint8Array
      place: { page: number; x: number; y: number }
    }[],
  ): Promise<{ identifier: string; pdf: Uint8Array; useId: string }[]>
}
