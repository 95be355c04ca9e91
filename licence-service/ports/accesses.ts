/** One access of another department to a licence, as its holder may know it: not who the clerk was. */
export interface SharedAccess {
  /** Sorts those of one instant. */
  readonly access: string
  readonly at: Date
  readonly what: 'search' | 'data' | 'file' | 'file-check' | 'data-check' | 'qr-check' | 'prefill'
  readonly typeCode: string | null
  readonly identifier: string | null
  readonly departmentCode: string
  readonly matter: string
  /** What the department calls it, where that is known. */
  readonly matterName: string | null
  readonly purpose: string | null
  readonly fields: readonly string[]
  /** False where it was refused. */
  readonly isGranted: boolean
  /** True where it was answered that there is nothing. */
  readonly isEmpty: boolean
}

/** Who keeps the log of what other departments asked for. */
export interface AccessSource {
  /** Accesses to the licences of a holder (keyed hash, hex) up to an instant, newest first, `most` at most. */
  accessesOf(holderKey: string, until: Date, most: number): Promise<readonly SharedAccess[]>
}
