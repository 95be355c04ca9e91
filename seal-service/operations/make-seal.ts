import { openOrGenerate } from '../../key-store/index.ts'
import { x509 } from '../../pki/index.ts'
import type { Dependencies, Workshop } from '../dependencies.ts'
import { formatSealId, type Seal, type SealKeyAlgorithm } from '../domain/seal.ts'
import {
  findLastSealNumber,
  findSeal,
  findSealByName,
  insertApplied,
  recordMaking,
  recordPicture,
} from '../store/seals.ts'
import { drawPicture } from './life/draw-picture.ts'
import { putInUse } from './life/put-in-use.ts'
import { recordEvent } from './life/record-event.ts'
import { takeStep } from './life/take-step.ts'

/** What is decided about a seal before it is made. */
export interface SealOrder {
  readonly departmentCode: string
  readonly departmentName: string
  readonly name: string
  readonly typeCodes: readonly string[]
  readonly ringText: string
  readonly lowerText: string | null
  readonly diameterMm: number
  readonly keyAlgorithm: SealKeyAlgorithm
  /** Who certifies it: the house's own authority unless said; an authority outside by request and import, and it waits until then. */
  readonly certificate?: 'own' | 'outside'
  /** Who ordered it, for the record. */
  readonly callerId: string
}

const codeAttempts = 20

/**
 * Approves and makes a seal at once and puts it in use, or does what is missing of one with the same department and name: the operator's
 * set-up, with every step on record. One that is certified outside waits for its certificate. Each step looks for its own result first, so
 * it can be broken off anywhere and begun again.
 */
export async function makeSeal(shop: Workshop, order: SealOrder): Promise<Seal> {
  const seal = await approve(shop, order)
  const made = seal.state === 'approved' ? await make(shop, order, seal) : seal
  return putInUse(shop, made, order.callerId)
}

async function make(deps: Dependencies, order: SealOrder, seal: Seal): Promise<Seal> {
  const { callerId } = order
  const picture = await drawPicture(deps, seal.picture)
  const key = await openOrGenerate(deps.keyStore, seal.keyName, seal.keyAlgorithm)
  const certified =
    order.certificate === 'outside' ? undefined : await certify(deps, order.departmentName, seal, key.publicKey)
  await deps.database.transaction(async (tx) => {
    const at = deps.clock.now()
    if (certified === undefined) await recordPicture(tx, seal.id, picture)
    else {
      const { notAfter: validUntil } = x509.parseCertificate(certified.certificate)
      const making = { ...picture, ...certified, keyName: seal.keyName, validUntil }
      if (!(await recordMaking(tx, seal.id, making, callerId, at))) return
    }
    const action = certified === undefined ? 'wait' : 'make'
    await takeStep(tx, seal, { action, caller: { id: callerId }, reason: null, at })
  })
  return (await findSeal(deps.database, seal.id))!
}

/** Allots the seal's code and records it; a code taken by another process in the meantime is tried anew. */
async function approve(deps: Dependencies, order: SealOrder): Promise<Seal> {
  for (let attempt = 0; attempt < codeAttempts; attempt++) {
    const known = await findSealByName(deps.database, order.departmentCode, order.name)
    if (known !== undefined) return known
    const area = order.departmentCode.slice(2, 8)
    const id = formatSealId(order.departmentCode, (await findLastSealNumber(deps.database, area)) + 1)
    const at = deps.clock.now()
    const seal = toNewSeal(order, id, at)
    await deps.database.transaction(async (tx) => {
      if (!(await insertApplied(tx, seal))) return
      const step = { caller: { id: order.callerId }, reason: null, at }
      await recordEvent(tx, { ...step, action: 'apply', sealId: id })
      await takeStep(tx, seal, { ...step, action: 'approve' })
    })
  }
  throw new Error(`no code could be allotted to the seal ${order.name}`)
}

function toNewSeal(order: SealOrder, id: string, at: Date): Seal {
  const { departmentCode, name, typeCodes, ringText, lowerText, diameterMm, keyAlgorithm } = order
  return {
    ...{ id, departmentCode, name, typeCodes, keyAlgorithm },
    nameEn: null,
    kindCode: '01',
    keyName: `seal-${id}`,
    picture: { shape: 'round', diameterMm, ringText, ringTextEn: null, centre: 'star', lowerText, code: null },
    physicalSealNumber: null,
    state: 'applied',
    stateChangedAt: at,
    createdAt: at,
    certificateNumber: null,
    validUntil: null,
    keeperId: null,
    keeperName: null,
    makerDepartment: null,
    replaces: null,
    effectiveAt: null,
    acceptedAt: null,
  }
}

/** A certificate of the house's own authority for a seal's key. */
export function certify({ certifier }: Dependencies, organisation: string, seal: Seal, publicKey: Uint8Array) {
  const subject = { organisation, organisationCode: seal.departmentCode, commonName: seal.name }
  return certifier.certify({ profile: 'seal', subject, publicKey })
}
