import { dayOf, type LicenceStatus } from '../../licence-format/index.ts'
import type { StatementVerification, VerificationReport } from '../../verifier/index.ts'
import { isIssuersCode } from '../domain/code-check.ts'
import { type FileCheckCode, fileCheckCode } from '../domain/file-check.ts'
import { DAILY_MISSES, scopeOfChecks } from '../domain/quota.ts'
import { SharingError } from '../errors.ts'
import type { DataCheck } from '../ports/licence-register.ts'
import { giveMissBack, takeMiss } from '../store/quotas.ts'
import type { FetchCaller } from './caller.ts'
import { type FetchReason, fieldsWithin, record, requireMatter } from './decide.ts'
import type { Deps } from './deps.ts'
import { fetchData, type SharedData, toReader } from './fetch.ts'

export interface CheckedFile {
  readonly code: FileCheckCode
  readonly verdict: VerificationReport['verdict']
  /** Of a licence that the file proves to be; null where it proves none. */
  readonly identifier: string | null
  readonly status: LicenceStatus | null
}

/** 文件验证: codes and the verifier's word alone, so it needs a matter and no agreement. Throws MATTER_UNKNOWN. */
export async function checkFile(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & { readonly typeCode: string | null; readonly pdf: Uint8Array },
): Promise<CheckedFile> {
  const { typeCode, pdf, ...why } = asked
  const call = { what: 'file-check', caller, why, typeCode, identifier: null, holderKeys: [] } as const
  await requireMatter(deps, call)
  const report = await deps.judge.file(pdf)
  const { licence } = report
  const isOfType = typeCode === null || licence === null || licence.identifier.includes(`.${typeCode}.`)
  const code = isOfType ? fileCheckCode(report) : 2
  const proven = code === 0 ? licence : null
  const brief = proven && (await deps.register.find(proven.identifier))
  await record(deps, call, {
    answer: `check:${code}`,
    fields: [],
    identifier: proven?.identifier ?? null,
    holderKeys: brief?.holderKeys ?? [],
  })
  return { code, verdict: report.verdict, identifier: proven?.identifier ?? null, status: proven?.status ?? null }
}

/**
 * 信息验证: compared within the house. Whoever might not have the fields that they say beside the code must know the number: others are the
 * same on many licences or stand in the code, and a list of people would tell who has what. Whoever guesses is stopped for the day: checks that hit nothing are counted for the department and
 * type. Throws MATTER_UNKNOWN, SHARING_QUOTA_EXHAUSTED.
 */
export async function checkData(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & {
    readonly typeCode: string
    readonly data: Readonly<Record<string, string>>
  },
): Promise<DataCheck['code']> {
  const { typeCode, data, ...why } = asked
  const holderKeys = holderKeysIn(deps, typeCode, data)
  const call = { what: 'data-check', caller, why, typeCode, identifier: null, holderKeys } as const
  const fields = Object.keys(data)
  await requireMatter(deps, call)
  const scope = scopeOfChecks(caller.departmentCode, typeCode)
  const day = dayOf(deps.clock.now())
  // A miss is taken beforehand and given back for a hit: many at once guess no more often than one after the other.
  if (!(await deps.database.transaction((tx) => takeMiss(tx, scope, day, DAILY_MISSES)))) {
    await record(deps, call, { answer: 'quota exhausted', fields })
    throw new SharingError('SHARING_QUOTA_EXHAUSTED', 'too many checks of today found nothing')
  }
  const within = await fieldsWithin(deps, { ...call, issuerCode: null, fields })
  const { code, identifier } = await deps.register.checkData(typeCode, data, within, toReader(caller, why))
  if (code < 4) await giveMissBack(deps.database, scope, day)
  await record(deps, call, { answer: `check:${code}`, fields, identifier })
  return code
}

export interface CheckedCode {
  readonly verdict: StatementVerification['verdict']
  readonly identifier: string | null
  /** Of the copy where the code stands on one. */
  readonly status: LicenceStatus | null
  /** What the department is entitled to of the licence, where it asked for fields of a code that holds. */
  readonly data: SharedData | null
}

/**
 * 二维码查询: the verdict on a QR code, and with `fields` the licence's data under the rules of any other fetch. A copy opens nothing of its
 * original once it counts no longer. Throws as `fetchData`.
 */
export async function checkQr(
  deps: Deps,
  caller: FetchCaller,
  asked: FetchReason & { readonly text: string; readonly fields?: readonly string[] | undefined },
): Promise<CheckedCode> {
  const { text, fields, ...why } = asked
  const call = { what: 'qr-check', caller, why, typeCode: null, identifier: null, holderKeys: [] } as const
  await requireMatter(deps, call)
  const judged = await deps.judge.statement(text)
  const { verdict, status, licence } = judged
  const proven = isIssuersCode(judged) ? judged.identifier : null
  const opens = licence?.copy === undefined || verdict === 'accepted'
  if (proven !== null && fields !== undefined && opens) {
    const data = await fetchData(deps, caller, { ...why, identifier: proven, fields }, 'qr-check')
    return { verdict, identifier: proven, status, data }
  }
  const brief = proven === null ? undefined : await deps.register.find(proven)
  await record(
    deps,
    { ...call, typeCode: brief?.typeCode ?? null },
    {
      answer: proven === null ? 'nothing' : 'given',
      fields: [],
      identifier: proven,
      holderKeys: brief?.holderKeys ?? [],
    },
  )
  return { verdict, identifier: proven, status: proven === null ? null : status, data: null }
}

/** Whose data somebody says they know: the holder sees that they were asked about. */
function holderKeysIn(deps: Deps, typeCode: string, data: Readonly<Record<string, string>>): string[] {
  const codes = (deps.register.type(typeCode)?.fields ?? []).filter(({ isHolderCode }) => isHolderCode)
  return codes.flatMap(({ name }) => {
    const value = Object.hasOwn(data, name) ? data[name]!.trim() : ''
    return value === '' ? [] : [deps.register.keyOf(value)]
  })
}
