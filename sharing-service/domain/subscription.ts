/** A change of a licence, as the register tells it. */
export interface LicenceChange {
  readonly position: bigint
  readonly identifier: string
  readonly typeCode: string
  readonly departmentCode: string
  readonly topic: string
  readonly at: Date
  readonly body: Readonly<Record<string, unknown>>
}

/** What a department that relies on a licence can be told. */
export const changeTopics = [
  'licence.issued',
  'licence.collected',
  'licence.suspended',
  'licence.restored',
  'licence.revoked',
  'licence.withdrawn',
  'licence.cancelled',
  'licence.transferred',
  'licence.corrected',
  'licence.changed',
  'licence.renewed',
  'licence.resealed',
  'licence.archived',
] as const

/** Which changes of licences that its department relies on go to which address. */
export interface Subscription {
  readonly id: string
  readonly departmentCode: string
  readonly address: string
  readonly topics: readonly string[]
  readonly createdBy: string
  readonly createdAt: Date
  readonly endedAt: Date | null
  /** Deliveries were made out for every change up to here. */
  readonly madeOut: bigint
}
