import type { Dependencies, Workshop } from '../dependencies.ts'
import type { Seal, SealKeyAlgorithm } from '../domain/seal.ts'
import { recordTypeCodes } from '../store/seals.ts'
import { recordEvent } from './life/record-event.ts'
import { makeSeal, type SealOrder } from './make-seal.ts'
import { makeStatementKey } from './make-statement-key.ts'

/** A department and the official seal that it is to have. */
export interface DepartmentOrder {
  /** Unified social credit code. */
  readonly code: string
  readonly name: string
  /** Licence types that the seal may stand on. */
  readonly typeCodes: readonly string[]
  /** Left out: a round seal of 45 mm with the department's name, P-256. */
  readonly seal?: {
    readonly ringText?: string
    readonly lowerText?: string | null
    readonly diameterMm?: number
    readonly keyAlgorithm?: SealKeyAlgorithm
    readonly certificate?: SealOrder['certificate']
  }
}

/** 国发〔1999〕25号: at most 4.5 cm for the departments of a city, with a five-pointed star. */
const usualDiameterMm = 45

/**
 * Gives every department one official seal, allowed on its types, and one statement key. Idempotent: a second run
 * makes what is missing and brings the types up to date.
 */
export async function equipDepartments(
  shop: Workshop,
  departments: readonly DepartmentOrder[],
  callerId: string,
): Promise<Seal[]> {
  const seals: Seal[] = []
  for (const { code, name, typeCodes, seal: wanted = {} } of departments) {
    const seal = await makeSeal(shop, {
      departmentCode: code,
      departmentName: name,
      name,
      typeCodes,
      ringText: wanted.ringText ?? name,
      lowerText: wanted.lowerText ?? null,
      diameterMm: wanted.diameterMm ?? usualDiameterMm,
      keyAlgorithm: wanted.keyAlgorithm ?? 'ec-p256',
      ...(wanted.certificate && { certificate: wanted.certificate }),
      callerId,
    })
    await makeStatementKey(shop, { code, name })
    seals.push(await updateTypeCodes(shop, seal, typeCodes, callerId))
  }
  return seals
}

async function updateTypeCodes(
  deps: Dependencies,
  seal: Seal,
  typeCodes: readonly string[],
  callerId: string,
): Promise<Seal> {
  const wanted = [...new Set(typeCodes)].sort()
  if (wanted.join() === [...seal.typeCodes].sort().join()) return seal
  await deps.database.transaction(async (tx) => {
    await recordTypeCodes(tx, seal.id, wanted)
    await recordEvent(tx, {
      sealId: seal.id,
      action: 'change-types',
      reason: null,
      caller: { id: callerId },
      at: deps.clock.now(),
      detail: { typeCodes: wanted },
    })
  })
  return { ...seal, typeCodes: wanted }
}
