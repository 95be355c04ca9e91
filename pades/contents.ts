/** What a /Contents holds: one BER value, then padding up to the reserved length, which should be zeros. */
export type UnpaddedContents =
  | { readonly value: Uint8Array; readonly paddingIsZero: boolean }
  | { readonly fault: string }

/**
 * Takes the zero padding off a /Contents by the value's own length (ISO 32000-2, 12.8.1), which may be indefinite in old
 * signatures. The padding is signed by nobody; some signers leave rubbish in it, so that it is only reported.
 */
export function unpadContents(contents: Uint8Array): UnpaddedContents {
  if (contents.every((byte) => byte === 0)) return { fault: '/Contents is empty.' }
  const end = valueEnd(contents, 0, 0)
  if (end < 0) return { fault: '/Contents does not begin with a complete BER value.' }
  return { value: contents.subarray(0, end), paddingIsZero: contents.subarray(end).every((byte) => byte === 0) }
}

const MAX_DEPTH = 32

/** Offset after the BER value at `at`, or -1. */
function valueEnd(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > MAX_DEPTH || at + 2 > bytes.length) return -1
  const tag = bytes[at]!
  let position = at + 1
  if ((tag & 31) === 31) {
    while ((bytes[position++] ?? 0) & 128) if (position - at > 5) return -1
  }
  const first = bytes[position++]
  if (first === undefined) return -1
  if (first === 128) return (tag & 32) === 0 ? -1 : indefiniteEnd(bytes, position, depth)
  let length = first
  if (first > 128) {
    const count = first & 127
    if (count > 4 || position + count > bytes.length) return -1
    length = 0
    for (let i = 0; i < count; i++) length = length * 256 + bytes[position++]!
  }
  return position + length <= bytes.length ? position + length : -1
}

function indefiniteEnd(bytes: Uint8Array, from: number, depth: number): number {
  for (let at = from; at >= 0 && at + 2 <= bytes.length; at = valueEnd(bytes, at, depth + 1)) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return at + 2
  }
  return -1
}
