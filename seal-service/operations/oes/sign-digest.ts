import { createHash } from 'node:crypto'
import { eseal, x509 } from '../../../pki/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { ALL_DOCUMENTS, type Chain, needsSecondPerson } from '../../domain/authorisation.ts'
import type { EsealLayout } from '../../domain/eseal.ts'
import { type Caller, decideDocumentUse, type Leave, type SealFacts } from '../../domain/seal-policy.ts'
import { SealError } from '../../errors.ts'
import { type EsealRecord, findEseal } from '../../store/eseals.ts'
import { findOesSignature, insertOesSignature, type OesSignature } from '../../store/oes-signatures.ts'
import { insertIntendedUses, insertRefusedUses, type SealUse } from '../../store/sealings.ts'
import { admitUses, partByState } from '../use/admit-uses.ts'

/** A digest of a document that a document system wants sealed. */
export interface DigestToSign {
  readonly sealId: string
  /** The document's name in its system, for the record: 1 to 100 printable characters of ASCII. */
  readonly documentId: string
  /** SM3 of what `propertyInfo` names. */
  readonly dataHash: Uint8Array
  /** What was hashed: in OFD the absolute path of Signature.xml. */
  readonly propertyInfo: string
  readonly layout: EsealLayout
  /** Code of the document's template, where it has one. */
  readonly templateCode: string | null
  /** Whether a time stamp over the signature goes with it. */
  readonly wantsTimeStamp: boolean
}

/**
 * Signs a digest with a seal: SES_Signature of GB/T 38540 (V4) or GM/T 0031-2025 (V5). Decided, counted and on record like every use of a
 * seal: intended before the key signs, sealed after it. A repeat (seal, document, digest) is given the same. Throws the refusals of the
 * policy, `SEAL_ESEAL_ABSENT`, `SEAL_CERTIFICATE_EXPIRED`, `SEAL_REQUEST_CONFLICT` for a repeat on other terms.
 */
export async function signDigest(deps: Dependencies, caller: Caller, wanted: DigestToSign): Promise<OesSignature> {
  const identifier = `oes:${wanted.sealId}:${wanted.documentId}`
  const { known, use } = await recordIntent(deps, caller, wanted, identifier)
  if (known !== undefined) return asRepeat(known, wanted)
  const record = await openRecord(deps, wanted)
  const signature = await sign(deps, record, wanted)
  const made: OesSignature = {
    identifier,
    dataHash: wanted.dataHash,
    useId: use.useId,
    sealId: wanted.sealId,
    layout: wanted.layout,
    propertyInfo: wanted.propertyInfo,
    signature,
    signedAt: deps.clock.now(),
  }
  if (await recordResult(deps, made, use)) return made
  return asRepeat((await findOesSignature(deps.database, identifier, wanted.dataHash))!, wanted)
}

function asRepeat(known: OesSignature, { layout, propertyInfo }: DigestToSign): OesSignature {
  if (known.layout === layout && known.propertyInfo === propertyInfo) return known
  throw new SealError('SEAL_REQUEST_CONFLICT', 'this digest was signed before in another layout or for another path')
}

/** The policy is asked of repeats too; only what is to be signed is on record as intended. */
async function recordIntent(
  deps: Dependencies,
  caller: Caller,
  { sealId, dataHash, templateCode }: DigestToSign,
  identifier: string,
): Promise<{ readonly known: OesSignature | undefined; readonly use: SealUse }> {
  const at = deps.clock.now()
  const wanted = {
    useId: deps.ids.uuid(),
    sealId,
    identifier,
    purpose: templateCode ?? ALL_DOCUMENTS,
    digest: dataHash,
  }
  return deps.database.transaction(async (tx) => {
    const admission = await admitUses(tx, {
      kind: 'document',
      caller,
      uses: [wanted],
      at,
      allow: ({ sealId: id }, seal, leave) => allow(caller, { sealId: id, templateCode }, seal, leave),
    })
    if (admission.admitted === null) throw admission.awaited
    const { purpose, digest, ...rest } = wanted
    const use: SealUse = {
      ...rest,
      typeCode: purpose,
      unsignedDigest: digest,
      callerId: caller.id,
      callerDepartment: caller.departmentCode ?? '',
      authorisationId: admission.admitted.get(wanted.useId) ?? null,
    }
    const known = await findOesSignature(tx, identifier, dataHash)
    if (known === undefined) await insertIntendedUses(tx, [use], at)
    return { known, use }
  })
}

/** A second person cannot look at a document of which the digest alone is sent. */
function allow(
  caller: Caller,
  request: { readonly sealId: string; readonly templateCode: string | null },
  seal: SealFacts | undefined,
  leave: Leave,
): readonly Chain[] {
  const chains = decideDocumentUse(caller, request, seal, leave)
  const alone = chains.filter((chain) => !needsSecondPerson(chain))
  if (alone.length > 0) return alone
  throw new SealError(
    'SEAL_NOT_AUTHORISED',
    'the authorisation asks for a second person, who must see the document: send it, not its digest',
  )
}

async function openRecord({ database, clock }: Dependencies, { sealId, layout }: DigestToSign): Promise<EsealRecord> {
  const record = await findEseal(database, sealId, layout)
  if (record === undefined) throw new SealError('SEAL_ESEAL_ABSENT', `no SESeal was made of seal ${sealId}`)
  if (x509.parseCertificate(record.certificate).notAfter <= clock.now())
    throw new SealError('SEAL_CERTIFICATE_EXPIRED', `the SM2 certificate of seal ${sealId} has ended`)
  return record
}

/** The value that leaves is one that holds: a key that does not sign by SM2 is a defect. */
async function sign(
  { clock, keyStore, timestamper }: Dependencies,
  record: EsealRecord,
  { dataHash, propertyInfo, wantsTimeStamp }: DigestToSign,
): Promise<Uint8Array> {
  const content = { seal: record.eseal, time: clock.now(), dataHash, propertyInfo }
  const prepared = await eseal.prepareSignature(content, record.certificate)
  const value = await keyStore.get(record.keyName).sign(prepared.toSign)
  const stamps = wantsTimeStamp && timestamper ? await timestamper.stamp([sha256(value)]) : undefined
  const signature = prepared.assemble(value, stamps?.tokens[0])
  const { signatureValid } = await eseal.verifySignature(eseal.parseSignature(signature), undefined)
  if (signatureValid !== true) throw new Error(`the key of seal ${record.sealId} did not sign by SM2`)
  return signature
}

/** In one transaction with whether the seal is still in use; false when another attempt was first. */
async function recordResult(deps: Dependencies, made: OesSignature, use: SealUse): Promise<boolean> {
  const outcome = await deps.database.transaction(async (tx) => {
    const { refused } = await partByState(tx, [use], ({ sealId }) => sealId)
    const refusal = refused[0]?.refusal
    if (refusal !== undefined) {
      await insertRefusedUses(tx, [{ ...use, refusal: refusal.code }], deps.clock.now())
      return refusal
    }
    return insertOesSignature(tx, made, use, sha256(made.signature))
  })
  if (outcome instanceof SealError) throw outcome
  return outcome
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
