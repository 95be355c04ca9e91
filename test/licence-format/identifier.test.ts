import { describe, expect, it } from 'vitest'
import {
  formatIdentifier,
  IDENTIFIER_ROOT,
  isCreditCode,
  isIdentityNumber,
  mod3736,
  nextVersion,
  parseIdentifier,
} from '../../licence-format/index.ts'
import { codeOf, IDENTIFIER } from './sample.ts'

const PUBLIC_IDENTIFIERS = [
  '11100000000013338W011.11430000006122244L.20230000403.001.U',
  '11100000000013338W009.11330105002500287C.2025052201.002.0',
  '11100000000013338W087.11370800MB28559184.37080001202411010001.001.3',
  '11100000000013338W032.11220000013544541J.2430599.001.F',
]

describe('parseIdentifier', () => {
  it.each(PUBLIC_IDENTIFIERS)('reads the public identifier %s with and without the root', (text) => {
    const identifier = parseIdentifier(text)
    expect(identifier.short).toBe(text)
    expect(parseIdentifier(`${IDENTIFIER_ROOT}.${text}`)).toEqual(identifier)
    expect(formatIdentifier(identifier)).toBe(identifier.text)
  })

  it('reads the 6-digit issuer of older systems, and does not write it', () => {
    const identifier = parseIdentifier('11100000MB03271699022.340100.000000016.001.9')
    expect(identifier.issuerCode).toBe('340100')
    expect(codeOf(() => formatIdentifier(identifier))).toBe('IDENTIFIER_PART_INVALID')
  })

  it('refuses a wrong check character, also that of the root included', () => {
    const wrong = '11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M'
    expect(codeOf(() => parseIdentifier(wrong))).toBe('IDENTIFIER_CHECK_CHARACTER_WRONG')
    expect(mod3736('11100000000013661B006113700000045046442209FA4E88F9E4C878F3E9BED2CE7EA49001')).toBe('D')
  })

  it('notices every single wrong character', () => {
    const short = parseIdentifier(IDENTIFIER).short
    for (let i = 0; i < short.length; i++) {
      if (short[i] === '.') continue
      const other = short[i] === '7' ? '8' : '7'
      expect(() => parseIdentifier(short.slice(0, i) + other + short.slice(i + 1))).toThrow()
    }
  })

  it.each([
    '',
    'x',
    '1.2.156.3005.2',
    `${IDENTIFIER}.1`,
    IDENTIFIER.toLowerCase(),
    ` ${IDENTIFIER}`,
    `${IDENTIFIER}\n`,
    IDENTIFIER.replace('0123', '０１２３'),
    `${IDENTIFIER_ROOT}.${IDENTIFIER}`,
    '1'.repeat(100_000),
  ])('refuses what is not of the form: %s', (text) => {
    expect(codeOf(() => parseIdentifier(text))).toBe('IDENTIFIER_MALFORMED')
  })

  it('refuses version 000', () => {
    const body = '11100000MB0143028R00111330100002490000XABC000'
    expect(codeOf(() => parseIdentifier(`11100000MB0143028R001.11330100002490000X.ABC.000.${mod3736(body)}`))).toBe(
      'IDENTIFIER_MALFORMED',
    )
  })
})

describe('formatIdentifier', () => {
  it('computes the check character of the reference vector', () => {
    const parts = {
      typeCode: '11100000MB0143028R001',
      issuerCode: '11330100002490000X',
      serial: '20260101000001',
      version: 1,
    }
    expect(formatIdentifier(parts)).toMatch(/\.001\.9$/)
  })

  it.each([
    { version: 0 },
    { version: 1000 },
    { version: 1.5 },
    { serial: 'ab' },
    { serial: '' },
    { typeCode: '1' },
    { issuerCode: '330199' },
  ])('refuses parts that do not fit: %o', (part) => {
    expect(codeOf(() => formatIdentifier({ ...parseIdentifier(IDENTIFIER), ...part }))).toBe('IDENTIFIER_PART_INVALID')
  })
})

describe('nextVersion', () => {
  it('raises the version by one and refuses to go beyond 999', () => {
    expect(parseIdentifier(nextVersion(parseIdentifier(IDENTIFIER))).version).toBe(2)
    const last = parseIdentifier(formatIdentifier({ ...parseIdentifier(IDENTIFIER), version: 999 }))
    expect(codeOf(() => nextVersion(last))).toBe('IDENTIFIER_VERSION_EXHAUSTED')
  })
})

describe('isCreditCode', () => {
  it.each(['11100000000013338W', '11100000MB0143028R', '91610800064834709T', '12110000400777687U'])(
    'accepts %s',
    (code) => {
      expect(isCreditCode(code)).toBe(true)
    },
  )

  it.each([
    '11100000000013338X',
    '1110000000001333W8',
    '11100000000013338w',
    '11100000000013338',
    'I1100000000013338W',
    '',
  ])('refuses %s', (code) => {
    expect(isCreditCode(code)).toBe(false)
  })
})

describe('isIdentityNumber', () => {
  it('accepts the textbook numbers', () => {
    expect(isIdentityNumber('11010519491231002X')).toBe(true)
    expect(isIdentityNumber('440524188001010014')).toBe(true)
  })

  it.each([
    ['a wrong check character', '110105194912310021'],
    ['a lower-case x', '11010519491231002x'],
    ['30 February', '110105199002300015'],
    ['month 13', '110105199013010011'],
    ['15 digits', '110105491231002'],
    ['29 February of a common year', '110105190002290017'],
  ])('refuses %s', (_, number) => {
    expect(isIdentityNumber(number)).toBe(false)
  })

  it('refuses a birth date that does not exist even with a right check character', () => {
    const rights = Array.from({ length: 11 }, (_, i) => `11010519900230001${'0123456789X'[i]}`)
    expect(rights.some(isIdentityNumber)).toBe(false)
    const real = Array.from({ length: 11 }, (_, i) => `11010519900228001${'0123456789X'[i]}`)
    expect(real.filter(isIdentityNumber)).toHaveLength(1)
  })
})
