import { openOrGenerate } from '../../key-store/index.ts'
import { statementKeyId } from '../../licence-format/index.ts'
import type { Dependencies } from '../dependencies.ts'
import type { StatementKey } from '../domain/seal.ts'
import { findActiveStatementKey, insertActiveStatementKey } from '../store/statement-keys.ts'

/** A statement key signs for two years; its certificate outlives that, so that what it signed can still be checked. */
const signingYears = 2

/** Makes a department's statement key, unless it has one in use. May be broken off and begun again. */
export async function makeStatementKey(
  deps: Dependencies,
  department: { readonly code: string; readonly name: string },
): Promise<StatementKey> {
  const known = await findActiveStatementKey(deps.database, department.code)
  if (known !== undefined) return known
  const keyName = `statement-${department.code}`
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
  await insertActiveStatementKey(deps.database, {
    kid: Buffer.from(await statementKeyId(certificate)).toString('hex'),
    departmentCode: department.code,
    keyName,
    certificate,
    state: 'active',
    stateChangedAt: signsFrom,
    signsFrom,
    signsUntil,
  })
  return (await findActiveStatementKey(deps.database, department.code))!
}
