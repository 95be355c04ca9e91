// Which of several trust lists speaks for a department? One at most: the operator's pins decide, never what a list says of itself.
import type { PinnedTrustList } from './pinned-trust-list.ts'
import type { ValidationPolicy } from './policy.ts'

const CREDIT_CODE = /^[0-9A-Z]{2}(\d{6})[0-9A-Z]{10}$/

/** The administrative division in a department's credit code (GB 32100 §3.1), or undefined for what is no such code. */
function divisionOf(departmentCode: string): string | undefined {
  return CREDIT_CODE.exec(departmentCode)?.[1]
}

/**
 * The one list that speaks for a department: whoever names the narrowest division around it. `own`: the own list, which without
 * divisions of its own speaks for all that is left. `none`: nobody does, so nothing of it is believed. Faulty pins speak for nobody.
 */
export function findScheme(
  policy: Pick<ValidationPolicy, 'divisions' | 'otherTrustLists'>,
  departmentCode: string,
): PinnedTrustList | 'own' | 'none' {
  const { divisions: own, otherTrustLists: pins = [] } = policy
  if (pins.length === 0 && own === undefined) return 'own'
  const division = divisionOf(departmentCode)
  if (division === undefined) return own === undefined ? 'own' : 'none'
  let best: { scheme: PinnedTrustList | 'own' | 'none'; length: number } =
    own === undefined ? { scheme: 'own', length: 0 } : { scheme: 'none', length: 0 }
  const offer = (scheme: PinnedTrustList | 'own', divisions: readonly string[]) => {
    for (const prefix of divisions)
      if (division.startsWith(prefix) && prefix.length > best.length) best = { scheme, length: prefix.length }
      else if (division.startsWith(prefix) && prefix.length === best.length && best.scheme !== scheme)
        best = { scheme: 'none', length: prefix.length }
  }
  offer('own', own ?? [])
  for (const pin of pins) offer(pin, pin.divisions)
  return best.scheme
}

/** Whether a pinned list may speak for a department: by its own divisions, whatever others may. */
export function maySpeakFor(pin: PinnedTrustList, departmentCode: string): boolean {
  const division = divisionOf(departmentCode)
  return division !== undefined && pin.divisions.some((prefix) => division.startsWith(prefix))
}

const policies = new WeakMap<ValidationPolicy, Map<PinnedTrustList, ValidationPolicy>>()

/** The policy under which a pinned list's licences are judged: the same demands, its own roots. One object for each, for what is kept with it. */
export function policyOf(pin: PinnedTrustList, policy: ValidationPolicy): ValidationPolicy {
  const known = policies.get(policy) ?? new Map<PinnedTrustList, ValidationPolicy>()
  policies.set(policy, known)
  const before = known.get(pin)
  if (before) return before
  const { otherTrustLists, divisions, listAnchors, timeStampAnchors, ...demands } = policy
  const made: ValidationPolicy =
    pin.anchors.length === 0
      ? { ...demands, ...(listAnchors && { listAnchors }), ...(timeStampAnchors && { timeStampAnchors }) }
      : {
          ...demands,
          trustAnchors: pin.anchors,
          ...(timeStampAnchors && { timeStampAnchors: [...pin.anchors, ...timeStampAnchors] }),
        }
  known.set(pin, made)
  return made
}
