// What a document system meets when it calls for seals (OES, GB/T 33481-2016): its closed list of codes, and who is behind the calls.
import type { eseal } from '../../pki/index.ts'

/** Codes as document systems know them (hexadecimal in the field), with their words. */
export const oesMessages = {
  '00': { zh: '成功', en: 'done' },
  '04': { zh: '没有可用的印章', en: 'no seal can be used' },
  '05': { zh: '印章标识错误', en: 'there is no such seal' },
  '06': { zh: '印章数据错误', en: 'the data of the seal are wrong' },
  '07': { zh: '印章无效或不在用', en: 'the seal is not valid or not in use' },
  '08': { zh: '不支持的摘要算法', en: 'this digest is not offered' },
  '09': { zh: '摘要数据错误', en: 'the digest is wrong' },
  '10': { zh: '已取消', en: 'taken back' },
  '11': { zh: '无权使用该印章', en: 'no right to use the seal' },
  '12': { zh: '待签数据错误', en: 'what is to be signed is wrong' },
  '13': { zh: '参数错误', en: 'a parameter is wrong' },
  '14': { zh: '验章失败，文档已被修改', en: 'the signature does not hold: the document was changed' },
  '15': { zh: '签章数据错误', en: 'the data of the signature are wrong' },
  '16': { zh: '用印额度或频次已满', en: 'quota or rate is spent' },
  '17': { zh: '证书不可信、已过期或已吊销', en: 'a certificate is not trusted, has ended or is revoked' },
  '18': { zh: '暂时无法判定', en: 'it cannot be told now' },
  '1f': { zh: '内部错误', en: 'an error of the house' },
} as const satisfies Record<string, { readonly zh: string; readonly en: string }>
export type OesCode = keyof typeof oesMessages
export const oesCodes = Object.keys(oesMessages).sort() as OesCode[]

/** The code of a refusal, by the problem's own code. */
const codeOfProblem: Readonly<Record<string, OesCode>> = {
  SEAL_NOT_FOUND: '05',
  SEAL_ESEAL_ABSENT: '06',
  SEAL_NOT_MADE: '07',
  SEAL_NOT_IN_USE: '07',
  SEAL_SUSPENDED: '07',
  SEAL_LOST: '07',
  SEAL_REVOKED: '07',
  SEAL_CERTIFICATE_AWAITED: '07',
  SEAL_CERTIFICATE_EXPIRED: '17',
  SEAL_NOT_YOURS: '11',
  SEAL_NOT_AUTHORISED: '11',
  SEAL_PERSONAL: '11',
  SEAL_ROLE_MISSING: '11',
  SEAL_QUOTA_EXHAUSTED: '16',
  SEAL_RATE_EXCEEDED: '16',
  SEAL_REQUEST_CONFLICT: '12',
  OES_SIGNATURE_NOT_FOUND: '15',
  REQUEST_INVALID: '13',
}

/** Which problems mean which code, for the table that document systems read. */
export const problemsOf = (code: OesCode): string[] =>
  Object.keys(codeOfProblem).filter((problem) => codeOfProblem[problem] === code)

/**
 * What is said of a signature: by the first step that failed, else the first that could not be told. `dataFits`: whether the
 * digest sent beside the signature is that in it, null where none came; it stands in for data that were not sent, never for data that differ.
 */
export function codeOfVerdict(
  { steps }: eseal.SignatureVerification,
  dataFits: boolean | null,
  isCancelled: boolean,
): OesCode {
  if (dataFits === false) return '14'
  const asked = steps.filter(({ step, outcome }) => step !== 'e' || dataFits === null || outcome === 'failed')
  const failed = asked.find(({ outcome }) => outcome === 'failed')
  if (failed !== undefined) {
    if (failed.step === 'e') return '14'
    if (failed.step === 'f') return '06'
    return failed.step === 'c' || failed.step === 'd' || failed.step === 'stamp' ? '17' : '15'
  }
  if (isCancelled) return '10'
  return asked.some(({ outcome }) => outcome === 'undecided') ? '18' : '00'
}

/** OES_GetSealList's form: ID1\0Name1\0ID2\0Name2\0\0. */
export const formatSealList = (seals: readonly { readonly id: string; readonly name: string }[]): string =>
  `${seals.map(({ id, name }) => `${id}\0${name}\0`).join('')}\0`

/** Who answers the calls (OES_GetProviderInfo). */
export const oesProvider = {
  name: '证印 Zhengyin',
  company: 'Zhengyin',
  version: '1.0',
  layouts: ['V5', 'V4'],
} as const

/** The picture as it is shown before anybody seals: pale, so that it stands for no seal. */
export function toPreview(svg: string): string {
  const start = svg.indexOf('>', svg.indexOf('<svg')) + 1
  const end = svg.lastIndexOf('</svg>')
  if (start <= 0 || end < start) return svg
  return `${svg.slice(0, start)}<g opacity="0.3">${svg.slice(start, end)}</g>${svg.slice(end)}`
}
