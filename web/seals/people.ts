import { callApi } from '../kit/api.ts'
import type { Text } from '../kit/language.ts'
import { withSession } from '../kit/session.ts'
import type { PageOf } from '../kit/use-loaded.ts'

/** Accounts and departments, as administrators see and change them. Everything throws ApiProblem. */

export interface Person {
  readonly id: string
  readonly username: string
  readonly name: string
  readonly title: string | null
  readonly departmentCode: string
  readonly roles: readonly string[]
  readonly closedAt: string | null
}
export interface Department {
  readonly code: string
  readonly name: Text
  readonly areaCode: string
  readonly parentCode: string | null
  readonly successorCode?: string | null
  readonly closedAt?: string | null
}

/** What roles are called; roles of one line belong to one power, and nobody holds roles of two. */
export const roleWords: Readonly<Record<string, Text>> = {
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

const query = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString()

export const listPeople = (filter: Readonly<Record<string, string>>): Promise<PageOf<Person>> =>
  withSession(() => callApi(`/api/accounts?${query(filter)}`))
export const listDepartments = async (): Promise<readonly Department[]> =>
  (await callApi<{ readonly departments: readonly Department[] }>('/api/departments')).departments

export interface Post {
  readonly departmentCode: string
  readonly title: string | null
  readonly roles: readonly string[]
}
export const addPerson = (
  person: Post & { readonly username: string; readonly name: string; readonly password: string | null },
): Promise<Person> => withSession(() => callApi('/api/accounts', { method: 'POST', body: person }))
export const givePost = (id: string, post: Post): Promise<Person> =>
  withSession(() => callApi(`/api/accounts/${id}/post`, { method: 'PUT', body: post }))
export const closeAccount = (id: string): Promise<Person> =>
  withSession(() => callApi(`/api/accounts/${id}/closures`, { method: 'POST', body: {} }))
export const addDepartment = (department: Omit<Department, 'successorCode' | 'closedAt'>): Promise<Department> =>
  withSession(() => callApi('/api/departments', { method: 'POST', body: department }))
export const closeDepartment = (code: string, successorCode: string | null): Promise<Department> =>
  withSession(() => callApi(`/api/departments/${code}/closures`, { method: 'POST', body: { successorCode } }))
