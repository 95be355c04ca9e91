import type { Dependencies } from '../dependencies.ts'
import type { Seal } from '../domain/seal.ts'
import { insertSealEvent, recordTypeCodes } from '../store/seals.ts'
import { makeSeal } from './make-seal.ts'
import { makeStatementKey } from './make-statement-key.ts'

/** A department of the demonstration city. */
export interface DemoDepartment {
  /** Unified social credit code. */
  readonly code: string
  readonly name: string
  readonly typeCodes: readonly string[]
}

const callerId = 'system:demonstration'
/** 国发〔1999〕25号: at most 4.5 cm for the departments of a city, with a five-pointed star. */
const diameterMm = 45

/**
 * Gives every department one official seal, allowed on its types, and one statement key. Idempotent: a second run
 * makes what is missing and brings the types up to date.
 */
export async function makeDemoSeals(deps: Dependencies, departments: readonly DemoDepartment[]): Promise<Seal[]> {
  const seals: Seal[] = []
  for (const department of departments) {
    const seal = await makeSeal(deps, {
      departmentCode: department.code,
      departmentName: department.name,
      name: department.name,
      typeCodes: department.typeCodes,
      ringText: department.name,
      lowerText: null,
      diameterMm,
      keyAlgorithm: 'ec-p256',
      callerId,
    })
    await makeStatementKey(deps, department)
    seals.push(await updateTypeCodes(deps, seal, department.typeCodes))
  }
  return seals
}

async function updateTypeCodes(deps: Dependencies, seal: Seal, typeCodes: readonly string[]): Promise<Seal> {
  const wanted = [...new Set(typeCodes)].sort()
  if (wanted.join() === [...seal.typeCodes].sort().join()) return seal
  await deps.database.transaction(async (tx) => {
    await recordTypeCodes(tx, seal.id, wanted)
    await insertSealEvent(tx, {
      sealId: seal.id,
      action: 'change-types',
      state: seal.state,
      reason: null,
      callerId,
      at: deps.clock.now(),
    })
  })
  return { ...seal, typeCodes: wanted }
}
