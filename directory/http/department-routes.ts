import { z } from 'zod'
import { type Route, time } from '../../platform/http/index.ts'
import { closeDepartment, writeDepartment } from '../operations/administer-departments.ts'
import type { Deps } from '../operations/deps.ts'
import { findDepartment, listDepartments } from '../store/departments.ts'
import {
  areaText,
  type bilingual,
  codeText,
  defineRoute,
  departmentAnswer,
  departmentJson,
  nameText,
} from './schemas.ts'

const tag = 'Directory'
const names = z.strictObject({ zh: nameText, en: nameText }) satisfies typeof bilingual
const changeBody = z.strictObject({
  name: names,
  areaCode: areaText,
  parentCode: codeText.nullable(),
  actsForCode: codeText.nullable().default(null),
})
const newBody = changeBody.extend({ code: codeText })
const closureBody = z.strictObject({
  successorCode: codeText.nullable().default(null),
  closedAt: time
    .optional()
    .describe('Default now; not before now, but for a clock that is a few minutes slow: then it is now'),
})
const params = z.object({ code: codeText })
const refusals = ['DEPARTMENT_INVALID', 'DEPARTMENT_OUT_OF_RANGE', 'DEPARTMENT_NOT_FOUND', 'DEPARTMENT_CLOSED']

/** The tree of departments: for anyone to read, for administrators above to change. */
export function departmentRoutes(deps: Deps): Route[] {
  const answerOf = async (code: string) => departmentJson((await findDepartment(deps.database, code))!)
  return [
    defineRoute({
      method: 'get',
      path: '/api/departments',
      permission: 'public',
      summary: 'The departments',
      tag,
      answers: {
        200: { description: 'All departments', schema: z.object({ departments: z.array(departmentAnswer) }) },
      },
      handle: async () => ({
        status: 200,
        json: { departments: (await listDepartments(deps.database)).map(departmentJson) },
      }),
    }),
    defineRoute({
      method: 'post',
      path: '/api/departments',
      permission: 'directory:administer',
      summary: 'Adds a department below one in the own range',
      tag,
      body: newBody,
      answers: { 201: { description: 'Added', schema: departmentAnswer } },
      problems: [...refusals, 'DEPARTMENT_EXISTS'],
      async handle({ principal, body }) {
        await writeDepartment(deps, principal, body, 'make')
        return { status: 201, json: await answerOf(body.code) }
      },
    }),
    defineRoute({
      method: 'put',
      path: '/api/departments/{code}',
      permission: 'directory:administer',
      summary: 'Changes the names, the region or the place of a department',
      tag,
      params,
      body: changeBody,
      answers: { 200: { description: 'Changed', schema: departmentAnswer } },
      problems: refusals,
      async handle({ principal, params: { code }, body }) {
        await writeDepartment(deps, principal, { code, ...body }, 'change')
        return { status: 200, json: await answerOf(code) }
      },
    }),
    defineRoute({
      method: 'post',
      path: '/api/departments/{code}/closures',
      permission: 'directory:administer',
      stepUp: true,
      summary: 'Closes a department, or merges it into another, from a time on',
      tag,
      params,
      body: closureBody,
      answers: { 200: { description: 'It closes then', schema: departmentAnswer } },
      problems: [...refusals, 'DEPARTMENT_NOT_EMPTY'],
      async handle({ principal, params: { code }, body }) {
        await closeDepartment(deps, principal, code, body)
        return { status: 200, json: await answerOf(code) }
      },
    }),
  ]
}
