import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { directoryProblems } from '../../directory/http/problems.ts'
import { statusWords } from '../../licence-format/index.ts'
import { levels } from '../../licence-service/domain/level.ts'
import { licenceProblems } from '../../licence-service/http/problems.ts'
import { pkiProblems } from '../../pki-service/http/problems.ts'
import { type ProblemType, platformProblems } from '../../platform/http/problem.ts'
import { sealProblems } from '../../seal-service/http/problems.ts'
import { sharingProblems } from '../../sharing-service/http/problems.ts'
import { codesOf, errorRooms } from '../../tools/make-error-docs.ts'
import { verifierProblems } from '../../verifier/http/problems.ts'
import { formatDay, formatDayOf, formatEnd, formatInstant, formatSize } from '../../web/kit/format.ts'
import { holderPath } from '../../web/kit/holder-link.ts'
import { freshKey } from '../../web/kit/ids.ts'
import { chooseLanguage, language, say, sayList } from '../../web/kit/language.ts'
import { levelText } from '../../web/kit/level-words.ts'
import { ApiProblem, explainProblem, hasWords, problemOf, refusalText, toProblem } from '../../web/kit/problem.ts'
import { refusalWords } from '../../web/kit/refusal-words.ts'
import { statusText, statusTone } from '../../web/kit/status-words.ts'

describe('chooseLanguage', () => {
  it('keeps the remembered choice above the browser’s wish', () => {
    expect(chooseLanguage('en', ['zh-CN'])).toBe('en')
  })

  it('takes the first language of the browser that the pages speak, else Chinese', () => {
    expect(chooseLanguage(null, ['fr', 'en-GB', 'zh-CN'])).toBe('en')
    expect(chooseLanguage('de', ['zh-Hant-TW', 'en'])).toBe('zh')
    expect(chooseLanguage(null, ['fr'])).toBe('zh')
  })
})

describe('say', () => {
  it('fills the gaps of a text in the language chosen and leaves unknown gaps as they are', () => {
    language.value = 'en'
    expect(say({ zh: '第 {n} 页', en: 'Page {n} of {m}' }, { n: 2 })).toBe('Page 2 of {m}')
    language.value = 'zh'
    expect(say({ zh: '第 {n} 页', en: 'Page {n}' }, { n: 2 })).toBe('第 2 页')
  })

  it('tells several things with the comma of the language', () => {
    language.value = 'en'
    expect(sayList(['national', 'provincial'])).toBe('national, provincial')
    language.value = 'zh'
    expect(sayList(['国家级', '省部级'])).toBe('国家级、省部级')
  })
})

describe('levelText', () => {
  it('says what each level means, and shows what it does not know as it came', () => {
    for (const level of levels) expect(levelText(level).en).toMatch(new RegExp(`^${level}: .{10,}`))
    expect(levelText('not-pades').zh).toBe('不属于 PAdES')
    expect(levelText('B-X')).toEqual({ zh: 'B-X', en: 'B-X' })
  })
})

describe('formatDay, formatEnd and formatInstant', () => {
  it('write dates as people do in either language', () => {
    expect([formatDay('2026-11-21', 'zh'), formatDay('2026-11-01', 'en')]).toEqual(['2026年11月21日', '1 Nov 2026'])
    expect([formatEnd(null, 'zh'), formatEnd(null, 'en')]).toEqual(['长期', 'no end'])
  })

  it('show instants in Beijing time whatever the computer’s zone', () => {
    expect(formatInstant('2026-11-21T16:30:00Z', 'zh')).toBe('2026年11月22日 00:30')
    expect(formatInstant('2026-11-21T16:30:00Z', 'en')).toBe('22 Nov 2026, 00:30 (Beijing)')
  })

  it('tell the day in Beijing on which an instant falls, not that of its text in UTC', () => {
    expect(formatDayOf('2026-11-23T23:58:00.000Z', 'zh')).toBe('2026年11月24日')
    expect(formatDayOf('2026-12-31T15:59:59.000Z', 'en')).toBe('31 Dec 2026')
    expect(formatDayOf('never', 'zh')).toBe('never')
    for (const name of readdirSync('web', { recursive: true, encoding: 'utf8' }))
      if (/\.(vue|ts)$/.test(name) && !name.endsWith('days.ts'))
        expect([name, readFileSync(join('web', name), 'utf8').includes('.slice(0, 10)')]).toEqual([name, false])
  })

  it('give back what is no date', () => {
    expect([formatDay('长期', 'zh'), formatInstant('never', 'zh')]).toEqual(['长期', 'never'])
  })
})

describe('formatSize', () => {
  it('writes sizes as file managers do', () => {
    expect([0, 999, 51_234, 2_097_152, 20_500_000].map(formatSize)).toEqual([
      '0 B',
      '999 B',
      '50 KB',
      '2 MB',
      '19.6 MB',
    ])
  })
})

describe('toProblem', () => {
  it('reads an RFC 9457 document with field faults', () => {
    const fault = { pointer: '/data/name', code: 'MISSING', detail: { zh: '缺', en: 'missing' } }
    const problem = toProblem(422, { code: 'LICENCE_DATA_INVALID', title: 'T', status: 422, errors: [fault, 7, {}] })
    expect(problem).toEqual({ status: 422, code: 'LICENCE_DATA_INVALID', title: 'T', errors: [fault] })
  })

  it('makes do with a status when the answer is no problem document', () => {
    expect(toProblem(502, '<html>')).toEqual({ status: 502 })
    expect(toProblem(404, null)).toEqual({ status: 404 })
  })

  it('takes the waiting time from the body or from Retry-After', () => {
    expect(toProblem(429, { retryAfter: 8 }, '3').retryAfter).toBe(8)
    expect(toProblem(429, {}, '3').retryAfter).toBe(3)
    expect(toProblem(429, {}, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfter).toBeUndefined()
  })
})

describe('explainProblem', () => {
  it('has a sentence in both languages for every status', () => {
    for (const status of [0, 400, 401, 403, 404, 409, 413, 415, 418, 422, 429, 500, 502, 503, 507]) {
      const { zh, en } = explainProblem({ status })
      expect(zh.length > 4 && en.length > 4).toBe(true)
    }
  })

  it('prefers the words of a code to those of its status', () => {
    expect(explainProblem({ status: 422, code: 'LICENCE_HOLDER_DIFFERS' }).en).toContain('Another holder')
  })

  it('has Chinese words for every refusal of every service, and the server’s own title in English', () => {
    const catalogues = [platformProblems, directoryProblems, licenceProblems, sealProblems, sharingProblems]
    const known = Object.entries<ProblemType>(Object.assign({}, ...catalogues, pkiProblems, verifierProblems))
    const without = known.filter(([code, { status }]) => status < 500 && !hasWords(code)).map(([code]) => code)
    expect(without).toEqual([])
    const refused = explainProblem({ status: 409, code: 'ACCOUNT_EXISTS', title: 'User name taken' })
    expect(refused).toEqual({ zh: '这个用户名已经有人用了。', en: 'User name taken.' })
  })

  it('keeps no words of codes that nobody gives any more', () => {
    const given = new Set(errorRooms.flatMap(codesOf))
    expect(Object.keys(refusalWords).filter((code) => !given.has(code))).toEqual([])
  })

  it('says a refusal within a list in the reader’s language', () => {
    const refusal = { code: 'SEAL_PLACE_REFUSED', detail: 'the text is not there' }
    language.value = 'en'
    expect(refusalText(refusal)).toBe('the text is not there')
    language.value = 'zh'
    expect(refusalText(refusal)).toBe('印章不能盖在这个位置。')
  })

  it('blames the server for what it did not say', () => {
    expect(problemOf(new TypeError('x'))).toEqual({ status: 500 })
    expect(problemOf(new ApiProblem({ status: 409 }))).toEqual({ status: 409 })
  })
})

describe('statusTone', () => {
  it('shows only a licence in force as good, and an ended one never as a forgery', () => {
    expect(['in force', 'revoked', 'superseded', 'expired', 'unknown', 'pending'].map(statusTone)).toEqual([
      'good',
      'caution',
      'caution',
      'caution',
      'unsure',
      'unsure',
    ])
  })

  it('says each status with the words of the one table of licence-format', () => {
    for (const { origin, word, zh } of statusWords) {
      if (word !== 'unknown' || origin === 'derived') expect(statusText(word).zh).toContain(zh.replace(/^已/, ''))
    }
  })

  it('shows a word of a newer server as it came', () => {
    expect(statusText('on hold')).toEqual({ zh: 'on hold', en: 'on hold' })
  })
})

describe('holderPath', () => {
  const token = 'abcDEF_-0123456789abcd'

  it('finds the path in a whole link, a bare path and a pasted line with spaces', () => {
    for (const text of [
      `https://example.cn/h/${token}`,
      `/h/${token}`,
      `  h/${token}/ `,
      `http://127.0.0.1:8080/h/${token}`,
    ]) {
      expect(holderPath(text)).toBe(`/h/${token}`)
    }
  })

  it('refuses what is no such link, a link to another host’s script included', () => {
    for (const text of [
      '',
      'hello',
      'https://example.cn/verify',
      '/h/short',
      'javascript:alert(1)',
      `/h/${token}?x=1`,
    ]) {
      expect(holderPath(text)).toBeUndefined()
    }
  })
})

describe('freshKey', () => {
  it('draws 128 bits each time', () => {
    expect(freshKey()).toMatch(/^[0-9a-f]{32}$/)
    expect(freshKey()).not.toBe(freshKey())
  })
})
