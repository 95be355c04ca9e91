import type { DeactivationKind } from '../domain/filing.ts'

/** What the publisher put on record (备案). */
export interface FilingRecord {
  /** 备案号 */
  readonly recordNumber: string
  readonly at: Date
}

/** The part of a seal by which it is filed; the rest is read from the record. */
export interface FiledSeal {
  readonly id: string
}

/**
 * Where seals are filed (备案) and their states published. Never called inside a transaction. Each call may be repeated and gives the
 * record of the first one. Renewals and deactivations follow from the seal's events by themselves; calling for them only hastens them.
 *
 * Throws `SEAL_FILING_PENDING` where the publisher gives no answer: the filing is on record then and is tried again until it is done,
 * also after a restart. Throws `SEAL_FILING_REFUSED` where the publisher refuses it.
 */
export interface SealPublisher {
  /** 印章发布 (task 207): a made seal. */
  release(seal: FiledSeal): Promise<FilingRecord>
  /** 印章延期/续期 (task 108): its certificate in use is another. */
  renew(seal: FiledSeal): Promise<FilingRecord>
  /** 吊销/撤销/挂失 (task 209). */
  deactivate(seal: FiledSeal, kind: DeactivationKind): Promise<FilingRecord>
}
