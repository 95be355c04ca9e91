/**
 * The separated powers and their roles: whoever manages seals neither uses nor audits them, and whoever makes accounts does none of it.
 * An account or machine holds roles of one power at most; `viewer`, who changes nothing, belongs to none and may join any.
 * The database holds the same table (migrations, a test compares them).
 */
export const POWERS = {
  'managing-seals': ['seal-applicant', 'seal-reviewer', 'seal-maker', 'seal-keeper'],
  'using-seals': ['issuer', 'licence-reviewer', 'catalogue-editor', 'licence-user', 'seal-user', 'seal-approver'],
  auditing: ['auditor'],
  administering: ['administrator'],
} as const

export type Power = keyof typeof POWERS

/** What a person or machine of a department is. */
export type Role = (typeof POWERS)[Power][number] | 'viewer'

export const ROLES: readonly Role[] = [...Object.values(POWERS).flat(), 'viewer']

/** What a role is called. */
export const ROLE_NAMES: Readonly<Record<Role, { readonly zh: string; readonly en: string }>> = {
  'seal-applicant': { zh: '印章经办人', en: 'Seal applicant' },
  'seal-reviewer': { zh: '印章审核员', en: 'Seal reviewer' },
  'seal-maker': { zh: '制章员', en: 'Seal maker' },
  'seal-keeper': { zh: '印章保管员', en: 'Seal keeper' },
  issuer: { zh: '制证员', en: 'Issuer' },
  'licence-reviewer': { zh: '证照审核员', en: 'Licence reviewer' },
  'catalogue-editor': { zh: '目录管理员', en: 'Catalogue editor' },
  'licence-user': { zh: '用证员', en: 'Licence user' },
  'seal-user': { zh: '用印员', en: 'Seal user' },
  'seal-approver': { zh: '用印审批员', en: 'Approver of seal uses' },
  auditor: { zh: '审计员', en: 'Auditor' },
  administrator: { zh: '系统管理员', en: 'Administrator' },
  viewer: { zh: '查阅员', en: 'Viewer' },
}

const SEAL_ROLES = [...POWERS['managing-seals'], 'issuer', 'seal-user', 'seal-approver'] as const

/** What whoever holds licences is, who logged in as one; no account, key or client can be given it. A company is one more. */
export const HOLDER_ROLE = 'holder'
export const COMPANY_ROLE = 'company'

/** Everything a route or an operation may ask for, and who has it. Whoever is not named may not. */
const GRANTED_TO = {
  'licences:read': ['issuer', 'licence-reviewer', 'viewer'],
  'licences:issue': ['issuer'],
  'licences:change': ['issuer'],
  'licences:review': ['licence-reviewer'],
  'licences:collect': ['issuer'],
  'licences:erase': ['licence-reviewer'],
  'licences:fetch': ['licence-user'],
  'copies:make': ['issuer'],
  'copies:read': ['issuer', 'licence-user'],
  'approvals:submit': ['issuer'],
  'batches:run': ['issuer'],
  'catalogue:read': ['catalogue-editor', 'licence-reviewer'],
  'catalogue:edit': ['catalogue-editor'],
  'catalogue:review': ['licence-reviewer'],
  'templates:draw': ['catalogue-editor'],
  'templates:review': ['licence-reviewer'],
  'sharing:administer': ['licence-reviewer'],
  'subscriptions:administer': ['licence-reviewer'],
  'accesses:read': ['auditor'],
  'statistics:read': ['issuer', 'licence-reviewer', 'viewer', 'auditor'],
  'holder-links:create': ['issuer'],
  'seals:read': [...SEAL_ROLES, 'viewer', 'auditor'],
  'seals:apply': ['seal-applicant'],
  'seals:draw': ['seal-applicant', 'seal-reviewer', 'seal-maker'],
  'seals:review': ['seal-reviewer'],
  'seals:make': ['seal-maker'],
  'seals:keep': ['seal-keeper'],
  'seals:report-lost': ['seal-applicant', 'seal-keeper'],
  'seals:use': ['seal-user', 'issuer'],
  'seals:approve-use': ['seal-approver'],
  'seal-ledger:read': ['seal-keeper', 'auditor'],
  'audit:read': ['auditor'],
  'seal-webhooks:administer': ['seal-keeper', 'auditor'],
  'seal-warnings:handle': ['seal-reviewer', 'seal-keeper', 'auditor'],
  'supervision:set': ['auditor'],
  'people:read': [...SEAL_ROLES, 'licence-reviewer', 'auditor', 'administrator'],
  'directory:administer': ['administrator'],
  'wallet:use': [HOLDER_ROLE],
} as const satisfies Record<string, readonly (Role | typeof HOLDER_ROLE)[]>

export type Permission = keyof typeof GRANTED_TO

export const PERMISSIONS = Object.keys(GRANTED_TO) as readonly Permission[]

/** Whether one of the roles carries the permission. Unknown roles and permissions carry nothing. */
export function mayRoles(roles: readonly string[], permission: string): boolean {
  const granted: readonly string[] = Object.hasOwn(GRANTED_TO, permission) ? GRANTED_TO[permission as Permission] : []
  return roles.some((role) => granted.includes(role))
}

/** The powers that the roles belong to. */
export function powersOf(roles: readonly string[]): Power[] {
  const isHeld = (of: readonly string[]) => roles.some((role) => of.includes(role))
  return (Object.keys(POWERS) as Power[]).filter((power) => isHeld(POWERS[power]))
}
