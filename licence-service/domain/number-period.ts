/** The period within which a type's numbers count up, as the name of its counter: all time, a year or a day. */
export function numberPeriod(restarts: 'never' | 'yearly' | 'daily', issuedOn: string): string {
  if (restarts === 'yearly') return issuedOn.slice(0, 4)
  return restarts === 'daily' ? issuedOn : 'ever'
}

/** Other periods whose numbers could be printed within one: those it lies in, and how the names of those begin that lie in it. */
export interface OverlappingPeriods {
  readonly around: readonly string[]
  /** null: none lie in it. */
  readonly within: string | null
}

/** The periods that share days with the one of this name: those counted in while the type's numbers began anew at other times. */
export function overlappingPeriods(period: string): OverlappingPeriods {
  if (period === 'ever') return { around: [], within: '' }
  const year = period.slice(0, 4)
  return period === year ? { around: ['ever'], within: `${year}-` } : { around: ['ever', year], within: null }
}
