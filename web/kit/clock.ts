/** The only place of the pages that asks the browser what time it is. */
export const now = (): Date => new Date(Date.now())

/** The date in China, where licences live, at an instant, as YYYY-MM-DD. */
export const todayInChina = (at: Date): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' }).format(at)
