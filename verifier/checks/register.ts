// Does the register hold this very document? Only its live answer can tell.
import { asn1 } from '../../pki/index.ts'
import type { LiveStatus } from '../evidence.ts'
import { finding } from '../messages.ts'
import type { Finding, Text } from '../report.ts'

export interface RegisterAnswer {
  /** The answer if it is about this licence. */
  readonly live: LiveStatus | null
  /** The register holds this licence with this data (and this document, where one was compared). */
  readonly confirmed: boolean
  readonly finding: Finding
}

/** Compares digests; `sealedDigest` is null where there is a statement alone, `copyId` where it is no copy. */
export function checkRegister(
  live: LiveStatus | null,
  identifier: string,
  dataDigest: Uint8Array,
  sealedDigest: Uint8Array | null,
  copyId: string | null,
): RegisterAnswer {
  if (live === null || live.identifier !== identifier || (live.copyId ?? null) !== copyId) {
    return { live: null, confirmed: false, finding: finding('register', 'info', 'REGISTER_NOT_ASKED') }
  }
  if (live.status === 'unknown')
    return { live, confirmed: false, finding: finding('register', 'failed', 'REGISTER_UNKNOWN') }
  const difference = findDifference(live, dataDigest, sealedDigest)
  if (difference)
    return {
      live,
      confirmed: false,
      finding: finding('register', 'failed', 'REGISTER_DISAGREES', { what: difference }),
    }
  const isComplete = Boolean(live.dataDigest) && (sealedDigest === null || Boolean(live.sealedDigest))
  return { live, confirmed: isComplete, finding: finding('register', 'passed', 'REGISTER_AGREES') }
}

function findDifference(live: LiveStatus, dataDigest: Uint8Array, sealedDigest: Uint8Array | null): Text | null {
  const differs = (recorded: string | null | undefined, digest: Uint8Array) =>
    Boolean(recorded) && String(recorded).toLowerCase() !== asn1.toHex(digest)
  if (differs(live.dataDigest, dataDigest)) return { zh: '证照数据', en: 'licence data' }
  if (sealedDigest && differs(live.sealedDigest, sealedDigest)) return { zh: '签章文件', en: 'sealed document' }
  return null
}
