import type { FieldValue, LicenceStatus } from '../../licence-format/index.ts'
import type { SharedType } from '../domain/entitlement.ts'
import type { LicenceChange } from '../domain/subscription.ts'

/** Who reads for a department, and for which matter of its own. */
export interface Reader {
  readonly id: string
  readonly kind: 'person' | 'machine'
  readonly departmentCode: string
  readonly matterCode: string
}

/** A licence without anything of its holder but the keyed hashes of their codes. */
export interface LicenceBrief {
  readonly identifier: string
  readonly typeCode: string
  readonly issuerCode: string
  readonly issuerName: string
  readonly status: LicenceStatus
  /** 信息验证 code of GB/T 36906 for this status. */
  readonly checkCode: 0 | 1 | 2 | 3 | 5
  readonly statusAsOf: Date
  /** Days in Asia/Shanghai; null where a source did not say it. */
  readonly issuedOn: string | null
  readonly validFrom: string | null
  readonly validUntil: string | null
  /** Made here, or taken over from another system. */
  readonly origin: 'issued' | 'collected'
  readonly source: string | null
  /** In hexadecimal. */
  readonly holderKeys: readonly string[]
}

export interface DataCheck {
  readonly code: 0 | 1 | 2 | 3 | 4 | 5 | 6
  readonly identifier: string | null
}

/** Fields that the caller might have of licences of these issuers; null: of all. */
export interface FieldsWithin {
  readonly fields: readonly string[]
  readonly issuerCodes: readonly string[] | null
}

/** A copy for one purpose (加注件), as it is asked for. */
export interface CopyOrder {
  readonly identifier: string
  readonly purpose: string
  readonly recipient: { readonly name: string; readonly code: string }
  readonly expiresAt: Date
  readonly fields: readonly string[]
  /** Idempotency key, within the department. */
  readonly key: string
}

export interface MadeCopy {
  readonly copyId: string
  readonly fields: readonly string[]
  readonly pdf: Uint8Array
}

/** The register of licences, as this service asks for it after it decided. It keeps its own record of what is opened. */
export interface LicenceRegister {
  type(typeCode: string): SharedType | undefined
  issuersOf(typeCode: string): Promise<readonly string[]>
  /** The keyed hash by which a holder is found, in hexadecimal. */
  keyOf(code: string): string
  /** Those in force first, then newest first. */
  findByHolder(query: {
    readonly holderKey: string
    readonly typeCode: string
    readonly most: number
  }): Promise<readonly LicenceBrief[]>
  find(identifier: string): Promise<LicenceBrief | undefined>
  /** Values of these fields; undefined where there is no such licence, or its data are erased. */
  open(
    identifier: string,
    fields: readonly string[],
    reader: Reader,
  ): Promise<Readonly<Record<string, FieldValue>> | undefined>
  /** `telling`: the fields that the caller might have, and of whose licences; beside them the number alone shows that a licence is known. */
  checkData(
    typeCode: string,
    data: Readonly<Record<string, string>>,
    telling: readonly FieldsWithin[],
    reader: Reader,
  ): Promise<DataCheck>
  /** The copy that its key names, made now or before. Throws what making it is refused with, as a coded error of the register. */
  makeCopy(order: CopyOrder, reader: Reader): Promise<MadeCopy>
  /** The document of a copy; undefined once it has none, or ended. */
  copyDocument(copyId: string): Promise<Uint8Array | undefined>
  /** Changes of licences after a position, in order. */
  changesAfter(position: bigint, most: number): Promise<readonly LicenceChange[]>
  lastPosition(): Promise<bigint>
}
