import type { LicenceState } from './licence.ts'

/** The same words in Chinese and English. */
export interface EntryWords {
  readonly zh: string
  readonly en: string
}

/** 目录类别: 证照, 批文, 证明, 鉴定报告, 办事结果. */
export const CATEGORIES = ['licence', 'approval', 'proof', 'appraisal', 'result'] as const
export type Category = (typeof CATEGORIES)[number]

/** 国家级, 省部级, 地市级, 区县级, 乡镇级, 其他. */
export const AUTHORITY_LEVELS = ['national', 'provincial', 'prefectural', 'county', 'township', 'other'] as const
export type AuthorityLevel = (typeof AUTHORITY_LEVELS)[number]

/** 持证主体类别: 自然人, 法人和其他组织. */
export const HOLDER_KINDS = ['person', 'organisation'] as const
export type HolderKind = (typeof HOLDER_KINDS)[number]

/** 无条件共享, 有条件共享, 不予共享. */
export const SHARING_CLASSES = ['unconditional', 'conditional', 'not shared'] as const
export type SharingClass = (typeof SHARING_CLASSES)[number]

/** Acts on a licence that an entry may ask a second person for. */
export const GUARDED_ACTS = [
  'issue',
  'correct',
  'change',
  'renew',
  'reseal',
  'suspend',
  'restore',
  'revoke',
  'withdraw',
  'cancel',
  'transfer',
] as const
export type GuardedAct = (typeof GUARDED_ACTS)[number]

/** A version of an entry is drafted, reviewed by another person, published, and retired when the next one is or when it ends. */
export const TYPE_STATES = ['draft', 'reviewed', 'published', 'retired'] as const
export type TypeState = (typeof TYPE_STATES)[number]

/** What the catalogue says of a licence type: the elements of GB/T 36902 and the house's own rules. Its row adds code and version. */
export interface TypeEntry {
  /** 证照类型名称. */
  readonly name: EntryWords
  readonly category: Category
  /** 证照定义机构, its unified social credit code and its level; the type code begins with the code. */
  readonly definedBy: { readonly code: string; readonly name: EntryWords; readonly level: AuthorityLevel }
  /** 关联事项: government service items that end in a licence of this type. */
  readonly items: readonly { readonly code: string; readonly name: string }[]
  readonly holders: readonly HolderKind[]
  /** 有效期限范围, in words: 长期, 5年. */
  readonly validityRanges: readonly string[]
  /** 证照颁发机构 and their levels. */
  readonly issuingAuthority: string
  readonly issuerLevels: readonly AuthorityLevel[]
  readonly sharing: {
    readonly class: SharingClass
    /** On what condition, and by what law the class stands; both needed for `conditional` and `not shared`. */
    readonly condition?: string | undefined
    readonly legalBasis?: string | undefined
    /** Names of the fields that may be shared at all. */
    readonly fields: readonly string[]
  }
  /** Names of the fields by whose value the issuing department finds licences that are issued from now on; none where absent. */
  readonly searchFields?: readonly string[] | undefined
  /** Acts that a second person approves. */
  readonly secondPerson: readonly GuardedAct[]
  /** Days before the last one from which on a licence may be renewed, and for as many after it. */
  readonly renewalDays: number
  /** A type's own words and codes for states (02 暂扣 here, 06 办理转出 there); where absent, the common ones. */
  readonly statusWords: Readonly<Partial<Record<LicenceState, { readonly code: string; readonly zh: string }>>>
  /** One licence in force at a time for the same holder and issuer, where it says so. */
  readonly uniqueBy: 'holder' | 'nothing'
  /** Whether the document is drawn from a template or is an uploaded PDF (批文, 证明, 鉴定报告, 办事结果). */
  readonly body: 'template' | 'uploaded'
  readonly retention: { readonly archiveAfterDays: number; readonly eraseAfterDays: number | null }
}

/** A published (or once published) entry as the service uses it. */
export interface CatalogueEntry extends TypeEntry {
  /** 证照类型代码, 21 characters (GB/T 36904). */
  readonly typeCode: string
  readonly version: number
  /** Of a retired type nothing is issued; what was issued lives on. */
  readonly state: 'published' | 'retired'
}
