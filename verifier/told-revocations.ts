// Revocations that any data at hand told, by certificate: another path, or fewer data, forgets none of them (RFC 5280 §5.3.2).
import { primitives, type x509 } from '../pki/index.ts'

type Entry = NonNullable<x509.RevocationStatus['entry']>

export interface ToldRevocations {
  /** Keeps what a result tells, and gives it back. */
  learn(result: x509.PathResult): x509.PathResult
  /** A result with the revocations of its certificates as they are known by now. */
  recall(result: x509.PathResult): x509.PathResult
}

/** Of several revocations of one certificate that counts which begins first. */
export function createToldRevocations(): ToldRevocations {
  const told = new Map<string, Entry>()
  return {
    learn(result) {
      result.revocation.forEach(({ entry }, index) => {
        if (entry === undefined) return
        const name = primitives.mapKey(result.path[index]!.raw)
        const known = told.get(name)
        if (known === undefined || beginOf(entry) < beginOf(known)) told.set(name, entry)
      })
      return result
    },
    recall(result) {
      const revocation = result.revocation.map((status, index) => {
        const known = told.get(primitives.mapKey(result.path[index]!.raw))
        const isKnownBefore = known && (status.entry === undefined || beginOf(known) < beginOf(status.entry))
        return isKnownBefore ? { ...status, entry: known } : status
      })
      return { ...result, revocation }
    },
  }
}

/** From when on a revocation says that nothing counts any more. */
const beginOf = ({ revocationDate, invalidityDate }: Entry): Date =>
  invalidityDate !== undefined && invalidityDate < revocationDate ? invalidityDate : revocationDate
