import type { Text } from '../kit/language.ts'
import type { FieldFault } from '../kit/problem.ts'
import type { SealLife } from './seals.ts'

/** What a step asks its person for. */
export type Asked =
  | 'reason'
  | 'keeperId'
  | 'reasonCode'
  | 'legalBasis'
  | 'effectiveAt'
  | 'lostAt'
  | 'certificates'
  | 'typeCodes'
export type ActValues = Readonly<Record<Asked, string>>

const ending = ['reasonCode', 'legalBasis', 'reason', 'effectiveAt'] as const
const asks: Readonly<Record<string, readonly Asked[]>> = {
  approve: [],
  draw: [],
  'approve-picture': [],
  'order-types': ['typeCodes', 'legalBasis', 'reason'],
  'change-types': [],
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
const instants: readonly Asked[] = ['effectiveAt', 'lostAt']

/** What this step of this seal asks for; a reason where nothing else is known of it. */
export function askedFor(action: string, seal: Pick<SealLife, 'state' | 'application'>): readonly Asked[] {
  if (action !== 'make' && action !== 'renew') return asks[action] ?? ['reason']
  // A seal certified outside gets its certificate from its person's hands.
  return seal.application?.form.certificate === 'outside' ? ['certificates'] : []
}

/** What is typed is Beijing time, whatever the computer's own zone. */
const toInstant = (typed: string): string => new Date(`${typed}:00+08:00`).toISOString()

/** A law need not be named where further types are asked for. */
const mayBeEmpty = (action: string): readonly Asked[] =>
  action === 'order-types' ? [...instants, 'legalBasis'] : instants

const codesIn = (typed: string): readonly string[] => typed.split(/[\s,，]+/).filter((code) => code !== '')

function toMember(name: Asked, typed: string): string | readonly string[] {
  if (instants.includes(name)) return toInstant(typed)
  return name === 'typeCodes' ? codesIn(typed) : typed
}

const malformed: Text = {
  zh: '证照类型代码是 21 位大写字母和数字，这些不是：',
  en: 'A type code is 21 capitals and digits; these are none: ',
}
const known: Text = { zh: '印章已经适用这些证照。', en: 'The seal stands on these types already.' }

/** What is wrong with the further types that are asked for, before they are sent. */
export function typeFaults(typed: string, seal: Pick<SealLife, 'typeCodes'>): FieldFault[] {
  const codes = codesIn(typed)
  const wrong = codes.filter((code) => !/^[0-9A-Z]{21}$/.test(code)).join(' ')
  if (wrong !== '') return [{ pointer: '/typeCodes', detail: { zh: malformed.zh + wrong, en: malformed.en + wrong } }]
  const areKnown = codes.length > 0 && codes.every((code) => seal.typeCodes.includes(code))
  return areKnown ? [{ pointer: '/typeCodes', detail: known }] : []
}

/** The server's faults at the fields of the dialog: one of an entry is one of its field. */
export const atFields = (faults: readonly FieldFault[]): FieldFault[] =>
  faults.map((fault) => ({ ...fault, pointer: `/${fault.pointer.split('/')[1] ?? ''}` }))

/** The further types that were asked for last, as its record tells them. */
export function typesAskedFor({ timeline }: Pick<SealLife, 'timeline'>): readonly string[] {
  const told = timeline.findLast(({ action }) => action === 'order-types')?.detail?.['typeCodes']
  return Array.isArray(told) ? told.filter((code) => typeof code === 'string') : []
}

/** The body of the step, naming what was read; undefined while something that is needed is empty. */
export function toBody(action: string, seal: SealLife, values: ActValues): object | undefined {
  const asked = askedFor(action, seal)
  const given = asked.filter((name) => values[name].trim() !== '')
  if (asked.some((name) => !given.includes(name) && !mayBeEmpty(action).includes(name))) return undefined
  const entries = given.map((name) => [name, toMember(name, values[name].trim())])
  return {
    action,
    ...Object.fromEntries(entries),
    ...(action === 'change-types' && { typeCodes: typesAskedFor(seal) }),
    ...(action === 'approve' && { applicationDigest: seal.application?.digest }),
    ...(action === 'approve-picture' && { pictureDigest: seal.drawnPicture?.digest }),
  }
}
