import { successionOf } from '../domain/succession.ts'
import { listAgreed } from '../store/agreements.ts'
import type { Deps } from './deps.ts'

/** Whether a department's licences are the provider's to give: its own, of one below it, or of one that was merged into these. */
export async function isOfProvider(
  { departments, clock }: Pick<Deps, 'departments' | 'clock'>,
  providerCode: string,
  issuerCode: string,
): Promise<boolean> {
  const within = new Set(await departments.codesWithin(providerCode)).add(providerCode)
  if (within.has(issuerCode)) return true
  return successionOf(await departments.departments(), issuerCode, clock.now()).some((code) => within.has(code))
}

/** Codes of the departments whose licences are the provider's to give, as `isOfProvider` tells. */
export async function issuersReached(
  { departments, clock }: Pick<Deps, 'departments' | 'clock'>,
  providerCode: string,
): Promise<readonly string[]> {
  const within = new Set(await departments.codesWithin(providerCode)).add(providerCode)
  const all = await departments.departments()
  const now = clock.now()
  const merged = all.filter(({ code }) => successionOf(all, code, now).some((one) => within.has(one)))
  return [...new Set([...within, ...merged.map(({ code }) => code)])]
}

/** The departments for whose agreements one answers: itself, and those that were merged into it. */
export async function codesActedFor(
  { departments, clock }: Pick<Deps, 'departments' | 'clock'>,
  departmentCode: string,
): Promise<readonly string[]> {
  const all = await departments.departments()
  const now = clock.now()
  const merged = all.filter(({ code }) => successionOf(all, code, now).includes(departmentCode))
  return [...new Set([departmentCode, ...merged.map(({ code }) => code)])]
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
