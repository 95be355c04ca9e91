import { describe, expect, it } from 'vitest'
import {
  checkSettings,
  defaultSettings,
  isOutsideHours,
  overdueReviews,
  quotasNear,
  refusalFindings,
  usesOutsideHours,
} from '../../../seal-service/domain/supervision.ts'

const settingsOf = () => defaultSettings
const of = { sealId: '33019900000001', departmentCode: '11330199MB0000001X' }

describe('isOutsideHours', () => {
  it.each([
    ['2026-11-23T00:00:00Z', false, 'Monday 08:00 in Beijing'],
    ['2026-11-22T23:59:59Z', true, 'Monday 07:59:59'],
    ['2026-11-23T09:59:59Z', false, 'Monday 17:59:59'],
    ['2026-11-23T10:00:00Z', true, 'Monday 18:00'],
    ['2026-11-21T04:00:00Z', true, 'Saturday noon'],
    ['2026-11-20T16:30:00Z', true, 'Saturday 00:30'],
    ['1969-12-31T04:00:00Z', false, 'a Wednesday before 1970'],
  ])('%s: %s (%s)', (at, isOutside) => {
    expect(isOutsideHours(new Date(at), defaultSettings)).toBe(isOutside)
  })

  it('heeds holidays on weekdays and weekends that are worked', () => {
    const settings = { ...defaultSettings, holidays: ['2026-10-01'], workdays: ['2026-10-10'] }
    expect(isOutsideHours(new Date('2026-10-01T04:00:00Z'), settings)).toBe(true)
    expect(isOutsideHours(new Date('2026-10-10T04:00:00Z'), settings)).toBe(false)
    expect(isOutsideHours(new Date('2026-10-10T12:00:00Z'), settings)).toBe(true)
    const both = { ...settings, holidays: ['2026-10-10'] }
    expect(isOutsideHours(new Date('2026-10-10T04:00:00Z'), both)).toBe(true)
  })
})

describe('the rules', () => {
  const at = new Date('2026-11-24T00:00:00Z')

  it('find a review overdue from the moment its days are over', () => {
    const since = new Date(at.getTime() - 3 * 86_400_000)
    expect(overdueReviews([{ ...of, since }], settingsOf, at)).toEqual([])
    expect(overdueReviews([{ ...of, since: new Date(since.getTime() - 1) }], settingsOf, at)).toHaveLength(1)
  })

  it('make one finding of a night’s uses of a caller, and tell when it began', () => {
    const minute = (text: string) => new Date(`2026-11-23T${text}:00Z`)
    const uses = [
      { ...of, callerId: 'a', minute: minute('14:05'), times: 2 },
      { ...of, callerId: 'a', minute: minute('13:00'), times: 1 },
      { ...of, callerId: 'b', minute: minute('14:05'), times: 1 },
      { ...of, callerId: 'a', minute: minute('02:00'), times: 9 },
    ]
    expect(usesOutsideHours(uses, settingsOf).map(({ facts }) => facts)).toEqual([
      { callerId: 'a', first: '2026-11-23T13:00:00.000Z', times: 3 },
      { callerId: 'b', first: '2026-11-23T14:05:00.000Z', times: 1 },
    ])
  })

  it('find a quota near its end from its percentage on', () => {
    const count = { ...of, authorisationId: '1', kind: 'document', day: '2026-11-24', perDay: 50 }
    expect(quotasNear([{ ...count, taken: 39 }], settingsOf)).toEqual([])
    expect(quotasNear([{ ...count, taken: 40 }], settingsOf)).toHaveLength(1)
  })

  it('warn the owner of refusals, and the caller’s department where there is no such seal', () => {
    const refusal = {
      day: '2026-11-24',
      callerId: 'a',
      callerDepartment: '11330199MB00000025',
      sealId: of.sealId,
      departmentCode: of.departmentCode,
      typeCode: 'T',
      times: 3,
    }
    const counts = [
      { ...refusal, code: 'SEAL_NOT_YOURS' },
      { ...refusal, code: 'SEAL_NOT_YOURS', departmentCode: null },
      { ...refusal, code: 'SEAL_NOT_YOURS', times: 2 },
      { ...refusal, code: 'SEAL_QUOTA_EXHAUSTED' },
      { ...refusal, code: 'SEAL_NOT_ALLOWED_ON_TYPE', times: 1 },
    ]
    expect(refusalFindings(counts, settingsOf).map(({ rule, departmentCode }) => [rule, departmentCode])).toEqual([
      ['refused-right', of.departmentCode],
      ['refused-right', '11330199MB00000025'],
      ['unknown-template', of.departmentCode],
    ])
  })

  it('take settings within limits and name every one that is not', () => {
    expect(checkSettings(defaultSettings)).toBe(defaultSettings)
    const wrong = { ...defaultSettings, reviewDays: 99, refusals: 1.5, workdays: ['no day'] }
    expect(() => checkSettings(wrong)).toThrow(
      expect.objectContaining({
        faults: [
          expect.objectContaining({ pointer: '/reviewDays' }),
          expect.objectContaining({ pointer: '/refusals' }),
          expect.objectContaining({ pointer: '/workdays' }),
        ],
      }),
    )
  })
})
