import { openOrGenerate } from '../../key-store/index.ts'
import { statementKeyId } from '../../licence-format/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { StatementKey } from '../domain/seal.ts'
import {
  findActiveStatementKey,
  insertActiveStatementKey,
  insertStatementKeyRenewal,
  retireStatementKey,
} from '../store/statement-keys.ts'

/** A statement key signs for two years; its certificate outlives that, so that what it signed can still be checked. */
const signingYears = 2

interface StatementDepartment {
  readonly code: string
  readonly name: string
}

/** Makes a department's statement key, unless it has one in use. May be broken off and begun again. */
export async function makeStatementKey(deps: Dependencies, department: StatementDepartment): Promise<StatementKey> {
  const known = await findActiveStatementKey(deps.database, department.code)
  if (known !== undefined) return known
  await insertActiveStatementKey(deps.database, await certifyKey(deps, department, `statement-${department.code}`))
  return (await findActiveStatementKey(deps.database, department.code))!
}

/**
 * Puts a new key in the place of the one in use, which signs no more; what it signed can still be checked. Who ordered it is on record with
 * both.
 */
export async function renewStatementKey(
  deps: Dependencies,
  department: StatementDepartment,
  callerId: string,
): Promise<StatementKey> {
  const known = await findActiveStatementKey(deps.database, department.code)
  if (known === undefined) return makeStatementKey(deps, department)
  const generation = Number(/-([1-9]\d*)$/.exec(known.keyName)?.[1] ?? 1)
  // The name follows from what is on record, so that a renewal that was broken off goes on with its key.
  const next = await certifyKey(deps, department, `statement-${department.code}-${generation + 1}`)
  await deps.database.transaction(async (tx) => {
    await retireStatementKey(tx, known.kid, next.signsFrom)
    await insertActiveStatementKey(tx, next)
    await insertStatementKeyRenewal(tx, { from: known.kid, to: next.kid, callerId, at: next.signsFrom })
  })
  return (await findActiveStatementKey(deps.database, department.code))!
}

async function certifyKey(deps: Dependencies, department: StatementDepartment, keyName: string): Promise<StatementKey> {
  const { publicKey } = await openOrGenerate(deps.keyStore, keyName, 'ec-p256')
  const { certificate } = await deps.certifier.certify({
    profile: 'statement',
    subject: {
      organisation: department.name,
      organisationCode: department.code,
      commonName: `${department.name}二维码声明`,
    },
    publicKey,
  })
  const signsFrom = deps.clock.now()
  const signsUntil = new Date(signsFrom)
  signsUntil.setUTCFullYear(signsUntil.getUTCFullYear() + signingYears)
  return {
    kid: Buffer.from(await statementKeyId(certificate)).toString('hex'),
    departmentCode: department.code,
    keyName,
    certificate,
    state: 'active',
    stateChangedAt: signsFrom,
    signsFrom,
    signsUntil,
  }
}
