import { listAgreed } from '../store/agreements.ts'
import type { Deps } from './deps.ts'

/** Departments that took one another's duties over, one after the other, at most. */
const LONGEST_SUCCESSION = 8

/** Whether a department's licences are the provider's to give: its own, of one below it, or of one that was merged into these. */
export async function isOfProvider(
  { departments }: Pick<Deps, 'departments'>,
  providerCode: string,
  issuerCode: string,
): Promise<boolean> {
  const within = new Set(await departments.codesWithin(providerCode)).add(providerCode)
  if (within.has(issuerCode)) return true
  const all = new Map((await departments.departments()).map((one) => [one.code, one]))
  let code: string | null | undefined = issuerCode
  for (let step = 0; code != null && step < LONGEST_SUCCESSION; step++) {
    if (within.has(code)) return true
    code = all.get(code)?.successorCode
  }
  return false
}

/** Whether a department may have anything now of an issuer's licences of a type, for whichever matter. */
export async function isCovered(
  deps: Deps,
  { departmentCode, typeCode, issuerCode }: Readonly<Record<'departmentCode' | 'typeCode' | 'issuerCode', string>>,
): Promise<boolean> {
  const sharing = deps.register.type(typeCode)?.sharing
  if (sharing !== 'conditional') return sharing === 'unconditional'
  const now = deps.clock.now()
  for (const { state, validFrom, validUntil, providerCode } of await listAgreed(
    deps.database,
    departmentCode,
    typeCode,
  )) {
    const isInTime = state === 'accepted' && validFrom <= now && now < validUntil
    if (isInTime && (await isOfProvider(deps, providerCode, issuerCode))) return true
  }
  return false
}
