import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeInThisThread, VerifierError } from '../../verifier/http/index.ts'
import { keyHolders, serveVerifier, type VerifierServer, worldSource } from './http-server.ts'
import { evidence, IDENTIFIER, page, sealedLicence, statementText } from './world.ts'

const good = await evidence()
const bytes = await sealedLicence()
const unsealed = await page()
const statement = statementText()

const form = (files: readonly (readonly [string, Uint8Array])[], statements: readonly string[] = []): FormData => {
  const data = new FormData()
  for (const [name, content] of files)
    data.append('file', new Blob([content as BlobPart], { type: 'application/pdf' }), name)
  for (const text of statements) data.append('statement', text)
  return data
}

describe('a batch', () => {
  let server: VerifierServer
  beforeAll(async () => {
    server = await serveVerifier({ authority: keyHolders })
  })
  afterAll(() => server.stop())

  it('of files and statements is answered later, each in its place under its name', async () => {
    const accepted = await server.post(
      form(
        [
          ['甲.pdf', bytes],
          ['folder/b.pdf', unsealed],
        ],
        [statement],
      ),
    )
    expect(accepted.status).toBe(202)
    expect(accepted.headers.get('location')).toMatch(/^\/api\/verifications\/[\w-]{43}$/)
    expect(await accepted.json()).toMatchObject({ state: 'running', total: 3, done: 0, expiresAt: null })
    expect(await server.results(accepted)).toMatchObject([
      {
        index: 0,
        name: '甲.pdf',
        report: { file: '甲.pdf', verdict: 'accepted', licence: { identifier: IDENTIFIER } },
      },
      { index: 1, name: 'b.pdf', report: { verdict: 'undecided' } },
      { index: 2, report: { verdict: 'accepted', identifier: IDENTIFIER } },
    ])
  })

  it('of a thousand texts is done, one more is refused', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => ({ statement: i % 2 ? statement : `no statement ${i}` }))
    const results = await server.results(await server.post({ items }))
    expect(results).toHaveLength(1000)
    expect(results.filter(({ report }) => report.verdict === 'accepted')).toHaveLength(500)
    const tooMany = await server.post({ items: [...items, { statement: 'x' }] })
    expect([tooMany.status, (await tooMany.json()).code]).toEqual([422, 'REQUEST_INVALID'])
  })

  it('says for each item that is wrong where it is', async () => {
    const refused = await server.post({
      items: [{ statement: 'x' }, { statement: 'x', more: 1 }, { identifier: 'y' }, {}],
    })
    expect(refused.status).toBe(422)
    const pointers = (await refused.json()).errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toEqual(expect.arrayContaining(['/items/1/more', '/items/2/identifier', '/items/3']))
  })

  it('may be of one document, when the client would rather come back', async () => {
    const accepted = await server.post(bytes, { prefer: 'wait=5, respond-async' })
    expect([accepted.status, accepted.headers.get('preference-applied')]).toEqual([202, 'respond-async'])
    expect(await server.results(accepted)).toMatchObject([{ name: 'document.pdf', report: { verdict: 'accepted' } }])
  })

  it('is forgotten when its time is over, when its sender says so, and then nobody can tell that it was there', async () => {
    const first = await server.post({ items: [{ statement }] })
    const path = first.headers.get('location')!
    await server.results(first)
    expect((await (await server.get(path)).json()).expiresAt).toBe(
      new Date(server.clock.now().getTime() + 900_000).toISOString(),
    )
    const second = await server.post({ items: [{ statement }] })
    const forgotten = await fetch(server.url + second.headers.get('location'), { method: 'DELETE' })
    expect(forgotten.status).toBe(204)
    server.clock.advance(900_000)
    const answers = [
      path,
      second.headers.get('location')!,
      '/api/verifications/never-there',
      `/api/verifications/${'A'.repeat(43)}`,
    ]
    for (const gone of answers) {
      const answer = await server.get(gone)
      const { instance: _, ...problem } = await answer.json()
      expect([answer.status, problem]).toEqual([404, expect.objectContaining({ code: 'VERIFICATION_NOT_FOUND' })])
      expect(Object.keys(problem).sort()).toEqual(['code', 'detail', 'status', 'title', 'type'])
    }
  })

  it('of a department is for that department alone, and for everybody else as if it were not there', async () => {
    const own = { authorization: 'Bearer department-a' }
    const accepted = await server.post({ items: [{ statement }] }, own)
    const path = accepted.headers.get('location')!
    expect(await server.results(accepted, own)).toHaveLength(1)
    expect((await server.get(path)).status).toBe(404)
    expect((await server.get(path, { authorization: 'Bearer department-b' })).status).toBe(404)
    expect((await fetch(server.url + path, { method: 'DELETE' })).status).toBe(404)
    expect((await server.get(path, own)).status).toBe(200)
  })

  it('does not outlive the process', async () => {
    const before = await serveVerifier()
    const path = (await before.post({ items: [{ statement }] })).headers.get('location')!
    await before.stop()
    const after = await serveVerifier()
    expect((await after.get(path)).status).toBe(404)
    await after.stop()
  })

  it('logs neither texts nor names nor its address', async () => {
    const accepted = await server.post(form([['geheim.pdf', bytes]], [statement]))
    await server.results(accepted)
    const id = accepted.headers.get('location')!.split('/').at(-1)!
    for (const secret of ['geheim', statement.slice(40, 80), id]) expect(server.logText()).not.toContain(secret)
  })
})

describe('a form', () => {
  let server: VerifierServer
  beforeAll(async () => {
    server = await serveVerifier({ limits: { burst: 1000 } })
  })
  afterAll(() => server.stop())
  const CRLF = '\r\n'
  const part = (head: string, body = 'x') => `--b${CRLF}${head}${CRLF}${CRLF}${body}${CRLF}`
  const disposition = 'Content-Disposition: form-data; name="statement"'
  const post = (body: string, type = 'multipart/form-data; boundary=b') =>
    server.post(new TextEncoder().encode(body), { 'content-type': type })

  it('is read with a preamble, a quoted boundary and a part of blanks', async () => {
    const body = `preamble${CRLF}${part(disposition, ' x ')}--b--${CRLF}`
    const accepted = await post(body, 'multipart/form-data; charset=utf-8; boundary="b"')
    expect(accepted.status).toBe(202)
    expect((await server.results(accepted))[0].report.text).toBe('x')
  })

  it.each([
    ['without a boundary', `${part(disposition)}--b--`, 'multipart/form-data'],
    [
      'with a boundary of 71 characters',
      `${part(disposition)}--b--`,
      `multipart/form-data; boundary=${'b'.repeat(71)}`,
    ],
    ['of another boundary', `${part(disposition)}--b--`, 'multipart/form-data; boundary=c'],
    ['without an end', part(disposition)],
    ['that is empty', '--b--'],
    ['of nothing but delimiters', `--b${CRLF}--b${CRLF}--b--`],
    ['with a part without headers', `--b${CRLF}x${CRLF}--b--`],
    ['with a part without a name', `${part('Content-Disposition: form-data')}--b--`],
    ['with a part of another disposition', `${part('Content-Disposition: attachment; name="file"')}--b--`],
    ['with two names', `${part(`${disposition}; name="file"`)}--b--`],
    ['with two dispositions', `${part(`${disposition}${CRLF}${disposition}`)}--b--`],
    ['in base64', `${part(`${disposition}${CRLF}Content-Transfer-Encoding: base64`)}--b--`],
    ['with an unknown field', `${part('Content-Disposition: form-data; name="more"')}--b--`],
    ['with an empty field', `${part(disposition, '')}--b--`],
    ['with headers without end', `--b${CRLF}${'X: y\r\n'.repeat(2000)}${disposition}${CRLF}${CRLF}x${CRLF}--b--`],
    ['of 1,001 fields', `${part(disposition).repeat(1001)}--b--`],
  ])('%s is refused', async (_, body, type = 'multipart/form-data; boundary=b') => {
    const answer = await post(body, type)
    expect(answer.status).toBe(422)
    expect((await answer.json()).code).toMatch(/^VERIFICATION_(BATCH_INVALID|INPUT_MISSING)$/)
  })

  it('keeps names harmless', async () => {
    const name = 'C:\\fakepath\\a%22b\u202egpj.pdf'
    const results = await server.results(
      await post(`${part(`Content-Disposition: form-data; name="file"; filename="${name}"`)}--b--`),
    )
    expect(results[0].name).toBe('a"b\ufffdgpj.pdf')
  })
})

describe('batches of many', () => {
  it('take turns, so that a large one delays no small one, and a caller has a few at a time', async () => {
    let judged = 0
    const slow = {
      ...judgeInThisThread,
      findSubject: async (document: Uint8Array) => {
        judged++
        await delay(10)
        return judgeInThisThread.findSubject(document)
      },
    }
    const server = await serveVerifier({ judge: slow, authority: keyHolders, limits: { jobs: { lanes: 1 } } })
    const many = Array.from({ length: 40 }, (_, i) => [`${i}.pdf`, unsealed] as const)
    const large = await server.post(form(many))
    const small = await server.post(form([['one.pdf', unsealed]]), { authorization: 'Bearer department-a' })
    await server.results(small, { authorization: 'Bearer department-a' })
    expect(judged).toBeLessThan(20)
    const second = await server.post(form(many))
    expect(second.status).toBe(202)
    const third = await server.post({ items: [{ statement: 'x' }] })
    expect([third.status, (await third.json()).code]).toEqual([503, 'VERIFICATION_BUSY'])
    for (const batch of [large, second]) await fetch(server.url + batch.headers.get('location'), { method: 'DELETE' })
    const after = judged
    await delay(60)
    expect(judged).toBeLessThanOrEqual(after + 1)
    expect((await server.post({ items: [{ statement: 'x' }] })).status).toBe(202)
    await server.stop()
  })

  it('hold no more documents and results than they may', async () => {
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const source = { ...worldSource, trustList: () => promise }
    const server = await serveVerifier({
      source,
      limits: { jobs: { heldBytes: unsealed.length * 2, resultLength: 1 } },
    })
    const two = [
      ['a.pdf', unsealed],
      ['b.pdf', unsealed],
    ] as const
    expect((await server.post(form([...two, ['c.pdf', unsealed]]))).status).toBe(503)
    const accepted = await server.post(form(two))
    expect(accepted.status).toBe(202)
    expect((await server.post(form([['c.pdf', unsealed]]))).status).toBe(503)
    resolve(good.trustList)
    expect(await server.results(accepted)).toMatchObject([
      { index: 0, name: 'a.pdf', problem: { code: 'VERIFICATION_TOO_COSTLY' } },
      { index: 1, name: 'b.pdf', problem: { code: 'VERIFICATION_TOO_COSTLY' } },
    ])
    expect((await server.post(form(two))).status).toBe(503)
    await server.stop()
  })

  it('leave room for others, however many one caller sends', async () => {
    const server = await serveVerifier({ authority: keyHolders, limits: { jobs: { most: 8 } } })
    const sent: Response[] = []
    for (let i = 0; i < 10; i++) {
      sent.push(await server.post({ items: [{ statement: `${i}` }] }))
      expect(sent[i]!.status).toBe(202)
      if (i < 9) await server.results(sent[i]!).catch(() => undefined)
    }
    expect(await server.results(sent[9]!)).toHaveLength(1)
    expect((await server.get(sent[0]!.headers.get('location')!)).status).toBe(404)
    const other = await server.post({ items: [{ statement: 'x' }] }, { authorization: 'Bearer department-a' })
    expect(other.status).toBe(202)
    await server.stop()
  })

  it('go on after an item that cannot be judged, and stop when one caller has used its time', async () => {
    const judge = {
      ...judgeInThisThread,
      findSubject: async (document: Uint8Array) => {
        if (document.length === 3) throw new VerifierError('VERIFICATION_TOO_COSTLY', 'too much')
        if (document.length === 4) throw new Error('a defect that names a holder')
        return judgeInThisThread.findSubject(document)
      },
    }
    const server = await serveVerifier({ judge })
    const of = (length: number) => [`${length}.pdf`, new Uint8Array(length)] as const
    const some = await server.results(await server.post(form([of(3), of(4), of(5)])))
    expect(some[0].problem).toEqual({ code: 'VERIFICATION_TOO_COSTLY', detail: 'too much' })
    expect(some[1].problem).toEqual({ code: 'INTERNAL_ERROR', detail: 'the item could not be verified; send it again' })
    expect(some[2].report.verdict).toBe('refused')
    const many = await server.results(await server.post(form(Array.from({ length: 20 }, () => of(3)))))
    expect(many.at(-1).problem.detail).toContain('all the time of the batch')
    await server.stop()
  })
})
