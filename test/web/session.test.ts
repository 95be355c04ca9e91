import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '../../web/kit/problem.ts'
import { account, login, logout } from '../../web/kit/session.ts'

const clerk = { id: 'a-1', username: 'clerk', name: '李雷', roles: ['issuer'], departmentCode: '11330199MB3301255M' }
const answering = (status: number, body: object = {}) =>
  vi.fn(async () => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }))

async function loggedIn(): Promise<void> {
  vi.stubGlobal('fetch', answering(201, { account: clerk }))
  await login('clerk', 'secret')
  expect(account.value?.id).toBe('a-1')
}

describe('logging out', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('keeps showing who is logged in where the server could not be reached or did not end the session', async () => {
    await loggedIn()
    vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new TypeError('no network')))
    await expect(logout()).rejects.toThrow(ApiProblem)
    vi.stubGlobal('fetch', answering(503))
    await expect(logout()).rejects.toMatchObject({ problem: { status: 503 } })
    expect(account.value?.id).toBe('a-1')
  })

  it.each([204, 401])('shows the login once the session is no more (%i)', async (status) => {
    await loggedIn()
    vi.stubGlobal('fetch', status === 204 ? vi.fn(async () => new Response(null, { status })) : answering(status))
    await logout()
    expect(account.value).toBeNull()
  })
})
