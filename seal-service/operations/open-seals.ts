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
  /** Compiled for a CMS with room for a time stamp of so many octets; 0: without. */
  signerFor(timeStampLength: number): cms.CmsSigner
  /** The seal's certificate and all above it, DER. */
  readonly certificates: readonly Uint8Array[]
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
    signerFor: keepByLength((timeStampLength) =>
      cms.compileSigner({
        certificate: making.certificate,
        chain: making.chain,
        signatureAlgorithm: key.signatureAlgorithm,
        timeStampLength,
      }),
    ),
    certificates: [making.certificate, ...making.chain],
    appearance: {
      content: making.pictureContent,
      deflated: true,
      bbox: [0, 0, size, size],
      resources: making.pictureResources,
    },
    size,
  }
}

/** The expected length of a token changes with the authority's certificate, once in a year or so. */
function keepByLength(compile: (timeStampLength: number) => cms.CmsSigner): (timeStampLength: number) => cms.CmsSigner {
  const compiled = new Map<number, cms.CmsSigner>()
  return (timeStampLength) => {
    let signer = compiled.get(timeStampLength)
    if (signer === undefined) compiled.set(timeStampLength, (signer = compile(timeStampLength)))
    return signer
  }
}
