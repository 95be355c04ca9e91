import { parseIdentifier } from '../../licence-format/index.ts'
import { SharingError } from '../errors.ts'
import type { MadeCopy } from '../ports/licence-register.ts'
import type { FetchCaller } from './caller.ts'
import {
  admitLicence,
  decide,
  type Fetch,
  type FetchReason,
  nothingFound,
  record,
  recordGiven,
  requireStanding,
} from './decide.ts'
import type { Deps } from './deps.ts'
import { toReader } from './fetch.ts'

/**
 * 文件下载: another department never gets the document itself but a copy (加注件) with the granted fields, marked with purpose and recipient,
 * sealed by whoever issued the licence, and ended by itself. The same key gives the same copy.
 *
 * Throws as `decide`, SHARING_LICENCE_NOT_FOUND, and what making the copy is refused with.
 */
export async function fetchFile(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & {
    readonly identifier: string
    readonly fields: readonly string[]
    readonly expiresAt: Date
    readonly key: string
  },
): Promise<MadeCopy> {
  const { identifier, fields, expiresAt, key, ...why } = asked
  const { text, typeCode, issuerCode } = parseIdentifier(identifier)
  const fetch: Fetch = { what: 'file', caller, why, typeCode, issuerCode, identifier: text, holderKeys: [], fields }
  const leave = await decide(deps, fetch)
  const [{ agreement }] = leave.shares
  if (leave.refused.length > 0) {
    // A page with a field less than was asked for would be taken for the whole.
    await record(deps, fetch, { answer: 'field refused', fields, agreement })
    throw new SharingError('SHARING_NOT_ENTITLED', 'the department may not have all of these fields')
  }
  const brief = await deps.register.find(text)
  if (!brief) {
    await record(deps, fetch, { answer: 'nothing', fields: [], agreement })
    throw nothingFound()
  }
  await admitLicence(deps, fetch, leave, brief)
  const { holderKeys } = brief
  const recipient = { name: await nameOf(deps, caller.departmentCode), code: caller.departmentCode }
  const order = { identifier: text, purpose: why.purpose, recipient, expiresAt, fields: leave.granted, key }
  const copy = await deps.register.makeCopy(order, toReader(caller, why)).catch(async (error: unknown) => {
    await record(deps, fetch, { answer: 'nothing', fields: [], agreement, holderKeys })
    throw error
  })
  await requireStanding(deps, fetch, leave.shares, { holderKeys })
  await recordGiven(deps, fetch, leave, { fields: copy.fields, holderKeys })
  return copy
}

async function nameOf({ departments }: Deps, code: string): Promise<string> {
  const all = await departments.departments()
  return all.find((one) => one.code === code)?.name.zh ?? code
}
