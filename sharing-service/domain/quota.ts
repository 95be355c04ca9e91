/** How much may be fetched on a day. */
export interface Quota {
  /** Under what it is counted: an agreement, or a type that needs none. */
  readonly scope: string
  readonly dailyUses: number
  readonly dailyHolders: number
}

/** Of a type that is shared without condition, for one department: enough for its counters, too little to copy the register. */
const OPEN_USES = 5_000
const OPEN_HOLDERS = 2_000

/** Checks that found nothing or differed, for one department and type on a day: whoever guesses needs many. */
export const DAILY_MISSES = 200

export const quotaOfAgreement = (agreement: {
  readonly id: string
  readonly dailyUses: number
  readonly dailyHolders: number
}): Quota => ({
  scope: `agreement:${agreement.id}`,
  dailyUses: agreement.dailyUses,
  dailyHolders: agreement.dailyHolders,
})

export const quotaOfOpenType = (departmentCode: string, typeCode: string): Quota => ({
  scope: `open:${departmentCode}:${typeCode}`,
  dailyUses: OPEN_USES,
  dailyHolders: OPEN_HOLDERS,
})

export const scopeOfChecks = (departmentCode: string, typeCode: string): string =>
  `checks:${departmentCode}:${typeCode}`
