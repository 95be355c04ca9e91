import type { Text } from '../kit/language.ts'
import { textIn } from './catalogue-words.ts'

const states: Readonly<Record<string, Text>> = {
  proposed: { zh: '待对方接受', en: 'offered' },
  accepted: { zh: '有效', en: 'accepted' },
  refused: { zh: '未接受', en: 'refused' },
  ended: { zh: '已终止', en: 'ended' },
}
const awaited: Text = { zh: '待本单位接受', en: 'waits for your department' }
/** The state of an agreement as a department sees it: an offer waits for whoever it is made to. */
export const agreementStateText = (state: string, isOffered = false): Text =>
  state === 'proposed' && isOffered ? awaited : textIn(states, state)

/** What a subscriber is told of, in the order of a licence's life. */
export const topics: Readonly<Record<string, Text>> = {
  'licence.issued': { zh: '签发', en: 'issued' },
  'licence.collected': { zh: '归集', en: 'collected' },
  'licence.corrected': { zh: '更正', en: 'corrected' },
  'licence.changed': { zh: '变更', en: 'changed' },
  'licence.renewed': { zh: '延续', en: 'renewed' },
  'licence.resealed': { zh: '重新签章', en: 'sealed anew' },
  'licence.suspended': { zh: '暂扣', en: 'suspended' },
  'licence.restored': { zh: '发还', en: 'restored' },
  'licence.revoked': { zh: '吊销', en: 'revoked' },
  'licence.withdrawn': { zh: '撤销', en: 'withdrawn' },
  'licence.cancelled': { zh: '注销', en: 'cancelled' },
  'licence.transferred': { zh: '转出', en: 'transferred' },
  'licence.archived': { zh: '归档', en: 'archived' },
}
export const topicText = (topic: string): Text => textIn(topics, topic)

const whats: Readonly<Record<string, Text>> = {
  search: { zh: '查询', en: 'search' },
  data: { zh: '取数据', en: 'data' },
  file: { zh: '取加注件', en: 'a copy' },
  prefill: { zh: '辅助录入', en: 'prefill' },
  'file-check': { zh: '核验文件', en: 'check of a file' },
  'data-check': { zh: '核对数据', en: 'check of data' },
  'qr-check': { zh: '扫码核验', en: 'check of a code' },
}
export const accessText = (what: string): Text => textIn(whats, what)

const answers: Readonly<Record<string, Text>> = {
  given: { zh: '已提供', en: 'given' },
  nothing: { zh: '没有查到', en: 'nothing there' },
}
const refusals: Readonly<Record<string, Text>> = {
  'matter unknown': { zh: '没有这个事项', en: 'no such matter' },
  'quota exhausted': { zh: '超过限额', en: 'quota used up' },
  'not shared': { zh: '不予共享', en: 'not shared' },
  'no agreement': { zh: '没有协议', en: 'no agreement' },
  'agreement ended': { zh: '协议已终止', en: 'the agreement has ended' },
  'legal basis missing': { zh: '没有写明法律依据', en: 'no legal basis given' },
  'no field': { zh: '没有可以提供的字段', en: 'no field it may have' },
}
export const isRefusal = (answer: string): boolean => !(answer in answers) && !answer.startsWith('check:')
/** What was answered: given, the result of a check (GB/T 36906), or why it was refused. */
export const answerText = (answer: string): Text =>
  answer.startsWith('check:')
    ? { zh: `核对结果 ${answer.slice(6)}`, en: `result ${answer.slice(6)}` }
    : (answers[answer] ?? textIn(refusals, answer))
