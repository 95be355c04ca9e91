/** A record of another room, as the audit of the city is shown it. */
export interface OtherRecord {
  /** Rising; whoever has read up to one has seen all below it. */
  readonly sequence: bigint
  readonly at: Date
  readonly departmentCode: string
  /** Never a secret. */
  readonly record: Readonly<Record<string, unknown>>
}

/** Records of another room about departments, in their order. */
export interface AuditSource {
  /** What its records are called in a page: `directory`. */
  readonly name: string
  read(departmentCodes: readonly string[], after: bigint, most: number): Promise<readonly OtherRecord[]>
}
