import { formatInstant } from '../kit/format.ts'
import type { Text } from '../kit/language.ts'
import { departmentName, personName } from '../kit/names.ts'

// What a warning of the supervision says, in words: its rule, and the facts it rests on.

const rules: Readonly<Record<string, Text>> = {
  'review-overdue': { zh: '审核超期', en: 'Review overdue' },
  'use-outside-hours': { zh: '非工作时间用印', en: 'Used outside office hours' },
  'quota-near': { zh: '用印额度将满', en: 'Quota of uses nearly spent' },
  'unknown-template': { zh: '未授权证照类型', en: 'Licence type that the seal may not stand on' },
  'refused-right': { zh: '越权用印被拒', en: 'Uses without the right, refused' },
  'keeper-missing': { zh: '印章无保管人', en: 'Nobody keeps the seal' },
  'certificate-ending': { zh: '证书即将到期', en: 'Certificate ends soon' },
  'filing-overdue': { zh: '备案超时', en: 'Filing overdue' },
  'ledger-unlinked': { zh: '用印台账未入链', en: 'Uses not yet in the chained ledger' },
}
export const ruleNames = Object.keys(rules)
/** A rule in words; one that is not known here as the service calls it. */
export const ruleText = (rule: string, name: string): Text => rules[rule] ?? { zh: name, en: name }

const facts: Readonly<Record<string, Text>> = {
  callerId: { zh: '用印人', en: 'Who' },
  callerDepartment: { zh: '所在单位', en: 'Department' },
  keeperId: { zh: '保管人', en: 'Keeper' },
  first: { zh: '首次', en: 'First' },
  since: { zh: '自', en: 'Since' },
  times: { zh: '次数', en: 'Times' },
  days: { zh: '期限（天）', en: 'Days allowed' },
  day: { zh: '日期', en: 'Day' },
  perDay: { zh: '每日上限', en: 'Allowed a day' },
  taken: { zh: '已用', en: 'Used' },
  kind: { zh: '用途', en: 'For' },
  authorisationId: { zh: '授权编号', en: 'Leave' },
  typeCode: { zh: '证照类型', en: 'Licence type' },
  code: { zh: '拒绝原因', en: 'Refused as' },
  fault: { zh: '原因', en: 'Because' },
  validUntil: { zh: '证书有效期至', en: 'Certificate until' },
  count: { zh: '笔数', en: 'Uses' },
  seconds: { zh: '已等待（秒）', en: 'Waiting (seconds)' },
}
export const factText = (fact: string): Text => facts[fact] ?? { zh: fact, en: fact }

const instants = new Set(['first', 'since', 'validUntil'])

/** What a fact says: people and departments by name, instants as people write them. */
export function factValue(fact: string, value: string | number): string {
  if (value === '') return '—'
  if (instants.has(fact)) return formatInstant(String(value))
  if (fact === 'callerId' || fact === 'keeperId') return personName(String(value))
  return fact === 'callerDepartment' ? departmentName(String(value)) : String(value)
}
