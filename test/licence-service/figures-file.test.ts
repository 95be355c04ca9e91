import { readXlsx } from 'hucre'
import { describe, expect, it } from 'vitest'
import { toCsv, toXlsx } from '../../licence-service/operations/statistics/figures-file.ts'

describe('figures in a file', () => {
  it('hold no formula, and tell what is not told', async () => {
    const hostile = [{ key: '=1+1', name: { zh: '@cmd', en: '' }, figures: { issued: -1 } }]
    expect(toCsv(hostile).split('\r\n')[1]).toBe("'=1+1,'@cmd,-1")
    const untold = [{ key: 'k', name: null, figures: { issued: null, completeness: null } }]
    expect(
      toCsv([...untold, { key: 'l', name: null, figures: {} }])
        .split('\r\n')
        .slice(1, 3),
    ).toEqual(['k,,不公布,', 'l,,,'])
    for (const sign of '＝＋－＠') expect(toCsv([{ key: `${sign}1`, name: null, figures: {} }])).toContain(`'${sign}1`)
    const written = await readXlsx(await toXlsx(hostile))
    expect(written.sheets[0]!.rows[1]).toEqual(["'=1+1", "'@cmd", -1])
  })

  it('have heads in the words of a language where one is asked for, and else the names that machines go by', () => {
    const named = [{ key: 'k', name: { zh: '名', en: 'Name' }, figures: { inForce: 3, disputesLate: 0 } }]
    expect(toCsv(named, 'zh')).toContain('代码或日期,名称,现有效,逾期的异议\r\nk,名,3,0')
    expect(toCsv(named, 'en')).toContain('Code or day,Name,In force,Disputes late\r\nk,Name,3,0')
    expect(toCsv(named)).toContain('key,name,inForce,disputesLate')
  })
})
