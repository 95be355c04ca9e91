import { createHash } from 'node:crypto'
import { eseal, OID, PkiError, type x509 } from '../../../pki/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { codeOfVerdict, type OesCode } from '../../domain/oes.ts'
import type { Caller } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { findCancellation, findUseOfSignature, insertCancellation } from '../../store/oes-signatures.ts'

/** Under whom SESeals and their signers stand. */
export interface EsealTrust {
  readonly anchors: readonly Uint8Array[]
  readonly intermediates: readonly Uint8Array[]
  readonly crls: readonly Uint8Array[]
  readonly timeStampAnchors: readonly Uint8Array[]
}

/** A signature to be judged with what it was made over: the data, or their digest, or neither. */
export interface SignatureToVerify {
  readonly signature: Uint8Array
  readonly data?: Uint8Array
  readonly dataHash?: Uint8Array
}

/** What is said of it; a bad signature is an answer, never an error. */
export interface OesVerdict {
  readonly code: OesCode
  /** Steps of GM/T 0031 with their outcomes; none where it could not be read. */
  readonly steps: readonly eseal.SignatureStep[]
  readonly sealId: string | null
  readonly sealName: string | null
  readonly signingTime: Date | null
  /** When whoever had it made took it back. */
  readonly cancelledAt: Date | null
}

/** Judges an SES_Signature by all steps of the standard; of those made here also whether it was taken back. */
export async function verifySignature(deps: Dependencies, asked: SignatureToVerify): Promise<OesVerdict> {
  const parsed = parse(asked.signature)
  if (parsed === undefined)
    return { code: '15', steps: [], sealId: null, sealName: null, signingTime: null, cancelledAt: null }
  const verification = await eseal.verifySignature(parsed, asked.data, await openTrust(deps))
  const dataFits = asked.dataHash === undefined ? null : Buffer.compare(asked.dataHash, parsed.dataHash) === 0
  const signedPart = createHash('sha256').update(parsed.signedBytes).digest()
  const cancelledAt = (await findCancellation(deps.database, signedPart)) ?? null
  return {
    code: codeOfVerdict(verification, dataFits, cancelledAt !== null),
    steps: verification.steps,
    sealId: parsed.seal.info.esId,
    sealName: parsed.seal.info.property.name,
    signingTime: verification.signingTime ?? null,
    cancelledAt,
  }
}

function parse(signature: Uint8Array): eseal.SesSignature | undefined {
  try {
    return eseal.parseSignature(signature)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}

async function openTrust({ clock, esealTrust }: Dependencies) {
  const trust = await esealTrust?.()
  if (trust === undefined) return undefined
  const isMaker = (certificate: x509.Certificate) => certificate.extKeyUsage?.includes(OID.sealMaking) === true
  return { ...trust, isMaker, at: clock.now() }
}

/**
 * Takes a signature back (撤章): who verifies it here is told from then on. By the department that had it made; once more changes nothing.
 * Throws `OES_SIGNATURE_NOT_FOUND`.
 */
export async function cancelSignature(
  { database, clock }: Dependencies,
  caller: Caller,
  { useId, reason }: { readonly useId: string; readonly reason: string },
): Promise<void> {
  const use = await findUseOfSignature(database, useId)
  if (use === undefined || use.callerDepartment !== caller.departmentCode)
    throw new SealError('OES_SIGNATURE_NOT_FOUND', `your department had no signature ${useId} made`)
  await insertCancellation(database, { useId, reason, callerId: caller.id, at: clock.now() })
}
