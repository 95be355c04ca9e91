import type { KeyStore } from '../../key-store/index.ts'
import type { SealAppearance } from '../../pades/write/index.ts'
import { cms, type SigningKey, x509 } from '../../pki/index.ts'
import type { Queryable } from '../../platform/index.ts'
import type { Seal } from '../domain/seal.ts'
import { sealSizeInPoints } from '../domain/seal-picture.ts'
import { pictureSizeMm } from '../domain/seal-picture-spec.ts'
import { SealError } from '../errors.ts'
import { findEseal } from '../store/eseals.ts'
import { findMaking } from '../store/seals.ts'

/** A seal ready for use: its key, its CMS but for digest and signature, its picture. */
export interface OpenSeal {
  readonly key: SigningKey
  /** Compiled for a CMS with room for a time stamp of so many octets; 0: without. */
  signerFor(timeStampLength: number): cms.CmsSigner
  /** End of the seal's certificate: a key without one signs nothing. */
  readonly notAfter: Date
  /** The seal's certificate and all above it, DER. */
  readonly certificates: readonly Uint8Array[]
  readonly appearance: SealAppearance
  /** Width on the page, in points. */
  readonly size: number
  readonly height: number
  /** How it signs, where that is not PAdES. */
  readonly form?: { readonly subFilter: string; readonly digest: 'SM3' }
}

export type OpenSeals = (seal: Seal) => Promise<OpenSeal>
/** Null where the seal has no SESeal. */
export type OpenSm2Seals = (seal: Seal) => Promise<OpenSeal | null>

/**
 * Opens a seal at its first use and keeps it until it has another certificate. Whether it may be used, and with which certificate, is read
 * from the record at every call.
 */
export function createOpenSeals(database: Queryable, keyStore: KeyStore): OpenSeals {
  const open = new Map<string, { readonly number: number | null; readonly opening: Promise<OpenSeal> }>()
  return (seal) => {
    const number = seal.certificateNumber
    const known = open.get(seal.id)
    if (known !== undefined && known.number === number) return known.opening
    const opening = openSeal(database, keyStore, seal)
    open.set(seal.id, { number, opening })
    opening.catch(() => open.delete(seal.id))
    return opening
  }
}

async function openSeal(database: Queryable, keyStore: KeyStore, seal: Seal): Promise<OpenSeal> {
  const making = await findMaking(database, seal.id)
  if (making === undefined) throw new SealError('SEAL_NOT_MADE', `seal ${seal.id} is approved but not yet made`)
  const key = await keyStore.get(making.keyName)
  const { widthMm, heightMm } = pictureSizeMm(seal.picture)
  const [size, height] = [sealSizeInPoints(widthMm), sealSizeInPoints(heightMm)]
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
    notAfter: x509.parseCertificate(making.certificate).notAfter,
    certificates: [making.certificate, ...making.chain],
    appearance: {
      content: making.pictureContent,
      deflated: true,
      bbox: [0, 0, size, height],
      resources: making.pictureResources,
    },
    size,
    height,
  }
}

/**
 * Opens the SM2 key of a seal at its first use and keeps it until there is a newer one. It signs by GB/T 35275 and shows nothing: the seal that is seen stands
 * beside it.
 */
export function createOpenSm2Seals(database: Queryable, keyStore: KeyStore): OpenSm2Seals {
  const open = new Map<string, { readonly generation: number; readonly seal: OpenSeal }>()
  return async (seal) => {
    const known = open.get(seal.id)
    if (known?.generation === seal.certificateNumber) return known.seal
    const record = await findEseal(database, seal.id, 'V5')
    if (record === undefined) return null
    // Between a renewal and its SESeal the one before serves.
    if (known?.generation === record.generation) return known.seal
    const { certificate, chain } = record
    const opened: OpenSeal = {
      key: await keyStore.get(record.keyName),
      signerFor: keepByLength((timeStampLength) => cms.compileGmSigner({ certificate, chain, timeStampLength })),
      notAfter: x509.parseCertificate(certificate).notAfter,
      certificates: [certificate, ...chain],
      appearance: { content: new Uint8Array(0), bbox: [0, 0, SM2_SIZE, SM2_SIZE] },
      size: SM2_SIZE,
      height: SM2_SIZE,
      form: { subFilter: cms.GM_SUB_FILTER, digest: 'SM3' },
    }
    open.set(seal.id, { generation: record.generation, seal: opened })
    return opened
  }
}

/** A field has an area; this one is not to be seen. In points. */
const SM2_SIZE = 1

/** The expected length of a token changes with the authority's certificate, once in a year or so. */
function keepByLength(compile: (timeStampLength: number) => cms.CmsSigner): (timeStampLength: number) => cms.CmsSigner {
  const compiled = new Map<number, cms.CmsSigner>()
  return (timeStampLength) => {
    let signer = compiled.get(timeStampLength)
    if (signer === undefined) compiled.set(timeStampLength, (signer = compile(timeStampLength)))
    return signer
  }
}
