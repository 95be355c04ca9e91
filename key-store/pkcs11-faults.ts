import { KeyStoreError } from './errors.ts'

/** The token signed, but not what it was asked with the key it was asked for. */
export class WrongSignature extends Error {}

/** Refusals that trying again cannot change: the request or the token itself is at fault (PKCS #11 v2.40 §5.1). */
const definite = new Set([
  'CKR_ARGUMENTS_BAD',
  'CKR_ATTRIBUTE_READ_ONLY',
  'CKR_ATTRIBUTE_SENSITIVE',
  'CKR_ATTRIBUTE_TYPE_INVALID',
  'CKR_ATTRIBUTE_VALUE_INVALID',
  'CKR_CURVE_NOT_SUPPORTED',
  'CKR_DATA_INVALID',
  'CKR_DATA_LEN_RANGE',
  'CKR_DEVICE_MEMORY',
  'CKR_DOMAIN_PARAMS_INVALID',
  'CKR_FUNCTION_NOT_SUPPORTED',
  'CKR_KEY_FUNCTION_NOT_PERMITTED',
  'CKR_KEY_SIZE_RANGE',
  'CKR_KEY_TYPE_INCONSISTENT',
  'CKR_MECHANISM_INVALID',
  'CKR_MECHANISM_PARAM_INVALID',
  'CKR_TEMPLATE_INCOMPLETE',
  'CKR_TEMPLATE_INCONSISTENT',
  'CKR_TOKEN_WRITE_PROTECTED',
  'CKR_USER_PIN_NOT_INITIALIZED',
])

const pinRefused = new Set(['CKR_PIN_INCORRECT', 'CKR_PIN_INVALID', 'CKR_PIN_LEN_RANGE', 'CKR_PIN_EXPIRED'])

/** Name of a PKCS #11 return value, or '' for anything else. */
export const returnValueOf = (error: unknown): string =>
  error instanceof Error && /^CKR_[A-Z0-9_]+$/.test(error.message) ? error.message : ''

/**
 * The refusal an error stands for, or `undefined` when connecting anew may help: a token pulled out, a device or session that is gone,
 * a server that fell over, anything a vendor calls a general error.
 */
export function toRefusal(error: unknown, label: string): KeyStoreError | undefined {
  if (error instanceof KeyStoreError) return error.code === 'KEY_TOKEN_UNAVAILABLE' ? undefined : error
  const name = returnValueOf(error)
  if (pinRefused.has(name)) return new KeyStoreError('KEY_PIN_WRONG', `token ${label} refused the PIN (${name})`)
  if (name === 'CKR_PIN_LOCKED')
    return new KeyStoreError('KEY_PIN_LOCKED', `token ${label} has locked its PIN: its security officer sets a new one`)
  if (definite.has(name)) return new KeyStoreError('KEY_TOKEN_UNUSABLE', `token ${label} cannot do this (${name})`)
  return undefined
}

/** What a caller is told when connecting anew did not help in time. */
export function toOutage(error: unknown, label: string): KeyStoreError {
  if (error instanceof WrongSignature) {
    const told = `token ${label} gives signatures that its own public key does not verify`
    return new KeyStoreError('KEY_TOKEN_UNUSABLE', told)
  }
  if (error instanceof KeyStoreError) return error
  const name = returnValueOf(error)
  return new KeyStoreError('KEY_TOKEN_UNAVAILABLE', `token ${label} does not answer${name && ` (${name})`}`)
}
