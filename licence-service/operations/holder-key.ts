import type { Deps } from './deps.ts'
import { keyedHash } from './sealed-content.ts'

type WithMac = { readonly keys: Pick<Deps['keys'], 'mac'> }

/** A holder's code as it is compared: half-width, without spaces, in capitals. What stands on a licence stays as it was entered. */
export const foldHolderCode = (code: string): string => code.normalize('NFKC').replaceAll(/\s/g, '').toUpperCase()

/**
 * The keyed hash that a holder is found by, of an identity number, credit code or passport number, however it is written. Whoever writes
 * one and whoever looks one up takes it from here: a code that one of them folds and the other does not is nobody's.
 */
export const holderCodeMac = (deps: WithMac, code: string): Uint8Array =>
  keyedHash(deps, 'holder-code', foldHolderCode(code))

/** The same in hexadecimal. */
export const holderKeyOf = (deps: WithMac, code: string): string =>
  Buffer.from(holderCodeMac(deps, code)).toString('hex')
