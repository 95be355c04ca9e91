import type { Question } from '../kit/api-types.ts'
import type { Text } from '../kit/language.ts'

/** Every text of the public verification page. */
export const words = {
  title: { zh: '查验电子证照', en: 'Check a licence' },
  lead: {
    zh: '放入证照的 PDF，或扫描它的二维码。一眼看出是否真实、现在是否有效、发证机关有没有资格。',
    en: 'Drop in the licence’s PDF or scan its QR code, and see whether it is genuine, in force now, and from an issuer entitled to it.',
  },
  drop: { zh: '把 PDF 文件拖到这里', en: 'Drop PDF files here' },
  dropOr: { zh: '可以一次放入多个，也可以直接粘贴', en: 'Several at once are fine, and pasting works too' },
  choose: { zh: '选择 PDF 文件', en: 'Choose PDF files' },
  camera: { zh: '用摄像头扫码', en: 'Use the camera' },
  photo: { zh: '选择二维码照片', en: 'Choose a QR photo' },
  type: { zh: '输入二维码文字', en: 'Enter the QR’s text' },
  privacy: {
    zh: '查验在您的设备上进行，文件不会上传。',
    en: 'Checking happens on your device. Files are not uploaded.',
  },
  textTitle: { zh: '二维码文字', en: 'Text of the QR code' },
  textHint: {
    zh: '以网址开头，中间有 /Q/。粘贴整段即可，换行和空格不要紧。',
    en: 'It begins with a web address and has /Q/ in it. Paste all of it; line breaks and spaces do not matter.',
  },
  textFault: {
    zh: '这不是证照二维码的文字：里面应有 /Q/ 和后面一长串字母数字。',
    en: 'This is not the text of a licence’s QR code: it should contain /Q/ followed by a long run of letters and digits.',
  },
  check: { zh: '查验', en: 'Check' },
  askMore: { zh: '还要问别的', en: 'Ask more' },
  compareCode: {
    zh: '把纸面上的二维码与 PDF 文件对照',
    en: 'Compare the QR code on paper with the PDF',
  },
  compareHint: {
    zh: '先放文件或先扫码都可以，两样齐了再查：二维码必须正是这份文件的。',
    en: 'Give the file and scan the code, in either order; both are then checked together: the code must be of this very file.',
  },
  needCode: {
    zh: '文件“{name}”已收下，现在请扫描证照上的二维码。',
    en: 'Got “{name}”. Now scan the QR code on the licence.',
  },
  needFile: { zh: '二维码已收下，现在请放入证照的 PDF 文件。', en: 'Got the QR code. Now drop in the licence’s PDF.' },
  inForceOn: { zh: '查它在过去某一天是否有效', en: 'Was it in force on a past day?' },
  inForceOnHint: {
    zh: '不填就是问现在。填了就按那一天结束时（北京时间）回答；要联网，只有登记系统知道过去的状态。',
    en: 'Leave empty to ask about now. A day is asked as of its end, Beijing time, and needs a network: only the register knows the past.',
  },
  askedAbout: { zh: '所问的时间', en: 'Asked about' },
  comparedCode: { zh: '对照的二维码', en: 'Compared with' },
  comparedCodeValue: { zh: '一起扫描的二维码', en: 'the QR code that was scanned with it' },
  results: { zh: '查验结果', en: 'Results' },
  another: { zh: '再查一份', en: 'Check another' },
  clear: { zh: '清空结果', en: 'Clear results' },
  remove: { zh: '移除', en: 'Remove' },
  print: { zh: '打印', en: 'Print' },
  saveReport: { zh: '下载报告', en: 'Download the report' },
  reading: { zh: '正在读取…', en: 'Reading…' },
  uploading: { zh: '正在上传 {percent}%', en: 'Uploading {percent}%' },
  lists: { zh: '正在更新核验名单…', en: 'Renewing the lists to check by…' },
  asking: { zh: '正在问登记系统…', en: 'Asking the register…' },
  checking: { zh: '正在查验…', en: 'Checking…' },
  cancel: { zh: '停止', en: 'Stop' },
  cancelled: { zh: '已停止查验。', en: 'The check was stopped.' },
  elsewhere: {
    zh: '这个浏览器（或这个网址不是 https）不能在本机核验。要让服务器代为核验吗？文件会传到服务器，查完即丢，不保存。',
    en: 'This browser cannot check here (or the address is not https). Shall the server do it? The file goes to the server for this check and is not kept.',
  },
  elsewhereAct: { zh: '传到服务器核验', en: 'Send it to the server' },
  askToo: {
    zh: '联网时也问登记系统现在的状态（只发送证照标识，不发送文件）',
    en: 'When online, ask the register too (sends the licence’s identifier, never the file)',
  },
  askRegister: { zh: '再问一下登记系统', en: 'Also ask the register' },
  askNote: {
    zh: '只发送证照标识，不发送文件。名单几分钟更新一次；登记系统知道此刻的状态。',
    en: 'Sends the licence’s identifier only, never the file. Lists are some minutes old; the register knows the status of this moment.',
  },
  askedThen: { zh: '已向登记系统查询所问的时间。', en: 'The register was asked about that time.' },
  asked: { zh: '已向登记系统核实此刻的状态。', en: 'The register confirmed the status of this moment.' },
  compare: { zh: '看看盖章后改了什么', en: 'See what was changed after sealing' },
  qrCode: { zh: '二维码', en: 'QR code' },
  counter: { zh: '窗口模式', en: 'Counter mode' },
  leaveCounter: { zh: '退出窗口模式', en: 'Leave counter mode' },
  waiting: { zh: '排队中', en: 'Waiting' },
  fromQr: { zh: '来自二维码', en: 'From a QR code' },
  fromLink: { zh: '来自扫码打开的链接', en: 'From the link that was opened' },
  again: { zh: '再试一次', en: 'Try again' },
  notPdf: {
    zh: '“{name}”不是 PDF 文件。请选择证照的 PDF；如果是二维码照片，请用“选择二维码照片”。',
    en: '“{name}” is not a PDF. Choose the licence’s PDF, or use “Choose a QR photo”.',
  },
  tooLarge: {
    zh: '“{name}”有 {size}，超过 {limit}，不能查验。',
    en: '“{name}” has {size}, more than {limit}, and cannot be checked.',
  },
  noQr: {
    zh: '照片里没有读到二维码。请靠近一些、对焦清楚、避免反光，再拍一次。',
    en: 'No QR code was found in the photo. Take it again closer, in focus and without glare.',
  },
  noReader: {
    zh: '扫码所需的文件还没有下载到这台设备。请联网后再试一次，或直接放入 PDF 文件。',
    en: 'What reads QR codes is not on this device yet. Try again with a network, or drop in the PDF.',
  },
  foreignQr: {
    zh: '读到了二维码，但它不是证照的二维码：“{text}”。不要把它当作证照的证明。',
    en: 'A QR code was read, but it is not a licence’s: “{text}”. It proves nothing about a licence.',
  },
  claimed: {
    zh: '打灰勾的各项，说的是文件自称的那份证照，不代表这份文件可信。',
    en: 'Grey ticks speak of the licence that this file claims to be, not of the file itself.',
  },
  compareTitle: { zh: '请与手里的证照逐项对照', en: 'Compare with the paper in your hand' },
  compareText: {
    zh: '二维码可以被剪下来贴到假证上。下面每一项都与纸面一致，才是这一张。',
    en: 'A QR code can be cut out and glued on a forged sheet. Only when every line agrees is it this very one.',
  },
  holder: { zh: '持证主体', en: 'Holder' },
  number: { zh: '证照编号', en: 'Number' },
  licenceType: { zh: '证照类型', en: 'Type of licence' },
  issuer: { zh: '发证机关', en: 'Issuer' },
  validFrom: { zh: '有效期自', en: 'Valid from' },
  validUntil: { zh: '有效期至', en: 'Valid until' },
  status: { zh: '现在的状态', en: 'Status now' },
  statusThen: { zh: '所问时间的状态', en: 'Status at that time' },
  asOf: { zh: '截至', en: 'As of' },
  identifier: { zh: '电子证照标识', en: 'Licence identifier' },
  copyFor: { zh: '加注件用途', en: 'Copy for' },
  copyRecipient: { zh: '加注件接收方', en: 'Copy made for' },
  copyUntil: { zh: '加注件有效至', en: 'Copy until' },
  checkedAt: { zh: '查验时间', en: 'Checked' },
  evidence: { zh: '查看依据', en: 'See the evidence' },
  signatures: { zh: '签章', en: 'Seals and signatures' },
  noSignature: { zh: '文件里没有签章。', en: 'The file carries no seal.' },
  signedBy: { zh: '签章者', en: 'Signed by' },
  integrity: { zh: '完整性', en: 'Integrity' },
  range: { zh: '签章覆盖范围', en: 'Bytes covered' },
  later: { zh: '签章之后的改动', en: 'Changes after sealing' },
  stampedBy: { zh: '时间戳机构', en: 'Time-stamping authority' },
  stampMeaning: {
    zh: '不是部门的印章，而是时间戳机构对这份文件连同其中核验资料何时已经存在的声明。',
    en: 'No department’s seal, but an authority’s word on when the file existed, with what proves its seals.',
  },
  noStamp: { zh: '没有时间戳，只能证明查验时已经存在', en: 'no time stamp: only that it exists now' },
  level: { zh: '签章等级', en: 'Level of the seal' },
  indication: { zh: '判定（EN 319 102-1）', en: 'Indication (EN 319 102-1)' },
  time: { zh: '可证明不晚于', en: 'Proven to exist by' },
  claimedTime: { zh: '签章者自称的时间', en: 'Time claimed by the signer' },
  signedDigest: { zh: '签章范围摘要', en: 'Digest of the signed bytes' },
  findings: { zh: '逐项检查', en: 'Every check' },
  unknownField: { zh: '未提供', en: 'not given' },
  limit: { zh: '单个文件不超过 {limit}', en: 'Up to {limit} a file' },
} as const satisfies Record<string, Text>

/** What to do next, by how a verdict looks; nothing more is needed where all is well. */
export const advice: Readonly<Record<'ended' | 'forged' | 'unsure', Text>> = {
  ended: {
    zh: '不要再凭它办事。请持证人出示现行有效的证照，或向发证机关核实。',
    en: 'Do not act on it any more. Ask the holder for a licence in force, or ask its issuer.',
  },
  forged: {
    zh: '请不要接受。请持证人重新提供从发证机关取得的原件，或扫描证照上的二维码核对。',
    en: 'Do not accept it. Ask the holder for the original file as issued, or scan the QR code on the licence.',
  },
  unsure: {
    zh: '现在既不能说真，也不能说假。请看下面哪一项缺了什么，稍后再查或向发证机关核实。',
    en: 'It can be called neither genuine nor false for now. See below what is missing; check again later or ask the issuer.',
  },
}

export const questions: Readonly<Record<Question, Text>> = {
  seal: { zh: '印章', en: 'Seal' },
  licence: { zh: '证照', en: 'Licence' },
  issuer: { zh: '发证机关', en: 'Issuer' },
}

export const outcomes: Readonly<Record<'yes' | 'no' | 'unknown', Text>> = {
  yes: { zh: '通过', en: 'passed' },
  no: { zh: '不通过', en: 'failed' },
  unknown: { zh: '无法判断', en: 'not known' },
}

export const findingOutcomes = {
  passed: { zh: '通过', en: 'passed' },
  failed: { zh: '不通过', en: 'failed' },
  undecided: { zh: '无法判断', en: 'undecided' },
  info: { zh: '说明', en: 'note' },
} as const satisfies Record<string, Text>

const values: Readonly<Record<string, Text>> = {
  intact: { zh: '完好', en: 'intact' },
  broken: { zh: '已破坏', en: 'broken' },
  'not-checkable': { zh: '无法检查', en: 'not checkable' },
  ok: { zh: '正确', en: 'correct' },
  bad: { zh: '不正确', en: 'wrong' },
  none: { zh: '没有', en: 'none' },
  permitted: { zh: '只有允许的改动', en: 'permitted ones only' },
  'not-permitted': { zh: '有不允许的改动', en: 'not permitted' },
  undecided: { zh: '无法判断', en: 'cannot be judged' },
  signature: { zh: '签章', en: 'Seal' },
  'document-time-stamp': { zh: '文档时间戳', en: 'Document time stamp' },
}

/** A value word of the report in people's words; what is not known is shown as it came. */
export const valueText = (value: string): Text => values[value] ?? { zh: value, en: value }
