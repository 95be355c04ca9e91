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
  recordWaiting,
  type SealPicture,
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
  /** Who certifies it: the house's own authority unless said; an authority outside by request and import, and it waits until then. */
  readonly certificate?: 'own' | 'outside'
  /** Who ordered it, for the record. */
  readonly callerId: string
}

const deflateAsync = promisify(deflate)
const approveAttempts = 20

/**
 * Approves and makes a seal, or what is missing of one with the same department and name: record, key, certificate,
 * picture. One that is certified outside waits for its certificate. Each step looks for its own result first, so it can be broken off anywhere and begun again.
 */
export async function makeSeal(deps: Dependencies, order: SealOrder): Promise<Seal> {
  const seal = await approve(deps, order)
  if (seal.state !== 'approved') return seal
  const { callerId } = order
  const action = order.certificate === 'outside' ? 'wait' : 'make'
  const state = applySealAction(seal.state, action)
  const picture = await drawPicture(deps, seal)
  const key = await openOrGenerate(deps.keyStore, seal.keyName, seal.keyAlgorithm)
  const certified = action === 'make' ? await certify(deps, order, seal, key.publicKey) : undefined
  await deps.database.transaction(async (tx) => {
    const at = deps.clock.now()
    const isFirst =
      certified === undefined
        ? await recordWaiting(tx, seal.id, picture, at)
        : await recordMade(tx, seal.id, { ...picture, ...certified, keyName: seal.keyName }, callerId, at)
    if (isFirst) await insertSealEvent(tx, { sealId: seal.id, action, state, reason: null, callerId, at })
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
      certificateNumber: null,
    }
    await deps.database.transaction(async (tx) => {
      if (!(await insertApproved(tx, seal))) return
      const { callerId } = order
      await insertSealEvent(tx, { sealId: id, action: 'approve', state: 'approved', reason: null, callerId, at })
    })
  }
  throw new Error(`no code could be allotted to the seal ${order.name}`)
}

function certify({ certifier }: Dependencies, order: SealOrder, seal: Seal, publicKey: Uint8Array) {
  const subject = {
    organisation: order.departmentName,
    organisationCode: seal.departmentCode,
    commonName: seal.name,
  }
  return certifier.certify({ profile: 'seal', subject, publicKey })
}

async function drawPicture({ outlines }: Dependencies, seal: Seal): Promise<SealPicture> {
  const picture = drawRoundSeal(seal, outlines)
  const pictureContent = await deflateAsync(picture.content, { level: 9 })
  return {
    pictureContent,
    pictureResources: picture.resources,
    pictureSvg: picture.svg,
    pictureDigest: createHash('sha256').update(pictureContent).digest(),
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
