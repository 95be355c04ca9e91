import type { ScanFault } from '../../domain/scan.ts'
import type { CellFaultCode } from './read-row.ts'

interface Words {
  readonly zh: string
  readonly en: string
}

export const cellFaultWords: Readonly<Record<CellFaultCode, Words>> = {
  CELL_FORMULA: { zh: '单元格含公式，请粘贴为数值', en: 'The cell holds a formula: paste it as a value.' },
  CELL_MERGED: { zh: '单元格已合并，请取消合并并逐行填写', en: 'The cell is merged: split it and fill in each row.' },
  CELL_ERROR: { zh: '单元格的值有误', en: 'The cell holds an error.' },
  CELL_TOO_LONG: { zh: '单元格内容过长', en: 'The cell holds too much.' },
  CELL_NUMBER_IMPRECISE: {
    zh: '超过 15 位的数字已失去精度，请设为文本格式后重新填写',
    en: 'A number of more than 15 digits has lost its last ones: format the cell as text and enter it again.',
  },
  CELL_DATE_IMPOSSIBLE: { zh: '日期不存在', en: 'There is no such day.' },
  ROW_TOO_LONG: { zh: '该行的列数多于标题行', en: 'The row has more cells than the header.' },
  ROW_NOT_JSON: { zh: '该行不是 JSON 对象', en: 'The line is no JSON object.' },
}

export type RowReasonCode =
  | 'PICTURE_FILE_MISSING'
  | 'DUPLICATE_IN_BATCH'
  | 'DUPLICATE_OF_BATCH'
  | 'HOLDER_HAS_LICENCE'
  | 'ROW_NOT_UNDERSTOOD'
  | RowScanFaultCode

/** What is wrong with the scans of a row. */
export type RowScanFaultCode =
  | ScanFault
  | 'SCAN_FILE_MISSING'
  | 'SCAN_REQUIRED'
  | 'SCAN_TOO_MANY'
  | 'SCAN_GRADE_UNKNOWN'
  | 'SCAN_GRADE_MISSING'
  | 'SCAN_OF_SEVERAL_ROWS'

export const rowReasonWords: Readonly<Record<RowReasonCode, Words>> = {
  PICTURE_FILE_MISSING: { zh: '压缩包中没有这个文件', en: 'No ZIP of the batch holds this file.' },
  DUPLICATE_IN_BATCH: { zh: '与本批前面的行重复', en: 'An earlier row of the batch says the same.' },
  DUPLICATE_OF_BATCH: { zh: '与另一批次的行重复', en: 'A row of another batch says the same.' },
  HOLDER_HAS_LICENCE: { zh: '持证主体已有有效的同类证照', en: 'The holder has a licence of this type already.' },
  ROW_NOT_UNDERSTOOD: { zh: '该行无法处理', en: 'The row cannot be worked on.' },
  SCAN_FILE_MISSING: { zh: '压缩包中没有这个扫描件', en: 'No ZIP of the batch holds this scan.' },
  SCAN_REQUIRED: { zh: '没有扫描件', en: 'The row has no scan.' },
  SCAN_TOO_MANY: { zh: '扫描件过多，每份证照最多 50 个', en: 'Too many scans: at most 50 of one licence.' },
  SCAN_GRADE_UNKNOWN: { zh: '质量等级应为 A、B、C 或 D', en: 'The grade is A, B, C or D.' },
  SCAN_GRADE_MISSING: { zh: '没有写扫描件的质量等级', en: 'The scan has no grade.' },
  SCAN_OF_SEVERAL_ROWS: {
    zh: '同一扫描件对应多行；请分开扫描，或改文件名',
    en: 'Several rows have the same scan: scan them apart, or name the files otherwise.',
  },
  SCAN_KIND_UNKNOWN: { zh: '扫描件不是 PDF、PNG 或 JPEG', en: 'The scan is no PDF, PNG or JPEG.' },
  SCAN_TOO_LARGE: { zh: '扫描件超过 16 MB', en: 'The scan has more than 16 MiB.' },
  SCAN_DAMAGED: { zh: '扫描件已损坏', en: 'The scan is damaged.' },
  SCAN_TOO_MANY_PIXELS: { zh: '扫描件超过 1 亿像素', en: 'The scan has more than 100 million pixels.' },
  SCAN_PDF_UNREADABLE: {
    zh: 'PDF 扫描件已损坏、加密或过于复杂',
    en: 'The PDF is damaged, encrypted or too involved to be read.',
  },
}
