import { SealError } from '../errors.ts'

/**
 * approved: decided upon and on record, not yet made. waiting: made but for the certificate, which an authority outside is asked for.
 * active: made, may be used. suspended: stopped for a time. revoked: ended for good. (The states of application, filing and loss come
 * with the seal administration.)
 */
export const sealStates = ['approved', 'waiting', 'active', 'suspended', 'revoked'] as const
export type SealState = (typeof sealStates)[number]

/** Every permitted step of a seal's life. */
export const sealTransitions = {
  wait: { from: ['approved'], to: 'waiting' },
  make: { from: ['approved', 'waiting'], to: 'active' },
  suspend: { from: ['active'], to: 'suspended' },
  restore: { from: ['suspended'], to: 'active' },
  revoke: { from: ['active', 'suspended'], to: 'revoked' },
} as const satisfies Record<string, { from: readonly SealState[]; to: SealState }>
export type SealAction = keyof typeof sealTransitions

export const sealKeyAlgorithms = ['ec-p256', 'rsa-3072'] as const
export type SealKeyAlgorithm = (typeof sealKeyAlgorithms)[number]

/** The registered object: owner, picture and certificate (电子印章). */
export interface Seal {
  /** 14 digits: area code of the owner (6) and number (8). */
  readonly id: string
  /** Unified social credit code of the owner. */
  readonly departmentCode: string
  readonly name: string
  /** Of the certificate in use; of the one waited for where there is none yet. */
  readonly keyName: string
  readonly keyAlgorithm: SealKeyAlgorithm
  readonly diameterMm: number
  readonly ringText: string
  readonly lowerText: string | null
  /** Licence types on which this seal may stand. */
  readonly typeCodes: readonly string[]
  readonly state: SealState
  readonly stateChangedAt: Date
  readonly createdAt: Date
  /** Which of its certificates is in use, counted from 1; null before the first. */
  readonly certificateNumber: number | null
}

export const statementKeyStates = ['active', 'retired', 'compromised'] as const
export type StatementKeyState = (typeof statementKeyStates)[number]

/** The key with which a department signs the statements in its licences' QR codes. */
export interface StatementKey {
  /** First 8 octets of SHA-256 over the certificate, lower-case hexadecimal. */
  readonly kid: string
  readonly departmentCode: string
  readonly keyName: string
  readonly certificate: Uint8Array
  readonly state: StatementKeyState
  readonly stateChangedAt: Date
  readonly signsFrom: Date
  readonly signsUntil: Date
}

/** The state after `action`; throws `SEAL_TRANSITION_FORBIDDEN` where the table has no such step. */
export function applySealAction(state: SealState, action: SealAction): SealState {
  const transition: { readonly from: readonly SealState[]; readonly to: SealState } = sealTransitions[action]
  if (!transition.from.includes(state)) {
    throw new SealError('SEAL_TRANSITION_FORBIDDEN', `cannot ${action} a seal that is ${state}`)
  }
  return transition.to
}

/**
 * The code of a seal as it is found in the field: 6 digits of area (characters 3 to 8 of the owner's unified social
 * credit code, GB 32100) and 8 digits of number. No check digit is known.
 */
export function formatSealId(departmentCode: string, number: number): string {
  return departmentCode.slice(2, 8) + String(number).padStart(8, '0')
}

/** Which key of a seal a name means, counted from 1: `seal-33019900000001`, then `seal-33019900000001-2`. */
export function keyGeneration(keyName: string): number {
  return Number(/^seal-[0-9A-Z]{14}-([1-9]\d*)$/.exec(keyName)?.[1] ?? 1)
}
