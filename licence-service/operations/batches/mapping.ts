// Which column becomes which field. A mapping is data: checked against the type, remembered by the department, and kept with the batch.
import type { FieldDefinition, LicenceDefinition, TableColumn } from '../../../templates/index.ts'
import type { Mapping } from '../../domain/batch.ts'
import { LicenceError } from '../../errors.ts'

/** A field, or a column of a table field, that a cell goes to. */
export interface Target {
  readonly field: FieldDefinition
  readonly part?: TableColumn
}

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/[\s*＊:：()（）]/g, '')
    .toLowerCase()

/** Fields as a mapping names them: `name`, and `table.column` for the columns of a table. */
export function targetsOf(definition: LicenceDefinition): Map<string, Target> {
  const targets = new Map<string, Target>()
  for (const field of definition.fields) {
    targets.set(field.name, { field })
    for (const part of field.columns ?? []) targets.set(`${field.name}.${part.name}`, { field, part })
  }
  return targets
}

/** What the columns' names say by themselves: a field's name or its words in either language. */
export function suggestMapping(definition: LicenceDefinition, columns: readonly string[]): Mapping {
  const byWord = new Map<string, string>()
  for (const [target, { field, part }] of targetsOf(definition)) {
    if (field.columns && !part) continue
    const { label, name } = part ?? field
    for (const word of [target, name, label.zh, label.en]) {
      const key = plain(word)
      if (!byWord.has(key)) byWord.set(key, target)
    }
  }
  const taken = new Set<string>()
  const found = columns.flatMap((column) => {
    const field = byWord.get(plain(column))
    if (field === undefined || taken.has(field)) return []
    taken.add(field)
    return [{ column, field }]
  })
  return { columns: found }
}

/**
 * Refuses a mapping that cannot work, every fault at once.
 * @param columns of the file; null for JSON Lines, whose rows name theirs
 * @throws LicenceError BATCH_MAPPING_INVALID
 */
export function checkMapping(definition: LicenceDefinition, columns: readonly string[] | null, mapping: Mapping): void {
  const targets = targetsOf(definition)
  const faults: { pointer: string; code: string; detail: { zh: string; en: string } }[] = []
  const fault = (pointer: string, code: string, zh: string, en: string) =>
    void faults.push({ pointer, code, detail: { zh, en } })
  const taken = new Set<string>()
  const take = (field: string, pointer: string) => {
    const target = targets.get(field)
    if (!target) fault(pointer, 'FIELD_UNKNOWN', '证照没有这一项', 'The type has no such field.')
    else if (columns && target.field.columns && !target.part)
      fault(
        pointer,
        'FIELD_IS_A_TABLE',
        '表格类项目须逐列对应',
        'Map the columns of a table one by one, as table.column.',
      )
    else if (taken.has(field))
      fault(pointer, 'FIELD_REPEATED', '该项已有对应的列', 'Another column goes to this field.')
    taken.add(field)
  }
  for (const [index, { column, field }] of mapping.columns.entries()) {
    const pointer = `/columns/${index}`
    if (columns && !columns.includes(column))
      fault(`${pointer}/column`, 'COLUMN_UNKNOWN', '文件中没有这一列', 'The file has no such column.')
    else if (columns && columns.indexOf(column) !== columns.lastIndexOf(column))
      fault(`${pointer}/column`, 'COLUMN_REPEATED', '文件中有多列同名', 'The file has several columns of this name.')
    take(field, `${pointer}/field`)
  }
  for (const field of Object.keys(mapping.constants ?? {})) take(field, `/constants/${field}`)
  if (mapping.scans) {
    const { column, gradeColumn, grade } = mapping.scans
    const own = { column, ...(gradeColumn !== undefined && { gradeColumn }) }
    for (const [name, title] of Object.entries(own))
      if (columns && columns.filter((one) => one === title).length !== 1)
        fault(`/scans/${name}`, 'COLUMN_UNKNOWN', '文件中没有这一列，或有多列同名', 'The file has not one such column.')
    if (gradeColumn === undefined && grade === undefined)
      fault('/scans/grade', 'SCAN_GRADE_MISSING', '须指明质量等级', 'Name a grade, or the column of it.')
  }
  const isGiven = (name: string) => [...taken].some((one) => one === name || one.startsWith(`${name}.`))
  if (columns)
    for (const { name, required, label } of definition.fields)
      if (required && !isGiven(name))
        fault('/columns', 'FIELD_REQUIRED', `缺少必填项：${label.zh}`, `No column goes to the required field ${name}.`)
  if (faults.length > 0)
    throw new LicenceError('BATCH_MAPPING_INVALID', `${faults.length} fault(s) in the mapping`, { faults })
}
