// Trust lists of other cities and departments: pinned by the operator, each with the divisions for which alone it may speak.

/**
 * A trust list of others that the operator decided to believe. Its signer must lead to one of `anchors` (where there are none: of the
 * policy), or be one of `signers`, or both where both are given; seals and time stamps of its departments must lead to the same anchors.
 */
export interface PinnedTrustList {
  /** The operator's name for it: small letters, digits and hyphens. */
  readonly name: string
  /**
   * Administrative divisions (GB/T 2260) for which alone it may speak, as 2, 4 or 6 digits: `33` is a province with all that is in it,
   * `3302` a city, `330203` a district. A department's division stands in its credit code (GB 32100).
   */
  readonly divisions: readonly string[]
  /** DER. Keep the same object for many verifications. */
  readonly anchors: readonly Uint8Array[]
  /** SHA-256 of the signer's certificate or of its subjectPublicKeyInfo, lower-case hex. */
  readonly signers?: readonly string[]
}

const DIVISION = /^(\d{2}){1,3}$/
const NAME = /^[a-z0-9](-?[a-z0-9]){0,40}$/
const DIGEST = /^[0-9a-f]{64}$/

/** What is wrong with a set of pins, in words; none may be used then. Two lists with one division would be two voices. */
export function findPinFaults(pins: readonly PinnedTrustList[], ownDivisions: readonly string[] = []): string[] {
  const faults = pins.flatMap(({ name, divisions, anchors, signers }) => [
    ...(NAME.test(name) ? [] : ['a name is not of small letters, digits and hyphens']),
    ...(divisions.length > 0 ? [] : [`${name}: no divisions`]),
    ...(anchors.length > 0 || (signers && signers.length > 0) ? [] : [`${name}: neither a root nor a signer`]),
    ...((signers ?? []).every((digest) => DIGEST.test(digest))
      ? []
      : [`${name}: a signer is not a SHA-256 in lower-case hex`]),
  ])
  const claimed = new Map<string, string>()
  const claims = [['own', ownDivisions] as const, ...pins.map(({ name, divisions }) => [name, divisions] as const)]
  for (const [name, divisions] of claims) {
    for (const division of divisions) {
      if (!DIVISION.test(division)) faults.push(`${name}: a division is not of 2, 4 or 6 digits`)
      const other = claimed.get(division)
      if (other !== undefined) faults.push(`${name} and ${other} both speak for ${division}`)
      claimed.set(division, name)
    }
  }
  const names = pins.map(({ name }) => name)
  if (new Set(names).size < names.length) faults.push('two lists have one name')
  return faults
}
