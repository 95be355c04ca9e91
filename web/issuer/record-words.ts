import type { Text } from '../kit/language.ts'
import { textIn } from './catalogue-words.ts'

const whats: Readonly<Record<string, Text>> = {
  data: { zh: '查看内容', en: 'read what it says' },
  picture: { zh: '查看原样', en: 'looked at the document' },
  document: { zh: '取用文件', en: 'fetched the document' },
  statement: { zh: '查看二维码', en: 'read its QR code' },
  copy: { zh: '制作加注件', en: 'made a copy for a purpose' },
  'copy-refused': { zh: '要加注件，没有做成', en: 'a copy that was not made' },
  'copy-read': { zh: '查看加注件', en: 'read the details of a copy' },
  'copy-document': { zh: '取用加注件', en: 'fetched a copy' },
  check: { zh: '核对数据', en: 'checked data against it' },
  export: { zh: '导出', en: 'exported' },
  raise: { zh: '提升签章等级', en: 'raised the level of its seal' },
}
const kinds: Readonly<Record<string, Text>> = {
  person: { zh: '人员', en: 'a person' },
  machine: { zh: '系统', en: 'a machine' },
  holder: { zh: '持证主体', en: 'its holder' },
  agent: { zh: '代办人', en: 'an agent of its holder' },
}
export const readWhatText = (what: string): Text => textIn(whats, what)
export const readerKindText = (kind: string): Text => textIn(kinds, kind)

/** Why personal data are erased. */
export const erasureCauses: Readonly<Record<string, Text>> = {
  'retention-over': { zh: '保存期限届满', en: 'the time it is kept is over' },
  'holder-asked': { zh: '持证主体请求', en: 'its holder asked' },
  'court-order': { zh: '司法裁判', en: 'a court ordered it' },
  'issued-in-error': { zh: '签发错误', en: 'issued in error' },
}
const erasureStates: Readonly<Record<string, Text>> = {
  asked: { zh: '待另一人决定', en: 'awaits another person' },
  done: { zh: '已清除', en: 'erased' },
  refused: { zh: '未同意', en: 'refused' },
}
export const erasureStateText = (state: string): Text => textIn(erasureStates, state)

const things: Readonly<Record<string, Text>> = {
  licences: { zh: '证照的个人信息（终止之后）', en: 'Personal data of licences, after their end' },
  reads: { zh: '查阅记录', en: 'Records of who read' },
  disputes: { zh: '已答复的异议', en: 'Answered disputes' },
  agents: { zh: '已结束的代办授权', en: 'Agencies that have ended' },
}
export const keptText = (what: string): Text => textIn(things, what)
