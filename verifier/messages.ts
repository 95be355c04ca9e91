// Every sentence a finding may say, in Chinese and English. A code without a sentence does not compile. Over 400 lines because it is one
// table: split, the compiler would no longer see every code at once.
import { toShanghaiTime } from '../licence-format/index.ts'
import type { CheckName, Finding, Text } from './report.ts'
import { shown } from './shown.ts'

/** What a document says of itself may stand in a sentence, so every sentence is made fit to be shown. */
const say = (zh: string, en: string): Text => ({ zh: shown(zh), en: shown(en) })

/** A sentence about the status, as of the instant that was asked about in place of now. */
const sayThen = (then: Text | null, zh: string, en: string): Text =>
  then === null ? say(zh, en) : say(`在所问的时间 ${then.zh}：${zh}`, `At the time asked about, ${then.en}: ${en}`)

const messages = {
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

  TRUST_LIST_USED: (p: { sequence: number; name: string | null }) =>
    p.name === null
      ? say(`使用第 ${p.sequence} 号信任列表`, `Trust list number ${p.sequence} was used`)
      : say(`使用 ${p.name} 的第 ${p.sequence} 号信任列表`, `Trust list number ${p.sequence} of ${p.name} was used`),
  TRUST_LIST_MISSING: () =>
    say('没有信任列表，无法确认颁发机构', 'There is no trust list, so the issuer cannot be confirmed'),
  TRUST_LIST_REFUSED: (p: { detail: string }) => say(`信任列表不可信`, `The trust list cannot be trusted: ${p.detail}`),
  TRUST_LIST_EXPIRED: () => say('信任列表已过期，请联网更新', 'The trust list is out of date: update it online'),
  TRUST_LIST_FROM_LATER: () =>
    say(
      '信任列表签发时间晚于验证时间：请检查时钟',
      'The trust list is newer than the time of validation: check the clock',
    ),

  TRUST_LIST_ROLLED_BACK: (p: { sequence: number }) =>
    say(
      `第 ${p.sequence} 号信任列表是旧的：此前已见过更新的一份，旧的不再采信`,
      `Trust list number ${p.sequence} is an old one: a newer one was seen before, so it is not relied on`,
    ),
  TRUST_LIST_SIGNED_BY_OTHER_KEY: () =>
    say(
      '信任列表是用其他用途的密钥（例如印章密钥）签署的，不可信',
      'The trust list was signed with a key made for something else, such as a seal: it cannot be trusted',
    ),
  TRUST_LIST_NOT_PINNED: () =>
    say(
      '信任列表不是由已登记的签署者签署的，不可信',
      'The trust list was not signed by the signer that was agreed upon: it cannot be trusted',
    ),
  TRUST_LIST_MAY_NOT_SPEAK: (p: { name: string }) =>
    say(
      `${p.name} 的信任列表列有该机构，但它无权为该行政区划作证，不予采信`,
      `The trust list of ${p.name} names this department, but may not speak for its place, so that is not relied on`,
    ),
  TRUST_LIST_NOBODY_SPEAKS: (p: { code: string }) =>
    say(
      `没有任何已登记的信任列表可以为机构 ${p.code} 所在地作证`,
      `No trust list that is known here may speak for the place of department ${p.code}`,
    ),

  SEAL_LISTED: (p: { department: Text }) =>
    say(`电子印章属于${p.department.zh}`, `The seal belongs to ${p.department.en}`),
  SEAL_NOT_LISTED: () => say('该印章不在信任列表中', 'The seal is not in the trust list'),
  JOINT_SEAL_MISSING: (p: { count: number }) =>
    say(
      `还有 ${p.count} 个预留签章位未签：联合颁发尚未完成`,
      `${p.count} seal(s) of a joint issue are still missing: their fields are empty`,
    ),
  SEAL_OF_OTHER_DEPARTMENT: (p: { department: Text }) =>
    say(
      `印章真实，但属于${p.department.zh}，不是该证照的颁发机构`,
      `The seal is genuine but belongs to ${p.department.en}, which is not the issuer of this licence`,
    ),
  SEAL_NOT_IN_USE: () => say('签发时该印章未启用或已停用', 'The seal was not in use when the licence was issued'),
  SEAL_OUT_OF_USE: () =>
    say(
      '该印章已停用，无法证明此前已签章',
      'The seal is no longer in use, and nothing proves that it sealed before that',
    ),
  SEAL_COMPROMISED: () =>
    say(
      '该印章的密钥已泄露，只有颁发机构联网确认才可采信',
      'The key of this seal is compromised: only the issuer’s register can confirm the document',
    ),

  LICENCE_DATA_READ: () => say('内嵌证照数据完整', 'The licence data inside is complete'),
  NO_LICENCE_DATA: () =>
    say('文件不含证照数据，只验证签章', 'The document holds no licence data; the seal alone is judged'),
  LICENCE_DATA_WRONG: (p: { detail: string }) =>
    say(`内嵌证照数据不合格式`, `The licence data inside is malformed: ${p.detail}`),
  LICENCE_DATA_AMBIGUOUS: () => say('文件含有多份证照数据', 'The document holds licence data more than once'),
  EMBEDDED_FILES_UNREADABLE: () => say('无法读取内嵌文件', 'The files inside the document cannot be read'),

  STATEMENT_GENUINE: (p: { department: Text }) =>
    say(`二维码由${p.department.zh}签署`, `The QR code was signed by ${p.department.en}`),
  STATEMENT_NOT_CHECKED: () =>
    say('二维码签名未经信任列表核对', 'The QR code’s signature was not compared with a trust list'),
  STATEMENT_MISSING: () => say('文件内没有二维码声明', 'The document lacks the statement of its QR code'),
  STATEMENT_NOT_OURS: (p: { detail: string }) =>
    say(`这不是电子证照二维码`, `This is not the QR code of a licence: ${p.detail}`),
  STATEMENT_TRUNCATED: () => say('二维码内容不完整，请重新扫描', 'The QR text is cut short: scan it again'),
  STATEMENT_ALTERED: (p: { detail: string }) =>
    say(`二维码内容不合格式`, `The QR text is not as an issuer writes it: ${p.detail}`),
  STATEMENT_LOOK_ALIKE: () =>
    say(
      '二维码地址含有形似字符，可能是仿冒网站',
      'The address in the QR code uses look-alike characters: it may lead to an imitation',
    ),
  STATEMENT_HOST_FOREIGN: (p: { host: string }) =>
    say(
      `二维码指向 ${p.host}，不是颁发机构的官方地址`,
      `The QR code leads to ${p.host}, which is not the issuer’s address`,
    ),
  STATEMENT_HOST_LOOK_ALIKE: (p: { host: string; official: string }) =>
    say(
      `二维码指向 ${p.host}，与官方地址 ${p.official} 相似但不同：很可能是仿冒网站，请勿打开`,
      `The QR code leads to ${p.host}, which resembles the official ${p.official} but is not: most likely an imitation, do not open it`,
    ),
  STATEMENT_KEY_UNKNOWN: () =>
    say('签署二维码的密钥不属于任何受信任的机构', 'No trusted department owns the key that signed the QR code'),
  STATEMENT_FORGED: () =>
    say('二维码签名不正确：内容是伪造的或被改动', 'The signature of the QR code is wrong: it was forged or altered'),
  STATEMENT_KEY_EXPIRED: () =>
    say(
      '签署二维码的密钥在签署时已停用或过期',
      'The key that signed the QR code was no longer in use at the time it names',
    ),
  STATEMENT_KEY_NOT_YET: () =>
    say('签署二维码的密钥在签署时尚未启用', 'The key that signed the QR code was not yet in use at the time it names'),
  STATEMENT_KEY_COMPROMISED: () =>
    say(
      '签署二维码的密钥已泄露，只有联网核实才可采信',
      'The key that signed the QR code is compromised: only the issuer’s register can confirm it',
    ),
  STATEMENT_KEY_OF_OTHER_DEPARTMENT: (p: { department: Text }) =>
    say(
      `二维码由${p.department.zh}的密钥签署，不是该证照的颁发机构`,
      `The QR code was signed by ${p.department.en}, which is not the issuer of this licence`,
    ),
  STATEMENT_FROM_LATER: () =>
    say(
      '二维码签署时间晚于验证时间：请检查时钟',
      'The QR code was signed after the time of validation: check the clock',
    ),
  STATEMENT_OF_OTHER_LICENCE: (p: { holder: string; number: string }) =>
    say(
      `这个二维码属于另一份证照（持证主体 ${p.holder}，编号 ${p.number}），不是这份文件的`,
      `This QR code belongs to another licence (holder ${p.holder}, number ${p.number}), not to this document`,
    ),
  SCANNED_CODE_OF_NO_LICENCE: () =>
    say(
      '文件不含证照数据，扫描的二维码不是这份文件的',
      'The document holds no licence data: the scanned code is not of this document',
    ),
  SCANNED_CODE_IS_OF_DOCUMENT: () =>
    say('扫描的二维码就是这份文件的二维码', 'The scanned QR code is that of this very document'),
  STATEMENT_DISAGREES: (p: { what: Text }) =>
    say(
      `二维码与文件内证照数据不一致：${p.what.zh}`,
      `QR code and licence data inside the document disagree: ${p.what.en}`,
    ),

  REGISTER_AGREES: () => say('与登记簿记录一致', 'The register holds this very document'),
  REGISTER_NOT_TOLD: () =>
    say(
      '文件未经证实出自颁发机构，因此不提供登记簿中的信息',
      'Nothing shows that this comes from the issuer, so what the register knows is not told',
    ),
  REGISTER_NOT_ASKED: () => say('未联网查询登记簿', 'The register was not asked'),
  REGISTER_UNKNOWN: () => say('登记簿中没有这份证照', 'The register does not know this licence'),
  REGISTER_DISAGREES: (p: { what: Text }) =>
    say(`与登记簿记录不一致：${p.what.zh}`, `The register disagrees: ${p.what.en}`),

  ISSUER_ENTITLED: (p: { issuer: Text; type: Text }) =>
    say(`${p.issuer.zh}有权颁发${p.type.zh}`, `${p.issuer.en} is entitled to issue: ${p.type.en}`),
  ISSUER_NOT_CHECKED: () => say('未核对颁发机构的权限', 'The issuer’s entitlement was not checked'),
  ISSUER_UNKNOWN: (p: { code: string }) =>
    say(`颁发机构 ${p.code} 不在信任列表中`, `The issuer ${p.code} is not in the trust list`),
  ISSUER_NOT_ENTITLED: (p: { issuer: Text }) =>
    say(`${p.issuer.zh}无权颁发这一类型的证照`, `${p.issuer.en} is not entitled to issue this type of licence`),
  ISSUER_NOT_YET_ENTITLED: (p: { issuer: Text }) =>
    say(
      `签发时${p.issuer.zh}尚未取得这一类型的颁发权限`,
      `${p.issuer.en} was not yet entitled to this type when it issued the licence`,
    ),
  ISSUER_NO_LONGER_ENTITLED: (p: { issuer: Text }) =>
    say(
      `签发时${p.issuer.zh}的颁发权限已终止`,
      `${p.issuer.en} was no longer entitled to this type when it issued the licence`,
    ),

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

type Messages = typeof messages
export type FindingCode = keyof Messages
type FactsOf<Code extends FindingCode> = Parameters<Messages[Code]> extends [infer Facts] ? [facts: Facts] : []

/** Codes a finding may carry. */
export const findingCodes = Object.keys(messages) as FindingCode[]

/** A finding with its sentences. */
export function finding<Code extends FindingCode>(
  check: CheckName,
  outcome: Finding['outcome'],
  code: Code,
  ...facts: FactsOf<Code>
): Finding {
  const write = messages[code] as (...facts: unknown[]) => Text
  return { check, outcome, code, message: write(...facts) }
}
