/** A value's members, none where it has none: what an expert wrote as JSON may be anything until the server has seen it. */
export type Members = Readonly<Record<string, unknown>>
export const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
export const itemsOf = (value: unknown): Members[] => (Array.isArray(value) ? value.map(membersOf) : [])
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise)

/** The same members with one set, or without it where there is no value. */
export function withMember(members: Members, name: string, value: unknown): Members {
  const { [name]: _, ...rest } = members
  return value === undefined ? rest : { ...members, [name]: value }
}

/** The same items with one in place of another. */
export const replaced = <T>(items: readonly T[], index: number, item: T): T[] => items.with(index, item)
export const without = <T>(items: readonly T[], index: number): T[] => items.toSpliced(index, 1)

/** The same items with one moved so many places on; nothing moves over an end. */
export function moved<T>(items: readonly T[], index: number, by: number): T[] {
  const to = index + by
  const item = items[index]
  if (item === undefined || to < 0 || to >= items.length) return [...items]
  return items.toSpliced(index, 1).toSpliced(to, 0, item)
}
