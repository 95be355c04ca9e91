import type { Text } from '../report.ts'
import { say } from './say.ts'

/** Who is entitled: trust lists, seals, licence data, QR statements, the register. */
export const issuerMessages = {
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

  BODY_AS_UPLOADED: () =>
    say('文件自签发机构提交的原件起逐字节一致', 'The document begins with the very file that its issuer handed in'),
  BODY_DIFFERS: () =>
    say('文件开头与证照数据所载的原件不一致', 'The document does not begin with the file that its licence data name'),
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
  TYPE_NAME_DIFFERS: (p: { stated: string; listed: Text }) =>
    say(
      `证照自称“${p.stated}”，信任列表中该类型现名“${p.listed.zh}”`,
      `The licence calls itself “${p.stated}”; the trust list now calls its type “${p.listed.en}” (${p.listed.zh})`,
    ),
  TYPE_NAME_OF_OTHER: (p: { stated: string; listed: Text }) =>
    say(
      `证照自称“${p.stated}”，这是另一类证照的名称；按代码应为“${p.listed.zh}”`,
      `The licence calls itself “${p.stated}”, which is the name of another type; by its code it is “${p.listed.en}” (${p.listed.zh})`,
    ),
  ISSUER_NAME_DIFFERS: (p: { stated: string; listed: Text }) =>
    say(
      `证照所载颁发机构为“${p.stated}”，信任列表中该机构现名“${p.listed.zh}”`,
      `The licence names “${p.stated}” as its issuer; the trust list now calls that department “${p.listed.en}” (${p.listed.zh})`,
    ),
  ISSUER_NAME_OF_OTHER: (p: { stated: string; listed: Text }) =>
    say(
      `证照所载颁发机构为“${p.stated}”，这是另一机构的名称；按代码应为“${p.listed.zh}”`,
      `The licence names “${p.stated}” as its issuer, which is another department; by its code it is “${p.listed.en}” (${p.listed.zh})`,
    ),
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
} as const
