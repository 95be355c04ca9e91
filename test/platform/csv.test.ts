import { describe, expect, it } from 'vitest'
import { toCsvLine } from '../../platform/csv.ts'

describe('toCsvLine', () => {
  it('puts every text in quotes and doubles those in it', () => {
    expect(toCsvLine(['a', 'b "c", d', null, 7])).toBe('"a","b ""c"", d","",7\r\n')
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1', '－1', '＠x'])(
    'lets no spreadsheet compute %j',
    (text) => {
      expect(toCsvLine([text])).toBe(`"'${text}"\r\n`)
    },
  )

  it('leaves what no spreadsheet computes as it is', () => {
    expect(toCsvLine(['1.2.156.3005.2', '云汀市=市场', '2026-11-22T08:00:00Z'])).toBe(
      '"1.2.156.3005.2","云汀市=市场","2026-11-22T08:00:00Z"\r\n',
    )
  })
})
