import type { Words } from '../definition.ts'
import type { PictureFaultCode } from '../pictures/picture-fault.ts'

export type FaultCode =
  | 'INPUT_NOT_AN_OBJECT'
  | 'FIELD_UNKNOWN'
  | 'FIELD_REQUIRED'
  | 'FIELD_OF_WRONG_KIND'
  | 'TEXT_TOO_LONG'
  | 'CHARACTER_NOT_ALLOWED'
  | 'CREDIT_CODE_INVALID'
  | 'IDENTITY_NUMBER_INVALID'
  | 'DATE_INVALID'
  | 'DATE_IN_FUTURE'
  | 'DATE_ORDER'
  | 'DATE_OUT_OF_RANGE'
  | 'NUMBER_INVALID'
  | 'CHOICE_UNKNOWN'
  | 'TOO_FEW_ROWS'
  | 'TOO_MANY_ROWS'
  | 'GLYPH_MISSING'
  | 'TEXT_DOES_NOT_FIT'
  | PictureFaultCode

/** What is wrong with one place of the input, for people. `pointer` is a JSON Pointer (RFC 6901) into it. */
export interface Fault {
  readonly pointer: string
  readonly code: FaultCode
  readonly detail: Words
}

const words: Readonly<Record<FaultCode, (subject: string) => Words>> = {
  INPUT_NOT_AN_OBJECT: () => ({ zh: '证照数据应为对象', en: 'The data must be an object of fields.' }),
  FIELD_UNKNOWN: (name) => ({ zh: `没有“${name}”这一项`, en: `There is no field “${name}”.` }),
  FIELD_REQUIRED: (label) => ({ zh: `请填写${label}`, en: 'This field must be filled in.' }),
  FIELD_OF_WRONG_KIND: (kind) => ({ zh: '数据类型不正确', en: `Expected ${kind}.` }),
  TEXT_TOO_LONG: (limit) => ({ zh: `不得超过 ${limit} 个字符`, en: `At most ${limit} characters.` }),
  CHARACTER_NOT_ALLOWED: (name) => ({
    zh: `含有不允许的控制字符（${name}）`,
    en: `Contains a control character that is not allowed (${name}).`,
  }),
  CREDIT_CODE_INVALID: () => ({
    zh: '统一社会信用代码有误：应为 18 位且校验码正确',
    en: 'Not a unified social credit code: 18 characters, the last one a check character.',
  }),
  IDENTITY_NUMBER_INVALID: () => ({
    zh: '公民身份号码有误：请核对出生日期和校验码',
    en: 'Not an identity number: check the date of birth and the check character.',
  }),
  DATE_INVALID: () => ({ zh: '日期不存在，应为 年-月-日', en: 'No such day; expected YYYY-MM-DD.' }),
  DATE_IN_FUTURE: () => ({ zh: '日期不能晚于今天', en: 'The day may not lie in the future.' }),
  DATE_ORDER: (other) => ({ zh: `不能早于${other}`, en: `May not be before ${other}.` }),
  DATE_OUT_OF_RANGE: () => ({
    zh: '由此推算的有效期超出 9999 年，请核对年份',
    en: 'The term that begins here would reach beyond the year 9999: check the year.',
  }),
  NUMBER_INVALID: (decimals) => ({
    zh: `应为不小于 0 的数，最多 ${decimals} 位小数`,
    en: `Expected a number not below 0 with at most ${decimals} decimals.`,
  }),
  CHOICE_UNKNOWN: () => ({ zh: '不在可选范围内', en: 'Not one of the choices.' }),
  TOO_FEW_ROWS: (limit) => ({ zh: `至少填写 ${limit} 行`, en: `At least ${limit} row(s).` }),
  TOO_MANY_ROWS: (limit) => ({ zh: `最多 ${limit} 行`, en: `At most ${limit} rows.` }),
  GLYPH_MISSING: (characters) => ({
    zh: `字库中没有这些字：${characters}`,
    en: `No typeface has a glyph for: ${characters}`,
  }),
  TEXT_DOES_NOT_FIT: () => ({ zh: '内容过长，证照上印不下', en: 'Too long for its place on the licence.' }),
  PICTURE_TOO_LARGE: (limit) => ({
    zh: `图片文件不得超过 ${limit}`,
    en: `The picture's file may have at most ${limit}.`,
  }),
  PICTURE_NOT_SUPPORTED: () => ({
    zh: '不是可用的图片：请用 JPEG 或 8 位 PNG',
    en: 'Not a picture that can be used: take a JPEG or an 8-bit PNG.',
  }),
  PICTURE_DAMAGED: () => ({ zh: '图片已损坏或不完整', en: 'The picture is damaged or cut off.' }),
  PICTURE_TOO_SMALL: (side) => ({
    zh: `图片太小，每边至少 ${side} 像素`,
    en: `Each side needs at least ${side} pixels.`,
  }),
  PICTURE_TOO_MANY_PIXELS: (side) => ({
    zh: `图片太大，每边最多 ${side} 像素`,
    en: `Each side may have at most ${side} pixels.`,
  }),
  PICTURE_COLOURS_NOT_SUPPORTED: () => ({
    zh: '图片应为 RGB 或灰度（不支持 CMYK）',
    en: 'The picture must be RGB or grey (not CMYK).',
  }),
}

/** @param subject what the words name: a limit, a label, characters */
export function fault(pointer: string, code: FaultCode, subject = ''): Fault {
  return { pointer, code, detail: words[code](subject) }
}

/** No name that we give is as long. */
const LONGEST_NAME = 100

/** What somebody called something, cut where it is too long to be told back. */
export const shownName = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME).toWellFormed()}…` : name

/** A step of a JSON Pointer. Names of more than 100 characters are cut: they are the sender's own, and would stand in every fault below. */
export function step(pointer: string, name: string | number): string {
  return `${pointer}/${shownName(String(name)).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
