import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Deps } from '../operations/deps.ts'
import { listAudit } from '../store/audit.ts'
import { codesWithin } from '../store/departments.ts'
import { listFormerHolders, listPeople } from '../store/people.ts'
import { codeText, defineRoute, roleText } from './schemas.ts'

const tag = 'People'
const PAGE = 200

const colleague = z.object({
  id: z.string(),
  name: z.string(),
  departmentCode: z.string(),
  title: z.string().nullable(),
  roles: z.array(z.string()),
})
const former = z.object({
  accountId: z.string(),
  name: z.string(),
  departmentCode: z.string(),
  until: z.iso.datetime(),
  hasLeft: z.boolean(),
})
const auditAnswer = z.object({
  items: z.array(
    z.object({
      sequence: z.string(),
      at: z.iso.datetime(),
      actorId: z.string(),
      actorName: z.string(),
      action: z.string(),
      subject: z.string(),
      departmentCode: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  next: z.string(),
})

/** Who is there to ask or to name, who is there no more, and what was changed about people and departments. */
export function peopleRoutes(deps: Deps): Route[] {
  const inRange = async (ownCode: string, departmentCode: string | undefined) => {
    const codes = await codesWithin(deps.database, ownCode)
    return departmentCode === undefined ? codes : codes.filter((code) => code === departmentCode)
  }
  return [
    defineRoute({
      method: 'get',
      path: '/api/people',
      permission: 'people:read',
      summary: 'People of the own department and those below it who have an account',
      tag,
      query: z.object({ departmentCode: codeText.optional(), role: roleText.optional() }),
      answers: { 200: { description: 'At most a thousand', schema: z.object({ items: z.array(colleague) }) } },
      async handle({ principal, query: { departmentCode, role } }) {
        const departmentCodes = await inRange(principal.departmentCode, departmentCode)
        const people = await listPeople(deps.database, { departmentCodes, role, isOpen: true })
        const items = people.map(({ id, name, departmentCode, title, roles }) => ({
          id,
          name,
          departmentCode,
          title,
          roles,
        }))
        return { status: 200, json: { items } }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/people/former',
      permission: 'people:read',
      summary: 'Who had a role in a department and has it there no more, as a keeper who left',
      tag,
      query: z.object({ role: roleText, departmentCode: codeText.optional() }),
      answers: { 200: { description: 'The latest first', schema: z.object({ items: z.array(former) }) } },
      async handle({ principal, query: { role, departmentCode } }) {
        const departmentCodes = await inRange(principal.departmentCode, departmentCode)
        const holders = await listFormerHolders(deps.database, { role, departmentCodes })
        const items = holders.map(({ untilAt, ...one }) => ({ ...one, until: untilAt.toISOString() }))
        return { status: 200, json: { items } }
      },
    }),
    defineRoute({
      method: 'get',
      path: '/api/directory-audit',
      permission: 'audit:read',
      summary: 'What was changed about people, departments and machines, in order',
      tag,
      query: z.object({
        after: z
          .string()
          .regex(/^\d{1,18}$/)
          .default('0'),
      }),
      answers: { 200: { description: 'A page; ask on with after=next', schema: auditAnswer } },
      async handle({ principal, query }) {
        const departmentCodes = await codesWithin(deps.database, principal.departmentCode)
        const entries = await listAudit(deps.database, { departmentCodes, after: BigInt(query.after), limit: PAGE })
        const items = entries.map((entry) => ({
          ...entry,
          sequence: entry.sequence.toString(),
          at: entry.at.toISOString(),
        }))
        return { status: 200, json: { items, next: items.at(-1)?.sequence ?? query.after } }
      },
    }),
  ]
}
