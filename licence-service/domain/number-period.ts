/** The period within which a type's numbers count up, as the name of its counter: all time, a year or a day. */
export function numberPeriod(restarts: 'never' | 'yearly' | 'daily', issuedOn: string): string {
  if (restarts === 'yearly') return issuedOn.slice(0, 4)
  return restarts === 'daily' ? issuedOn : 'ever'
}

/** How the names of all periods within a day's period begin: those of its days and of itself; '' for all time. */
export const periodsWithin = (restarts: 'never' | 'yearly' | 'daily', day: string): string =>
  restarts === 'never' ? '' : numberPeriod(restarts, day)
