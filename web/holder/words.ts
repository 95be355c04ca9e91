import type { Text } from '../kit/language.ts'

/** Every text of the holder's page. */
export const words = {
  title: { zh: '我的证照', en: 'My licence' },
  loading: { zh: '正在打开…', en: 'Opening…' },
  intro: {
    zh: '{issuer}为您签发了一份电子证照。证明是您本人后，即可查看和下载。',
    en: '{issuer} has issued an electronic licence to you. Show that it is yours to read and download it.',
  },
  lastSix: {
    zh: '身份证号或统一社会信用代码的最后六位',
    en: 'Last six characters of your identity number or credit code',
  },
  lastSixHint: {
    zh: '数字和字母都算；身份证最后的 X 也算一位。',
    en: 'Digits and letters both count; a final X of an identity number is one of them.',
  },
  lastSixFault: { zh: '需要正好六位数字或字母。', en: 'Exactly six digits or letters are needed.' },
  open: { zh: '查看证照', en: 'Open my licence' },
  opening: { zh: '正在核对…', en: 'Checking…' },
  wrong: { zh: '不对。请对照证件再输一次。', en: 'That is not right. Look at your document and try again.' },
  attempts: { zh: '还可以试 {count} 次', en: '{count} tries left' },
  attemptsOne: { zh: '只剩最后一次，再错链接将锁定', en: 'One last try; after that the link locks' },
  expires: { zh: '链接有效至 {time}', en: 'This link works until {time}' },
  lockedTitle: { zh: '链接已锁定', en: 'This link is locked' },
  lockedText: {
    zh: '输错次数太多，为保护您的证照，链接不能再用。请到发证机关重新领取链接；证照本身不受影响。',
    en: 'Too many wrong tries. To protect your licence the link no longer works. Ask the issuing department for a new one; the licence itself is not affected.',
  },
  expiredTitle: { zh: '链接已过期', en: 'This link has expired' },
  expiredText: {
    zh: '请到发证机关重新领取链接；证照本身不受影响。',
    en: 'Ask the issuing department for a new one; the licence itself is not affected.',
  },
  absentTitle: { zh: '没有这个链接', en: 'No such link' },
  absentText: {
    zh: '请检查链接是否完整，或重新扫描窗口屏幕上的二维码。',
    en: 'Check that the link is complete, or scan the QR on the counter’s screen again.',
  },
  again: { zh: '再试一次', en: 'Try again' },
  issuer: { zh: '发证机关', en: 'Issuer' },
  details: { zh: '证照内容', en: 'What it says' },
  document: { zh: '证照原件', en: 'The document' },
  download: { zh: '下载盖章的 PDF', en: 'Download the sealed PDF' },
  downloadNote: {
    zh: '下载的文件带电子印章，任何人都能在查验页验证。',
    en: 'The file carries the electronic seal; anyone can check it on the verification page.',
  },
  verify: { zh: '去查验', en: 'Check it' },
  close: { zh: '收起证照', en: 'Put it away' },
  accessUntil: { zh: '本次查看到 {time} 为止', en: 'Open until {time}' },
  accessEnded: {
    zh: '查看时间已到，请重新输入后六位。',
    en: 'The viewing time has ended. Enter the last six characters again.',
  },
  drawing: { zh: '正在画出证照…', en: 'Drawing the licence…' },
  yes: { zh: '是', en: 'yes' },
  no: { zh: '否', en: 'no' },
} as const satisfies Record<string, Text>
