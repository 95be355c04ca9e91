import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, type Listening, listen } from '../../../platform/http/index.ts'
import { createLog, systemIds } from '../../../platform/index.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const script = 'export const large = 1'

describe('pages with compressed copies', () => {
  const folder = temporaryFolder()
  let server: Listening

  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'assets', 'large-2b.js'), script)
    writeFileSync(join(folder, 'assets', 'large-2b.js.br'), brotliCompressSync(script))
    const app = createApp({
      routeSets: [],
      ids: systemIds,
      log: createLog({ level: 'silent' }),
      baseUrl: 'https://things.example',
      isProduction: false,
      pages: { folder, entries: [] },
    })
    server = await listen(app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => server.stop())

  const ask = (encoding: string) =>
    fetch(`${server.url}/assets/large-2b.js`, { headers: { 'accept-encoding': encoding } })

  it('send the copy to whoever takes it, under the type of the asset', async () => {
    const answer = await ask('gzip, br')
    expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual(['br', 'Accept-Encoding'])
    expect(answer.headers.get('content-type')).toContain('text/javascript')
    expect(answer.headers.get('cache-control')).toContain('immutable')
    expect(await answer.text()).toBe(script)
  })

  it('send the asset itself to whoever does not', async () => {
    const answer = await ask('identity')
    expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual([null, 'Accept-Encoding'])
    expect(await answer.text()).toBe(script)
  })
})
