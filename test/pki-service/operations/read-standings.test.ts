import { describe, expect, it } from 'vitest'
import { createStandingReader } from '../../../pki-service/operations/read-standings.ts'
import type { Database } from '../../../platform/index.ts'
import { rejectsWithCode } from '../../support/throws-with-code.ts'

/** A register that answers when it is told to, and keeps what it was asked. */
function slowRegister() {
  const asked: string[][] = []
  const waiting: ((error?: Error) => void)[] = []
  const query = (_sql: string, [serialNumbers]: readonly unknown[] = []) => {
    asked.push(serialNumbers as string[])
    return new Promise<object[]>((resolve, reject) => {
      waiting.push((error) =>
        error
          ? reject(error)
          : resolve(
              (serialNumbers as string[]).filter((text) => text !== 'none').map((text) => ({ serial_number: text })),
            ),
      )
    })
  }
  const answer = async (error?: Error) => {
    waiting.shift()!(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { database: { query } as unknown as Database, asked, answer }
}

describe('createStandingReader', () => {
  it('asks once for all that came in the same turn, and once more for all that came meanwhile', async () => {
    const register = slowRegister()
    const reader = createStandingReader(register.database)
    const first = [reader.read('a'), reader.read('b'), reader.read('a'), reader.read('none')]
    await Promise.resolve()
    const second = [reader.read('c'), reader.read('d')]
    await register.answer()
    expect((await Promise.all(first)).map((standing) => standing?.serialNumber)).toEqual(['a', 'b', 'a', undefined])
    await register.answer()
    expect((await Promise.all(second)).map((standing) => standing?.serialNumber)).toEqual(['c', 'd'])
    expect(register.asked).toEqual([
      ['a', 'b', 'none'],
      ['c', 'd'],
    ])
  })

  it('tells an outage to those who asked then, and serves the next ones', async () => {
    const register = slowRegister()
    const reader = createStandingReader(register.database)
    const lost = Promise.allSettled([reader.read('a'), reader.read('b')])
    await Promise.resolve()
    await register.answer(new Error('pulled'))
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = reader.read('a')
    await Promise.resolve()
    await register.answer()
    expect((await next)?.serialNumber).toBe('a')
  })

  it('lets no more than some thousands wait', async () => {
    const register = slowRegister()
    const reader = createStandingReader(register.database)
    const waiting = Array.from({ length: 4096 }, (_, n) => reader.read(String(n)))
    await rejectsWithCode(reader.read('one more'), 'PKI_TOO_MANY_QUESTIONS')
    await Promise.resolve()
    for (let n = 0; n < 9; n++) await register.answer()
    expect(await Promise.all(waiting)).toHaveLength(4096)
    expect(register.asked.every((batch) => batch.length <= 500)).toBe(true)
  })
})
