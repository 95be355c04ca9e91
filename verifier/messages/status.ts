import type { Text } from '../report.ts'
import { say, sayThen } from './say.ts'

/** Whether a licence, or a copy of one, is in force. */
export const statusMessages = {
  COPY_FOR_PURPOSE: (p: { cause: string; recipient: string; until: string }) =>
    say(
      `这是加注件，仅供${p.recipient}用于：${p.cause}，有效至 ${p.until}`,
      `This is a copy for ${p.recipient} alone, for: ${p.cause}, until ${p.until}`,
    ),
  COPY_STATED: (p: { until: string }) =>
    say(
      `这是加注件的二维码，有效至 ${p.until}；用途和使用人见文件`,
      `This is the QR code of a copy for one purpose, until ${p.until}; the document says for whom and for what`,
    ),
  COPY_RUN_OUT: (p: { until: string; then: Text | null }) =>
    sayThen(p.then, `加注件已于 ${p.until} 到期`, `The copy ran out at ${p.until}`),
  COPY_REVOKED: (p: { then: Text | null }) => sayThen(p.then, '这份加注件已被撤销', 'This copy was revoked'),
  COPY_ENDED: (p: { then: Text | null }) =>
    sayThen(
      p.then,
      '原证照已失效或已换发，这份加注件随之失效',
      'The licence it was made from has ended or was replaced, and this copy with it',
    ),
  STATUS_IN_FORCE: (p: { then: Text | null }) => sayThen(p.then, '证照有效', 'The licence is in force'),
  STATUS_NOT_IN_FORCE: (p: { word: Text; then: Text | null }) =>
    sayThen(p.then, `证照状态：${p.word.zh}`, `The licence is ${p.word.en}`),
  STATUS_SUPERSEDED: (p: { successor: string | null; then: Text | null }) =>
    p.successor === null
      ? sayThen(p.then, '证照已被新证取代', 'The licence was superseded by a newer one')
      : sayThen(p.then, `证照已被新证取代：${p.successor}`, `The licence was superseded by ${p.successor}`),
  STATUS_PENDING: () => say('证照尚在制作中，未正式颁发', 'The licence is still being made and has not been issued'),
  STATUS_NOT_YET_ISSUED: () =>
    say('在所问的时间，这份证照尚未颁发', 'At the time asked about, the licence had not been issued yet'),
  STATUS_OF_FUTURE: () =>
    say('所问的是将来的时间，现在无人能够回答', 'The time asked about is still to come: nobody can tell yet'),
  STATUS_OF_NO_LICENCE: () =>
    say(
      '文件不含证照数据，无法回答所问的时间是否有效',
      'The document holds no licence data, so whether it was in force cannot be told',
    ),
  STATUS_HISTORY_MISSING: () =>
    say(
      '所问的是过去某一时间的状态，只有颁发机构的登记簿能回答，请联网查询',
      'Whether it was in force at that past time only the issuer’s register can tell: ask online',
    ),
  STATUS_CHANGED_SINCE: (p: { word: Text }) =>
    say(`此后状态已变为：${p.word.zh}`, `Since then the licence has become: ${p.word.en}`),
  STATUS_SOURCES_DIFFER: (p: { list: Text; register: Text }) =>
    say(
      `状态列表为“${p.list.zh}”，登记簿为“${p.register.zh}”，两者不一致`,
      `The status list says “${p.list.en}”, the register says “${p.register.en}”: they differ`,
    ),
  STATUS_ANSWER_OLD: () =>
    say('登记簿的答复已超过一天，不再采信', 'The register’s answer is more than a day old and is not relied on'),
  STATUS_ANSWER_FROM_LATER: () =>
    say(
      '登记簿的答复晚于验证时间，不能说明当时的状态',
      'The register’s answer is from after the time of validation and does not tell the status then',
    ),
  STATUS_VALUE_UNKNOWN: () => say('证照状态的值无法识别', 'The status of the licence has a value that is not known'),
  STATUS_NOT_ASKED: () => say('未查询证照状态', 'The status of the licence was not asked'),
  STATUS_LIST_MISSING: () =>
    say('没有状态列表，请联网查询证照状态', 'There is no status list: ask online whether the licence is in force'),
  STATUS_LIST_REFUSED: (p: { detail: string }) =>
    say(`状态列表不可信`, `The status list cannot be trusted: ${p.detail}`),
  STATUS_LIST_EXPIRED: () => say('状态列表已过期，请联网查询', 'The status list is out of date: ask online'),
  STATUS_LIST_OLDER: () =>
    say('状态列表早于这份证照，请联网查询', 'The status list is older than this licence: ask online'),
  STATUS_LIST_FROM_LATER: () =>
    say(
      '状态列表签发时间晚于验证时间：请检查时钟',
      'The status list is newer than the time of validation: check the clock',
    ),
  STATUS_LIST_ROLLED_BACK: () =>
    say(
      '状态列表是旧的：此前已见过更新的一份，旧的不再采信，请联网查询',
      'The status list is an old one: a newer one was seen before. Ask online',
    ),
  STATUS_LIST_SIGNED_BY_OTHER_KEY: () =>
    say(
      '状态列表是用其他用途的密钥（例如印章密钥）签署的，不可信',
      'The status list was signed with a key made for something else, such as a seal: it cannot be trusted',
    ),
  STATUS_LIST_AGED: (p: { hours: number }) =>
    say(
      `状态列表签发于约 ${p.hours} 小时前，应尽快更新`,
      `The status list is about ${p.hours} hour(s) old and should be renewed`,
    ),
} as const
