import type { Text } from '../kit/language.ts'

/** States, steps, kinds and reasons of a seal's life, as people say them; a word of a newer server is shown as it came. */
const states: Readonly<Record<string, Text>> = {
  applied: { zh: '待审核', en: 'under review' },
  returned: { zh: '退回补正', en: 'sent back' },
  rejected: { zh: '已驳回', en: 'rejected' },
  abandoned: { zh: '已撤回', en: 'taken back' },
  approved: { zh: '待制作', en: 'to be made' },
  waiting: { zh: '待外部证书', en: 'waits for a certificate' },
  made: { zh: '待备案', en: 'to be filed' },
  filed: { zh: '待发放', en: 'to be handed over' },
  issued: { zh: '待接收', en: 'to be accepted' },
  active: { zh: '在用', en: 'in use' },
  suspended: { zh: '已停用', en: 'suspended' },
  lost: { zh: '已挂失', en: 'reported lost' },
  collected: { zh: '已收缴', en: 'collected' },
  expired: { zh: '已过期', en: 'expired' },
  replaced: { zh: '已更换', en: 'replaced' },
  revoked: { zh: '已吊销', en: 'revoked' },
  withdrawn: { zh: '已撤销', en: 'withdrawn' },
  cancelled: { zh: '已注销', en: 'cancelled' },
  destroyed: { zh: '已销毁', en: 'destroyed' },
}
export const stateNames = Object.keys(states)

const asItCame = (word: string): Text => ({ zh: word, en: word })
export const stateText = (state: string): Text => states[state] ?? asItCame(state)

export type StateTone = 'good' | 'caution' | 'unsure'
export function stateTone(state: string): StateTone {
  if (state === 'active') return 'good'
  return ['suspended', 'lost', 'collected', 'expired', 'returned', 'revoked', 'withdrawn', 'cancelled'].includes(state)
    ? 'caution'
    : 'unsure'
}

/** The way of a seal that meets no trouble, for the timeline's head. */
export const usualWay = ['applied', 'approved', 'made', 'filed', 'issued', 'active'] as const

/** Steps that lead a seal onward: the one main act of its page. */
export const isOnward = (action: string): boolean =>
  ['approve', 'draw', 'approve-picture', 'make', 'file', 'issue', 'accept', 'restore', 'recover', 'renew'].includes(
    action,
  )

const actions: Readonly<Record<string, Text>> = {
  apply: { zh: '申请', en: 'Apply' },
  'ask-for-more': { zh: '退回补正', en: 'Send back for more' },
  amend: { zh: '补正', en: 'Amend' },
  abandon: { zh: '撤回申请', en: 'Take the application back' },
  reject: { zh: '驳回', en: 'Reject' },
  approve: { zh: '批准', en: 'Approve' },
  draw: { zh: '绘制印模', en: 'Draw the picture' },
  'approve-picture': { zh: '确认印模', en: 'Approve the picture' },
  wait: { zh: '向外部机构申请证书', en: 'Ask an authority outside for the certificate' },
  make: { zh: '制作', en: 'Make' },
  file: { zh: '备案', en: 'File' },
  issue: { zh: '发放', en: 'Hand over' },
  accept: { zh: '接收', en: 'Accept' },
  decline: { zh: '拒收', en: 'Decline' },
  suspend: { zh: '停用', en: 'Suspend' },
  restore: { zh: '恢复使用', en: 'Restore' },
  'report-lost': { zh: '挂失', en: 'Report lost' },
  recover: { zh: '解除挂失', en: 'Found again' },
  collect: { zh: '收缴', en: 'Collect' },
  return: { zh: '发还', en: 'Give back' },
  expire: { zh: '到期', en: 'Expire' },
  renew: { zh: '证书续期', en: 'Renew the certificate' },
  replace: { zh: '更换', en: 'Replace' },
  revoke: { zh: '吊销', en: 'Revoke' },
  withdraw: { zh: '撤销', en: 'Withdraw' },
  cancel: { zh: '注销', en: 'Cancel' },
  'order-destruction': { zh: '下达销毁令', en: 'Order the destruction' },
  destroy: { zh: '销毁', en: 'Destroy' },
  'order-ending': { zh: '预定终止', en: 'End ordered' },
  'drop-ending': { zh: '取消预定的终止', en: 'Drop the ordered end' },
  authorise: { zh: '授权', en: 'Authorise' },
  'end-authorisation': { zh: '终止授权', en: 'End an authorisation' },
  request: { zh: '申请证书', en: 'Ask for a certificate' },
  'order-types': { zh: '申请增加适用证照', en: 'Ask for further types' },
  'change-types': { zh: '变更适用证照', en: 'Change the types' },
  'refuse-types': { zh: '不同意增加适用证照', en: 'Refuse further types' },
  'change-keeper': { zh: '变更保管人', en: 'Change the keeper' },
  grant: { zh: '允许他部门用印', en: 'Let another department use it' },
  'end-grant': { zh: '终止他部门用印', en: 'End another department’s use' },
  remind: { zh: '催办', en: 'Reminder' },
}
export const actionNames = Object.keys(actions)
export const actionText = (action: string): Text => actions[action] ?? asItCame(action)

/** What an act will do, said before it is done. */
export const consequences: Readonly<Record<string, Text>> = {
  approve: {
    zh: '批准后即可绘制印模、制作印章。批准的是您刚才读到的这一版申请。',
    en: 'The picture may then be drawn and the seal made. You approve the application exactly as you read it.',
  },
  reject: { zh: '申请就此结束，不能再补正。', en: 'The application ends here and cannot be amended.' },
  abandon: { zh: '申请就此结束。', en: 'The application ends here.' },
  draw: { zh: '按申请的样式绘制，随后须由他人确认。', en: 'Drawn as applied for; another person must approve it.' },
  'approve-picture': { zh: '制成的印章就是下面这个图样。', en: 'The seal will look exactly like this.' },
  make: {
    zh: '将生成密钥、签发证书并制作印章数据。',
    en: 'A key is made, its certificate issued and the seal’s data signed.',
  },
  file: { zh: '向备案机构登记并取得备案编号。', en: 'The seal is put on record and gets its record number.' },
  issue: { zh: '交给所选的保管人，由其本人接收后才能使用。', en: 'It goes to the keeper chosen, who must accept it.' },
  accept: {
    zh: '从此由您负责保管；印章立即可以使用。',
    en: 'You answer for it from now on, and it may be used at once.',
  },
  'order-types': {
    zh: '由印章审核员批准之后，印章才可用于这些证照类型；在此之前不变。',
    en: 'Once a reviewer gives leave the seal may stand on these types; until then nothing changes.',
  },
  'change-types': {
    zh: '印章从此可用于下列证照类型；由谁使用仍按授权。',
    en: 'From now on the seal may stand on the types below; who uses it stays as authorised.',
  },
  'refuse-types': { zh: '申请就此办结，印章的适用证照不变。', en: 'The request ends here; the seal’s types stay.' },
  suspend: { zh: '立即不能再用印，可以恢复。', en: 'It cannot be used from this moment; it can be restored.' },
  'report-lost': {
    zh: '立即不能再用印，昼夜随时有效。依赖方会得到通知。',
    en: 'It cannot be used from this moment, day or night, and relying parties are told.',
  },
  collect: { zh: '印章收归管理部门，现有授权全部终止。', en: 'The seal is taken in and every authorisation ends.' },
  revoke: {
    zh: '不可恢复。吊销之后的用印一律无效，此前的仍然有效。',
    en: 'This cannot be undone. What is sealed after it is void; what was sealed before stands.',
  },
  withdraw: { zh: '不可恢复。', en: 'This cannot be undone.' },
  cancel: { zh: '不可恢复。', en: 'This cannot be undone.' },
  'order-destruction': { zh: '由制章员另一人执行销毁。', en: 'A maker, another person, carries it out.' },
  destroy: {
    zh: '密钥将被销毁，任何备份都不能再用。此事不可恢复，记录永久保留。',
    en: 'The key is destroyed and no backup can bring it back. The record stays for ever.',
  },
}

const kinds: Readonly<Record<string, Text>> = {
  '01': { zh: '法定名称章', en: 'Legal-name seal' },
  '02': { zh: '财务专用章', en: 'Finance seal' },
  '03': { zh: '发票专用章', en: 'Invoice seal' },
  '04': { zh: '合同专用章', en: 'Contract seal' },
  '05': { zh: '电子名章', en: 'Person’s name seal' },
  '11': { zh: '业务专用章', en: 'Business seal' },
  '99': { zh: '其他类型印章', en: 'Other' },
}
export const kindCodes = Object.keys(kinds)
export const kindText = (kind: string): Text => kinds[kind] ?? asItCame(kind)

/** Why a seal ends, by the act that ends it. */
export const endingReasons: Readonly<Record<string, Readonly<Record<string, Text>>>> = {
  revoke: {
    'key-compromised': { zh: '签名密钥泄露', en: 'key compromised' },
    misused: { zh: '违规使用', en: 'misused' },
    unlawful: { zh: '违法', en: 'unlawful' },
    'by-decision': { zh: '依决定吊销', en: 'by decision' },
  },
  withdraw: {
    'made-in-error': { zh: '制作有误', en: 'made in error' },
    'obtained-by-deceit': { zh: '骗取', en: 'obtained by deceit' },
    'made-without-basis': { zh: '无依据制作', en: 'made without basis' },
  },
  cancel: {
    renamed: { zh: '更名', en: 'renamed' },
    dissolved: { zh: '解散', en: 'dissolved' },
    abolished: { zh: '机构撤销', en: 'body abolished' },
    'licence-revoked': { zh: '被吊销执照', en: 'its licence was revoked' },
    bankrupt: { zh: '破产', en: 'bankrupt' },
    divided: { zh: '分立', en: 'divided' },
    merged: { zh: '合并', en: 'merged' },
    'no-longer-needed': { zh: '不再使用', en: 'no longer needed' },
    damaged: { zh: '损坏', en: 'damaged' },
  },
}
