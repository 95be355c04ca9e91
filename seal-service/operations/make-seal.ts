import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { type KeyKind, type KeyStore, KeyStoreError } from '../../key-store/index.ts'
import type { SigningKey } from '../../pki/index.ts'
import type { Dependencies } from '../dependencies.ts'
import { applySealAction, formatSealId, type Seal, type SealKeyAlgorithm } from '../domain/seal.ts'
import { drawRoundSeal } from '../domain/seal-picture.ts'
import {
  findLastSealNumber,
  findSeal,
  findSealByName,
  insertApproved,
  insertSealEvent,
  recordMade,
  type SealMaking,
} from '../store/seals.ts'

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
  /** Who ordered it, for the record. */
  readonly callerId: string
}

const deflateAsync = promisify(deflate)
const approveAttempts = 20

/**
 * Approves and makes a seal, or what is missing of one with the same department and name: record, key, certificate,
 * picture. Each step looks for its own result first, so it can be broken off anywhere and begun again.
 */
export async function makeSeal(deps: Dependencies, order: SealOrder): Promise<Seal> {
  const seal = await approve(deps, order)
  if (seal.state !== 'approved') return seal
  const state = applySealAction(seal.state, 'make')
  const making = await prepareMaking(deps, order, seal)
  await deps.database.transaction(async (tx) => {
    const at = deps.clock.now()
    if (!(await recordMade(tx, seal.id, making, at))) return
    await insertSealEvent(tx, { sealId: seal.id, action: 'make', state, reason: null, callerId: order.callerId, at })
  })
  return (await findSeal(deps.database, seal.id))!
}

/** Allots the seal's code and records it; a code taken by another process in the meantime is tried anew. */
async function approve(deps: Dependencies, order: SealOrder): Promise<Seal> {
  for (let attempt = 0; attempt < approveAttempts; attempt++) {
    const known = await findSealByName(deps.database, order.departmentCode, order.name)
    if (known !== undefined) return known
    const area = order.departmentCode.slice(2, 8)
    const id = formatSealId(order.departmentCode, (await findLastSealNumber(deps.database, area)) + 1)
    const at = deps.clock.now()
    const { departmentCode, name, typeCodes, ringText, lowerText, diameterMm, keyAlgorithm } = order
    const seal: Seal = {
      ...{ id, departmentCode, name, typeCodes, ringText, lowerText, diameterMm, keyAlgorithm },
      keyName: `seal-${id}`,
      state: 'approved',
      stateChangedAt: at,
      createdAt: at,
    }
    await deps.database.transaction(async (tx) => {
      if (!(await insertApproved(tx, seal))) return
      const { callerId } = order
      await insertSealEvent(tx, { sealId: id, action: 'approve', state: 'approved', reason: null, callerId, at })
    })
  }
  throw new Error(`no code could be allotted to the seal ${order.name}`)
}

async function prepareMaking(deps: Dependencies, order: SealOrder, seal: Seal): Promise<SealMaking> {
  const picture = drawRoundSeal(seal, deps.outlines)
  const pictureContent = await deflateAsync(picture.content, { level: 9 })
  const key = await openOrGenerate(deps.keyStore, seal.keyName, seal.keyAlgorithm)
  const { certificate, chain } = await deps.certifier.certify({
    profile: 'seal',
    subject: { organisation: order.departmentName, organisationCode: seal.departmentCode, commonName: seal.name },
    publicKey: key.publicKey,
  })
  return {
    pictureContent,
    pictureResources: picture.resources,
    pictureSvg: picture.svg,
    pictureDigest: createHash('sha256').update(pictureContent).digest(),
    certificate,
    chain,
  }
}

/** The key of that name, made at the first call; two processes may make it at once. */
export async function openOrGenerate(keyStore: KeyStore, name: string, algorithm: KeyKind): Promise<SigningKey> {
  try {
    return await keyStore.get(name)
  } catch (error) {
    if (!isCode(error, 'KEY_NOT_FOUND')) throw error
  }
  try {
    return await keyStore.generate(name, algorithm)
  } catch (error) {
    if (!isCode(error, 'KEY_EXISTS')) throw error
    return keyStore.get(name)
  }
}

function isCode(error: unknown, code: KeyStoreError['code']): boolean {
  return error instanceof KeyStoreError && error.code === code
}
