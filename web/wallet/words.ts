import { say, sayList, type Text } from '../kit/language.ts'
import type { Access } from './wallet.ts'

/** Every text of the wallet. */
export const words = {
  title: { zh: '我的证照', en: 'My licences' },
  loading: { zh: '正在打开…', en: 'Opening…' },
  again: { zh: '再试一次', en: 'Try again' },
  more: { zh: '更早的', en: 'Earlier' },
  back: { zh: '返回', en: 'Back' },
  cancel: { zh: '取消', en: 'Cancel' },
  skipNav: { zh: '我的证照的各部分', en: 'Parts of the wallet' },

  loginTitle: { zh: '把证照放进手机', en: 'Your licences, on your phone' },
  loginText: {
    zh: '登录后可以查看、下载您名下的电子证照，看到谁查看过它们。',
    en: 'Log in to read and download the licences issued to you, and to see who looked at them.',
  },
  provider: { zh: '用{name}登录', en: 'Log in with {name}' },
  name: { zh: '姓名或单位名称', en: 'Name of the person or organisation' },
  code: { zh: '身份证号或统一社会信用代码', en: 'Identity number or credit code' },
  login: { zh: '进入', en: 'Enter' },
  demo: {
    zh: '这是演示登录：填演示证照上的姓名和号码即可，不核验身份。正式环境只接受统一身份认证。',
    en: 'This is the demonstration’s login: the name and number on a made-up licence are enough. In production only the identity provider counts.',
  },
  privacy: {
    zh: '号码只用来查找您的证照，不会原样保存。',
    en: 'Your number only serves to find your licences; it is not kept as you typed it.',
  },
  mistyped: {
    zh: '号码有误，请逐位核对：校验码不符。',
    en: 'The number has a mistake: its check character does not match. Compare it character by character.',
  },
  noLogin: { zh: '这里还没有开通持证人登录。', en: 'Holders cannot log in here yet.' },
  ended: { zh: '登录已结束，请重新登录。', en: 'Your login has ended. Please log in again.' },
  logout: { zh: '退出登录', en: 'Log out' },

  cards: { zh: '证照', en: 'Licences' },
  looks: { zh: '谁看过', en: 'Who looked' },
  notices: { zh: '消息', en: 'News' },
  mine: { zh: '我的', en: 'Me' },

  hello: { zh: '{name}，您有 {count} 份证照', en: '{name}, you hold {count} licences' },
  helloOne: { zh: '{name}，您有 1 份证照', en: '{name}, you hold one licence' },
  empty: { zh: '您名下还没有电子证照', en: 'No licence was issued to you yet' },
  emptyText: {
    zh: '证照签发后会自动出现在这里，不用申领。如果您有纸质证照而这里没有，请问签发部门。',
    en: 'Licences appear here by themselves once they are issued. If you hold one on paper that is missing, ask who issued it.',
  },
  earlier: { zh: '以前的证照（{count}）', en: 'Earlier licences ({count})' },
  number: { zh: '证照编号', en: 'Number' },
  validUntil: { zh: '有效期至', en: 'Valid until' },
  collectedFrom: { zh: '采集自“{source}”', en: 'collected from “{source}”' },
  soon: { zh: '还有 {days} 天到期', en: '{days} days left' },
  actingFor: { zh: '正在代{company}查看', en: 'Acting for {company}' },
  stopActing: { zh: '回到自己的证照', en: 'Back to my own' },

  show: { zh: '看原件', en: 'Show document' },
  download: { zh: '下载（PDF）', en: 'Download PDF' },
  downloadNote: {
    zh: '下载的文件带电子印章，任何人都可以核验。',
    en: 'The file carries its e-seal; anyone can verify it.',
  },
  verify: { zh: '去核验', en: 'Verify it' },
  drawing: { zh: '正在显示原件…', en: 'Drawing the document…' },
  details: { zh: '证照内容', en: 'What it says' },
  history: { zh: '状态变化', en: 'What became of it' },
  erased: { zh: '这份证照的个人信息已依法清除。', en: 'The personal data of this licence were erased by law.' },
  identifier: { zh: '电子证照标识', en: 'Identifier' },

  looksText: {
    zh: '谁在什么时候、为什么查看过您的证照。部门的查看只写部门，不写经办人。',
    en: 'Who looked at your licences, when and why. Departments are named, their clerks are not.',
  },
  noLooks: { zh: '还没有人查看过。', en: 'Nobody has looked yet.' },
  refused: { zh: '被拒绝', en: 'refused' },
  forMatter: { zh: '事项：{matter}', en: 'Matter: {matter}' },
  named: { zh: '{name}（{code}）', en: '{name} ({code})' },
  forPurpose: { zh: '用途：{purpose}', en: 'Purpose: {purpose}' },
  sawFields: { zh: '看到的内容：{fields}', en: 'What they saw: {fields}' },
  checkedFields: { zh: '核对的内容：{fields}', en: 'What they checked: {fields}' },

  noNotices: { zh: '还没有消息。', en: 'No news yet.' },
  fresh: { zh: '新', en: 'new' },

  who: { zh: '登录身份', en: 'Logged in as' },
  person: { zh: '个人', en: 'a person' },
  company: { zh: '单位', en: 'an organisation' },
  exportTitle: { zh: '带走您的数据', en: 'Take your data along' },
  exportText: {
    zh: '把系统里关于您的证照的全部内容下载成一个文件：证照数据、状态变化、查看记录。',
    en: 'All that is kept of your licences as one file: their data, their states, and who looked.',
  },
  exportAct: { zh: '下载全部（JSON）', en: 'Download all (JSON)' },
  agents: { zh: '谁可以代我办', en: 'Who acts for us' },
  agentsFor: { zh: '我可以代谁办', en: 'For whom I act' },
  agentsText: {
    zh: '单位可以让经办人代看、代下载证照，到期自动停止，也可以随时停止。',
    en: 'An organisation may let somebody read or download its licences for a while; it ends by itself, or whenever you say.',
  },
  noAgents: { zh: '还没有。', en: 'Nobody yet.' },
  addAgent: { zh: '添加经办人', en: 'Add an agent' },
  agentName: { zh: '经办人姓名', en: 'The agent’s name' },
  agentCode: { zh: '经办人身份证号', en: 'The agent’s identity number' },
  agentScopes: { zh: '可以做什么', en: 'What they may do' },
  agentUntil: { zh: '到哪一天为止', en: 'Until which day' },
  agentUntilFault: { zh: '请选今天之后、三年之内的一天。', en: 'Choose a day after today, within three years.' },
  agentFault: { zh: '请填姓名、号码，并至少选一项。', en: 'Give a name and a number, and choose at least one.' },
  save: { zh: '添加', en: 'Add' },
  end: { zh: '停止', en: 'End it' },
  actFor: { zh: '代其查看', en: 'Act for them' },
  until: { zh: '至 {day}', en: 'until {day}' },

  dispute: { zh: '内容有误？', en: 'Something wrong?' },
  disputeTitle: { zh: '对证照内容提出异议', en: 'Dispute what the licence says' },
  disputeText: {
    zh: '签发部门要在 10 个工作日内答复。请不要写与证照无关的个人信息。',
    en: 'The issuer answers within ten working days. Leave out what has nothing to do with the licence.',
  },
  disputeField: { zh: '哪一项', en: 'Which entry' },
  disputeWhole: { zh: '整份证照', en: 'The licence as a whole' },
  disputeWords: { zh: '哪里不对，应该是什么', en: 'What is wrong, and what it should say' },
  disputeSend: { zh: '提出', en: 'Send' },
  disputeSent: { zh: '已提出，签发部门会在 {day} 前答复。', en: 'Sent. The issuer answers by {day}.' },
  disputes: { zh: '我提出的异议', en: 'What I disputed' },
  answerUntil: { zh: '最晚 {day} 答复', en: 'answered by {day}' },
} as const

export const scopeWords: Readonly<Record<string, Text>> = {
  read: { zh: '查看', en: 'read' },
  download: { zh: '下载', en: 'download' },
  dispute: { zh: '提出异议', en: 'dispute' },
}

export const agencyWords: Readonly<Record<string, Text>> = {
  'to come': { zh: '尚未开始', en: 'to come' },
  standing: { zh: '有效', en: 'standing' },
  over: { zh: '已到期', en: 'over' },
  ended: { zh: '已停止', en: 'ended' },
}

export const disputeWords: Readonly<Record<string, Text>> = {
  open: { zh: '等待答复', en: 'waiting for an answer' },
  refused: { zh: '没有采纳', en: 'not accepted' },
  corrected: { zh: '已更正', en: 'corrected' },
  closed: { zh: '个人信息已清除，不再答复', en: 'closed: personal data were erased' },
}

const byWords: Readonly<Record<string, Text>> = {
  holder: { zh: '您自己', en: 'You' },
  agent: { zh: '您的经办人', en: 'Your agent' },
  link: { zh: '有查看链接的人', en: 'Somebody with a link' },
}

/** Who looked, in words. */
export const lookerText = ({ by, department }: { by: string; department: Text | null }): Text =>
  department ?? byWords[by] ?? { zh: '某个部门', en: 'A department' }

const whatWords: Readonly<Record<string, Text>> = {
  data: { zh: '查看了证照内容', en: 'read the licence' },
  picture: { zh: '查看了证照原样', en: 'looked at the document' },
  document: { zh: '下载了原件', en: 'downloaded the document' },
  statement: { zh: '查看了二维码内容', en: 'read its QR code' },
  copy: { zh: '做了一份加注件', en: 'made a copy for a purpose' },
  'copy-refused': { zh: '要做一份加注件，没有做成', en: 'asked for a copy for a purpose; none was made' },
  'copy-read': { zh: '查看了一份加注件的说明', en: 'looked at the details of a copy' },
  'copy-document': { zh: '下载了一份加注件', en: 'downloaded a copy' },
  check: { zh: '核对了证照内容', en: 'checked what it says' },
  export: { zh: '导出了数据', en: 'took the data along' },
  'shared-search': { zh: '通过共享查询有没有证照', en: 'asked which licences there are' },
  'shared-data': { zh: '通过共享获取了数据', en: 'fetched data' },
  'shared-file': { zh: '通过共享获取了一份加注件', en: 'fetched a copy for a purpose' },
  'shared-file-check': { zh: '通过共享核验了证照文件', en: 'verified the document' },
  'shared-data-check': { zh: '通过共享核对了数据', en: 'checked data against it' },
  'shared-qr-check': { zh: '通过共享核验了二维码', en: 'verified its QR code' },
  'shared-prefill': { zh: '通过共享用数据预填了表单', en: 'filled a form with its data' },
  'shared-nothing': { zh: '通过共享来问过，没有得到数据', en: 'asked and was given nothing' },
  seen: { zh: '打开了链接', en: 'opened the link' },
  opened: { zh: '用链接打开了证照', en: 'opened the licence by the link' },
  refused: { zh: '没有答对链接的提问', en: 'gave wrong characters to the link' },
  locked: { zh: '答错太多，链接已锁', en: 'locked the link with wrong characters' },
}

/** What a department saw of a licence, or knew and had checked; nothing where it was refused or told that there is nothing. */
export function fieldsText({
  what,
  isGranted,
  fieldLabels,
}: Pick<Access, 'what' | 'isGranted' | 'fieldLabels'>): string {
  if (!isGranted || what === 'shared-nothing' || fieldLabels.length === 0) return ''
  const fields = sayList(fieldLabels.map((label) => say(label)))
  return say(what === 'shared-data-check' ? words.checkedFields : words.sawFields, { fields })
}

/** A matter by its name beside its code, where the name is known. */
export function matterText({ matter, matterName }: Pick<Access, 'matter' | 'matterName'>): string {
  if (matter === null) return ''
  return say(words.forMatter, {
    matter: matterName === null ? matter : say(words.named, { name: matterName, code: matter }),
  })
}

export const whatText = (what: string): Text => whatWords[what] ?? { zh: what, en: what }

const eventWords: Readonly<Record<string, Text>> = {
  'enter into force': { zh: '已签发', en: 'issued' },
  collect: { zh: '已由原系统归集', en: 'taken over from another system' },
  issue: { zh: '已签发', en: 'issued' },
  suspend: { zh: '被暂扣', en: 'suspended' },
  restore: { zh: '已发还', en: 'given back' },
  revoke: { zh: '被吊销', en: 'revoked' },
  withdraw: { zh: '被撤销', en: 'withdrawn' },
  cancel: { zh: '已注销', en: 'cancelled' },
  supersede: { zh: '已换发新证', en: 'replaced by a new one' },
  transfer: { zh: '已转出', en: 'transferred' },
  archive: { zh: '已归档', en: 'archived' },
}

export const eventText = (event: string): Text => eventWords[event] ?? { zh: event, en: event }
