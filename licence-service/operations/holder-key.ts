import type { Deps } from './deps.ts'
import { keyedHash } from './sealed-content.ts'

/** The keyed hash (hex) that a holder is found by, of an identity number or credit code; `licence.holders` has the same bytes. */
export const holderKeyOf = (deps: { readonly keys: Pick<Deps['keys'], 'mac'> }, code: string): string =>
  Buffer.from(keyedHash(deps, 'holder-code', code)).toString('hex')
