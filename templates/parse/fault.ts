import type { Words } from '../definition.ts'

export type DefinitionFaultCode =
  | 'MEMBER_MISSING'
  | 'MEMBER_UNKNOWN'
  | 'OF_WRONG_KIND'
  | 'OUT_OF_RANGE'
  | 'TOO_LONG'
  | 'TOO_MANY'
  | 'TOO_FEW'
  | 'CHARACTER_NOT_ALLOWED'
  | 'NOT_ONE_OF'
  | 'NAMED_TWICE'
  | 'NOT_THERE'
  | 'OFF_THE_PAGE'
  | 'RULE_BROKEN'

/** What is wrong with one place of a definition. `pointer` is a JSON Pointer (RFC 6901) into it. */
export interface DefinitionFault {
  readonly pointer: string
  readonly code: DefinitionFaultCode
  readonly detail: Words
}

const words: Readonly<Record<DefinitionFaultCode, (subject: string) => Words>> = {
  MEMBER_MISSING: () => ({ zh: '缺少此项', en: 'Missing.' }),
  MEMBER_UNKNOWN: () => ({ zh: '没有此项', en: 'There is no such member.' }),
  OF_WRONG_KIND: (kind) => ({ zh: `类型不正确，应为 ${kind}`, en: `Expected ${kind}.` }),
  OUT_OF_RANGE: (range) => ({ zh: `数值应在 ${range} 之间`, en: `Expected a number within ${range}.` }),
  TOO_LONG: (most) => ({ zh: `不得超过 ${most} 个字符`, en: `At most ${most} characters.` }),
  TOO_MANY: (most) => ({ zh: `不得多于 ${most} 项`, en: `At most ${most}.` }),
  TOO_FEW: (least) => ({ zh: `不得少于 ${least} 项`, en: `At least ${least}.` }),
  CHARACTER_NOT_ALLOWED: () => ({ zh: '含有不允许的字符', en: 'Contains a character that is not allowed.' }),
  NOT_ONE_OF: (choices) => ({ zh: `应为 ${choices} 之一`, en: `Expected one of ${choices}.` }),
  NAMED_TWICE: (name) => ({ zh: `“${name}”重复`, en: `“${name}” is there twice.` }),
  NOT_THERE: (name) => ({ zh: `没有“${name}”`, en: `There is no “${name}”.` }),
  OFF_THE_PAGE: (side) => ({ zh: `超出页面（${side} 毫米）`, en: `Runs off the page (${side} mm).` }),
  RULE_BROKEN: (rule) => {
    const [zh = '', en = ''] = rule.split('|')
    return { zh, en }
  },
}

/** @param subject what the words name; of RULE_BROKEN the rule itself, Chinese and English with a bar between */
export type Report = (pointer: string, code: DefinitionFaultCode, subject?: string) => void

const MOST_FAULTS = 100

/** Thrown to end the reading when there is no use in more faults. */
export class EnoughFaults extends Error {}

/** A list of faults and the function that adds to it. @throws EnoughFaults */
export function collectFaults(): { readonly faults: DefinitionFault[]; readonly report: Report } {
  const faults: DefinitionFault[] = []
  const report: Report = (pointer, code, subject = '') => {
    faults.push({ pointer, code, detail: words[code](subject) })
    if (faults.length >= MOST_FAULTS) throw new EnoughFaults()
  }
  return { faults, report }
}
