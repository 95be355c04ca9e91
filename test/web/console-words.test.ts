import { describe, expect, it } from 'vitest'
import { isRolledBackWhole, nextActs } from '../../licence-service/domain/batch.ts'
import { emptinessOf } from '../../web/issuer/file-emptiness.ts'
import { agreementStateText } from '../../web/issuer/sharing-words.ts'
import { explainProblem } from '../../web/kit/problem.ts'
import { searchableStatuses } from '../../web/kit/status-words.ts'

describe('the words of the console', () => {
  it('tell of an effective time what its label does: it may be ahead, for 366 days', () => {
    const text = JSON.stringify(explainProblem({ status: 422, code: 'LICENCE_EFFECTIVE_TIME_REFUSED' }))
    expect(text).toContain('366')
    expect(text).not.toContain('不能是将来')
    expect(text).not.toContain('neither in the future')
  })

  it('offer every status of a licence to search by', () => {
    for (const status of ['cancelled', 'withdrawn', 'transferred', 'revoked', 'pending', 'rejected'] as const)
      expect(searchableStatuses).toContain(status)
    expect(searchableStatuses).not.toContain('unknown')
  })

  it('say to the department that an agreement is offered to that it waits for it', () => {
    expect(agreementStateText('proposed', true).zh).toBe('待本单位接受')
    expect(agreementStateText('proposed').zh).toBe('待对方接受')
    expect(agreementStateText('accepted', true).zh).toBe('有效')
  })
})

describe('a batch that was rolled back', () => {
  it('is offered to be rolled back again while something of it is left, and no longer', () => {
    const counts = { refused: 0, dead: 0, claimed: 0, issued: 0 }
    expect(nextActs('rolled-back', counts)).not.toContain('roll-back')
    for (const left of [{ issued: 1 }, { dead: 1 }]) {
      expect(nextActs('rolled-back', { ...counts, ...left })).toContain('roll-back')
      expect(isRolledBackWhole('rolled-back', { ...counts, ...left })).toBe(false)
    }
    expect(nextActs('done', counts)).toContain('roll-back')
  })
})

describe('emptinessOf', () => {
  const csv = (...parts: BlobPart[]) => emptinessOf(new File(parts, 'batch.csv'))

  it('tells an empty file, and one of column names alone, from one with rows', async () => {
    expect(await csv('')).toBe('empty')
    expect(await csv('\ufeff\r\n,,\r\n')).toBe('empty')
    expect(await csv('\ufeff名称,地址\r\n')).toBe('header-only')
    expect(await csv('名称,地址\n,\n')).toBe('header-only')
    expect(await csv('名称,地址\n甲,乙')).toBe(undefined)
    // GB 18030: 名称, 甲.
    const bytes = new Uint8Array([0xc3, 0xfb, 0xb3, 0xc6, 0x0a, 0xbc, 0xd7])
    expect([await csv(bytes.slice(0, 5)), await csv(bytes)]).toEqual(['header-only', undefined])
  })

  it('asks no other kind of file for its rows', async () => {
    expect(await emptinessOf(new File(['x'], 'batch.xlsx'))).toBe(undefined)
    expect(await emptinessOf(new File([], 'batch.xlsx'))).toBe('empty')
  })
})
