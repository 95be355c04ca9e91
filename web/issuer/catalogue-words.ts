import type { Text } from '../kit/language.ts'
import { actionText } from './act-words.ts'

/** Words of the catalogue; one of a newer server is shown as it came. */
type Words = Readonly<Record<string, Text>>

export const categories: Words = {
  licence: { zh: '证照', en: 'Licence' },
  approval: { zh: '批文', en: 'Approval' },
  proof: { zh: '证明', en: 'Proof' },
  appraisal: { zh: '鉴定报告', en: 'Appraisal report' },
  result: { zh: '办事结果', en: 'Result of a service' },
}
export const levels: Words = {
  national: { zh: '国家级', en: 'national' },
  provincial: { zh: '省部级', en: 'provincial' },
  prefectural: { zh: '地市级', en: 'prefectural' },
  county: { zh: '区县级', en: 'county' },
  township: { zh: '乡镇级', en: 'township' },
  other: { zh: '其他', en: 'other' },
}
export const holderKinds: Words = {
  person: { zh: '自然人', en: 'natural persons' },
  organisation: { zh: '法人和其他组织', en: 'organisations' },
}
export const sharingClasses: Words = {
  unconditional: { zh: '无条件共享', en: 'shared without condition' },
  conditional: { zh: '有条件共享', en: 'shared on condition' },
  'not shared': { zh: '不予共享', en: 'not shared' },
}
export const bodies: Words = {
  template: { zh: '按模板制作', en: 'drawn from a template' },
  uploaded: { zh: '上传的 PDF', en: 'an uploaded PDF' },
}
export const uniqueness: Words = {
  nothing: { zh: '不限', en: 'as many as need be' },
  holder: { zh: '同一持证主体只有一份有效', en: 'one in force for a holder' },
}
export const typeStates: Words = {
  draft: { zh: '草稿', en: 'draft' },
  reviewed: { zh: '已审核', en: 'reviewed' },
  published: { zh: '已发布', en: 'published' },
  retired: { zh: '已停用', en: 'retired' },
}
const issueAct: Text = { zh: '签发', en: 'Issue' }
export const guardedActs = [
  'correct',
  'change',
  'renew',
  'reseal',
  'suspend',
  'restore',
  'revoke',
  'withdraw',
  'cancel',
  'transfer',
] as const
export const guardedText = (act: string): Text => (act === 'issue' ? issueAct : actionText(act))

export const textIn = (words: Words, word: string): Text => words[word] ?? { zh: word, en: word }
