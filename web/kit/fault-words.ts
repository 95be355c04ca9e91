import { say, type Text } from './language.ts'
import type { FieldFault } from './problem.ts'

const blank: Text = { zh: '请填写。', en: 'Fill this in.' }
const tooLong: Text = { zh: '太长了。', en: 'Too long.' }
const unknownChoice: Text = { zh: '请从列出的选项中选择。', en: 'Choose one of those listed.' }

/** What is wrong with a field, by the code of its fault. */
const words: Readonly<Record<string, Text>> = {
  MISSING: blank,
  TOO_SMALL: blank,
  TOO_BIG: tooLong,
  FIELD_MISSING: blank,
  FIELD_OF_WRONG_KIND: { zh: '填写的内容不对。', en: 'This is not what belongs here.' },
  FIELD_UNKNOWN: { zh: '这一项不属于这种印章。', en: 'This kind of seal has no such part.' },
  TEXT_TOO_SHORT: { zh: '太短了。', en: 'Too short.' },
  TEXT_TOO_LONG: tooLong,
  CHARACTER_NOT_ALLOWED: { zh: '有不能用在印章上的字符：', en: 'Characters that may not stand on a seal: ' },
  CHARACTER_MISSING_IN_TYPE: { zh: '字库里没有这些字：', en: 'The faces lack these characters: ' },
  CHOICE_UNKNOWN: unknownChoice,
  INVALID_VALUE: unknownChoice,
  INVALID_FORMAT: { zh: '格式不对。', en: 'This has not the right form.' },
  NUMBER_OUT_OF_RANGE: { zh: '数值超出范围：', en: 'Out of range: ' },
  ARTWORK_MISSING: { zh: '请选择图案文件。', en: 'Choose the artwork’s file.' },
  ARTWORK_NOT_ALLOWED: {
    zh: '选了五角星或无图案时不能再带图案。',
    en: 'An artwork goes with the choice “own artwork” alone.',
  },
  ARTWORK_DAMAGED: { zh: '图案文件读不出来。', en: 'The artwork cannot be read.' },
  ARTWORK_TOO_LARGE: { zh: '图案文件太大。', en: 'The artwork’s file is too large.' },
  ARTWORK_NOT_SUPPORTED: { zh: '图案里有不支持的内容：', en: 'The artwork holds what is not taken: ' },
  ARTWORK_TOO_SMALL: { zh: '图案太小，会不清楚。', en: 'The artwork is too small to be clear.' },
  ARTWORK_TOO_MANY_PIXELS: { zh: '图案的像素太多。', en: 'The artwork has too many pixels.' },
  ARTWORK_TOO_DETAILED: { zh: '图案过于细碎。', en: 'The artwork is too detailed.' },
  ARTWORK_NOT_ONE_INK: { zh: '图案只能有一种颜色。', en: 'The artwork must be in one ink.' },
  ARTWORK_EMPTY: { zh: '图案是空的。', en: 'The artwork is empty.' },
  NAME_REFUSED: {
    zh: '名称应为 2 至 100 个字、字母、数字或括号。',
    en: 'Expected 2 to 100 letters, digits and brackets.',
  },
  NUMBER_REFUSED: {
    zh: '应为 13 位数字：6 位地区代码和 7 位顺序号。',
    en: 'Expected 13 digits: an area code of six and a serial number of seven.',
  },
  SHAPE_REFUSED: {
    zh: '名章为方形，发票专用章为其专有形状，其他印章不能用这两种。',
    en: 'A person’s seal is square and an invoice seal has its own shape; others have neither.',
  },
  TOO_MANY: { zh: '太多了：', en: 'Too many: ' },
  TYPE_UNKNOWN: { zh: '没有这种证照。', en: 'There is no such licence type.' },
  TYPE_NOT_CONDITIONAL: {
    zh: '目录里这种证照不是“有条件共享”，不用也不能订协议。',
    en: 'The catalogue does not share this type under conditions: no agreement is needed, or possible.',
  },
  NOT_ISSUER: { zh: '本单位不签发这种证照。', en: 'Your department does not issue this type.' },
  DEPARTMENT_UNKNOWN: { zh: '没有这个单位。', en: 'There is no such department.' },
  ONESELF: { zh: '和自己不用订协议。', en: 'A department needs no agreement with itself.' },
  FIELD_NOT_SHAREABLE: { zh: '目录不允许共享其中的字段。', en: 'The catalogue keeps one of these fields back.' },
  ENDS_BEFORE_IT_BEGINS: { zh: '结束要晚于开始。', en: 'It must end after it begins.' },
  PAST: { zh: '要在将来。', en: 'It must be in the future.' },
  TOO_LONG: { zh: '太长了。', en: 'Too long.' },
  PREFILL_TWICE: {
    zh: '表单的一个字段只能从一处填写。',
    en: 'A field of the form is filled from one place.',
  },
  PREFILL_TYPE_UNKNOWN: { zh: '没有这种证照。', en: 'There is no such licence type.' },
  PREFILL_FIELD_UNKNOWN: { zh: '这种证照没有这一项。', en: 'This type of licence has no such field.' },
  TWICE: { zh: '同一份材料只需一次。', en: 'Each document once.' },
}

/** What was left empty, by its place in the request. */
export const blankFaults = (values: Readonly<Record<string, string>>): FieldFault[] =>
  Object.entries(values)
    .filter(([, value]) => value.trim() === '')
    .map(([pointer]) => ({ pointer, code: 'MISSING' }))

/** The fault in words; what the words end with a colon for is named after them, what has no words is said as the server says it. */
export function faultText({ code, detail }: FieldFault): string {
  const known = code === undefined ? undefined : words[code]
  const told = typeof detail === 'object' ? say(detail) : (detail ?? '')
  if (known === undefined) return told || (code ?? '')
  const text = say(known)
  return /[：:]\s?$/.test(text) ? text + told : text
}
