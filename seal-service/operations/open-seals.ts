import type { KeyStore } from '../../key-store/index.ts'
import type { SealAppearance } from '../../pades/write/index.ts'
import { cms, type SigningKey } from '../../pki/index.ts'
import type { Queryable } from '../../platform/index.ts'
import type { Seal } from '../domain/seal.ts'
import { sealSizeInPoints } from '../domain/seal-picture.ts'
import { SealError } from '../errors.ts'
import { findMaking } from '../store/seals.ts'

/** A seal ready for use: its key, its CMS but for digest and signature, its picture. */
export interface OpenSeal {
  readonly key: SigningKey
  readonly signer: cms.CmsSigner
  readonly appearance: SealAppearance
  /** Width and height on the page, in points. */
  readonly size: number
}

export type OpenSeals = (seal: Seal) => Promise<OpenSeal>

/**
 * Opens a seal at its first use and keeps it. What is kept never changes once a seal is made; whether it may be used
 * does, and is read from the record at every call.
 */
export function createOpenSeals(database: Queryable, keyStore: KeyStore): OpenSeals {
  const open = new Map<string, Promise<OpenSeal>>()
  return (seal) => {
    const known = open.get(seal.id)
    if (known !== undefined) return known
    const opening = openSeal(database, keyStore, seal)
    open.set(seal.id, opening)
    opening.catch(() => open.delete(seal.id))
    return opening
  }
}

async function openSeal(database: Queryable, keyStore: KeyStore, seal: Seal): Promise<OpenSeal> {
  const making = await findMaking(database, seal.id)
  if (making === undefined) throw new SealError('SEAL_NOT_MADE', `seal ${seal.id} is approved but not yet made`)
  const key = await keyStore.get(seal.keyName)
  const size = sealSizeInPoints(seal.diameterMm)
  return {
    key,
    signer: cms.compileSigner({
      certificate: making.certificate,
      chain: making.chain,
      signatureAlgorithm: key.signatureAlgorithm,
    }),
    appearance: {
      content: making.pictureContent,
      deflated: true,
      bbox: [0, 0, size, size],
      resources: making.pictureResources,
    },
    size,
  }
}
