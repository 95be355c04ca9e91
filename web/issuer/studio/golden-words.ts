import type { Text } from '../../kit/language.ts'
import type { Golden } from './studio.ts'

export const goldenWords = {
  intro: {
    zh: '标准样张是两个人认可过的样子。字体或排版程序升级后，系统用同样的数据重新画一次并比对，从不自动替换。',
    en: 'The golden specimen is what two people approved. After an upgrade of fonts or renderer it is drawn again from the same data and compared; it is never replaced by itself.',
  },
  approved: { zh: '标准样张第 {revision} 份，{by} 于 {at} 认可', en: 'specimen {revision}, approved by {by} on {at}' },
  checked: { zh: '{at} 比对', en: 'compared {at}' },
  colleague: { zh: '同事', en: 'a colleague' },
  check: { zh: '立即比对', en: 'Compare now' },
  look: { zh: '看现在的样子', en: 'Look at it as it is drawn now' },
  onPage: { zh: '第 {page} 页：{what}', en: 'Page {page}: {what}' },
  proposal: { zh: '待认可的标准样张（第 {revision} 份）', en: 'Proposed specimen ({revision})' },
  proposedBy: { zh: '{by} 于 {at} 提出，理由：', en: 'Proposed by {by} on {at}, because:' },
  lookAtProposal: { zh: '看提出的样子', en: 'Look at the proposal' },
  lookFirst: { zh: '请先看过提出的样子，再认可。', en: 'Look at the proposal before approving it.' },
  approve: { zh: '认可', en: 'Approve' },
  refuse: { zh: '不认可', en: 'Refuse' },
  reason: { zh: '为什么要换标准样张', en: 'Why another specimen' },
  firstReason: { zh: '为什么以这个样子为标准', en: 'Why this is what it must look like' },
  reasonHint: {
    zh: '提出的是现在画出来的样子，由另一个人看过并认可后才算数。',
    en: 'What is proposed is what is drawn now; it counts once another person has looked at it and approved it.',
  },
  propose: { zh: '提出新的标准样张', en: 'Propose a new specimen' },
  unpublished: { zh: '发布后才有标准样张。', en: 'There is one once the template is published.' },
  onlyProposed: {
    zh: '还没有标准样张可比，这是提出的样子。',
    en: 'There is none to compare with yet: this is the proposal.',
  },
} as const satisfies Record<string, Text>

interface StateText {
  readonly text: Text
  readonly tone: 'good' | 'unsure' | 'caution'
  readonly meaning: Text
}

export const stateTexts: Readonly<Record<Golden['state'], StateText>> = {
  none: {
    text: { zh: '没有标准样张', en: 'No golden specimen' },
    tone: 'unsure',
    meaning: {
      zh: '这一版随系统提供，或发布时没有留下标准样张。请提出一份，由另一个人认可。',
      en: 'This version came with the service, or was published without one. Propose one for another person to approve.',
    },
  },
  unchecked: {
    text: { zh: '尚未比对', en: 'Not compared yet' },
    tone: 'unsure',
    meaning: { zh: '每天自动比对，也可以立即比对。', en: 'It is compared daily by itself, or at once.' },
  },
  same: {
    text: { zh: '与标准样张一致', en: 'As approved' },
    tone: 'good',
    meaning: {
      zh: '现在画出来的与认可的一致（位置相差不超过 0.018 毫米）。',
      en: 'What is drawn now is what was approved (to 0.018 mm).',
    },
  },
  differs: {
    text: { zh: '与标准样张不同', en: 'Differs from what was approved' },
    tone: 'caution',
    meaning: {
      zh: '现在画出来的与认可的不同。请看现在的样子：确是程序或字体升级所致，就提出新的标准样张；否则请报告。',
      en: 'What is drawn now is not what was approved. Look at it: propose it anew if an upgrade explains it, else report it.',
    },
  },
  failed: {
    text: { zh: '画不出来', en: 'Cannot be drawn' },
    tone: 'caution',
    meaning: {
      zh: '这一版现在画不出标准样张，用它签发也可能失败。请马上报告。',
      en: 'This version cannot be drawn any more, and licences may fail with it. Report it at once.',
    },
  },
}

export const differenceWords: Readonly<Record<string, Text>> = {
  'page-count': { zh: '页数不同', en: 'another number of pages' },
  'page-size': { zh: '页面大小不同', en: 'another size' },
  drawing: { zh: '文字位置、线条或花纹不同', en: 'places of letters, lines or ornaments' },
  text: { zh: '所用的字不同', en: 'other characters' },
  letters: { zh: '字形不同', en: 'other shapes of letters' },
  pictures: { zh: '图片不同', en: 'other pictures' },
}
