import type { Text } from '../kit/language.ts'

/** Every text of the issuing desk. */
export const words = {
  place: { zh: '制证台', en: 'Issuing desk' },
  loading: { zh: '正在载入…', en: 'Loading…' },
  again: { zh: '再试一次', en: 'Try again' },
  cancel: { zh: '取消', en: 'Cancel' },
  back: { zh: '返回列表', en: 'Back to the list' },

  login: { zh: '登录制证台', en: 'Log in to the issuing desk' },
  formRefused: {
    zh: '本账号不能签发这类证照：只能查阅，或者本部门没有这类证照的签发权。',
    en: 'This account cannot issue this type: it may only read, or your department is not entitled to the type.',
  },

  list: { zh: '本部门的证照', en: 'Your department’s licences' },
  make: { zh: '制作新证照', en: 'Issue a licence' },
  filterType: { zh: '证照类型', en: 'Type' },
  filterStatus: { zh: '状态', en: 'Status' },
  filterNumber: { zh: '证照编号（完整）', en: 'Number, in full' },
  all: { zh: '全部', en: 'all' },
  number: { zh: '证照编号', en: 'Number' },
  holder: { zh: '持证主体', en: 'Holder' },
  issuedOn: { zh: '签发日期', en: 'Issued' },
  validUntil: { zh: '有效期至', en: 'Valid until' },
  emptyAll: {
    zh: '还没有证照。点“制作新证照”，选一个类型，可以先用样例填好看看效果。',
    en: 'No licences yet. Choose “Issue a licence”, pick a type, and fill it with the example to see what it looks like.',
  },
  emptyFound: { zh: '没有符合条件的证照。', en: 'No licence matches.' },
  clearFilters: { zh: '清除条件', en: 'Clear the filters' },
  newer: { zh: '上一页', en: 'Previous' },
  older: { zh: '下一页', en: 'Next' },
  page: { zh: '第 {page} 页', en: 'Page {page}' },

  chooseType: { zh: '制作哪一种证照？', en: 'Which type of licence?' },
  noTypes: { zh: '贵部门还没有可以签发的证照类型。', en: 'Your department may not issue any type yet.' },
  draftKept: { zh: '有未完成的草稿', en: 'draft kept' },
  mayNotIssue: { zh: '您的账号可以查看，但不能制证。', en: 'Your account may look but not issue.' },

  fillExample: { zh: '用样例填写', en: 'Fill with the example' },
  startAgain: { zh: '清空重填', en: 'Clear the form' },
  startAgainAsk: {
    zh: '已填写的内容会全部清掉，不能恢复。',
    en: 'Everything typed is cleared and cannot be brought back.',
  },
  draftRestored: { zh: '已恢复上次没有完成的草稿。', en: 'Your unfinished draft was restored.' },
  required: { zh: '必填', en: 'required' },
  optional: { zh: '选填', en: 'optional' },
  openEnd: { zh: '长期有效', en: 'No end' },
  pick: { zh: '请选择', en: 'Choose' },
  addRow: { zh: '加一行', en: 'Add a row' },
  removeRow: { zh: '删除第 {row} 行', en: 'Remove row {row}' },
  row: { zh: '第 {row} 行', en: 'Row {row}' },
  rowsLeft: { zh: '最多 {max} 行', en: 'At most {max} rows' },
  pickPicture: { zh: '选择图片', en: 'Choose a picture' },
  otherPicture: { zh: '换一张', en: 'Choose another' },
  removePicture: { zh: '移除', en: 'Remove' },
  pictureRule: {
    zh: 'JPEG 或 PNG，每边 {min}–{max} 像素，不超过 {size}',
    en: 'JPEG or PNG, sides of {min}–{max} pixels, at most {size}',
  },
  pictureKind: { zh: '这不是 JPEG 或 PNG 图片。', en: 'This is not a JPEG or PNG picture.' },
  pictureBroken: { zh: '图片打不开，可能已损坏。', en: 'The picture cannot be opened; it may be damaged.' },
  pictureSides: {
    zh: '图片是 {width}×{height} 像素，每边应在 {min} 到 {max} 之间。',
    en: 'The picture has {width}×{height} pixels; each side should have {min} to {max}.',
  },
  pictureSize: { zh: '图片有 {size}，超过 {limit}。', en: 'The picture has {size}, more than {limit}.' },
  pictureInDocument: { zh: '见证照文件', en: 'see the document' },
  pictureShown: { zh: '已选图片', en: 'Chosen picture' },

  faultsTitle: { zh: '有 {count} 处需要改正', en: '{count} entries need correcting' },
  preview: { zh: '预览', en: 'Preview' },
  previewLabel: { zh: '证照样张', en: 'Specimen of the licence' },
  previewWaiting: {
    zh: '必填项填好后，这里会显示样张。',
    en: 'A specimen appears here once the required entries are filled in.',
  },
  previewDrawing: { zh: '正在更新样张…', en: 'Updating the specimen…' },
  previewFresh: { zh: '样张是最新的', en: 'The specimen is up to date' },
  previewOld: {
    zh: '有内容需要改正，样张暂不更新。',
    en: 'Some entries need correcting; the specimen is not updated.',
  },

  mint: { zh: '盖章签发', en: 'Seal and issue' },
  mintAskTitle: { zh: '签发这份证照？', en: 'Issue this licence?' },
  mintAsk: {
    zh: '将为“{holder}”签发{type}：取得编号、盖上{department}的电子印章、写入证照登记簿。签发后不能删除或改动，只能换证、暂扣或吊销。',
    en: 'A {type} will be issued to {holder}: it gets its number, the seal of {department} and its entry in the register. It cannot be deleted or changed afterwards, only replaced, suspended or revoked.',
  },
  minting: { zh: '正在编号、制版、盖章、核验、登记…', en: 'Numbering, drawing, sealing, verifying, registering…' },
  mintRetry: {
    zh: '没有收到结果，证照可能已经签发。再点一次是安全的：不会重复签发。',
    en: 'No answer came, and the licence may have been issued. Trying again is safe: it is never issued twice.',
  },
  minted: { zh: '签发成功', en: 'Issued' },
  mintedText: {
    zh: '编号 {number}。可以下载，或者把领取链接交给持证人。',
    en: 'Its number is {number}. Download it, or hand the holder a link.',
  },

  download: { zh: '下载 PDF', en: 'Download the PDF' },
  handOver: { zh: '交给持证人', en: 'Hand over to the holder' },
  verify: { zh: '打开查验页', en: 'Open its public check' },
  document: { zh: '证照文件', en: 'The document' },
  history: { zh: '登记记录', en: 'Register entries' },
  contents: { zh: '证照内容', en: 'What it says' },
  identifier: { zh: '电子证照标识', en: 'Licence identifier' },
  dataDigest: { zh: '数据摘要', en: 'Data digest' },
  sealedDigest: { zh: '盖章文件摘要', en: 'Sealed digest' },
  level: { zh: '签章等级', en: 'Level of the seal' },
  levelRising: { zh: '将自动提升至', en: 'will be raised to' },
  validFrom: { zh: '有效期自', en: 'Valid from' },
  replaces: { zh: '替换的旧证', en: 'Replaces' },
  replacedBy: { zh: '已换发新证', en: 'Replaced by' },
  reason: { zh: '原因', en: 'Reason' },
  reasonHint: { zh: '会写入登记簿，长期保存。', en: 'It goes into the register and stays there.' },
  reasonNeeded: { zh: '请写明原因。', en: 'A reason is needed.' },
  effectiveAt: {
    zh: '生效时间（北京时间，不填为现在，不能是将来）',
    en: 'Effective from (Beijing time; empty: now; not in the future)',
  },
  looks: { zh: '持证人领取记录', en: 'Visits by holder links' },
  erased: {
    zh: '个人信息已按要求清除，只保留登记记录。',
    en: 'Personal data were erased; only the register entries remain.',
  },
  pictureAgain: { zh: '图片不会带过来，请重新选择。', en: 'Pictures are not carried over; choose them again.' },

  linkTitle: { zh: '请持证人扫码领取', en: 'Let the holder scan this' },
  linkText: {
    zh: '用手机扫码，输入身份证号或信用代码的最后六位，即可查看和下载。',
    en: 'Scan with a phone, enter the last six characters of the identity number or credit code, and read or download the licence.',
  },
  linkExpires: { zh: '链接有效至 {time}', en: 'The link works until {time}' },
  linkCopy: { zh: '复制链接', en: 'Copy the link' },
  linkCopied: { zh: '已复制', en: 'Copied' },
  linkQr: { zh: '领取证照的二维码', en: 'QR code to fetch the licence' },
  linkAddress: { zh: '链接', en: 'Link' },
} as const satisfies Record<string, Text>

export type Act = 'suspensions' | 'restorations' | 'revocations'

/** What a visit by a holder link was. */
export const looks: Readonly<Record<string, Text>> = {
  seen: { zh: '打开了链接', en: 'opened the link' },
  refused: { zh: '后六位输错', en: 'entered wrong characters' },
  locked: { zh: '输错太多，链接锁定', en: 'locked the link by wrong characters' },
  opened: { zh: '查看了证照', en: 'read the licence' },
  document: { zh: '取用了 PDF', en: 'fetched the PDF' },
}

/** The acts on a licence: what the button says, what will happen, and what to write as the reason. */
export const acts: Readonly<
  Record<Act | 'replacements', { readonly name: Text; readonly what: Text; readonly done: Text }>
> = {
  suspensions: {
    name: { zh: '暂扣', en: 'Suspend' },
    what: {
      zh: '暂扣后，任何人查验都会看到“真实但已暂扣”。可以随时恢复。',
      en: 'Everyone who checks it will read “genuine, but suspended”. It can be restored at any time.',
    },
    done: { zh: '已暂扣。', en: 'Suspended.' },
  },
  restorations: {
    name: { zh: '恢复', en: 'Restore' },
    what: { zh: '恢复后，查验重新显示“真实有效”。', en: 'Checks will again read “genuine, in force”.' },
    done: { zh: '已恢复。', en: 'Restored.' },
  },
  revocations: {
    name: { zh: '吊销', en: 'Revoke' },
    what: {
      zh: '吊销不能撤销。此后任何人查验都会看到“真实但已吊销”；需要时只能重新签发。',
      en: 'This cannot be undone. Everyone who checks it will read “genuine, but revoked”; a new licence would have to be issued.',
    },
    done: { zh: '已吊销。', en: 'Revoked.' },
  },
  replacements: {
    name: { zh: '换证', en: 'Replace' },
    what: {
      zh: '将签发新版本，旧证随即失效，查验旧证时会提示已换发新证。',
      en: 'A new version is issued and the old one ends; checks of the old one will say that it has been replaced.',
    },
    done: { zh: '已换证。', en: 'Replaced.' },
  },
}
