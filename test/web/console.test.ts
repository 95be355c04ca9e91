import { describe, expect, it } from 'vitest'
import { batchStates, rowStates } from '../../licence-service/domain/batch.ts'
import { cancelCauses, lifeActions } from '../../licence-service/domain/life-policy.ts'
import {
  AUTHORITY_LEVELS,
  CATEGORIES,
  GUARDED_ACTS,
  HOLDER_KINDS,
  SHARING_CLASSES,
  TYPE_STATES,
} from '../../licence-service/domain/type-entry.ts'
import { cellFaultWords, rowReasonWords } from '../../licence-service/operations/batches/fault-words.ts'
import type { FaultCode } from '../../templates/index.ts'
import { askedFor, emptyActValues, missingOf, toMembers } from '../../web/issuer/act-form.ts'
import { actionText, causes, consequences } from '../../web/issuer/act-words.ts'
import { batchStateNames, isAtWork, rowFaultText, rowStateText, steps } from '../../web/issuer/batch-words.ts'
import { atForm } from '../../web/issuer/catalogue.ts'
import {
  categories,
  guardedText,
  holderKinds,
  levels,
  sharingClasses,
  typeStates,
} from '../../web/issuer/catalogue-words.ts'
import { sumOf } from '../../web/issuer/statistics.ts'
import { emptyEntryForm, toEntry, toEntryForm } from '../../web/issuer/type-entry.ts'
import { faultsBeforeSending } from '../../web/issuer/type-entry-faults.ts'
import { axisEnd, daysBetween } from '../../web/kit/days.ts'
import { formatCount, formatSpan, formatTold } from '../../web/kit/format.ts'

describe('words of the licence desk', () => {
  it('know every act, cause, state and class of the service', () => {
    for (const action of lifeActions) {
      expect(actionText(action).zh).not.toBe(action)
      expect(consequences[action]?.length, action).toBeGreaterThan(0)
    }
    expect(Object.keys(causes)).toEqual([...cancelCauses])
    expect(batchStateNames).toEqual([...batchStates])
    for (const state of rowStates) expect(rowStateText(state).zh).not.toBe(state)
    for (const act of GUARDED_ACTS) expect(guardedText(act).zh).not.toBe(act)
    for (const [words, all] of [
      [categories, CATEGORIES],
      [levels, AUTHORITY_LEVELS],
      [holderKinds, HOLDER_KINDS],
      [sharingClasses, SHARING_CLASSES],
      [typeStates, TYPE_STATES],
    ] as const)
      expect(Object.keys(words)).toEqual([...all])
  })

  it('put every state of a batch into one step of its way, and look again at those that are worked off', () => {
    const placed: string[] = steps.flatMap(({ states }) => [...states])
    expect(placed.toSorted()).toEqual([...batchStates].toSorted())
    expect(batchStates.filter(isAtWork)).toEqual(['checking', 'minting', 'waiting', 'rolling-back'])
  })
})

/** What is wrong with a field of a row; the compiler asks for one that is new. */
const fieldFaults: Readonly<Record<FaultCode, true>> = {
  ...{ INPUT_NOT_AN_OBJECT: true, FIELD_UNKNOWN: true, FIELD_REQUIRED: true, FIELD_OF_WRONG_KIND: true },
  ...{ TEXT_TOO_LONG: true, CHARACTER_NOT_ALLOWED: true, CREDIT_CODE_INVALID: true, IDENTITY_NUMBER_INVALID: true },
  ...{
    DATE_INVALID: true,
    DATE_IN_FUTURE: true,
    DATE_ORDER: true,
    DATE_OUT_OF_RANGE: true,
    NUMBER_INVALID: true,
    CHOICE_UNKNOWN: true,
  },
  ...{ TOO_FEW_ROWS: true, TOO_MANY_ROWS: true, GLYPH_MISSING: true, TEXT_DOES_NOT_FIT: true },
  ...{ PICTURE_TOO_LARGE: true, PICTURE_NOT_SUPPORTED: true, PICTURE_DAMAGED: true, PICTURE_TOO_SMALL: true },
  ...{ PICTURE_TOO_MANY_PIXELS: true, PICTURE_COLOURS_NOT_SUPPORTED: true },
}

describe('what is wrong with a row of a batch', () => {
  it('is said in words, without the name of the field, which stands before it', () => {
    for (const code of [...Object.keys(fieldFaults), ...Object.keys(cellFaultWords), ...Object.keys(rowReasonWords)]) {
      const { zh, en } = rowFaultText(code)
      expect(zh, code).toMatch(/\p{Script=Han}/u)
      expect(en).not.toMatch(/[A-Z]{2,}_/)
    }
    expect(rowFaultText('CREDIT_CODE_INVALID').zh).not.toContain('统一社会信用代码')
    expect(rowFaultText('IDENTITY_NUMBER_INVALID').zh).not.toContain('身份证号')
  })

  it('is said as the desk says a refusal where minting was refused', () => {
    const refused = { zh: '贵部门不能签发这种证照', en: 'Your department may not issue this type' }
    expect(rowFaultText('LICENCE_TYPE_NOT_ASSIGNED')).toEqual(refused)
    expect(rowFaultText('IDEMPOTENCY_KEY_REUSED').en).toBe('idempotency key reused')
  })
})

describe('the form of an act', () => {
  it('asks for the law where the act needs one, and sends what is filled in as Beijing time', () => {
    const values = { ...emptyActValues(), reason: ' 年检 ', effectiveAt: '2026-12-01T08:00' }
    expect(missingOf(askedFor('suspend'), values)).toEqual(['legalBasis'])
    expect(missingOf(askedFor('restore'), values)).toEqual([])
    expect(missingOf(askedFor('cancel'), values)).toEqual(['cause'])
    expect(toMembers(askedFor('restore'), values)).toEqual({ reason: '年检', effectiveAt: '2026-12-01T00:00:00.000Z' })
    expect(toMembers(askedFor('transfer'), { ...values, toDepartment: 'D' })).toEqual({ to: 'D', reason: '年检' })
  })
})

describe('a catalogue entry as a form', () => {
  it('comes back as it went in', () => {
    const entry = toEntry({
      ...emptyEntryForm(),
      ...{ nameZh: '证', nameEn: 'Licence', definerCode: '11330199MB3301271B', definerZh: '局', definerEn: 'Bureau' },
      ...{
        items: '0007 评估\n\n0008 年检 复查',
        validityRanges: '5年\n长期',
        sharingFields: 'name\ngrade',
        searchFields: 'grade',
      },
      ...{ statusWords: 'suspended: 02 暂扣', eraseAfterDays: '30', sharingCondition: '办事', sharingBasis: '条例' },
    })
    expect(entry.items).toEqual([
      { code: '0007', name: '评估' },
      { code: '0008', name: '年检 复查' },
    ])
    expect(entry.statusWords).toEqual({ suspended: { code: '02', zh: '暂扣' } })
    expect(entry.retention.eraseAfterDays).toBe(30)
    expect(entry.searchFields).toEqual(['grade'])
    expect(toEntry(toEntryForm('T', entry))).toEqual(entry)
  })

  it('names what is missing or malformed before anything is sent', () => {
    const places = (form: object) => faultsBeforeSending({ ...emptyEntryForm(), ...form }).map(({ pointer }) => pointer)
    expect(places({})).toEqual([
      ...['/typeCode', '/name/zh', '/name/en', '/definedBy/code', '/definedBy/name/zh', '/definedBy/name/en'],
      ...['/issuingAuthority', '/holders', '/validityRanges', '/sharing/legalBasis', '/sharing/condition'],
    ])
    expect(places({ sharingClass: 'unconditional' })).not.toContain('/sharing/legalBasis')
    expect(places({ typeCode: '123', items: '0007 评估\n0008', renewalDays: '1.5' }).slice(-3)).toEqual([
      '/typeCode',
      '/items',
      '/renewalDays',
    ])
  })

  it('shows a fault of a line at its text, whether or not the server names the entry', () => {
    const told = ['/entry/items/1/name', '/definedBy/code', '/path/typeCode']
    const pointers = atForm(told.map((pointer) => ({ pointer }))).map(({ pointer }) => pointer)
    expect(pointers).toEqual(['/items', '/definedBy/code', '/typeCode'])
  })
})

describe('figures', () => {
  it('stand on every day of a span and under an axis that ends evenly', () => {
    expect(daysBetween('2026-02-27', '2026-03-02')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'])
    expect(daysBetween('2026-03-02', '2026-03-01')).toEqual([])
    expect([0, 1, 3, 5, 51, 235, 1001].map(axisEnd)).toEqual([1, 1, 5, 5, 100, 500, 2000])
  })

  it('that are not told are never none, nor summed as none', () => {
    const item = (issued: number | null) => ({ key: 'k', name: null, figures: { issued } })
    const told = (...items: ReturnType<typeof item>[]) => formatTold(sumOf(items, 'issued'), 'zh')
    expect([told(), told(item(20), item(3)), told(item(20), item(null)), told(item(null))]).toEqual([
      ...['0', '23', '≥ 20', '不公布'],
    ])
  })

  it('are written as people read them', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect([0, 8.2, 60, 3_725, 86_400].map((seconds) => formatSpan(seconds, 'en'))).toEqual([
      '0 s',
      '9 s',
      '1 min',
      '1 h 2 min',
      '24 h',
    ])
    expect(formatSpan(125, 'zh')).toBe('2 分 5 秒')
  })
})
