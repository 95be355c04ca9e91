/** What the service takes idempotency keys of its own for; they share a table with those of callers. */
const kinds = ['batch', 'case', 'order', 'reseal'] as const

/** A key of the service's own, for what it does in a caller's name. */
export const ownKey = (kind: (typeof kinds)[number], ...parts: readonly (string | number)[]): string =>
  [kind, ...parts].join(':')

/** Whether a key is one that only the service itself takes: whoever took it first would stand in its way. */
export const isOwnKey = (key: string): boolean => kinds.some((kind) => key.startsWith(`${kind}:`))
