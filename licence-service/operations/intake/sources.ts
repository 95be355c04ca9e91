import type { Principal, Queryable } from '../../../platform/index.ts'
import { LicenceError } from '../../errors.ts'
import { endSource, findSource, type IntakeSource, putSource } from '../../store/intake-sources.ts'
import { recordAudit } from '../../store/register.ts'
import { type AsJson, answerOnce, type Once } from '../answer-once.ts'
import type { Deps } from '../deps.ts'

export interface NewSource {
  readonly source: string
  readonly clientId: string
  readonly typeCodes: readonly string[]
  readonly origins: readonly string[]
}

/**
 * Lets the licences of another system in: which machine of the caller's department speaks for it, of which types, and where files may be
 * fetched. Set anew under the same name it takes the place of what was set; a repeat of the key changes nothing.
 * @throws LicenceError LICENCE_TYPE_UNKNOWN, INTAKE_ADDRESS_REFUSED, IDEMPOTENCY_KEY_REUSED
 */
export async function setSource(
  deps: Deps,
  caller: Principal,
  wished: NewSource,
  once: Once,
): Promise<AsJson<IntakeSource>> {
  const unknown = wished.typeCodes.find((typeCode) => !deps.templates.entry(typeCode))
  if (unknown !== undefined) throw new LicenceError('LICENCE_TYPE_UNKNOWN', `the catalogue has no type ${unknown}`)
  const origins = [...new Set(wished.origins.map(originOfAddress))]
  const { departmentCode, id: setBy } = caller
  const source = { ...wished, typeCodes: [...new Set(wished.typeCodes)], origins, departmentCode, setBy }
  const setAt = deps.clock.now()
  return answerOnce(deps, caller, once, async (tx) => {
    await putSource(tx, { ...source, setAt })
    const detail = `${source.source} ${source.clientId}`
    await recordAudit(tx, caller, setAt, [{ action: 'set-intake-source', identifier: null, detail }])
    return { ...source, setAt, endedAt: null }
  })
}

/** Nothing comes in from the source any more, and its licences keep the state they have. Answers whether it ran. Throws IDEMPOTENCY_KEY_REUSED. */
export async function endSourceOf(
  deps: Deps,
  caller: Principal,
  source: string,
  once: Once,
): Promise<{ readonly ended: boolean }> {
  const at = deps.clock.now()
  return answerOnce(deps, caller, once, async (tx) => {
    const ended = await endSource(tx, caller.departmentCode, source, caller.id, at)
    if (ended) await recordAudit(tx, caller, at, [{ action: 'end-intake-source', identifier: null, detail: source }])
    return { ended }
  })
}

/**
 * The source as far as the caller speaks for it now.
 * @throws LicenceError INTAKE_SOURCE_REFUSED
 */
export async function sourceSpokenFor(
  db: Queryable,
  caller: Principal,
  departmentCodes: Iterable<string>,
  name: string,
): Promise<IntakeSource> {
  for (const departmentCode of departmentCodes) {
    const source = await findSource(db, departmentCode, name)
    if (source && source.endedAt === null && source.clientId === caller.id) return source
  }
  throw new LicenceError(
    'INTAKE_SOURCE_REFUSED',
    'no such source of the department runs with this machine as its voice',
  )
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']

/** By https; by http this very machine alone, which only a server for trial asks. */
function originOfAddress(address: string): string {
  const url = URL.parse(address)
  const isOrigin = url !== null && url.href === `${url.origin}/`
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname))
  if (isOrigin && isSafe) return url.origin
  throw new LicenceError('INTAKE_ADDRESS_REFUSED', 'expected https:// with a host, and a port where it has one')
}
