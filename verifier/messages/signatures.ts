import { toShanghaiTime } from '../../licence-format/index.ts'
import { say } from './say.ts'

/** What the file and its signatures are found to be. */
export const signatureMessages = {
  PDF_READ: (p: { count: number }) =>
    say(`文件可读，含 ${p.count} 个签名`, `The PDF can be read; it holds ${p.count} signature(s)`),
  NOT_A_PDF: () => say('这不是 PDF 文件', 'This is not a PDF file'),
  PDF_UNREADABLE: (p: { detail: string }) =>
    say(
      `PDF 结构损坏或有歧义，无法可靠读取`,
      `The PDF is damaged or ambiguous and cannot be read for certain: ${p.detail}`,
    ),
  LAST_REVISION_BROKEN: (p: { detail: string; end: number; fields: string }) =>
    say(
      `文件末尾后来添加的部分已损坏，整个文件无法可靠读取；此前 ${p.end} 字节处有一个可读的版本，含签名 ${p.fields}`,
      `What was added at the end is broken, so the file cannot be read for certain: ${p.detail}. Its first ${p.end} octets are a readable document with the signatures ${p.fields}; get that one anew from whoever gave it`,
    ),
  PDF_ENCRYPTED: (p: { detail: string }) =>
    say(
      '文件已加密，没有密码无法核验',
      `The document is encrypted and cannot be read without its password or key: ${p.detail}`,
    ),
  CONTENT_DYNAMIC_FORM: (p: { detail: string; count: number }) =>
    say(
      '签章时文件已含由程序生成版面的表单（XFA）；不同软件显示的内容可能不同',
      `When it was sealed the document already held a form that a program lays out; programs may show different things. ${p.detail}`,
    ),
  CONTENT_HIDDEN_LAYERS: (p: { detail: string; count: number }) =>
    say(
      '签章时文件已含隐藏的图层；请留意不同软件显示的内容可能不同',
      `When it was sealed the document already held hidden layers; programs may show them or not. ${p.detail}`,
    ),
  CONTENT_UNUSED: (p: { detail: string; count: number }) =>
    say(
      `签章时文件已含 ${p.count} 处不显示的页面或图像；以后的改动可能借此换掉内容`,
      `When it was sealed the document already held content that nothing shows (${p.count}), which a later change could bring to light. ${p.detail}`,
    ),
  CONTENT_FIELD_OVER_TEXT: (p: { detail: string; count: number }) =>
    say(
      `签章时已有 ${p.count} 个表单域覆盖在文字之上；填写可能遮住文字`,
      `When it was sealed form fields already lay over text (${p.count}); what is filled in could cover it. ${p.detail}`,
    ),
  CONTENT_INVISIBLE_TEXT: (p: { detail: string; count: number }) =>
    say(
      `签章时有 ${p.count} 页含看不见的文字；复制或检索所得可能与所见不同`,
      `When it was sealed ${p.count} page(s) already held text that is not seen; what is copied or searched may differ from what is shown. ${p.detail}`,
    ),
  UNSIGNED: () => say('文件上没有任何电子签章', 'The document carries no seal or signature at all'),
  UNSEALED_LICENCE: () =>
    say(
      '文件带有证照数据，但没有电子签章：任何人都能制作',
      'The document holds licence data but no seal: anyone could have made it',
    ),

  BYTE_RANGE_OK: () =>
    say('签名范围恰好是除签名值以外的全部字节', 'The signature covers every byte of its revision but its own value'),
  BYTE_RANGE_BAD: (p: { detail: string }) =>
    say(`签名范围不正确`, `The signature does not cover what it should: ${p.detail}`),
  PADDING_NOT_ZERO: () =>
    say(
      '签名值之后的填充不为零；该处不受签名保护',
      'The space after the signature value is not empty; it lies outside what is signed',
    ),

  INTEGRITY_INTACT: (p: { signer: string }) =>
    say(`内容与签章时一致（${p.signer}）`, `The content is what was signed by ${p.signer}`),
  HASH_MISMATCH: () => say('文件内容在签章之后被改动', 'The content was changed after it was sealed'),
  SIGNATURE_WRONG: () => say('签名值与签名者的密钥不符', 'The signature value does not fit the signer’s key'),
  SIGNER_CERTIFICATE_MISSING: () => say('签名中没有签名者的证书', 'The signer’s certificate is not in the signature'),
  SIGNER_CERTIFICATE_MISMATCH: () =>
    say('签名指定的证书不是随附的证书', 'The certificate with the signature is not the one that the signature names'),
  SIGNATURE_ALGORITHM_UNKNOWN: () =>
    say('签名使用了不支持的算法', 'The signature uses an algorithm that is not supported'),
  SIGNATURE_KIND_UNSUPPORTED: (p: { kind: string }) =>
    say(`不支持的签名格式 ${p.kind}`, `Signatures of the kind ${p.kind} are not supported`),
  SIGNATURE_POLICY_NAMED: (p: { oid: string }) =>
    say(
      `签名声明了签名策略 ${p.oid}，本验证按自己的策略判定`,
      `The signature names a signature policy (${p.oid}), which is not at hand; it is judged by the policy of this verification`,
    ),
  SIGNATURE_MALFORMED: (p: { detail: string }) => say(`签名结构不正确`, `The signature is malformed: ${p.detail}`),

  NOTHING_ADDED: () => say('签章之后没有添加任何内容', 'Nothing was added after sealing'),
  LATER_CHANGES_PERMITTED: () =>
    say(
      '签章之后只添加了允许的内容（验证资料、时间戳等）',
      'Only what is permitted was added after sealing, such as validation data or time stamps',
    ),
  LATER_CHANGES_FORBIDDEN: () => say('签章之后文件被改动', 'The document was changed after it was sealed'),
  LATER_CHANGES_UNDECIDED: (p: { detail: string }) =>
    say(`签章之后添加的内容无法判定`, `What was added after sealing cannot be judged: ${p.detail}`),

  PATH_VALID: (p: { anchor: string }) =>
    say(`签章证书可追溯到受信任的根证书 ${p.anchor}`, `The sealing certificate leads to the trusted root ${p.anchor}`),
  NO_CERTIFICATE_CHAIN_FOUND: () =>
    say(
      '签章证书不能追溯到受信任的根证书：签章者身份未知',
      'The sealing certificate does not lead to a trusted root: who sealed is not known',
    ),
  CHAIN_FAULT: (p: { detail: string }) =>
    say(`签章证书链不合要求`, `The certificate chain does not meet the rules: ${p.detail}`),
  CERTIFICATE_OUT_OF_BOUNDS: () =>
    say(
      '验证时签章证书不在有效期内，且没有时间戳证明签章更早',
      'The certificate is not valid at the time of validation, and no time stamp proves an earlier sealing',
    ),
  ALGORITHM_WEAK: (p: { detail: string }) =>
    say(`签名算法已不安全`, `The signature’s algorithm no longer counts: ${p.detail}`),
  CERTIFICATE_REVOKED: () =>
    say(
      '签章证书已被吊销，且没有时间戳证明签章早于吊销',
      'The sealing certificate was revoked, and no time stamp proves that it sealed before that',
    ),
  CA_REVOKED: () =>
    say(
      '签发签章证书的机构证书已被吊销',
      'The certificate of the authority that issued the sealing certificate was revoked',
    ),
  REVOCATION_UNKNOWN: () =>
    say(
      '缺少有效或足够新的吊销信息，请稍后联网再试',
      'There are no current revocation data for the certificates, or none young enough: try again later, online',
    ),

  REVOCATION_UNKNOWN_THEN: () =>
    say(
      '证书已过期，且没有签章之后取得的吊销信息：无法证明签章时证书有效',
      'A certificate has expired, and no revocation data from after the sealing show that it was good then',
    ),
  SIGNED_BEFORE_CERTIFICATE: () =>
    say(
      '时间戳证明签章早于证书签发：签章不可能由该证书作出',
      'A time stamp proves that the seal is older than its certificate',
    ),
  SIGNED_AFTER_EXPIRY: () =>
    say(
      '时间戳证明签章晚于证书到期：签章不可采信',
      'A time stamp proves that the document was sealed after the sealing certificate had expired',
    ),
  SIGNED_AFTER_REVOCATION: () =>
    say(
      '时间戳证明签章晚于证书吊销',
      'A time stamp proves that the document was sealed after the sealing certificate was revoked',
    ),
  CERTIFICATE_EXPIRED_SINCE: () =>
    say('签章证书此后已过期；签章时有效', 'The sealing certificate has expired since; it was valid when it sealed'),
  CERTIFICATE_REVOKED_SINCE: () =>
    say('签章证书此后被吊销；签章早于吊销', 'The sealing certificate was revoked since; it sealed before that'),
  EVIDENCE_UNREAD: () =>
    say(
      '文件所含的验证数据过多或无法读取，未能全部查看',
      'The document brings more evidence than is read, or some that cannot be read',
    ),

  TIME_STAMP_VALID: (p: { time: Date; authority: string }) =>
    say(
      `时间戳证明签章不晚于 ${toShanghaiTime(p.time)}（${p.authority}）`,
      `A time stamp of ${p.authority} proves that it existed at ${p.time.toISOString()}`,
    ),
  CONTENT_TIME_STAMP_VALID: (p: { time: Date }) =>
    say(
      `签章内含的时间戳证明签章不早于 ${toShanghaiTime(p.time)}`,
      `A time stamp that was signed with the content proves that the seal is not older than ${p.time.toISOString()}`,
    ),
  TIME_STAMP_WRONG: (p: { detail: string }) =>
    say(
      '时间戳与签章不符或已损坏，不予采信',
      `A time stamp does not belong here or is damaged, and proves nothing: ${p.detail}`,
    ),
  TIME_STAMP_NOT_TRUSTED: (p: { detail: string }) =>
    say('时间戳未能验证，不予采信', `A time stamp cannot be relied on, and proves nothing: ${p.detail}`),
  TIME_STAMP_NOT_LISTED: (p: { authority: string }) =>
    say(
      `时间戳机构 ${p.authority} 不在信任列表中，不予采信`,
      `The time-stamp authority ${p.authority} is not in use by the trust list: its stamp proves nothing`,
    ),
  TIME_STAMP_FROM_LATER: () =>
    say('时间戳晚于验证时间，不予采信', 'A time stamp is from after the time of validation: check the clock'),
  TIME_STAMP_ORDER_WRONG: () =>
    say('各时间戳的先后互相矛盾', 'The time stamps contradict each other: an inner one is later than an outer one'),
  CLAIMED_TIME_LATER: () =>
    say('签章者声称的时间晚于时间戳', 'The signer claims a time later than the time stamp proves'),
  CLAIMED_TIME_FROM_LATER: () =>
    say(
      '签章者声称的时间晚于验证时间：当时可能尚未签章，或时钟不准',
      'The signer claims a time after the time of validation: it may not have been sealed by then, or a clock is wrong',
    ),
  LEVEL_TOO_LOW: (p: { level: string; wanted: string }) =>
    say(
      `签章级别为 ${p.level}，要求至少 ${p.wanted}`,
      `The signature reaches level ${p.level}; at least ${p.wanted} is required`,
    ),
} as const
