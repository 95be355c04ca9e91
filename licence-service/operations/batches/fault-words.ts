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

export const rowReasonWords: Readonly<Record<RowReasonCode, Words>> = {
  PICTURE_FILE_MISSING: { zh: '压缩包中没有这个文件', en: 'No ZIP of the batch holds this file.' },
  DUPLICATE_IN_BATCH: { zh: '与本批前面的行重复', en: 'An earlier row of the batch says the same.' },
  DUPLICATE_OF_BATCH: { zh: '与另一批次的行重复', en: 'A row of another batch says the same.' },
  HOLDER_HAS_LICENCE: { zh: '持证主体已有有效的同类证照', en: 'The holder has a licence of this type already.' },
  ROW_NOT_UNDERSTOOD: { zh: '该行无法处理', en: 'The row cannot be worked on.' },
}
