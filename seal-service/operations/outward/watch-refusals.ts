import { dayOf } from '../../../licence-format/index.ts'
import { rightCodes, templateCode } from '../../domain/supervision.ts'
import { SealError } from '../../errors.ts'
import { recordRefusal } from '../../store/supervision.ts'
import type { SuperviseDeps } from './supervise.ts'

/** What was asked for, as far as the supervision counts it. */
interface Wish {
  readonly identifier?: string
  readonly sealId?: string
  readonly typeCode?: string
}

/**
 * Runs `work`; a refusal of who may is put on record for the supervision, one for each request refused, and thrown on. That the record
 * could not be written does not hide the refusal.
 */
export async function watchRefusals<T>(
  deps: Pick<SuperviseDeps, 'database' | 'clock' | 'log'>,
  caller: { readonly id: string; readonly departmentCode: string | null },
  requests: readonly Wish[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof SealError) await recordRefusals(deps, caller, requests, error)
    throw error
  }
}

async function recordRefusals(
  { database, clock, log }: Pick<SuperviseDeps, 'database' | 'clock' | 'log'>,
  caller: { readonly id: string; readonly departmentCode: string | null },
  requests: readonly Wish[],
  error: SealError,
): Promise<void> {
  const at = clock.now()
  const refused = (error.faults ?? [{ pointer: '/0', code: error.code }]).filter(
    ({ code }) => code === templateCode || rightCodes.some((one) => one === code),
  )
  const rows = refused.map(({ pointer, code }) => {
    const request = requests[Number(pointer.slice(1))] ?? requests[0]
    return { code, sealId: text(request?.sealId, 20), typeCode: text(request?.typeCode, 40) }
  })
  const unique = new Map(rows.map((row) => [JSON.stringify(row), row]))
  const common = { day: dayOf(at), callerId: caller.id, callerDepartment: caller.departmentCode ?? '' }
  try {
    for (const row of unique.values()) await recordRefusal(database, { ...common, ...row }, at)
  } catch (failure) {
    log?.error('a refusal is not on record', { error: failure })
  }
}

/** What a stranger wrote, no longer than it may be; the characters of codes alone. */
const text = (value: string | undefined, most: number): string =>
  (value ?? '').replaceAll(/[^0-9A-Za-z._-]/g, '').slice(0, most)
