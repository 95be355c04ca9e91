/** Levels of the administration, from the highest. */
export const AREA_LEVELS = ['province', 'city', 'county', 'town'] as const
export type AreaLevel = (typeof AREA_LEVELS)[number]

/** The level of a region's code: GB/T 2260 in six digits, GB/T 10114 (towns) in nine. */
export function levelOfArea(areaCode: string): AreaLevel {
  if (areaCode.length === 9) return 'town'
  if (areaCode.endsWith('0000')) return 'province'
  return areaCode.endsWith('00') ? 'city' : 'county'
}

const DIGITS_OF_LEVEL: Readonly<Record<AreaLevel, number>> = { province: 2, city: 4, county: 6, town: 9 }

/** Whether a region is another or lies in it. */
export const isAreaWithin = (outer: string, inner: string): boolean =>
  inner.startsWith(outer.slice(0, DIGITS_OF_LEVEL[levelOfArea(outer)]))
