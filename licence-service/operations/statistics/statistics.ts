import { dayOf } from '../../../licence-format/index.ts'
import type { Principal } from '../../../platform/index.ts'
import { codesActedFor, isAbove } from '../../domain/department-range.ts'
import { LicenceError } from '../../errors.ts'
import { countDisputes, type FigureGroup, type FigureRow, sumFigures } from '../../store/figures.ts'
import type { Deps } from '../deps.ts'
import { type CountedGroup, hideSecondGroup } from './untold.ts'

export const STATISTICS = ['issuance', 'status', 'use', 'quality'] as const
export type Statistic = (typeof STATISTICS)[number]

/** Which figures each tells, by the name they are counted under. */
const figuresOf: Readonly<Record<Statistic, Readonly<Record<string, string>>>> = {
  issuance: { issued: 'enter into force', collected: 'collect' },
  status: {
    inForce: 'in force',
    suspended: 'suspend',
    restored: 'restore',
    revoked: 'revoke',
    withdrawn: 'withdraw',
    cancelled: 'cancel',
    superseded: 'supersede',
    transferred: 'transfer',
  },
  use: { byDepartments: 'used', byHolders: 'held' },
  quality: {
    issued: 'enter into force',
    rejected: 'reject',
    registerSeconds: 'register seconds',
    fields: 'fields',
    fieldsFilled: 'fields filled',
  },
}

/** Of which the quality is made up: seconds and fields, no licences. */
const measures: readonly string[] = ['registerSeconds', 'fields', 'fieldsFilled']

/** Below this a group of another department could name somebody: its figures are not told. */
const LEAST_TOLD = 5
const LONGEST_SPAN_DAYS = 3_700
const DAY_MS = 86_400_000
/** Roles that see the departments below their own. */
const SEEING_BELOW: readonly string[] = ['licence-reviewer', 'auditor']

export interface StatisticsQuery {
  /** Days, both inclusive. */
  readonly from: string
  readonly to: string
  readonly by: FigureGroup
}

/** A group with its figures; null where so few are not told. */
export interface StatisticsItem {
  readonly key: string
  readonly name: { readonly zh: string; readonly en: string } | null
  readonly figures: Readonly<Record<string, number | null>>
}

/**
 * Figures of the caller's department, and for reviewers and auditors of those below it. `inForce` counts up to the last day of the span, or
 * on each day of it; all others are what happened within it.
 * @throws LicenceError STATISTICS_SPAN_REFUSED
 */
export async function readStatistics(
  deps: Deps,
  caller: Principal,
  statistic: Statistic,
  { from, to, by }: StatisticsQuery,
): Promise<StatisticsItem[]> {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS
  if (!(days >= 0 && days <= LONGEST_SPAN_DAYS))
    throw new LicenceError('STATISTICS_SPAN_REFUSED', 'a span of days begins before it ends, and is ten years at most')
  const departments = await deps.facts.departments()
  const own = codesActedFor(departments, caller.departmentCode, deps.clock.now())
  const seesBelow = caller.roles.some((role) => SEEING_BELOW.includes(role))
  const departmentCodes = departments
    .map(({ code }) => code)
    .filter((code) => own.has(code) || (seesBelow && isAbove(departments, caller.departmentCode, code)))
  const names = figuresOf[statistic]
  const ask = (figures: readonly string[], since: string | null, group: FigureGroup) =>
    sumFigures(deps.database, { departmentCodes, figures, from: since, to, by: group })
  const counted = Object.values(names).filter((figure) => figure !== 'in force')
  const rows = await ask(counted, from, by)
  if (statistic === 'status') rows.push(...(await inForce(ask, from, by)))
  if (statistic === 'quality' && by !== 'day' && by !== 'area')
    rows.push(...(await disputesOf(deps, departmentCodes, { from, to, by })))
  const told = new Map<string, CountedGroup>()
  const nameOf = new Map(Object.entries(names).map(([name, figure]) => [figure, name]))
  for (const { key, departmentCode, figure, value } of rows) {
    const group = told.get(key) ?? { figures: {}, ofOthers: new Set() }
    const { figures, ofOthers } = group
    const name = nameOf.get(figure) ?? figure
    const isFew = !own.has(departmentCode) && value > 0n && value < LEAST_TOLD
    figures[name] = isFew || figures[name] === null ? null : Number(value) + (figures[name] ?? 0)
    if (!own.has(departmentCode)) ofOthers.add(name)
    told.set(key, group)
  }
  hideSecondGroup(
    told.values(),
    Object.keys(names).filter((name) => !measures.includes(name)),
  )
  const typeNames = new Map(deps.templates.list().map((entry) => [entry.typeCode, entry.name]))
  const departmentNames = new Map(departments.map(({ code, name }) => [code, name]))
  return [...told]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, { figures }]) => ({
      key,
      name: (by === 'type' ? typeNames.get(key) : by === 'department' ? departmentNames.get(key) : undefined) ?? null,
      figures: statistic === 'quality' ? qualityOf(figures) : figures,
    }))
}

type Ask = (figures: readonly string[], since: string | null, group: FigureGroup) => Promise<FigureRow[]>

/**
 * How many were in force at the end of the span, or at the end of its first day and of each on which that changed anywhere: every department
 * counts on each of them, also one where nothing changed.
 */
async function inForce(ask: Ask, from: string, by: FigureGroup): Promise<FigureRow[]> {
  if (by !== 'day') return ask(['in force'], null, by)
  const changes = (await ask(['in force'], null, 'day')).toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const running = new Map<string, FigureRow>()
  return [...Map.groupBy(changes, ({ key }) => (key < from ? from : key))].flatMap(([key, ofDay]) => {
    for (const row of ofDay) {
      const value = (running.get(row.departmentCode)?.value ?? 0n) + row.value
      running.set(row.departmentCode, { ...row, value })
    }
    return [...running.values()].map((row) => ({ ...row, key }))
  })
}

async function disputesOf(
  deps: Deps,
  departmentCodes: readonly string[],
  { from, to, by }: StatisticsQuery,
): Promise<FigureRow[]> {
  const found = await countDisputes(deps.database, departmentCodes, from, to, dayOf(deps.clock.now()))
  return found.flatMap(({ departmentCode, typeCode, raised, late, corrected }) => {
    const row = { key: by === 'type' ? typeCode : departmentCode, departmentCode }
    return [
      { ...row, figure: 'disputes', value: raised },
      { ...row, figure: 'disputesLate', value: late },
      { ...row, figure: 'disputesCorrected', value: corrected },
    ]
  })
}

/** Means and parts in place of sums. */
function qualityOf(figures: Record<string, number | null>): Record<string, number | null> {
  const { registerSeconds, fields, fieldsFilled, ...others } = figures
  const part = (of: number | null | undefined, all: number | null | undefined) =>
    of == null || !all ? null : Math.round((of / all) * 1000) / 1000
  return {
    ...others,
    secondsToRegister: part(registerSeconds, others['issued']),
    // Of a licence that is not told of, neither is that.
    completeness: others['issued'] === null ? null : part(fieldsFilled, fields),
  }
}
