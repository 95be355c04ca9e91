/** Named checks of what the process needs; each rejects when it is not there. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>

export interface Readiness {
  readonly isReady: boolean
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>
}

const CHECK_LIMIT_MS = 3_000

/** Runs all checks side by side, each within three seconds. Reasons go to `onFailure`, never to the answer. */
export async function checkReadiness(
  checks: ReadinessChecks,
  onFailure: (name: string, error: unknown) => void,
): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, 'ok' | 'failed']> => {
      try {
        await within(CHECK_LIMIT_MS, check())
        return [name, 'ok']
      } catch (error) {
        onFailure(name, error)
        return [name, 'failed']
      }
    }),
  )
  return { isReady: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) }
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${limitMs} ms`)), limitMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
