import { LicenceError } from '../errors.ts'

/** States of a licence in the register. `expired` and `not yet in force` are no states: dates decide them (validity.ts). */
export const licenceStates = [
  'prepared',
  'rejected',
  'in force',
  'suspended',
  'revoked',
  'withdrawn',
  'cancelled',
  'transferred',
  'superseded',
] as const
export type LicenceState = (typeof licenceStates)[number]

/** States that nothing leads out of, of licences that were issued. */
export const endStates: readonly LicenceState[] = ['revoked', 'withdrawn', 'cancelled', 'transferred', 'superseded']

/**
 * Every change a licence can go through. A suspended licence must be restored before it can be replaced, or a renewal would wash
 * the suspension away.
 */
export const licenceTransitions = {
  'enter into force': { from: ['prepared'], to: 'in force' },
  reject: { from: ['prepared'], to: 'rejected' },
  suspend: { from: ['in force'], to: 'suspended' },
  restore: { from: ['suspended'], to: 'in force' },
  revoke: { from: ['in force', 'suspended'], to: 'revoked' },
  withdraw: { from: ['in force', 'suspended'], to: 'withdrawn' },
  cancel: { from: ['in force', 'suspended'], to: 'cancelled' },
  transfer: { from: ['in force'], to: 'transferred' },
  supersede: { from: ['in force'], to: 'superseded' },
} as const satisfies Record<string, { from: readonly LicenceState[]; to: LicenceState }>
export type LicenceEvent = keyof typeof licenceTransitions

/** Whether the table of transitions has a way from `state` by `event`. */
export function mayGo(state: LicenceState, event: LicenceEvent): boolean {
  const from: readonly LicenceState[] = licenceTransitions[event].from
  return from.includes(state)
}

/**
 * The state after an event.
 * @throws LicenceError LICENCE_TRANSITION_REFUSED when the table has no such way.
 */
export function nextState(state: LicenceState, event: LicenceEvent): LicenceState {
  const { from, to } = licenceTransitions[event]
  if (!mayGo(state, event))
    throw new LicenceError(
      'LICENCE_TRANSITION_REFUSED',
      `${event} needs a licence that is ${from.join(' or ')}; this one is ${state}`,
    )
  return to
}
