import type { Fault, Principal, Transaction } from '../../../platform/index.ts'
import { isSqlError, UNIQUE_VIOLATION } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { permissionFor } from '../../domain/life-policy.ts'
import { applySealAction, formatSealId, isEnded, type Seal } from '../../domain/seal.ts'
import {
  type AskedApplication,
  digestApplication,
  findApplicationFaults,
  type SealApplication,
} from '../../domain/seal-application.ts'
import { isPictureSpec } from '../../domain/seal-picture.ts'
import { SealError } from '../../errors.ts'
import { findApplicationFiles } from '../../store/application-files.ts'
import { insertApplication, listApplications, recordAmendment } from '../../store/applications.ts'
import { findLastSealNumber, findSeal, insertApplied, lockSeal } from '../../store/seals.ts'
import { answerOnce, type Once } from '../use/answer-once.ts'
import type { LifeAnswer } from './act.ts'
import { findSealInSight, readLifeFacts, toActor } from './life-facts.ts'
import { recordEvent } from './record-event.ts'
import { takeStep } from './take-step.ts'

/** An application as it was taken down; reviewers name its digest when they approve. */
export interface AppliedSeal extends LifeAnswer {
  readonly version: number
  /** SHA-256, hexadecimal. */
  readonly applicationDigest: string
}

const codeAttempts = 20

/**
 * Applies for a seal of the caller's own department: allots its code and puts the application on record. Throws `SEAL_ROLE_MISSING`,
 * `SEAL_APPLICATION_INVALID` with every fault, `SEAL_NAME_TAKEN`, `SEAL_REQUEST_CONFLICT`.
 */
export async function applyForSeal(
  shop: Workshop,
  principal: Principal,
  asked: AskedApplication,
  once: Omit<Once, 'callerId'>,
): Promise<AppliedSeal> {
  const form = await checkForm(shop, principal, asked, null)
  await checkMayApply(shop, principal)
  for (let attempt = 0; attempt < codeAttempts; attempt++) {
    try {
      return await answerOnce(shop.database, { ...once, callerId: principal.id }, shop.clock.now(), (tx) =>
        insert(shop, tx, principal, form),
      )
    } catch (error) {
      if (!(error instanceof CodeTaken)) throw error
    }
  }
  throw new Error(`no code could be allotted to the seal ${form.name}`)
}

class CodeTaken extends Error {}

async function insert(
  shop: Workshop,
  tx: Transaction,
  principal: Principal,
  form: SealApplication,
): Promise<AppliedSeal> {
  const { departmentCode } = principal
  const at = shop.clock.now()
  const id = formatSealId(departmentCode, (await findLastSealNumber(tx, departmentCode.slice(2, 8))) + 1)
  const seal = toNewSeal(id, departmentCode, form, at)
  if (!(await insertApplied(tx, seal))) {
    if ((await findSeal(tx, id)) !== undefined) throw new CodeTaken(id)
    throw nameTaken()
  }
  return recordVersion(tx, principal, seal, form, 1, at)
}

/** Puts a version of an application on record, with its event where it is the first. */
async function recordVersion(
  tx: Transaction,
  principal: Principal,
  seal: Seal,
  form: SealApplication,
  version: number,
  at: Date,
): Promise<AppliedSeal> {
  const digest = digestApplication(seal.id, seal.departmentCode, version, form)
  await insertApplication(tx, {
    ...{ sealId: seal.id, version, form, digest, at },
    applicantId: principal.id,
    applicantName: principal.name,
    applicantDepartment: principal.departmentCode,
  })
  const applicationDigest = Buffer.from(digest).toString('hex')
  const caller = { id: principal.id, name: principal.name, departmentCode: principal.departmentCode }
  const step = { caller, reason: form.reason, at, detail: { version, applicationDigest } }
  if (version === 1) await recordEvent(tx, { ...step, action: 'apply', sealId: seal.id })
  else await takeStep(tx, seal, { ...step, action: 'amend' })
  return { id: seal.id, state: 'applied', at: at.toISOString(), version, applicationDigest }
}

/**
 * Hands an application in again that more was asked for. Throws as `applyForSeal` does, and `SEAL_NOT_FOUND`, `SEAL_TRANSITION_FORBIDDEN`.
 */
export async function amendApplication(
  shop: Workshop,
  principal: Principal,
  sealId: string,
  asked: AskedApplication,
): Promise<AppliedSeal> {
  const seal = await findSealInSight(shop, principal, sealId)
  permissionFor('amend', await toActor(shop, principal, seal.departmentCode), await readLifeFacts(shop.database, seal))
  applySealAction(seal.state, 'amend')
  const form = await checkForm(shop, principal, asked, seal)
  await checkMayApply(shop, principal)
  try {
    return await shop.database.transaction(async (tx) => {
      const locked = (await lockSeal(tx, sealId))!
      applySealAction(locked.state, 'amend')
      const versions = await listApplications(tx, sealId)
      await recordAmendment(tx, sealId, form)
      return recordVersion(tx, principal, locked, form, versions.length + 1, shop.clock.now())
    })
  } catch (error) {
    if (isSqlError(error, UNIQUE_VIOLATION)) throw nameTaken(error)
    throw error
  }
}

const nameTaken = (cause?: unknown): SealError =>
  new SealError(
    'SEAL_NAME_TAKEN',
    'the department has a seal of this name, or a seal of this number, or another application to take this place',
    cause === undefined ? {} : { cause },
  )

async function checkMayApply({ people, clock }: Workshop, principal: Principal): Promise<void> {
  const department = await people.department(principal.departmentCode)
  if (department?.closedAt != null && department.closedAt <= clock.now())
    throw new SealError('SEAL_DEPARTMENT_CLOSED', 'the department is closed: whoever took over its duties applies')
  if (!(await people.mayNow(principal, 'seals:apply')))
    throw new SealError('SEAL_ROLE_MISSING', 'to apply for a seal needs seals:apply')
}

async function checkForm(
  shop: Workshop,
  principal: Principal,
  form: AskedApplication,
  amended: Seal | null,
): Promise<SealApplication> {
  const { picture } = form
  const faults: Fault[] = findApplicationFaults(form, shop.outlines)
  const digests = form.files.map(({ digest }) => digest)
  const known = await findApplicationFiles(shop.database, principal.departmentCode, digests)
  for (const [i, digest] of digests.entries())
    if (!known.some((file) => file.digest === digest))
      faults.push({
        pointer: `/files/${i}/digest`,
        code: 'UNKNOWN',
        detail: 'no document of this digest was handed in',
      })
  if (form.replaces !== null) faults.push(...(await findPredecessorFaults(shop, principal, form.replaces, amended)))
  if (faults.length > 0 || !isPictureSpec(picture))
    throw new SealError('SEAL_APPLICATION_INVALID', `${faults.length} fault(s) in the application`, { faults })
  return { ...form, picture }
}

async function findPredecessorFaults(
  shop: Workshop,
  principal: Principal,
  replaces: string,
  amended: Seal | null,
): Promise<Fault[]> {
  const predecessor = await findSeal(shop.database, replaces)
  const isOwn = predecessor?.departmentCode === principal.departmentCode && replaces !== amended?.id
  if (predecessor === undefined || !isOwn)
    return [{ pointer: '/replaces', code: 'UNKNOWN', detail: 'the department has no such seal' }]
  if (predecessor.acceptedAt === null || isEnded(predecessor.state))
    return [
      { pointer: '/replaces', code: 'NOT_REPLACEABLE', detail: `a seal that is ${predecessor.state} is not replaced` },
    ]
  return []
}

function toNewSeal(id: string, departmentCode: string, form: SealApplication, at: Date): Seal {
  return {
    ...{ id, departmentCode },
    name: form.name,
    nameEn: form.nameEn,
    kindCode: form.kindCode,
    keyName: `seal-${id}`,
    keyAlgorithm: form.keyAlgorithm,
    picture: form.picture,
    physicalSealNumber: form.physicalSealNumber,
    typeCodes: [...new Set(form.typeCodes)].sort(),
    state: 'applied',
    stateChangedAt: at,
    createdAt: at,
    certificateNumber: null,
    validUntil: null,
    keeperId: null,
    keeperName: null,
    makerDepartment: null,
    replaces: form.replaces,
    effectiveAt: null,
    acceptedAt: null,
  }
}
