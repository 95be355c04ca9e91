import { isCreditCode } from '../../licence-format/index.ts'
import type { TypeEntry } from './type-entry.ts'

/** A fault of an entry, under its JSON Pointer, in the words of both languages. */
export interface EntryFault {
  readonly pointer: string
  readonly code: string
  readonly detail: { readonly zh: string; readonly en: string }
}

/** What a field of the type's template says of itself that bears on sharing it and searching by it. */
export interface FieldFact {
  readonly name: string
  readonly type: string
  readonly disclosure: string
}

/** What the members of an entry say of each other, and of the type's code and fields where it has a template. */
export function entryFaults(
  typeCode: string,
  entry: TypeEntry,
  fields: readonly FieldFact[] | undefined,
): EntryFault[] {
  const faults: EntryFault[] = []
  const fault = (pointer: string, code: string, zh: string, en: string) =>
    faults.push({ pointer, code, detail: { zh, en } })
  const { definedBy, sharing, items, searchFields } = entry
  if (!isCreditCode(definedBy.code))
    fault('/definedBy/code', 'CREDIT_CODE_INVALID', '统一社会信用代码有误', 'Not a unified social credit code.')
  if (!typeCode.startsWith(definedBy.code))
    fault(
      '/definedBy/code',
      'AUTHORITY_DIFFERS',
      '证照类型代码须以定义机构代码开头',
      'The type code begins with the code of the defining authority.',
    )
  if (sharing.class === 'conditional' && !sharing.condition)
    fault('/sharing/condition', 'MEMBER_MISSING', '有条件共享须写明条件', 'Sharing on condition names the condition.')
  if (sharing.class !== 'unconditional' && !sharing.legalBasis)
    fault('/sharing/legalBasis', 'MEMBER_MISSING', '须写明法律依据', 'This class needs a legal basis.')
  if (entry.category === 'licence' && entry.body === 'uploaded')
    fault('/body', 'RULE_BROKEN', '证照须按模板制作', 'Licences are drawn from a template.')
  for (const [i, { code }] of items.entries())
    if (items.findIndex((item) => item.code === code) < i)
      fault(`/items/${i}/code`, 'NAMED_TWICE', '事项重复', 'This item is there twice.')
  for (const [i, name] of sharing.fields.entries()) {
    const field = fields?.find((one) => one.name === name)
    if (fields && !field)
      fault(`/sharing/fields/${i}`, 'NOT_THERE', '模板中没有此项', 'The template has no such field.')
    else if (field?.disclosure === 'hidden')
      fault(`/sharing/fields/${i}`, 'RULE_BROKEN', '隐藏项不得共享', 'Hidden fields are never shared.')
  }
  for (const [i, name] of (searchFields ?? []).entries()) {
    const field = fields?.find((one) => one.name === name)
    if (fields && !field) fault(`/searchFields/${i}`, 'NOT_THERE', '模板中没有此项', 'The template has no such field.')
    else if (field?.type === 'picture' || field?.type === 'table')
      fault(`/searchFields/${i}`, 'RULE_BROKEN', '图片和表格不能用于查找', 'Pictures and tables are not searched by.')
    if (searchFields!.indexOf(name) < i)
      fault(`/searchFields/${i}`, 'NAMED_TWICE', '字段重复', 'This field is there twice.')
  }
  return faults
}
