import type { Text } from '../kit/language.ts'

/** What is done to a licence, as people say it; a word of a newer server is shown as it came. */
const actions: Readonly<Record<string, Text>> = {
  correct: { zh: '更正', en: 'Correct' },
  change: { zh: '变更', en: 'Change' },
  renew: { zh: '延续', en: 'Renew' },
  reseal: { zh: '重新签章', en: 'Seal anew' },
  suspend: { zh: '暂扣', en: 'Suspend' },
  restore: { zh: '发还', en: 'Restore' },
  revoke: { zh: '吊销', en: 'Revoke' },
  withdraw: { zh: '撤销', en: 'Withdraw' },
  cancel: { zh: '注销', en: 'Cancel' },
  transfer: { zh: '转出', en: 'Transfer' },
  archive: { zh: '归档', en: 'Archive' },
}
const asItCame = (word: string): Text => ({ zh: word, en: word })
export const actionText = (action: string): Text => actions[action] ?? asItCame(action)
export const doneText = (action: string): Text => {
  const { zh, en } = actionText(action)
  return { zh: `已${zh}。`, en: `Done: ${en}.` }
}

/** The acts whose end nobody can undo. */
export const isFinal = (action: string): boolean =>
  ['correct', 'change', 'renew', 'reseal', 'revoke', 'withdraw', 'cancel', 'transfer'].includes(action)

/** What an act will do, said before it is done, line by line. */
export const consequences: Readonly<Record<string, readonly Text[]>> = {
  correct: [
    {
      zh: '签发新版本；原证按“签发错误”注销，视为自始有误。',
      en: 'A new version is issued; the old one is cancelled as issued in error.',
    },
    {
      zh: '查验原证会看到“真实但已注销”，并指向新证。',
      en: 'Checks of the old one read “genuine, but cancelled” and name the new one.',
    },
  ],
  change: [
    { zh: '签发新版本，原证随即失效。', en: 'A new version is issued and the old one ends.' },
    {
      zh: '查验原证会看到“真实但已换发新证”，并指向新证。',
      en: 'Checks of the old one say that it has been replaced, and by which.',
    },
  ],
  renew: [
    { zh: '签发有效期更晚的新版本，原证随即失效。', en: 'A version with later days is issued and the old one ends.' },
    {
      zh: '查验原证会看到“真实但已换发新证”，并指向新证。',
      en: 'Checks of the old one say that it has been replaced, and by which.',
    },
  ],
  reseal: [
    {
      zh: '内容不变，用现在的印章重新签章，成为新版本；原证随即失效。',
      en: 'The same contents are sealed with the present seal as a new version; the old one ends.',
    },
  ],
  suspend: [
    { zh: '任何人查验都会看到“真实但已暂扣”。', en: 'Everyone who checks it reads “genuine, but suspended”.' },
    {
      zh: '加注件同时显示为暂扣；可以随时发还。',
      en: 'Its copies read suspended too; it can be restored at any time.',
    },
  ],
  restore: [
    {
      zh: '查验重新显示“真实有效”，加注件同时恢复。',
      en: 'Checks read “genuine, in force” again, and so do its copies.',
    },
  ],
  revoke: [
    {
      zh: '此事不可恢复。任何人查验都会看到“真实但已吊销”。',
      en: 'This cannot be undone. Everyone who checks it reads “genuine, but revoked”.',
    },
    { zh: '它的加注件同时终止。', en: 'Its copies end with it.' },
  ],
  withdraw: [
    {
      zh: '此事不可恢复。任何人查验都会看到“真实但已撤销”。',
      en: 'This cannot be undone. Everyone who checks it reads “genuine, but withdrawn”.',
    },
    { zh: '它的加注件同时终止。', en: 'Its copies end with it.' },
  ],
  cancel: [
    {
      zh: '此事不可恢复。任何人查验都会看到“真实但已注销”。',
      en: 'This cannot be undone. Everyone who checks it reads “genuine, but cancelled”.',
    },
    { zh: '它的加注件同时终止。', en: 'Its copies end with it.' },
  ],
  transfer: [
    {
      zh: '先形成移交单；接收单位办理后，以新流水号签发新证，原证显示“已转出”。',
      en: 'An offer is made; once the receiving department takes it, a licence of a new number is issued and this one reads transferred.',
    },
  ],
  archive: [
    { zh: '状态不变；文件长期保存，不再更改。', en: 'Its status stays; the document is kept for the long term.' },
  ],
}

/** Why a licence is cancelled. */
export const causes: Readonly<Record<string, Text>> = {
  asked: { zh: '持证主体申请', en: 'asked for by its holder' },
  ended: { zh: '有效期届满未延续', en: 'its time ran out' },
  died: { zh: '持证人死亡', en: 'its holder died' },
  dissolved: { zh: '持证主体终止', en: 'its holder was dissolved' },
  'issued-in-error': { zh: '签发错误', en: 'issued in error' },
}
const otherCauses: Readonly<Record<string, Text>> = { correct: actions['correct']!, change: actions['change']! }
export const causeText = (cause: string): Text => causes[cause] ?? otherCauses[cause] ?? actionText(cause)

const orderStates: Readonly<Record<string, Text>> = {
  'awaiting approval': { zh: '待审批', en: 'awaits approval' },
  scheduled: { zh: '待生效', en: 'to come' },
  offered: { zh: '待接收', en: 'offered' },
  done: { zh: '已办结', en: 'done' },
  refused: { zh: '未批准', en: 'refused' },
  dropped: { zh: '已撤回', en: 'taken back' },
  void: { zh: '已失效', en: 'void' },
}
export const orderStateText = (state: string): Text => orderStates[state] ?? asItCame(state)
export const orderStateNames = Object.keys(orderStates)
