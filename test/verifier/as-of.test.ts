import { describe, expect, it } from 'vitest'
import { patch } from '../pades/documents.ts'
import { archived, crlsAt, day, judge, later, NOW, type Story, seal, sealed, withAnswers } from './past.ts'
import { codes } from './world.ts'

// One document as of many dates: before it was sealed, while its certificate lived, after that, and after everything ended.

const make = {
  'B-B': () => sealed({ stamp: null }),
  'B-T': () => sealed(),
  'B-LT': () => withAnswers(),
  'B-LTA': () => archived(),
} as const
type Level = keyof typeof make
const passed = { indication: 'PASSED', subIndication: null }

const dates: readonly [when: string, at: Date, expected: Readonly<Record<Level, string>>][] = [
  [
    'before the certificate began',
    day('2020-06-01'),
    {
      'B-B': 'OUT_OF_BOUNDS_NO_POE',
      'B-T': 'OUT_OF_BOUNDS_NO_POE',
      'B-LT': 'OUT_OF_BOUNDS_NO_POE',
      'B-LTA': 'OUT_OF_BOUNDS_NO_POE',
    },
  ],
  ['the year before it was sealed', day('2021-06-01'), { 'B-B': 'B-B', 'B-T': 'B-B', 'B-LT': 'B-B', 'B-LTA': 'B-B' }],
  ['an hour after', later(3600), { 'B-B': 'B-B', 'B-T': 'B-T', 'B-LT': 'B-LT', 'B-LTA': 'B-LTA' }],
  [
    'when the certificate is about to end',
    day('2023-12-31'),
    { 'B-B': 'B-B', 'B-T': 'B-T', 'B-LT': 'B-LT', 'B-LTA': 'B-LTA' },
  ],
  [
    'after its end',
    NOW,
    { 'B-B': 'OUT_OF_BOUNDS_NO_POE', 'B-T': 'OUT_OF_BOUNDS_NO_POE', 'B-LT': 'B-LT', 'B-LTA': 'B-LTA' },
  ],
  [
    'after the end of the time-stamp authority too',
    day('2036-06-01'),
    {
      'B-B': 'OUT_OF_BOUNDS_NO_POE',
      'B-T': 'OUT_OF_BOUNDS_NO_POE',
      'B-LT': 'OUT_OF_BOUNDS_NOT_REVOKED',
      'B-LTA': 'OUT_OF_BOUNDS_NOT_REVOKED',
    },
  ],
]

/** The level where it passes, else why it does not. */
async function outcome(level: Level, at: Date): Promise<string> {
  const report = seal(await judge(await make[level](), { at, crls: await crlsAt(later(-60, at)) }))
  return report.indication === 'TOTAL-PASSED' ? report.level : report.subIndication!
}

describe('a verdict as of a date', () => {
  for (const [when, at, expected] of dates) {
    it.each(Object.keys(make) as Level[])(`${when}, %s`, async (level) => {
      expect(await outcome(level, at)).toBe(expected[level])
    })
  }

  it('before the time that the signer claims says so', async () => {
    const at = day('2021-06-01')
    const report = await judge(make['B-B'](), { at, crls: await crlsAt(later(-60, at)) })
    expect(codes(report, 'info')).toContain('CLAIMED_TIME_FROM_LATER')
    const stamped = await judge(await make['B-LTA'](), { at, crls: await crlsAt(later(-60, at)) })
    expect(codes(stamped, 'info')).toContain('TIME_STAMP_FROM_LATER')
  })
})

describe('the building blocks', () => {
  const blocks = async (pdf: Uint8Array, at = NOW, lists = false) =>
    seal(await judge(pdf, { at, crls: lists ? await crlsAt(later(-60, at)) : [] })).bbb

  it('have all passed, past ones too, where the past is proven', async () => {
    expect(await blocks(await archived())).toEqual({
      FC: passed,
      ISC: passed,
      VCI: passed,
      CV: passed,
      XCV: passed,
      SAV: passed,
      PSV: passed,
      VTS: passed,
    })
  })

  it('end with the cryptographic one where the content was changed', async () => {
    const pdf = patch(make['B-B'](), '300 200', '300 201')
    expect(await blocks(pdf)).toEqual({
      FC: passed,
      ISC: passed,
      VCI: passed,
      CV: { indication: 'FAILED', subIndication: 'HASH_FAILURE' },
      XCV: null,
      SAV: null,
      PSV: null,
      VTS: null,
    })
  })

  it('say that the path held and was proven too late, where a CA ended since', async () => {
    const story: Story = { by: 'sealOfRevokedCa' }
    const at = day('2023-02-01')
    const late = { indication: 'INDETERMINATE', subIndication: 'REVOKED_CA_NO_POE' }
    expect(await blocks(await withAnswers(story), at, true)).toMatchObject({ XCV: passed, VTS: late, PSV: late })
  })

  it('say that it was the path where that does not hold now', async () => {
    const ended = { indication: 'INDETERMINATE', subIndication: 'OUT_OF_BOUNDS_NO_POE' }
    expect(await blocks(make['B-B']())).toMatchObject({ CV: passed, XCV: ended, PSV: null, VTS: null })
  })
})
