import { successionOf } from '../domain/succession.ts'
import type { DepartmentFacts, Departments } from '../ports/departments.ts'
import { listAgreed } from '../store/agreements.ts'
import type { Deps } from './deps.ts'

/** Whose licences are whose to give. */
export interface Reach {
  /** Whether a department's licences are the provider's to give: its own, of one below it, or of one that was merged into these. */
  isOfProvider(providerCode: string, issuerCode: string): Promise<boolean>
  /** Codes of the departments whose licences are the provider's to give, as `isOfProvider` tells. */
  issuersReached(providerCode: string): Promise<readonly string[]>
}

/** As the directory says while one operation goes on: it is read once, however many licences are asked about. */
export function createReach({ departments, clock }: Pick<Deps, 'departments' | 'clock'>): Reach {
  const now = clock.now()
  const ranges = new Map<string, Promise<ReadonlySet<string>>>()
  let all: ReturnType<typeof departmentsByCode> | undefined
  const readAll = () => (all ??= departmentsByCode(departments))
  const rangeOf = (code: string) => {
    const range = ranges.get(code) ?? departments.codesWithin(code).then((codes) => new Set(codes).add(code))
    ranges.set(code, range)
    return range
  }
  return {
    async isOfProvider(providerCode, issuerCode) {
      const within = await rangeOf(providerCode)
      if (within.has(issuerCode)) return true
      return successionOf(await readAll(), issuerCode, now).some((code) => within.has(code))
    },
    async issuersReached(providerCode) {
      const [within, known] = await Promise.all([rangeOf(providerCode), readAll()])
      const merged = [...known.keys()].filter((code) => successionOf(known, code, now).some((one) => within.has(one)))
      return [...new Set([...within, ...merged])]
    },
  }
}

/** The departments for whose agreements one answers: itself, and those that were merged into it. */
export async function codesActedFor(
  { departments, clock }: Pick<Deps, 'departments' | 'clock'>,
  departmentCode: string,
): Promise<readonly string[]> {
  const all = await departmentsByCode(departments)
  const now = clock.now()
  const merged = [...all.keys()].filter((code) => successionOf(all, code, now).includes(departmentCode))
  return [...new Set([departmentCode, ...merged])]
}

const departmentsByCode = async (departments: Departments): Promise<ReadonlyMap<string, DepartmentFacts>> =>
  new Map((await departments.departments()).map((one) => [one.code, one]))

/** Whether a department may have anything now of an issuer's licences of a type, for whichever matter. */
export async function isCovered(
  deps: Deps,
  reach: Reach,
  { departmentCode, typeCode, issuerCode }: Readonly<Record<'departmentCode' | 'typeCode' | 'issuerCode', string>>,
): Promise<boolean> {
  const sharing = deps.register.type(typeCode)?.sharing
  if (sharing !== 'conditional') return sharing === 'unconditional'
  const now = deps.clock.now()
  for (const { state, validFrom, validUntil, providerCode } of await listAgreed(
    deps.database,
    departmentCode,
    typeCode,
    now,
  )) {
    const isInTime = state === 'accepted' && validFrom <= now && now < validUntil
    if (isInTime && (await reach.isOfProvider(providerCode, issuerCode))) return true
  }
  return false
}
