/** What a person or machine of a department is. */
export type Role = 'issuer' | 'viewer'

export const ROLES: readonly Role[] = ['issuer', 'viewer']

/** Everything a route or an operation may ask for, and who has it. Whoever is not named may not. */
const GRANTED_TO = {
  'licences:read': ['issuer', 'viewer'],
  'licences:issue': ['issuer'],
  'licences:change': ['issuer'],
  'holder-links:create': ['issuer'],
  'seals:read': ['issuer', 'viewer'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof GRANTED_TO

export const PERMISSIONS = Object.keys(GRANTED_TO) as readonly Permission[]

/** Whether one of the roles carries the permission. Unknown roles and permissions carry nothing. */
export function mayRoles(roles: readonly string[], permission: string): boolean {
  const granted: readonly string[] = Object.hasOwn(GRANTED_TO, permission) ? GRANTED_TO[permission as Permission] : []
  return roles.some((role) => granted.includes(role))
}
