import { z } from 'zod'
import type { Route } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import { DirectoryError } from '../errors.ts'
import { addAccount, endAccount, givePost, resetPassword } from '../operations/administer-accounts.ts'
import type { Deps } from '../operations/deps.ts'
import { LONGEST_PASSWORD } from '../operations/make-accounts.ts'
import { codesWithin } from '../store/departments.ts'
import { listPeople, listPosts, type Person } from '../store/people.ts'
import { codeText, defineRoute, nameText, personAnswer, personJson, rolesList, roleText } from './schemas.ts'

const tag = 'People'
const PAGE = 100
const username = z.string().regex(/^[a-z0-9._-]{3,64}$/, '3 to 64 of a-z, 0-9, ".", "_" and "-"')
const password = z.string().min(1).max(LONGEST_PASSWORD)
const post = { departmentCode: codeText, title: nameText.nullable().default(null), roles: rolesList }
const params = z.object({ accountId: z.uuid() })
const searching = z.object({
  departmentCode: codeText.optional(),
  role: roleText.optional(),
  q: z.string().max(100).optional(),
  state: z.enum(['open', 'closed', 'all']).default('open'),
  after: z.string().max(64).optional(),
})
const postAnswer = z.object({
  departmentCode: z.string(),
  title: z.string().nullable(),
  roles: z.array(z.string()),
  from: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
})
const detailedAnswer = personAnswer.extend({ posts: z.array(postAnswer) })
const changeRefusals = ['ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', 'OWN_ACCOUNT']
const placeRefusals = ['ROLES_OF_TWO_POWERS', 'DEPARTMENT_NOT_FOUND', 'DEPARTMENT_CLOSED', 'DEPARTMENT_OUT_OF_RANGE']

/** One person in the caller's range. Throws ACCOUNT_NOT_FOUND. */
async function findInRange(deps: Deps, caller: Principal, accountId: string): Promise<Person> {
  const departmentCodes = await codesWithin(deps.database, caller.departmentCode)
  const [person] = await listPeople(deps.database, { ids: [accountId], departmentCodes })
  if (!person)
    throw new DirectoryError('ACCOUNT_NOT_FOUND', 'there is no such account in the own department or below it')
  return person
}

/** Of those asked for, the departments in the caller's range. */
async function rangeOf(deps: Deps, caller: Principal, departmentCode: string | undefined): Promise<string[]> {
  const codes = await codesWithin(deps.database, caller.departmentCode)
  return departmentCode === undefined ? codes : codes.filter((code) => code === departmentCode)
}

async function detailed(deps: Deps, person: Person): Promise<z.input<typeof detailedAnswer>> {
  const posts = await listPosts(deps.database, person.id)
  return {
    ...personJson(person),
    posts: posts.map(({ departmentCode, title, roles, fromAt, untilAt }) => ({
      departmentCode,
      title,
      roles: [...roles],
      from: fromAt.toISOString(),
      until: untilAt?.toISOString() ?? null,
    })),
  }
}

/** People and their posts, for administrators of their department or one above it. */
export function accountRoutes(deps: Deps): Route[] {
  const list = defineRoute({
    method: 'get',
    path: '/api/accounts',
    permission: 'directory:administer',
    summary: 'The accounts of the own department and those below it, by user name',
    tag,
    query: searching,
    answers: {
      200: {
        description: 'A page; ask on with after=next',
        schema: z.object({ items: z.array(personAnswer), next: z.string().nullable() }),
      },
    },
    async handle({ principal, query }) {
      const found = await listPeople(deps.database, {
        departmentCodes: await rangeOf(deps, principal, query.departmentCode),
        role: query.role,
        text: query.q,
        isOpen: query.state === 'all' ? undefined : query.state === 'open',
        after: query.after,
        limit: PAGE + 1,
      })
      const items = found.slice(0, PAGE)
      const next = found.length > PAGE ? items[PAGE - 1]!.username : null
      return { status: 200, json: { items: items.map(personJson), next } }
    },
  })
  const make = defineRoute({
    method: 'post',
    path: '/api/accounts',
    permission: 'directory:administer',
    stepUp: true,
    summary: 'Makes an account, with a password or for those who log in elsewhere',
    tag,
    body: z.strictObject({ username, name: nameText, password: password.nullable().default(null), ...post }),
    answers: { 201: { description: 'Made', schema: detailedAnswer } },
    problems: [...placeRefusals, 'ACCOUNT_INVALID', 'ACCOUNT_EXISTS'],
    async handle({ principal, body }) {
      const id = await addAccount(deps, principal, body)
      return { status: 201, json: await detailed(deps, await findInRange(deps, principal, id)) }
    },
  })
  const read = defineRoute({
    method: 'get',
    path: '/api/accounts/{accountId}',
    permission: 'directory:administer',
    summary: 'An account with every post that it held',
    tag,
    params,
    answers: { 200: { description: 'The account', schema: detailedAnswer } },
    problems: ['ACCOUNT_NOT_FOUND'],
    handle: async ({ principal, params: { accountId } }) => ({
      status: 200,
      json: await detailed(deps, await findInRange(deps, principal, accountId)),
    }),
  })
  return [list, make, read, ...changesOf(deps)]
}

function changesOf(deps: Deps): Route[] {
  const move = defineRoute({
    method: 'put',
    path: '/api/accounts/{accountId}/post',
    permission: 'directory:administer',
    stepUp: true,
    summary: 'Gives a person other roles, or another department; their sessions end',
    tag,
    params,
    body: z.strictObject(post),
    answers: { 200: { description: 'The account', schema: detailedAnswer } },
    problems: [...changeRefusals, ...placeRefusals],
    async handle({ principal, params: { accountId }, body }) {
      await givePost(deps, principal, accountId, body)
      return { status: 200, json: await detailed(deps, await findInRange(deps, principal, accountId)) }
    },
  })
  const reset = defineRoute({
    method: 'put',
    path: '/api/accounts/{accountId}/password',
    permission: 'directory:administer',
    stepUp: true,
    summary: 'Gives a person another password; their sessions end',
    tag,
    params,
    body: z.strictObject({ password }),
    answers: { 204: { description: 'Reset' } },
    problems: [...changeRefusals, 'PASSWORD_UNFIT'],
    async handle({ principal, params: { accountId }, body }) {
      await resetPassword(deps, principal, accountId, body.password)
      return { status: 204 }
    },
  })
  const close = defineRoute({
    method: 'post',
    path: '/api/accounts/{accountId}/closures',
    permission: 'directory:administer',
    summary: 'Closes the account of someone who left: post and sessions end',
    tag,
    params,
    answers: { 200: { description: 'The account', schema: detailedAnswer } },
    problems: changeRefusals,
    async handle({ principal, params: { accountId } }) {
      await endAccount(deps, principal, accountId)
      return { status: 200, json: await detailed(deps, await findInRange(deps, principal, accountId)) }
    },
  })
  return [move, reset, close]
}
