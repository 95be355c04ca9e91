import { z } from 'zod'
import { type Route, time } from '../../platform/http/index.ts'
import { addApiKey, withdrawApiKey } from '../operations/administer-accounts.ts'
import type { Deps } from '../operations/deps.ts'
import { listApiKeys } from '../store/api-keys.ts'
import { codesWithin } from '../store/departments.ts'
import { codeText, defineRoute, nameText, rolesList } from './schemas.ts'

const tag = 'Machines'
const keyAnswer = z.object({
  prefix: z.string(),
  name: z.string(),
  departmentCode: z.string(),
  roles: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
})

/** API keys of machines, for administrators of their department or one above it. */
export function apiKeyRoutes(deps: Deps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/api/api-keys',
      permission: 'directory:administer',
      summary: 'API keys in use of the own department and those below it',
      tag,
      answers: {
        200: { description: 'The keys, without their secrets', schema: z.object({ items: z.array(keyAnswer) }) },
      },
      async handle({ principal }) {
        const codes = await codesWithin(deps.database, principal.departmentCode)
        const keys = await listApiKeys(deps.database, codes, deps.clock.now())
        const items = keys.map((key) => ({
          ...key,
          createdAt: key.createdAt.toISOString(),
          expiresAt: key.expiresAt?.toISOString() ?? null,
        }))
        return { status: 200, json: { items } }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/api-keys',
      permission: 'directory:administer',
      stepUp: true,
      summary: 'Makes an API key for a machine; its text is shown this once',
      tag,
      body: z.strictObject({
        name: nameText,
        departmentCode: codeText,
        roles: rolesList,
        expiresAt: time.nullable().default(null),
      }),
      answers: { 201: { description: 'Made', schema: z.object({ key: z.string() }) } },
      problems: ['ROLES_OF_TWO_POWERS', 'DEPARTMENT_NOT_FOUND', 'DEPARTMENT_CLOSED', 'DEPARTMENT_OUT_OF_RANGE'],
      async handle({ principal, body }) {
        return { status: 201, json: { key: await addApiKey(deps, principal, body) } }
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/api/api-keys/{prefix}',
      permission: 'directory:administer',
      summary: 'Revokes an API key at once',
      tag,
      params: z.object({ prefix: z.string().regex(/^[0-9A-Z]{10}$/) }),
      answers: { 204: { description: 'Revoked' } },
      problems: ['API_KEY_NOT_FOUND'],
      async handle({ principal, params: { prefix } }) {
        await withdrawApiKey(deps, principal, prefix)
        return { status: 204 }
      },
    }),
  ]
}
