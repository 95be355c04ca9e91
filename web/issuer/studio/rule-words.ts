import type { Text } from '../../kit/language.ts'

/** Words of the view on name, number, validity and groups. */
export const ruleWords = {
  name: { zh: '证照名称', en: 'Name of the licence' },
  nameZh: { zh: '中文名称', en: 'Name in Chinese' },
  nameEn: { zh: '英文名称', en: 'Name in English' },
  validity: { zh: '有效期', en: 'Validity' },
  validityKind: { zh: '有效期由谁决定', en: 'Decided by' },
  years: { zh: '年数', en: 'Years' },
  number: { zh: '证照编号', en: 'Printed number' },
  numberHint: {
    zh: '编号由下列部分依次组成，恰有一段流水号。例：{sample}',
    en: 'The number is these parts in their order, with exactly one running part. For instance: {sample}',
  },
  part: { zh: '第 {part} 段', en: 'Part {part}' },
  partKind: { zh: '内容', en: 'What it is' },
  partText: { zh: '文字', en: 'Text' },
  digits: { zh: '位数', en: 'Digits' },
  addPart: { zh: '添加一段', en: 'Add a part' },
  restarts: { zh: '流水号重新起算', en: 'The count begins again' },
  groups: { zh: '数据项分组', en: 'Groups of fields' },
  groupsHint: {
    zh: '签发表单按组列出数据项，顺序同此处。',
    en: 'The form for issuing shows the fields by groups, in this order.',
  },
  group: { zh: '第 {group} 组', en: 'Group {group}' },
  groupOf: { zh: '“{name}”所在组', en: 'Group of “{name}”' },
  addGroup: { zh: '添加一组', en: 'Add a group' },
  newGroup: { zh: '新的一组', en: 'New group' },
} as const satisfies Record<string, Text>

export const validityKinds: Readonly<Record<string, Text>> = {
  fields: { zh: '数据项中的起止日期', en: 'fields with the first and the last day' },
  years: { zh: '自生效日起若干年', en: 'a number of years from the first day' },
  'without-end': { zh: '长期有效', en: 'no end' },
}

export const partKinds: Readonly<Record<string, Text>> = {
  text: { zh: '固定文字', en: 'Fixed text' },
  area: { zh: '六位行政区划代码', en: 'Area code of six digits' },
  year: { zh: '年份', en: 'Year' },
  day: { zh: '签发日期（八位）', en: 'Day of issue, eight digits' },
  sequence: { zh: '流水号', en: 'Running number' },
  checkDigit: { zh: '校验码', en: 'Check digit' },
}

export const restartKinds: Readonly<Record<string, Text>> = {
  never: { zh: '从不', en: 'never' },
  yearly: { zh: '每年', en: 'every year' },
  daily: { zh: '每天', en: 'every day' },
}
