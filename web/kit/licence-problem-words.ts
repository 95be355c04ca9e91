import type { Text } from './language.ts'

/** Refusals of the licence and sharing services in words, by their code. */
export const licenceProblemWords: Readonly<Record<string, Text>> = {
  COPY_ORIGINAL_NOT_IN_FORCE: {
    zh: '证照现在不是有效状态，不能制作加注件。',
    en: 'The licence is not in force, so no copy can be made of it.',
  },
  COPY_EXPIRY_REFUSED: { zh: '加注件的有效期最多 366 天。', en: 'A copy counts for 366 days at most.' },
  COPY_WORDS_REFUSED: {
    zh: '事由或使用人太长，或有不能印出的字符。',
    en: 'The purpose or the recipient is too long or cannot be printed.',
  },
  COPY_STATE_REFUSED: { zh: '这份加注件已经失效。', en: 'This copy is not in force any more.' },
  COPY_REFUSED: { zh: '这份加注件没有做成，请重新制作。', en: 'This copy could not be made; make another one.' },
  SEAL_NOT_AUTHORISED: {
    zh: '印章没有这项用途的授权，请先在印章管理台申请。',
    en: 'The seal has no leave for this use; it is asked for at the seal desk.',
  },
  SEAL_QUOTA_EXHAUSTED: { zh: '印章的用印额度已经用完。', en: 'The quota of the seal is used up.' },
  SCAN_FILE_REFUSED: {
    zh: '扫描件应为 PDF、PNG 或 JPEG，不超过 16 MB、1 亿像素，且没有损坏或加密。',
    en: 'A scan is a PDF, PNG or JPEG of at most 16 MB and 100 million pixels, neither damaged nor encrypted.',
  },
  SCAN_TOO_MANY: { zh: '一份证照最多 50 个扫描件。', en: 'A licence has at most 50 scans.' },
  SCAN_NOT_FOUND: { zh: '没有这个扫描件。', en: 'There is no such scan.' },
  INTAKE_ADDRESS_REFUSED: {
    zh: '文件地址应为 https:// 加主机名（和端口），不带路径。',
    en: 'An address of files is https:// with a host, and a port where it has one; no path.',
  },
  PREFILL_MAP_INVALID: { zh: '表单的设定有内容需要改正。', en: 'The form’s map needs correcting.' },
  PAPER_SERIAL_TAKEN: {
    zh: '这张纸的编号已经用于另一份证照。',
    en: 'This sheet of paper was used for another licence.',
  },
  ERASURE_REFUSED: {
    zh: '现在还不能清除：证照没有终止，或者没有过保存期限。',
    en: 'Not to be erased yet: the licence has not ended, or the time it is kept is not over.',
  },
  ERASURE_OPEN: { zh: '已经有一个清除申请在等待决定。', en: 'A request to erase it waits for its decision already.' },
  ERASURE_DECIDED: { zh: '这个申请已经办结。', en: 'This request has been decided.' },
  ERASURE_SAME_PERSON: { zh: '申请的人不能自己决定。', en: 'Whoever asked does not decide.' },
  LICENCE_SAME_PERSON: { zh: '提出的人不能自己批准。', en: 'Whoever asked does not approve.' },
  LICENCE_ORDER_SETTLED: { zh: '这项操作已经办结。', en: 'This order has been settled.' },
  LICENCE_ORDER_NOT_FOUND: {
    zh: '没有这项操作，或者对方已经撤回。',
    en: 'There is no such order, or it was taken back.',
  },
  CASE_ANSWERED: { zh: '这个办件已经办结。', en: 'This case has been answered.' },
  CASE_TIME_REFUSED: { zh: '期限要在将来，最多 366 天。', en: 'It ends in the future, within 366 days.' },
  LICENCE_DATA_INVALID: {
    zh: '办件送来的数据不符合证照的要求。',
    en: 'The data do not meet what the licence asks for.',
  },
  CATALOGUE_FILE_INVALID: {
    zh: '这不是一个有效的签名目录文件，或签名不对。',
    en: 'This is no valid signed catalogue, or its signature does not hold.',
  },
  TYPE_STATE_REFUSED: { zh: '这个类型正在编写或审核。', en: 'The type is being written or reviewed.' },
  TYPE_NOT_YOURS: { zh: '这个类型由其他单位管理。', en: 'Another department keeps this type.' },
  TYPE_SEAL_REFUSED: {
    zh: '该单位没有这枚印章，或它还不能盖在这种证照上。请先在印章台为它申请增加这个证照类型。',
    en: 'The department has no such seal, or it may not stand on this type yet: apply for the type at the seal desk first.',
  },
  MATTER_EXISTS: { zh: '这个事项编码已经用过。', en: 'This code of a matter is, or was, in use.' },
  MATTER_UNKNOWN: { zh: '没有这个事项。', en: 'There is no such matter.' },
  AGREEMENT_INVALID: { zh: '协议有内容需要改正。', en: 'The agreement needs correcting.' },
  AGREEMENT_STATE_REFUSED: {
    zh: '协议现在的状态不允许这样做，请刷新看看。',
    en: 'The agreement’s present state does not allow this. Reload to see it.',
  },
  SUBSCRIPTION_ADDRESS_REFUSED: {
    zh: '地址要用 https，并且在公共网络上。',
    en: 'The address must be https and on the public network.',
  },
  SUBSCRIPTION_TOO_MANY: { zh: '订阅太多了，请先终止不用的。', en: 'Too many subscriptions; end one first.' },
}
