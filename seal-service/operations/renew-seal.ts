import { openOrGenerate } from '../../key-store/index.ts'
import { x509 } from '../../pki/index.ts'
import type { Transaction } from '../../platform/index.ts'
import type { Dependencies, Workshop } from '../dependencies.ts'
import { checkReady } from '../domain/life-policy.ts'
import { keyGeneration, type Seal } from '../domain/seal.ts'
import { SealError } from '../errors.ts'
import {
  insertSealCertificate,
  listOutsideInUse,
  recordInUse,
  type SealCertificate,
} from '../store/seal-certificates.ts'
import { findSeal, lockSeal } from '../store/seals.ts'
import { readLifeFacts } from './life/life-facts.ts'
import { takeStep } from './life/take-step.ts'

/** The operator's order for a next certificate of a seal. */
export interface RenewalOrder {
  readonly sealId: string
  /** Name of the owner, as certificates name it. */
  readonly organisation: string
  /** Who orders it, for the record. */
  readonly callerId: string
}

/** A next certificate of a seal that is made and not yet in use. */
interface Renewal {
  readonly record: Omit<SealCertificate, 'at'>
  readonly notAfter: Date
  readonly serialNumber: string
}

/**
 * Gives a seal a new key and a certificate of the house's own authority for it, at the operator's order: after its authority was revoked,
 * or before it ends. What was sealed before stays. Throws `SEAL_NOT_FOUND`, `SEAL_TRANSITION_FORBIDDEN`,
 * `SEAL_RENEWAL_REFUSED` for one that was stopped, lost or never accepted when it expired, `SEAL_REQUEST_REFUSED` for one certified outside.
 */
export async function renewSeal(shop: Workshop, { sealId, organisation, callerId }: RenewalOrder): Promise<Seal> {
  const seal = await findSeal(shop.database, sealId)
  if (seal === undefined) throw new SealError('SEAL_NOT_FOUND', `there is no seal ${sealId}`)
  checkReady('renew', await readLifeFacts(shop.database, seal))
  if ((await listOutsideInUse(shop.database)).some((one) => one.sealId === sealId))
    throw new SealError(
      'SEAL_REQUEST_REFUSED',
      `seal ${sealId} is certified outside: ask there, then import the answer`,
    )
  const renewal = await prepareRenewal(shop, seal, organisation, callerId)
  await shop.database.transaction(async (tx) => {
    const at = shop.clock.now()
    const held = (await lockSeal(tx, sealId))!
    checkReady('renew', await readLifeFacts(tx, held))
    const draft = await recordRenewal(tx, held, renewal, at)
    await takeStep(tx, held, { ...draft, action: 'renew', caller: { id: callerId }, at })
  })
  return (await findSeal(shop.database, sealId))!
}

/** Makes the key and has it certified; nothing of the seal changes yet. */
export async function prepareRenewal(
  deps: Dependencies,
  seal: Seal,
  organisation: string,
  callerId: string,
): Promise<Renewal> {
  // The name follows from what is on record, so that a renewal that was broken off goes on with its key.
  const keyName = `seal-${seal.id}-${keyGeneration(seal.keyName) + 1}`
  const { publicKey } = await openOrGenerate(deps.keyStore, keyName, seal.keyAlgorithm)
  const subject = { organisation, organisationCode: seal.departmentCode, commonName: seal.name }
  const certified = await deps.certifier.certify({ profile: 'seal', subject, publicKey })
  const { notAfter, serialNumberHex: serialNumber } = x509.parseCertificate(certified.certificate)
  const number = seal.certificateNumber! + 1
  const record = { sealId: seal.id, number, source: 'own' as const, keyName, ...certified, callerId }
  return { record, notAfter, serialNumber }
}

/** Puts it in use, the seal being held; what the event says of it. Throws `SEAL_TRANSITION_FORBIDDEN` when another came before. */
export async function recordRenewal(
  tx: Transaction,
  held: Seal,
  { record, notAfter, serialNumber }: Renewal,
  at: Date,
) {
  const inUse = { ...record, at }
  if (held.certificateNumber !== record.number - 1 || !(await insertSealCertificate(tx, inUse)))
    throw new SealError('SEAL_TRANSITION_FORBIDDEN', `seal ${held.id} has another certificate meanwhile`)
  await recordInUse(tx, inUse, notAfter)
  return { reason: null, detail: { certificate: serialNumber, validUntil: notAfter.toISOString() } }
}
