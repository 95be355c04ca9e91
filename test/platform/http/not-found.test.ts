import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { systemIds } from '../../../platform/index.ts'
import { testLog } from '../../support/log.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

describe('an address with nothing', () => {
  let server: Listening
  beforeAll(async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'not-found.html'), '<!doctype html><title>No such page</title>')
    const app = createApp({
      routeSets: [],
      ids: systemIds,
      log: testLog().log,
      baseUrl: 'https://things.example',
      isProduction: true,
      pages: { folder, entries: [], notFound: 'not-found.html' },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => server.stop())

  const typed = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  const ask = (accept: string, method = 'GET') => fetch(`${server.url}/verfy`, { method, headers: { accept } })

  it('shows a page to a person, which is kept nowhere', async () => {
    const page = await ask(typed)
    expect([page.status, page.headers.get('cache-control')]).toEqual([404, 'no-store'])
    expect(await page.text()).toContain('No such page')
  })

  it('is no page that is there, whatever part of it is asked for', async () => {
    const headers = { accept: typed, range: 'bytes=0-9', 'if-match': '"x"' }
    expect((await fetch(`${server.url}/verfy`, { headers })).status).toBe(404)
    const head = await ask(typed, 'HEAD')
    expect([head.status, head.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  })

  it('answers a program with a problem', async () => {
    for (const accept of ['*/*', 'application/json', 'application/problem+json, text/html;q=0.5'])
      expect((await ask(accept)).headers.get('content-type'), accept).toMatch(/json/)
    expect((await ask(typed, 'POST')).headers.get('content-type')).toMatch(/json/)
  })
})
