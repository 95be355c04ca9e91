import { describe, expect, it } from 'vitest'
import { checkMapping } from '../../licence-service/operations/batches/mapping.ts'
import { listTemplates } from '../../templates/index.ts'
import { placeMappingFaults } from '../../web/issuer/mapping-faults.ts'

const definition = listTemplates().find(({ name }) => name.zh === '营业执照')!

/** What the server says of a mapping of these columns. */
function faultsOf(columns: readonly { column: string; field: string }[]) {
  try {
    const names = columns.map(({ column }) => column)
    checkMapping(definition, names, { columns })
    return []
  } catch (error) {
    return (error as { faults: { pointer: string; code: string; detail: { zh: string; en: string } }[] }).faults
  }
}

describe('placeMappingFaults', () => {
  it('says at a column which other one goes to its field already', () => {
    const columns = [
      { column: '企业名称', field: 'name' },
      { column: '曾用名', field: 'name' },
    ]
    const { byColumn, elsewhere } = placeMappingFaults(faultsOf(columns), { columns })
    expect([...byColumn.keys()]).toEqual(['曾用名'])
    expect(byColumn.get('曾用名')!.zh).toContain('“企业名称”列已对应这一项')
    expect(elsewhere.map(({ zh }) => zh)).toContain('缺少必填项：住所')
  })

  it('keeps the server’s reason at a column whose field is none, and loses no fault', () => {
    const columns = [{ column: '鞋码', field: 'shoeSize' }]
    const faults = faultsOf(columns)
    const { byColumn, elsewhere } = placeMappingFaults(faults, { columns })
    expect(byColumn.get('鞋码')).toEqual({ zh: '证照没有这一项', en: 'The type has no such field.' })
    expect(byColumn.size + elsewhere.length).toBe(faults.length)
  })
})
