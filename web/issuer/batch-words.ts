import type { Text } from '../kit/language.ts'
import { explainProblem, hasWords } from '../kit/problem.ts'

/** Words of the batch centre; one of a newer server is shown as it came. */
const states: Readonly<Record<string, Text>> = {
  uploaded: { zh: '待对应', en: 'to be mapped' },
  mapped: { zh: '待检查', en: 'to be checked' },
  checking: { zh: '检查中', en: 'being checked' },
  checked: { zh: '待抽样', en: 'to be sampled' },
  sampled: { zh: '待抽样审批', en: 'sample to be approved' },
  approved: { zh: '可以制作', en: 'ready' },
  minting: { zh: '制作中', en: 'being made' },
  paused: { zh: '已暂停', en: 'paused' },
  waiting: { zh: '等待中', en: 'waiting' },
  done: { zh: '已完成', en: 'done' },
  cancelled: { zh: '已取消', en: 'cancelled' },
  'rolling-back': { zh: '撤回中', en: 'being rolled back' },
  'rolled-back': { zh: '已撤回', en: 'rolled back' },
}
const asItCame = (word: string): Text => ({ zh: word, en: word })
export const batchStateText = (state: string): Text => states[state] ?? asItCame(state)
export const batchStateNames = Object.keys(states)

export type BatchTone = 'good' | 'caution' | 'unsure'
export function batchTone(state: string): BatchTone {
  if (state === 'done' || state === 'approved') return 'good'
  return ['paused', 'waiting', 'cancelled', 'rolling-back', 'rolled-back'].includes(state) ? 'caution' : 'unsure'
}

/** States that are worked off by themselves: the page looks again. */
export const isAtWork = (state: string): boolean => ['checking', 'minting', 'waiting', 'rolling-back'].includes(state)

/** The way of a batch that meets no trouble. */
export const steps = [
  { name: { zh: '上传', en: 'Upload' }, states: [] },
  { name: { zh: '对应列', en: 'Map columns' }, states: ['uploaded'] },
  { name: { zh: '检查', en: 'Check' }, states: ['mapped', 'checking'] },
  { name: { zh: '抽样审批', en: 'Approve sample' }, states: ['checked', 'sampled'] },
  { name: { zh: '制作', en: 'Make' }, states: ['approved', 'minting', 'paused', 'waiting'] },
  { name: { zh: '完成', en: 'Done' }, states: ['done', 'cancelled', 'rolling-back', 'rolled-back'] },
] as const satisfies readonly { readonly name: Text; readonly states: readonly string[] }[]

const rowStates: Readonly<Record<string, Text>> = {
  new: { zh: '未检查', en: 'not checked' },
  valid: { zh: '可以制作', en: 'good' },
  faulty: { zh: '有误', en: 'faulty' },
  duplicate: { zh: '重复', en: 'duplicate' },
  claimed: { zh: '别处已有', en: 'taken elsewhere' },
  minting: { zh: '制作中', en: 'being made' },
  issued: { zh: '已签发', en: 'issued' },
  refused: { zh: '未签发', en: 'refused' },
  dead: { zh: '多次失败', en: 'given up' },
  'rolled-back': { zh: '已撤回', en: 'rolled back' },
}
export const rowStateText = (state: string): Text => rowStates[state] ?? asItCame(state)

const acts: Readonly<Record<string, Text>> = {
  check: { zh: '开始检查', en: 'Check the rows' },
  sample: { zh: '抽取样本', en: 'Draw a sample' },
  approve: { zh: '批准样本', en: 'Approve the sample' },
  refuse: { zh: '不批准', en: 'Refuse the sample' },
  start: { zh: '开始制作', en: 'Start making' },
  pause: { zh: '暂停', en: 'Pause' },
  resume: { zh: '继续', en: 'Resume' },
  cancel: { zh: '取消批次', en: 'Cancel the batch' },
  retry: { zh: '重试失败的行', en: 'Try failed rows again' },
  'roll-back': { zh: '撤回整批', en: 'Roll the batch back' },
}
export const batchActText = (act: string): Text => acts[act] ?? asItCame(act)

/** What an act will do, said before it is done; acts without words are done at once. */
export const batchConsequences: Readonly<Record<string, Text>> = {
  start: {
    zh: '将为每一行可以制作的数据编号、盖章、登记。可以随时暂停；已签发的不受影响。',
    en: 'Every good row is numbered, sealed and registered. It can be paused at any time; what is issued stays.',
  },
  cancel: {
    zh: '尚未制作的行不再制作；已签发的证照继续有效。此事不可恢复。',
    en: 'Rows not made yet never will be; licences issued stay in force. This cannot be undone.',
  },
  approve: {
    zh: '您确认已逐份看过样本，整批数据可以制作。制作人不能批准自己的样本。',
    en: 'You confirm that you looked at every one of the sample. Whoever runs the batch cannot approve it.',
  },
  refuse: {
    zh: '批次退回，更正后重新检查、抽样。',
    en: 'The batch goes back, to be corrected, checked and sampled again.',
  },
  'roll-back': {
    zh: '本批签发的每份证照都按“签发错误”注销。此事不可恢复。',
    en: 'Every licence issued by this batch is cancelled as issued in error. This cannot be undone.',
  },
}

const notes: Readonly<Record<string, Text>> = {
  SAMPLES_REFUSED: {
    zh: '样本未获批准，请更正后重新检查。',
    en: 'The sample was refused: correct the rows and check again.',
  },
  SEAL_QUOTA_EXHAUSTED: {
    zh: '印章用量已到上限，到时自动继续。',
    en: 'The seal’s quota is used up; it goes on by itself.',
  },
  SEAL_RATE_EXCEEDED: { zh: '用印过快，稍后自动继续。', en: 'The seal was used too fast; it goes on by itself.' },
  SEAL_SECOND_PERSON_AWAITED: { zh: '等待用印审批人批准。', en: 'An approver of the seal is awaited.' },
}
export const noteText = (note: string): Text => notes[note] ?? asItCame(note)

/** Acts of whoever runs a batch, and those of the second person. */
export const actsOfIssuer: readonly string[] = ['check', 'sample', 'start', 'pause', 'resume', 'retry', 'cancel']
export const actsOfReviewer: readonly string[] = ['approve', 'refuse', 'roll-back']
/** Acts that lead a batch onward: the one main button. */
export const isOnwardAct = (act: string): boolean => ['check', 'sample', 'approve', 'start', 'resume'].includes(act)

const rowFaults: Readonly<Record<string, Text>> = {
  CELL_FORMULA: { zh: '单元格是公式，请粘贴为数值', en: 'a formula: paste it as a value' },
  CELL_MERGED: { zh: '合并单元格，请拆开逐行填写', en: 'a merged cell: split it and fill in each row' },
  CELL_ERROR: { zh: '单元格的值有误', en: 'the cell holds an error' },
  CELL_TOO_LONG: { zh: '内容过长', en: 'the cell holds too much' },
  CELL_NUMBER_IMPRECISE: {
    zh: '超过 15 位的数字已失去精度，请设为文本重新填写',
    en: 'a number of more than 15 digits has lost its last ones: enter it as text',
  },
  CELL_DATE_IMPOSSIBLE: { zh: '没有这一天', en: 'no such day' },
  ROW_TOO_LONG: { zh: '列数多于标题行', en: 'more cells than the header' },
  ROW_NOT_JSON: { zh: '不是 JSON 对象', en: 'no JSON object' },
  PICTURE_FILE_MISSING: { zh: '压缩包里没有这个文件', en: 'no ZIP of the batch holds this file' },
  SCAN_FILE_MISSING: { zh: '压缩包里没有这个扫描件', en: 'no ZIP of the batch holds this scan' },
  SCAN_REQUIRED: { zh: '没有扫描件', en: 'no scan' },
  SCAN_TOO_MANY: { zh: '扫描件超过 50 个', en: 'more than 50 scans' },
  SCAN_GRADE_UNKNOWN: { zh: '质量等级应为 A 至 D', en: 'the grade is A to D' },
  SCAN_GRADE_MISSING: { zh: '没有写质量等级', en: 'no grade of the scan' },
  SCAN_OF_SEVERAL_ROWS: { zh: '同一扫描件对应多行', en: 'several rows have the same scan' },
  SCAN_KIND_UNKNOWN: { zh: '扫描件不是 PDF、PNG 或 JPEG', en: 'the scan is no PDF, PNG or JPEG' },
  SCAN_TOO_LARGE: { zh: '扫描件超过 16 MB', en: 'the scan has more than 16 MB' },
  SCAN_DAMAGED: { zh: '扫描件已损坏', en: 'the scan is damaged' },
  SCAN_TOO_MANY_PIXELS: { zh: '扫描件超过 1 亿像素', en: 'the scan has more than 100 million pixels' },
  SCAN_PDF_UNREADABLE: { zh: 'PDF 已损坏、加密或过于复杂', en: 'the PDF is damaged, encrypted or too involved' },
  DUPLICATE_IN_BATCH: { zh: '与本批前面的行重复', en: 'an earlier row says the same' },
  DUPLICATE_OF_BATCH: { zh: '与另一批次的行重复', en: 'a row of another batch says the same' },
  HOLDER_HAS_LICENCE: { zh: '持证主体已有有效的同类证照', en: 'the holder has a licence of this type already' },
  FIELD_REQUIRED: { zh: '必填', en: 'required' },
  FIELD_UNKNOWN: { zh: '证照没有这一项', en: 'no such field' },
  FIELD_OF_WRONG_KIND: { zh: '填写的内容不对', en: 'not what belongs here' },
  INPUT_NOT_AN_OBJECT: { zh: '该行无法处理', en: 'the row cannot be worked on' },
  TEXT_TOO_LONG: { zh: '字数超过限制', en: 'too many characters' },
  CHARACTER_NOT_ALLOWED: { zh: '含有不允许的控制字符', en: 'a control character that is not allowed' },
  CREDIT_CODE_INVALID: { zh: '位数或校验位不对', en: 'the length or the check character is wrong' },
  IDENTITY_NUMBER_INVALID: { zh: '出生日期或校验位不对', en: 'the date of birth or the check character is wrong' },
  NUMBER_INVALID: { zh: '不是可用的数', en: 'no number that can be used' },
  CHOICE_UNKNOWN: { zh: '不在可选范围内', en: 'not one of the choices' },
  TOO_FEW_ROWS: { zh: '明细行太少', en: 'too few rows of the table' },
  TOO_MANY_ROWS: { zh: '明细行太多', en: 'too many rows of the table' },
  PICTURE_TOO_LARGE: { zh: '图片文件太大', en: 'the picture’s file is too large' },
  PICTURE_NOT_SUPPORTED: { zh: '不是 JPEG 或 8 位 PNG 图片', en: 'no JPEG or 8-bit PNG' },
  PICTURE_DAMAGED: { zh: '图片已损坏', en: 'the picture is damaged' },
  PICTURE_TOO_SMALL: { zh: '图片的像素太少', en: 'the picture has too few pixels' },
  PICTURE_TOO_MANY_PIXELS: { zh: '图片的像素太多', en: 'the picture has too many pixels' },
  PICTURE_COLOURS_NOT_SUPPORTED: { zh: '图片不是 RGB 或灰度', en: 'the picture is neither RGB nor grey' },
  DATE_INVALID: { zh: '没有这一天', en: 'no such day' },
  DATE_IN_FUTURE: { zh: '不能晚于今天', en: 'later than today' },
  DATE_ORDER: { zh: '日期先后不对', en: 'days in the wrong order' },
  DATE_OUT_OF_RANGE: { zh: '有效期超出 9999 年，请核对年份', en: 'a term beyond the year 9999: check the year' },
  GLYPH_MISSING: { zh: '字库里没有这个字', en: 'a character that no typeface has' },
  TEXT_DOES_NOT_FIT: { zh: '版面上放不下', en: 'does not fit on the page' },
  ROW_NOT_UNDERSTOOD: { zh: '该行无法处理', en: 'the row cannot be worked on' },
}
/** What is wrong with a row, shortly, the column being named before it; the report has the whole sentence beside the cell. */
export function rowFaultText(code: string): Text {
  const known = rowFaults[code]
  if (known) return known
  const spelt = code.toLowerCase().replaceAll('_', ' ')
  if (!hasWords(code)) return { zh: code, en: spelt }
  const { zh, en } = explainProblem({ status: 422, code, title: spelt })
  return { zh: zh.replace(/。$/, ''), en: en.replace(/\.$/, '') }
}
