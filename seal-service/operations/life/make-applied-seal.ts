import { openOrGenerate } from '../../../key-store/index.ts'
import { x509 } from '../../../pki/index.ts'
import type { Workshop } from '../../dependencies.ts'
import type { Seal } from '../../domain/seal.ts'
import { SealError } from '../../errors.ts'
import { findLastPicture } from '../../store/drawn-pictures.ts'
import { findSeal, recordMaker, recordMaking, recordPicture } from '../../store/seals.ts'
import { importCertificate } from '../import-certificate.ts'
import { makeEseals } from '../make-eseals.ts'
import { certify } from '../make-seal.ts'
import { prepareRenewal, recordRenewal } from '../renew-seal.ts'
import { requestCertificate } from '../request-certificate.ts'
import { act, admit, type Call, type LifeAnswer } from './act.ts'
import type { RequestFor } from './act-request.ts'

/**
 * Makes an approved seal with the picture that was approved: key, certificate of the house's own authority, record; then its SESeals. Each
 * is looked for first, so that it can be broken off and asked for again.
 */
export async function makeAppliedSeal(shop: Workshop, call: Call, request: RequestFor<'make'>): Promise<LifeAnswer> {
  const { principal, sealId } = call
  const before = await findSeal(shop.database, sealId)
  if (before?.state === 'waiting') return takeOutsideCertificate(shop, call, request.certificates)
  const answer = await act(shop, call, async ({ seal }) => {
    const picture = (await findLastPicture(shop.database, seal.id))!
    const key = await openOrGenerate(shop.keyStore, seal.keyName, seal.keyAlgorithm)
    const certified = await certify(shop, await ownerName(shop, seal), seal, key.publicKey)
    const { notAfter: validUntil, serialNumberHex } = x509.parseCertificate(certified.certificate)
    return async ({ tx, at }) => {
      const making = { ...picture, ...certified, keyName: seal.keyName, validUntil }
      if (!(await recordMaking(tx, seal.id, making, principal.id, at)))
        throw new SealError('SEAL_TRANSITION_FORBIDDEN', `seal ${seal.id} has a certificate already`)
      await recordMaker(tx, seal.id, principal.departmentCode, picture.spec)
      return { reason: null, detail: { certificate: serialNumberHex, pictureVersion: picture.version } }
    }
  })
  await makeEseals(shop, (await findSeal(shop.database, sealId))!, principal.id)
  return answer
}

/** Makes key and request for a seal that an authority outside certifies; the request is fetched from the record. */
export async function waitForCertificate(shop: Workshop, call: Call): Promise<LifeAnswer> {
  const { principal, sealId } = call
  const answer = await act(shop, call, async ({ seal }) => {
    const picture = (await findLastPicture(shop.database, seal.id))!
    await openOrGenerate(shop.keyStore, seal.keyName, seal.keyAlgorithm)
    return async ({ tx }) => {
      await recordPicture(tx, seal.id, picture)
      await recordMaker(tx, seal.id, principal.departmentCode, picture.spec)
      return { reason: null, detail: { pictureVersion: picture.version } }
    }
  })
  const seal = (await findSeal(shop.database, sealId))!
  const organisation = await ownerName(shop, seal)
  await requestCertificate(shop, { sealId, organisation, callerId: principal.id })
  return answer
}

/** A certificate from outside, brought by the seal's maker: checked and taken as every other, once its maker may. */
async function takeOutsideCertificate(
  shop: Workshop,
  call: Call,
  certificates: readonly Uint8Array[] = [],
): Promise<LifeAnswer> {
  const { principal, sealId } = call
  await (await admit(shop, call)).confirm()
  const { seal } = await importCertificate(shop, { certificates, sealId, callerId: principal.id })
  await makeEseals(shop, seal, principal.id)
  return { id: seal.id, state: seal.state, at: seal.stateChangedAt.toISOString() }
}

/**
 * Gives a seal its next certificate: of the house's own authority for a new key, or what an authority outside answered. One that had
 * expired serves again, and its SESeals are made anew. The key before it stays until the seal is destroyed.
 */
export async function certifyAnew(
  shop: Workshop,
  call: Call,
  { certificates }: RequestFor<'renew'>,
): Promise<LifeAnswer> {
  if (certificates !== undefined) return takeOutsideCertificate(shop, call, certificates)
  const answer = await act(shop, call, async ({ seal }) => {
    const renewal = await prepareRenewal(shop, seal, await ownerName(shop, seal), call.principal.id)
    return ({ tx, at, seal: now }) => recordRenewal(tx, now, renewal, at)
  })
  await makeEseals(shop, (await findSeal(shop.database, call.sealId))!, call.principal.id)
  return answer
}

/** As certificates name the owner. */
async function ownerName({ people }: Workshop, seal: Seal): Promise<string> {
  return (await people.department(seal.departmentCode))?.name ?? seal.name
}
