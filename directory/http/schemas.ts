import { z } from 'zod'
import { routeDefiner } from '../../platform/http/index.ts'
import type { Department } from '../department.ts'
import { AREA_LEVELS, levelOfArea } from '../domain/area.ts'
import { type Permission, ROLES, type Role } from '../permissions.ts'
import type { Person } from '../store/people.ts'

export const defineRoute = routeDefiner<Permission>()

export const bilingual = z.object({ zh: z.string(), en: z.string() })
export const codeText = z.string().regex(/^[0-9A-Z]{18}$/, 'a unified social credit code (GB 32100)')
export const areaText = z.string().regex(/^\d{6}(\d{3})?$/, 'six digits (GB/T 2260), or nine for a town')
export const roleText = z.enum(ROLES as readonly [Role, ...Role[]])
export const rolesList = z.array(roleText).min(1).max(ROLES.length)
export const nameText = z.string().trim().min(1).max(100)

export const departmentAnswer = z.object({
  code: z.string(),
  name: bilingual,
  areaCode: z.string(),
  level: z.enum(AREA_LEVELS),
  parentCode: z.string().nullable(),
  actsForCode: z.string().nullable(),
  closedAt: z.iso.datetime().nullable(),
  successorCode: z.string().nullable(),
})

export const departmentJson = (department: Department): z.input<typeof departmentAnswer> => ({
  code: department.code,
  name: department.name,
  areaCode: department.areaCode,
  level: levelOfArea(department.areaCode),
  parentCode: department.parentCode,
  actsForCode: department.actsForCode ?? null,
  closedAt: department.closedAt?.toISOString() ?? null,
  successorCode: department.successorCode ?? null,
})

export const personAnswer = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  departmentCode: z.string(),
  title: z.string().nullable(),
  roles: z.array(z.string()),
  createdAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
})

export const personJson = (person: Person): z.input<typeof personAnswer> => ({
  id: person.id,
  username: person.username,
  name: person.name,
  departmentCode: person.departmentCode,
  title: person.title,
  roles: [...person.roles],
  createdAt: person.createdAt.toISOString(),
  closedAt: person.closedAt?.toISOString() ?? null,
})
