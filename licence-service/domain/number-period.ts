/** The period within which a type's numbers count up, as the name of its counter: all time, a year or a day. */
export function numberPeriod(restarts: 'never' | 'yearly' | 'daily', issuedOn: string): string {
  if (restarts === 'yearly') return issuedOn.slice(0, 4)
  return restarts === 'daily' ? issuedOn : 'ever'
}
