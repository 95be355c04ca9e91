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

describe('what was typed in a tab', () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    clear: () => kept.clear(),
  }
  afterEach(() => {
    vi.unstubAllGlobals()
    kept.clear()
  })
  const drafts = () => [...kept.keys()].filter((key) => key.includes('draft'))

  it('is there for whoever logs in again, and for nobody else', async () => {
    vi.stubGlobal('sessionStorage', storage)
    await loggedIn()
    kept.set('zhengyin-draft-D1-T', '{}')
    await loggedIn()
    expect(drafts()).toHaveLength(1)
    vi.stubGlobal('fetch', answering(201, { account: { ...clerk, id: 'a-2' } }))
    await login('other', 'secret')
    expect(drafts()).toEqual([])
  })

  it('is gone with who logs out', async () => {
    vi.stubGlobal('sessionStorage', storage)
    await loggedIn()
    kept.set('zhengyin-draft-D1-T', '{}')
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => new Response(null, { status: 204 })),
    )
    await logout()
    expect(drafts()).toEqual([])
  })
})
