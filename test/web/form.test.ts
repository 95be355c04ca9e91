import { describe, expect, it } from 'vitest'
import type { Definition } from '../../web/issuer/definition.ts'
import { checkField, checkForm } from '../../web/issuer/form-checks.ts'
import { type Row, toData, toFormValues } from '../../web/issuer/form-values.ts'
import { placeFaults, pointerParts } from '../../web/issuer/server-faults.ts'

const label = (zh: string, en: string) => ({ zh, en })
const definition: Definition = {
  typeCode: 'T',
  name: label('许可证', 'Permit'),
  groups: [{ name: label('全部', 'All'), fields: ['holder', 'code', 'from', 'until', 'price', 'photo', 'units'] }],
  fields: [
    { name: 'holder', label: label('名称', 'Name'), type: 'text', required: true, maxLength: 4, role: 'holder-name' },
    { name: 'code', label: label('代码', 'Code'), type: 'credit-code', required: true },
    { name: 'from', label: label('有效期自', 'From'), type: 'date', required: true, latest: 'today' },
    {
      name: 'until',
      label: label('至', 'Until'),
      type: 'date-range-end',
      required: false,
      mayBeOpen: true,
      notBefore: 'from',
    },
    { name: 'price', label: label('价格', 'Price'), type: 'money', required: false },
    { name: 'photo', label: label('照片', 'Photo'), type: 'picture', required: false },
    {
      name: 'units',
      label: label('单位', 'Units'),
      type: 'table',
      required: true,
      columns: [
        { name: 'role', label: label('角色', 'Role'), type: 'text', required: true, maxLength: 5 },
        { name: 'since', label: label('自', 'Since'), type: 'date', required: false },
      ],
    },
  ],
  example: {},
}
const good = {
  holder: '青梧公司',
  code: '11330199MB3301255M',
  from: '2026-11-01',
  until: null,
  price: '500.00',
  units: [{ role: '设计', since: '2020-01-01' }],
}
const today = '2026-11-21'
const faultsOf = (data: object) => checkForm(definition, toFormValues(definition, { ...good, ...data }), today)
const placesOf = (data: object) => faultsOf(data).map(({ place }) => place)

describe('checkForm', () => {
  it('has nothing to say about right data', () => {
    expect(faultsOf({})).toEqual([])
  })

  it('finds every missing entry at once, in the order of the form', () => {
    const places = checkForm(definition, toFormValues(definition), today).map(({ place }) => place)
    expect(places).toEqual(['holder', 'code', 'from', 'units'])
  })

  it('counts characters as people do, so that a rare character of two UTF-16 units is one', () => {
    expect(placesOf({ holder: '𠮷𠮷𠮷𠮷' })).toEqual([])
    expect(faultsOf({ holder: '一二三四五' })[0]?.text.zh).toBe('最多 4 个字，现在 5 个。')
  })

  it('tells a code of the wrong length from one with a wrong check character', () => {
    expect(faultsOf({ code: '11330199MB3301255' })[0]?.text.en).toContain('there are 17')
    expect(faultsOf({ code: '11330199MB33012551' })[0]?.text.en).toContain('check character')
  })

  it('reads codes in small and full-width letters as people paste them', () => {
    expect(placesOf({ code: ' 11330199mb３３01255m ' })).toEqual([])
  })

  it('refuses dates that do not exist, lie in the future or end before they begin', () => {
    expect(faultsOf({ from: '2026-02-30' })[0]?.text.en).toBe('There is no such day.')
    expect(faultsOf({ from: '2026-11-22' })[0]?.text.en).toBe('It cannot be later than today.')
    expect(faultsOf({ until: '2026-10-31' })[0]?.text.zh).toBe('不能早于有效期自。')
  })

  it('takes thousands separators in money but no letters and no third decimal', () => {
    expect(placesOf({ price: '1,234,567.89' })).toEqual([])
    expect(placesOf({ price: '12a' })).toEqual(['price'])
    expect(placesOf({ price: '1.234' })).toEqual(['price'])
  })

  it('names the cell at fault by its row, and leaves empty rows out', () => {
    const values = toFormValues(definition, { ...good, units: [{}, { role: '一二三四五六', since: '2026-13-01' }] })
    const row = (values.fields['units'] as Row[])[1] as Row
    expect(checkForm(definition, values, today).map(({ place }) => place)).toEqual([
      `units.${row.key}.role`,
      `units.${row.key}.since`,
    ])
  })

  it('says nothing of an end of validity that is marked as without end', () => {
    const field = definition.fields.find(({ name }) => name === 'until')!
    const values = toFormValues(definition, good)
    expect(values.open['until']).toBe(true)
    expect(checkField(definition, field, values, today)).toEqual([])
  })
})

describe('toData', () => {
  it('gives back what it was made from', () => {
    expect(toData(definition, toFormValues(definition, good))).toEqual(good)
  })

  it('leaves out what is empty and drops empty rows', () => {
    const data = toData(
      definition,
      toFormValues(definition, { holder: '  ', units: [{ role: ' ' }, { role: '施工' }] }),
    )
    expect(data).toEqual({ units: [{ role: '施工' }] })
  })

  it('strips the data URL of a picture, and keeps no picture that is only a digest', () => {
    expect(toFormValues(definition, { photo: 'data:image/png;base64,AAAA' }).fields['photo']).toBe('AAAA')
    expect(toFormValues(definition, { photo: { digest: 'ab', mediaType: 'image/png' } }).fields['photo']).toBe('')
  })
})

describe('placeFaults', () => {
  const values = toFormValues(definition, { ...good, units: [{}, { role: '设计' }, { role: '施工' }] })
  const rows = values.fields['units'] as Row[]

  it('finds the field of a JSON Pointer with and without the body’s own prefix', () => {
    const { placed } = placeFaults(
      [{ pointer: '/data/holder', detail: '字形' }, { pointer: '/code' }],
      definition,
      values,
    )
    expect(placed.map(({ place }) => place)).toEqual(['holder', 'code'])
    expect(placed[0]?.text).toEqual({ zh: '字形', en: '字形' })
  })

  it('counts rows as they were sent: the empty first one was not', () => {
    const { placed } = placeFaults([{ pointer: '/data/units/1/role' }], definition, values)
    expect(placed[0]?.place).toBe(`units.${rows[2]?.key}.role`)
  })

  it('leads to the table itself when row or column are not on the form', () => {
    const { placed } = placeFaults(
      [{ pointer: '/data/units/9/role' }, { pointer: '/data/units/0/x' }],
      definition,
      values,
    )
    expect(placed.map(({ place }) => place)).toEqual(['units', 'units'])
  })

  it('tells faults without a field apart instead of losing them', () => {
    const detail = { zh: '未知字段', en: 'Unknown field' }
    expect(placeFaults([{ pointer: '/data/colour', detail }], definition, values).elsewhere).toEqual([detail])
  })

  it('unescapes pointers (RFC 6901 §4)', () => {
    expect(pointerParts('/data/a~1b/m~0n')).toEqual(['a/b', 'm~n'])
  })
})
