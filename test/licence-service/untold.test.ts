import { describe, expect, it } from 'vitest'
import { hideSecondGroup } from '../../licence-service/operations/statistics/untold.ts'

describe('hideSecondGroup', () => {
  const group = (issued: number | null, isOfOthers = true) => ({
    figures: { issued },
    ofOthers: new Set(isOfOthers ? ['issued'] : []),
  })
  const hidden = (...groups: ReturnType<typeof group>[]) => {
    hideSecondGroup(groups, ['issued', 'collected'])
    return groups.map(({ figures }) => figures.issued)
  }

  it('hides the smallest other group where one alone is not told', () =>
    expect(hidden(group(null), group(20), group(8), group(0))).toEqual([null, 20, null, 0]))

  it('leaves figures alone of which none or several are not told', () => {
    expect(hidden(group(20), group(8))).toEqual([20, 8])
    expect(hidden(group(null), group(null), group(8))).toEqual([null, null, 8])
  })

  it('never hides what the caller’s own department counts', () =>
    expect(hidden(group(null), group(6, false), group(9))).toEqual([null, 6, null]))
})
