import type { SealLife } from './seals.ts'

/** What a step asks its person for. */
export type Asked = 'reason' | 'keeperId' | 'reasonCode' | 'legalBasis' | 'effectiveAt' | 'lostAt' | 'certificates'
export type ActValues = Readonly<Record<Asked, string>>

const ending = ['reasonCode', 'legalBasis', 'reason', 'effectiveAt'] as const
const asks: Readonly<Record<string, readonly Asked[]>> = {
  approve: [],
  draw: [],
  'approve-picture': [],
  wait: [],
  file: [],
  accept: [],
  issue: ['keeperId'],
  return: ['keeperId', 'reason'],
  'report-lost': ['reason', 'lostAt'],
  revoke: ending,
  withdraw: ending,
  cancel: ending,
}
const mayBeEmpty: readonly Asked[] = ['effectiveAt', 'lostAt']

/** What this step of this seal asks for; a reason where nothing else is known of it. */
export function askedFor(action: string, seal: Pick<SealLife, 'state' | 'application'>): readonly Asked[] {
  if (action !== 'make' && action !== 'renew') return asks[action] ?? ['reason']
  // A seal certified outside gets its certificate from its person's hands.
  return seal.application?.form.certificate === 'outside' ? ['certificates'] : []
}

/** What is typed is Beijing time, whatever the computer's own zone. */
const toInstant = (typed: string): string => new Date(`${typed}:00+08:00`).toISOString()

/** The body of the step, naming what was read; undefined while something that is needed is empty. */
export function toBody(action: string, seal: SealLife, values: ActValues): object | undefined {
  const asked = askedFor(action, seal)
  const given = asked.filter((name) => values[name].trim() !== '')
  if (asked.some((name) => !given.includes(name) && !mayBeEmpty.includes(name))) return undefined
  const entries = given.map((name) => [name, mayBeEmpty.includes(name) ? toInstant(values[name]) : values[name].trim()])
  return {
    action,
    ...Object.fromEntries(entries),
    ...(action === 'approve' && { applicationDigest: seal.application?.digest }),
    ...(action === 'approve-picture' && { pictureDigest: seal.drawnPicture?.digest }),
  }
}
