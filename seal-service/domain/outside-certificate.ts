// What is asked of an authority outside for a seal, and whether what it answers is that.
import { x509 } from '../../pki/index.ts'
import type { Fault } from '../../platform/index.ts'
import { SealError } from '../errors.ts'
import { isEnded, type Seal, statesBefore } from './seal.ts'

/** Whom the certificate of a seal is to name. */
export interface SealSubject {
  /** Name of the owner. */
  readonly organisation: string
  /** Unified social credit code of the owner. */
  readonly organisationCode: string
  /** Name of the seal. */
  readonly commonName: string
}

/** The subject of a request, Name, DER: the same as in certificates of the house's own (EN 319 412-3 §4.2.1). */
export function encodeSealSubject({ organisation, organisationCode, commonName }: SealSubject): Uint8Array {
  return x509.encodeName([
    ['C', 'CN'],
    ['O', organisation],
    ['organizationIdentifier', `NTRCN-${organisationCode}`],
    ['CN', commonName],
  ])
}

/** Names are compared as directories do: case, width and runs of spaces do not count. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

/**
 * Where a certificate names somebody else than was asked for. Authorities have rules of their own for names: places, units and numbers may
 * be added, the organisation's identifier left out, and the organisation be named in place of the seal.
 */
export function findNameFaults(asked: x509.Name, given: x509.Name): Fault[] {
  const differs = (type: string, others: readonly string[] = [], isOptional = false): Fault[] => {
    const value = x509.findAttribute(given, type)
    if (value === undefined && isOptional) return []
    const wanted = [type, ...others].flatMap((other) => x509.findAttribute(asked, other) ?? [])
    if (value !== undefined && wanted.map(fold).includes(fold(value))) return []
    const detail = `expected ${wanted.join(' or ')}, ${value === undefined ? 'there is none' : 'it names another'}`
    return [{ pointer: `/subject/${type}`, code: 'NAME_DIFFERS', detail }]
  }
  return [
    ...differs('C', [], true),
    ...differs('O'),
    ...differs('organizationIdentifier', [], true),
    ...differs('CN', ['O']),
  ]
}

/** Whether a name says TEST: production takes no seal from such an authority. */
export function isTestName(text: string): boolean {
  return /\btest\b/i.test(text)
}

/** Throws `SEAL_NOT_MADE`, `SEAL_REVOKED`, `SEAL_ENDED` or `SEAL_TRANSITION_FORBIDDEN` unless a certificate may come for the seal now. */
export function refuseUncertifiable({ id, state }: Seal): void {
  if (state === 'waiting' || statesBefore('renew').includes(state)) return
  if (state === 'revoked') throw new SealError('SEAL_REVOKED', `seal ${id} is revoked`)
  if (isEnded(state)) throw new SealError('SEAL_ENDED', `seal ${id} is ${state}`)
  if (state === 'applied' || state === 'returned' || state === 'approved')
    throw new SealError('SEAL_NOT_MADE', `seal ${id} is ${state} and not yet made`)
  throw new SealError('SEAL_TRANSITION_FORBIDDEN', `a seal that is ${state} takes no certificate`)
}
