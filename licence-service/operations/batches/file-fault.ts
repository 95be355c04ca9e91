import { LicenceError } from '../../errors.ts'

/** Why a file cannot be taken as a whole. */
export type FileFaultCode =
  | 'FILE_KIND_UNKNOWN'
  | 'ATTACHMENT_KIND_UNKNOWN'
  | 'FILE_OLD_SPREADSHEET'
  | 'FILE_ENCRYPTED'
  | 'FILE_DAMAGED'
  | 'FILE_EMPTY'
  | 'TOO_LARGE_UNPACKED'
  | 'TOO_MANY_ENTRIES'
  | 'TOO_MANY_ROWS'
  | 'TOO_MANY_COLUMNS'
  | 'COLUMN_NAME_NOT_TEXT'
  | 'NAME_NOT_ALLOWED'
  | 'NAME_REPEATED'
  | 'SHEET_NOT_FOUND'
  | 'XML_NOT_ALLOWED'
  | 'ENCODING_UNKNOWN'
  | 'RECORD_TOO_LONG'

const words: Readonly<Record<FileFaultCode, { readonly zh: string; readonly en: string }>> = {
  FILE_KIND_UNKNOWN: {
    zh: '不是可识别的文件：请上传 XLSX、CSV 或 JSON Lines',
    en: 'Not a file that can be read: send XLSX, CSV or JSON Lines.',
  },
  ATTACHMENT_KIND_UNKNOWN: {
    zh: '压缩包内有 JPEG、PNG、PDF 以外的文件',
    en: 'The archive holds a file that is no JPEG, PNG or PDF.',
  },
  FILE_OLD_SPREADSHEET: {
    zh: '旧版 XLS 或加密的表格：请另存为不加密的 XLSX',
    en: 'An old or encrypted spreadsheet: save it as XLSX without a password.',
  },
  FILE_ENCRYPTED: { zh: '文件已加密', en: 'The file is encrypted.' },
  FILE_DAMAGED: { zh: '文件已损坏或不完整', en: 'The file is damaged or cut off.' },
  FILE_EMPTY: { zh: '文件中没有数据', en: 'The file holds no data.' },
  TOO_LARGE_UNPACKED: { zh: '解压后过大', en: 'Too large once unpacked.' },
  TOO_MANY_ENTRIES: { zh: '压缩包内文件过多', en: 'Too many files in the archive.' },
  TOO_MANY_ROWS: { zh: '行数过多', en: 'Too many rows.' },
  TOO_MANY_COLUMNS: { zh: '列数过多，最多 200 列', en: 'Too many columns: at most 200.' },
  COLUMN_NAME_NOT_TEXT: {
    zh: '标题行含有无法保存的控制字符，请重新填写列名',
    en: 'A column’s name in the header holds signs that are no text: enter it again.',
  },
  NAME_NOT_ALLOWED: {
    zh: '压缩包内含有不允许的路径',
    en: 'The archive names a path that is not allowed.',
  },
  NAME_REPEATED: { zh: '压缩包内文件名重复', en: 'The archive names a file twice.' },
  SHEET_NOT_FOUND: { zh: '没有这张工作表', en: 'There is no such sheet.' },
  XML_NOT_ALLOWED: {
    zh: '表格内部结构异常，请用常见的表格软件重新保存',
    en: 'The spreadsheet is built in a way that is not taken: save it again with a usual program.',
  },
  ENCODING_UNKNOWN: {
    zh: '文字编码无法识别：应为 UTF-8 或 GB 18030',
    en: 'The text is neither UTF-8 nor GB 18030.',
  },
  RECORD_TOO_LONG: { zh: '有一行过长', en: 'A row is too long.' },
}

/** The refusal of a file; nothing of its content is in it. */
export const fileFault = (code: FileFaultCode, cause?: unknown): LicenceError =>
  new LicenceError('BATCH_FILE_INVALID', `the file cannot be taken: ${words[code].en}`, {
    faults: [{ pointer: '/file', code, detail: words[code] }],
    ...(cause === undefined ? {} : { cause }),
  })
