import { performance } from 'node:perf_hooks'
import { afterAll, describe, expect, it } from 'vitest'
import { createJudgePool, foreignJudgeBy } from '../../bin/judge-pool.ts'
import { createMintPool } from '../../bin/mint-pool.ts'
import { judgeInThisThread } from '../../verifier/http/index.ts'
import { evidence, NOW, page, policy, sealedLicence } from '../verifier/world.ts'

const good = await evidence()
const bytes = await sealedLicence()
const document = { name: 'document.pdf', bytes }
const by = { evidence: good, policy, at: NOW, question: {} }

describe('createJudgePool', () => {
  const pool = createJudgePool(1)
  afterAll(() => pool.close())

  it('gives the same subject and report as this thread, and leaves the bytes to the caller', async () => {
    expect((await pool.findSubject(bytes)).value).toEqual((await judgeInThisThread.findSubject(bytes)).value)
    const here = await judgeInThisThread.verify(document, by)
    expect(here.value.verdict).toBe('accepted')
    const first = await pool.verify(document, by)
    expect(first.value).toEqual(here.value)
    expect(first.ms).toBeGreaterThan(0)
    const mint = createMintPool(1)
    // Of a report, those who mint are told what they decide by, word for word.
    const judged = await mint.judge([document], good, policy, NOW)
    expect([here.value]).toMatchObject(judged)
    expect(judged[0]).toMatchObject({ verdict: 'accepted', findings: expect.any(Array), signatures: expect.any(Array) })
    await mint.close()
    expect(bytes.length).toBeGreaterThan(1000)
  })

  it('takes views into larger buffers, and octets that are no PDF', async () => {
    const large = new Uint8Array(bytes.length + 5000)
    large.set(bytes, 3000)
    const view = large.subarray(3000, 3000 + bytes.length)
    expect((await pool.verify({ name: 'v.pdf', bytes: view }, by)).value.verdict).toBe('accepted')
    expect((await pool.verify({ name: 'v.pdf', bytes: view.subarray(9) }, by)).value.verdict).not.toBe('accepted')
  })

  it('leaves this thread free while documents are judged', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 60 }, () => pool.verify(document, by)))
    const ms = performance.now() - startedAt
    clearInterval(timer)
    expect(turns).toBeGreaterThan(ms / 20)
  })

  it('gives up a document that takes longer than it may, with a code, and goes on with the next', async () => {
    const impatient = createJudgePool(1, 1)
    const many = await page(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a${i}.txt`, 'x'.repeat(9000)])))
    const slow = impatient.verify({ name: 'slow.pdf', bytes: many }, by)
    await expect(slow).rejects.toMatchObject({ name: 'VerifierError', code: 'VERIFICATION_TOO_COSTLY' })
    // To those who take in what others made it is an answer, not an outage that is tried again.
    const foreign = { name: 'scan.pdf', bytes: many }
    expect(await foreignJudgeBy(impatient)(foreign, good, policy, NOW)).toBe('too-costly')
    expect(await foreignJudgeBy(pool)(document, good, policy, NOW)).toMatchObject({ verdict: 'accepted' })
    await impatient.close()
    expect((await pool.verify(document, by)).value.verdict).toBe('accepted')
  })

  it('drops a document that waits when its sender has gone', async () => {
    const leaving = new AbortController()
    const first = pool.verify(document, by)
    const dropped = pool.verify(document, by, leaving.signal)
    leaving.abort()
    await expect(dropped).rejects.toMatchObject({ code: 'VERIFICATION_BUSY' })
    expect((await first).value.verdict).toBe('accepted')
  })
})

describe('createMintPool', () => {
  it('gives up what takes longer than any licence, and goes on with the next', async () => {
    const impatient = createMintPool(1, 1)
    const many = await page(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a${i}.txt`, 'x'.repeat(9000)])))
    const slow = impatient.judge([{ name: 'slow.pdf', bytes: many }], good, policy, NOW)
    await expect(slow).rejects.toMatchObject({ code: 'TASK_TIMED_OUT' })
    await impatient.close()
    const usual = createMintPool(1)
    expect(await usual.judge([document], good, policy, NOW)).toMatchObject([{ verdict: 'accepted' }])
    await usual.close()
  })
})
