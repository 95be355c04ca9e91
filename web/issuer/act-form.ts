/** What an act asks its person for. */
export type Asked = 'reason' | 'legalBasis' | 'cause' | 'toDepartment' | 'effectiveAt'
export type ActValues = Record<Asked, string>

export const emptyActValues = (): ActValues => ({
  reason: '',
  legalBasis: '',
  cause: '',
  toDepartment: '',
  effectiveAt: '',
})

const asks: Readonly<Record<string, readonly Asked[]>> = {
  suspend: ['legalBasis', 'reason', 'effectiveAt'],
  restore: ['reason', 'effectiveAt'],
  revoke: ['legalBasis', 'reason', 'effectiveAt'],
  withdraw: ['legalBasis', 'reason', 'effectiveAt'],
  cancel: ['cause', 'reason', 'effectiveAt'],
  transfer: ['toDepartment', 'reason'],
}
const mayBeEmpty: readonly Asked[] = ['effectiveAt']

/** What this act asks for; a reason where nothing else is known of it. */
export const askedFor = (action: string): readonly Asked[] => asks[action] ?? ['reason']

export const missingOf = (asked: readonly Asked[], values: ActValues): readonly Asked[] =>
  asked.filter((name) => values[name].trim() === '' && !mayBeEmpty.includes(name))

/** What is typed is Beijing time, whatever the computer's own zone. */
const toInstant = (typed: string): string => new Date(`${typed}:00+08:00`).toISOString()

/** The members of the act's body that were filled in. */
export function toMembers(asked: readonly Asked[], values: ActValues): Readonly<Record<string, string>> {
  const given = asked.filter((name) => values[name].trim() !== '')
  return Object.fromEntries(
    given.map((name) => [
      name === 'toDepartment' ? 'to' : name,
      name === 'effectiveAt' ? toInstant(values[name]) : values[name].trim(),
    ]),
  )
}
