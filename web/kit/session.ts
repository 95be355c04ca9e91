import { ref } from 'vue'
import { callApi, endSession } from './api.ts'
import type { Account } from './api-types.ts'
import { ApiProblem, problemOf } from './problem.ts'
import { giveTabTo } from './tab.ts'

/** The account logged in; undefined until asked, null when nobody is. */
export const account = ref<Account | null>()
export const hasEnded = ref(false)

export const hasRole = (...roles: readonly string[]): boolean =>
  account.value?.roles.some((role) => roles.includes(role)) ?? false

// Both answers are read: the account itself or inside `account`.
const accountIn = (answer: Account | { account: Account }): Account => ('account' in answer ? answer.account : answer)

function enter(found: Account): void {
  giveTabTo(found.id)
  account.value = found
}

/** Asks who is logged in. @throws ApiProblem for anything but "nobody". */
export async function loadSession(): Promise<void> {
  try {
    enter(accountIn(await callApi('/api/sessions/current')))
  } catch (error) {
    if (problemOf(error).status !== 401) throw error
    account.value = null
  }
}

export interface LoginMethods {
  readonly password: boolean
  readonly oidc: { readonly label: string } | null
}
export const readLoginMethods = (): Promise<LoginMethods> => callApi('/api/sessions/methods')

/** Where the login provider is gone to, to come back to this page. */
export const providerAddress = (): string => `/api/sessions/oidc/start?to=${encodeURIComponent(location.pathname)}`

export async function login(username: string, password: string): Promise<void> {
  enter(accountIn(await callApi('/api/sessions', { method: 'POST', body: { username, password } })))
  hasEnded.value = false
}

/** Who is logged in stays shown until the server has ended it: another may sit here next. @throws ApiProblem where it could not */
export async function logout(): Promise<void> {
  await endSession('/api/sessions/current')
  giveTabTo(null)
  account.value = null
}

/** Runs a call; when it turns out that the login has ended, the login form comes up and the page keeps its state. */
export async function withSession<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 401) {
      hasEnded.value = true
      account.value = null
    }
    throw error
  }
}
