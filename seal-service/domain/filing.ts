import { toShanghaiTime } from '../../licence-format/index.ts'

/** Why a filed seal counts no more: 吊销, 撤销 (also for 注销 and a seal that was replaced), 挂失. */
export const deactivationKinds = ['revoked', 'withdrawn', 'lost'] as const
export type DeactivationKind = (typeof deactivationKinds)[number]

/** What a filing tells of its seal. */
export interface FilingFacts {
  readonly sealId: string
  readonly name: string
  /** Unified social credit code of the owner. */
  readonly departmentCode: string
  /** 01 法定名称章 … 99 */
  readonly kindCode: string
  /** The seal it took the place of. */
  readonly replaces: string | null
  readonly createdAt: Date
  /** Who made it (制章点). */
  readonly makerName: string
  /** Of the certificate in use. */
  readonly certificate: Uint8Array
  readonly certStart: Date
  readonly certEnd: Date
  /** The seal's own validity, where it ends before its certificate. */
  readonly validEnd: Date
  /** The maker's signature in the SESeal; empty where none is made. */
  readonly makerSignature: Uint8Array
}

export type FilingTask = 'release' | 'renew' | 'deactivate'

/** One filing as it is to be sent. */
export interface Filing {
  readonly task: FilingTask
  readonly facts: FilingFacts
  /** Of a deactivation. */
  readonly end?: {
    readonly kind: DeactivationKind
    readonly reason: string
    readonly appliedAt: Date
    readonly effectiveAt: Date
  }
}

/** Task codes of the national status system (数据传输 IK1009). */
export const taskCodes = { release: '207', renew: '108', deactivate: '209' } as const satisfies Record<
  FilingTask,
  string
>

const invalidTypes = { revoked: '0', withdrawn: '1', lost: '2' } as const satisfies Record<DeactivationKind, string>
const kindNames = { revoked: '吊销', withdrawn: '撤销', lost: '挂失' } as const

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
/** 2026-11-22 16:05:09, Beijing time: the form of every time in the interface. */
export const filingTime = (at: Date): string => toShanghaiTime(at).slice(0, 19).replace('T', ' ')
/** The signed text joins values by it: a value that holds it would read as two. */
const plain = (text: string): string => text.replaceAll('|', '｜')

/**
 * The fields of a task in the order in which they are signed. `senderCertificate`: who sends, base64 (provincePubSysId). Standards
 * reference §4.4; a value that is not known is an empty string.
 */
export function filingFields(filing: Filing, senderCertificate: string): readonly (readonly [string, string])[] {
  const { task, facts, end } = filing
  const name = plain(facts.name)
  if (task === 'release') {
    return [
      ['provincePubSysId', senderCertificate],
      ['sealCode', facts.sealId],
      ['sealName', name],
      ['useUnitCode', facts.departmentCode],
      ['sealZone', facts.sealId.slice(0, 6)],
      ['validStartTime', filingTime(facts.certStart)],
      ['validEndTime', filingTime(facts.validEnd)],
      ['parentSealCode', facts.replaces ?? ''],
      ['createTime', filingTime(facts.createdAt)],
      ['creater', plain(facts.makerName)],
      ['legalType', facts.kindCode],
      ['signature', base64(facts.makerSignature)],
      ['certStartTime', filingTime(facts.certStart)],
      ['certEndTime', filingTime(facts.certEnd)],
      ['signCert', base64(facts.certificate)],
      ['requestParam', ''],
    ]
  }
  if (task === 'renew') {
    return [
      ['sealCode', facts.sealId],
      ['sealName', name],
      ['validEndTime', filingTime(facts.validEnd)],
      ['signature', base64(facts.makerSignature)],
      ['signCert', base64(facts.certificate)],
    ]
  }
  if (end === undefined) throw new TypeError('a deactivation says how the seal ends')
  return [
    ['sealName', name],
    ['cancelReason', kindNames[end.kind]],
    ['cancelDescribe', plain(end.reason)],
    ['applyDate', filingTime(end.appliedAt)],
    ['signature', base64(facts.makerSignature)],
    ['invalidType', invalidTypes[end.kind]],
    ['invalidEffectTime', filingTime(end.effectiveAt)],
  ]
}

/** What is signed of a task: its values, joined by `|`. */
export const signedText = (fields: readonly (readonly [string, string])[]): string =>
  fields.map(([, value]) => value).join('|')

/** Number of a filing (备案号): area of the owner, year, running number. */
export function formatRecordNumber(sealId: string, order: bigint, at: Date): string {
  return `${sealId.slice(0, 6)}-${toShanghaiTime(at).slice(0, 4)}-${String(order).padStart(8, '0')}`
}

const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 30 * 60_000
/** A refusal does not pass by itself: somebody has to mend what was refused. */
export const REFUSED_WAIT_MS = 6 * 3_600_000

/** How long to wait after so many attempts that got no answer. */
export function filingWaitMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts, 20))
}
