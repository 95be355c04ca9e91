import { describe, expect, it } from 'vitest'
import { demoDepartments } from '../../directory/index.ts'
import { isCreditCode, isIdentityNumber, isRealDay } from '../../web/kit/check-digits.ts'

describe('isCreditCode', () => {
  it('accepts the codes of the demonstration departments (GB 32100)', () => {
    expect(demoDepartments.map(({ code }) => isCreditCode(code))).toEqual(demoDepartments.map(() => true))
  })

  it('refuses every other check character', () => {
    const others = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'].filter((character) => character !== 'M')
    expect(others.filter((character) => isCreditCode(`11330199MB3301255${character}`))).toEqual([])
  })

  it('refuses letters that the alphabet leaves out, other lengths and small letters', () => {
    for (const code of ['', '11330199MB3301255', '11330199MB3301255MM', '11330199mb3301255m', '1133O199MB3301255M']) {
      expect(isCreditCode(code)).toBe(false)
    }
  })
})

describe('isIdentityNumber', () => {
  it('accepts a number with a real birth date and a right check character (GB 11643)', () => {
    expect(isIdentityNumber('11010519491231002X')).toBe(true)
  })

  it('refuses a wrong check character, a birth date that does not exist, a small x and other lengths', () => {
    for (const number of ['110105194912310021', '110105194902300025', '11010519491231002x', '1101051949123100', '']) {
      expect(isIdentityNumber(number)).toBe(false)
    }
  })
})

describe('isRealDay', () => {
  it('knows leap years and the lengths of months', () => {
    expect(['2024-02-29', '2026-02-29', '2026-04-31', '2026-12-31', '2026-13-01', '2026-1-1'].map(isRealDay)).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
    ])
  })
})
