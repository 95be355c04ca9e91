import { describe, expect, it } from 'vitest'
import { createQuestions, endOfPastDay } from '../../web/verify/questions.ts'

const at = new Date('2026-11-21T08:00:00Z')
const file = new File(['%PDF-1.7'], 'a.pdf')

describe('endOfPastDay', () => {
  it('is the last second of a day in Beijing, and none of a day that is not over', () => {
    expect(endOfPastDay('2026-11-20', at)?.toISOString()).toBe('2026-11-20T15:59:59.000Z')
    expect(endOfPastDay('2026-11-21', at)).toBeUndefined()
    expect(endOfPastDay('2026-11-22', at)).toBeUndefined()
    expect(endOfPastDay('', at)).toBeUndefined()
  })

  it('takes yesterday of Beijing where the day before is still on elsewhere', () => {
    expect(endOfPastDay('2026-11-20', new Date('2026-11-20T16:00:00Z'))).toBeDefined()
  })
})

describe('comparing a code with a file', () => {
  it('waits for the other half, whichever came first, and then begins anew', () => {
    const questions = createQuestions()
    questions.isComparing.value = true
    expect(questions.takeFile(file)).toBe('waits')
    expect(questions.file.value).toBe(file)
    expect(questions.takeStatement('code')).toBe(file)
    expect(questions.takeStatement('code')).toBe('waits')
    expect(questions.takeFile(file)).toBe('code')
    expect([questions.file.value, questions.statement.value]).toEqual([null, null])
  })

  it('takes the newer of two halves of one kind', () => {
    const questions = createQuestions()
    questions.isComparing.value = true
    questions.takeStatement('old')
    expect(questions.takeStatement('new')).toBe('waits')
    expect(questions.takeFile(file)).toBe('new')
  })

  it('compares nothing unless asked, and forgets the half in hand when it is asked no more', () => {
    const questions = createQuestions()
    expect([questions.takeFile(file), questions.takeStatement('code')]).toEqual([null, null])
    questions.isComparing.value = true
    questions.takeFile(file)
    questions.isComparing.value = false
    expect(questions.file.value).toBeNull()
  })
})
