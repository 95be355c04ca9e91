import { describe, expect, it } from 'vitest'
import { createLog } from '../../platform/index.ts'
import { redact } from '../../platform/log.ts'
import { openTestDatabase } from '../support/database.ts'
import { testLog } from '../support/log.ts'

describe('createLog', () => {
  it('writes one JSON object a line with time, level and message', () => {
    const { log, lines } = testLog()
    log.info('started', { port: 8080 })
    expect(lines).toEqual([{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), port: 8080, msg: 'started' }])
  })

  it('leaves out what is below its level', () => {
    const lines: string[] = []
    const log = createLog({ level: 'warn', write: (line) => lines.push(line) })
    log.info('quiet')
    log.error('loud')
    expect(lines).toHaveLength(1)
  })

  it('never writes secrets, identities or bytes, at any depth and in any spelling', () => {
    const { log, text } = testLog()
    log.warn('x', {
      request: {
        headers: { Authorization: 'Bearer geheim', cookie: 'zhengyin_session=geheim' },
        originalUrl: '/Q/GEHEIM',
      },
      list: [{ identity_number: 'geheim' }, { 'last-six': 'geheim' }],
      pdf: 'geheim',
      bytes: new TextEncoder().encode('geheim'),
      person: { fields: 'geheim' },
    })
    expect(text()).not.toMatch(/geheim/i)
    expect(text()).toContain('[6 bytes]')
  })

  it('never writes an identity number, whatever member or message it stands in', () => {
    const { log, text } = testLog()
    log.warn('about 11010519491231002X', {
      note: 'of 110105194912310021.',
      error: new Error('110105194912310021 is taken'),
      many: ['110105194912310021'],
    })
    expect(text()).not.toContain('11010519491231002')
    log.warn('a digest is none', { digest: '1'.repeat(64) })
    expect(text()).toContain('1'.repeat(64))
  })

  it("takes an error's name, code, stack and causes but not its other members", () => {
    const cause = Object.assign(new Error('inner'), { code: 'ECONNRESET', detail: 'Key (name)=(geheim) exists' })
    const { log, text } = testLog()
    log.error('failed', { error: new Error('outer', { cause }) })
    expect(text()).toContain('ECONNRESET')
    expect(text()).toContain('inner')
    expect(text()).not.toContain('geheim')
  })

  it('leaves out the value that PostgreSQL quotes in its message', async () => {
    const database = await openTestDatabase()
    const error = await database.query('select $1::text::integer', ['geheim']).catch((thrown: unknown) => thrown)
    await database.close()
    expect((error as Error).message).toContain('geheim')
    const { log, text } = testLog()
    log.error('failed', { error })
    expect(text()).toContain('22P02')
    expect(text()).not.toContain('geheim')
  })

  it('survives cycles and bigints', () => {
    const cycle: Record<string, unknown> = { size: 5n }
    cycle['self'] = cycle
    expect(JSON.stringify(redact(cycle))).toContain('"size":"5"')
  })
})
