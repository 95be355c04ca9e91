/** Who acts: a person with a session, a machine with a key, or this system itself. Always for one department. */
export interface Principal {
  readonly id: string
  readonly name: string
  readonly kind: 'person' | 'machine' | 'system'
  readonly departmentCode: string
  readonly roles: readonly string[]
  /** Somebody who belongs to no department: only a route that names a permission lets them in, 'authenticated' does not. */
  readonly isOutside?: true
  /** When the person last proved to be there with a security key (WebAuthn), within the session; absent or null: not. */
  readonly steppedUpAt?: Date | null
}
