/** The parts of an address's hash (`#/a/b`), decoded; none where it cannot be: then it names no place. */
export function hashParts(hash: string): string[] {
  try {
    return hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  } catch {
    return []
  }
}
