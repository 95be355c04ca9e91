// Evidence outlives the house that made it: keys, database, servers and lists thrown away, a fresh process gives the same verdict.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTrustFolder } from '../../bin/trust-folder.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { BundleError, replayBundle } from '../../verifier/bundle/index.ts'
import { businessLicence, exampleOf, type Reply, startHouse } from '../support/running-house.ts'

const folder = mkdtempSync(join(tmpdir(), 'zhengyin-evidence-'))
let pdf: Uint8Array
const answers: Record<string, Reply> = {}

/** A fresh process with an empty data folder. */
function zhengyin(...args: string[]) {
  const { BASE_URL: _base, NODE_ENV: _mode, DATABASE_URL: _database, ...inherited } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/zhengyin.ts', ...args], {
    cwd: packageRoot,
    env: { ...inherited, INIT_CWD: folder, DATA_DIR: join(folder, 'nothing') },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

beforeAll(async () => {
  const running = await startHouse()
  try {
    const body = { typeCode: businessLicence, data: exampleOf(businessLicence) }
    const key = running.issuers.market
    const issued = await running.call('/api/licences', { key, once: crypto.randomUUID(), body })
    expect(issued.status, issued.text).toBe(201)
    pdf = (await running.call(`/api/licences/${issued.json.identifier}/document`, { key })).bytes
    const headers = { 'content-type': 'application/pdf' }
    for (const format of ['json', 'bundle', 'receipt', 'html', 'pdf', 'xml']) {
      answers[format] = await running.call(`/api/verifications?format=${format}`, { bytes: pdf, headers })
    }
    await writeTrustFolder(join(folder, 'trust'), await running.house.trustMaterial())
  } finally {
    await running.close()
  }
  writeFileSync(join(folder, 'licence.pdf'), pdf)
  writeFileSync(join(folder, 'evidence.json'), answers['bundle']!.bytes)
  writeFileSync(join(folder, 'receipt.json'), answers['receipt']!.bytes)
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('zhengyin replay', () => {
  it('gives the verdict of the house that is gone, with its receipt genuine', () => {
    const { status, stdout, stderr } = zhengyin('replay', 'evidence.json', '--json')
    expect(stderr).toBe('')
    const { replay, ...report } = JSON.parse(stdout)
    expect(report).toEqual({ ...JSON.parse(readFileSync(join(folder, 'evidence.json'), 'utf8')).content.report })
    expect(report).toMatchObject({ verdict: 'accepted', indication: 'TOTAL-PASSED', licence: { status: 'in force' } })
    expect(replay).toMatchObject({ same: true, differences: [], receipt: { valid: true, isRevocationChecked: true } })
    expect(report.verdict).toBe(answers['json']!.json.verdict)
    expect(status).toBe(0)
  })

  it('holds its roots against a trust folder', () => {
    const { status, stdout } = zhengyin('replay', 'evidence.json', '--trust', 'trust', '--json')
    expect([status, JSON.parse(stdout).replay.isTrusted]).toEqual([0, true])
  })

  it('notices an octet that was changed, with a code and exit 1', () => {
    const bundle = readFileSync(join(folder, 'evidence.json'))
    bundle[bundle.length >> 1]! ^= 1
    writeFileSync(join(folder, 'changed.json'), bundle)
    const told = zhengyin('replay', 'changed.json', '--json')
    expect(told.status).toBe(1)
    expect(JSON.parse(told.stdout)).toMatchObject({ error: { code: expect.stringMatching(/^BUNDLE_/) } })
  })

  it('notices any octet, in a bundle with a receipt', async () => {
    const bundle = Uint8Array.from(answers['bundle']!.bytes)
    for (let i = 0; i < 60; i++) {
      const changed = Uint8Array.from(bundle)
      changed[Math.floor((i * bundle.length) / 60)]! ^= 1 << (i % 7)
      await expect(replayBundle(changed), `octet of sixtieth ${i}`).rejects.toBeInstanceOf(BundleError)
    }
  })

  it('writes the report down again, and overwrites nothing', () => {
    const files = ['--html', 'again.html', '--pdf', 'again.pdf', '--xml', 'again.xml']
    expect(zhengyin('replay', 'evidence.json', ...files).status).toBe(0)
    expect(readFileSync(join(folder, 'again.html'), 'utf8')).toContain('结果相同')
    expect(readFileSync(join(folder, 'again.pdf')).subarray(0, 5).toString()).toBe('%PDF-')
    expect(readFileSync(join(folder, 'again.xml'), 'utf8')).toContain('mainindication:total-passed')
    expect(zhengyin('replay', 'evidence.json', '--html', 'again.html')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('FILE_EXISTS'),
    })
  })
})

describe('zhengyin verify-receipt', () => {
  it('believes the receipt of the house that is gone, of this document and no other', () => {
    const genuine = zhengyin(
      'verify-receipt',
      'receipt.json',
      '--trust',
      'trust',
      '--document',
      'licence.pdf',
      '--json',
    )
    expect(JSON.parse(genuine.stdout)).toMatchObject({
      valid: true,
      isOfDocument: true,
      payload: { verdict: 'accepted' },
    })
    expect(genuine.status).toBe(0)
    const other = zhengyin('verify-receipt', 'receipt.json', '--trust', 'trust', '--document', 'evidence.json')
    expect(other).toMatchObject({ status: 1, stdout: expect.stringContaining('another document') })
    expect(zhengyin('verify-receipt', 'licence.pdf', '--trust', 'trust')).toMatchObject({ status: 1 })
  })
})

describe('zhengyin verify --bundle', () => {
  it('writes a bundle that replays to its report, of one file alone', () => {
    const verified = zhengyin(
      'verify',
      'licence.pdf',
      '--trust',
      'trust',
      '--offline',
      '--json',
      '--bundle',
      'own.json',
    )
    const { replay, ...report } = JSON.parse(zhengyin('replay', 'own.json', '--json').stdout)
    expect(report).toEqual(JSON.parse(verified.stdout))
    expect(replay).toMatchObject({ same: true, receipt: null })
    const two = zhengyin('verify', 'licence.pdf', 'licence.pdf', '--trust', 'trust', '--bundle', 'two.json')
    expect(two).toMatchObject({ status: 2, stderr: expect.stringContaining('ONE_SUBJECT_EXPECTED') })
  })

  it('holds what was asked beside: in force then, and is this its code', () => {
    const then = '2020-01-01T00:00:00.000Z'
    const asked = ['--in-force-at', then, '--qr', 'https://example.org/', '--bundle', 'asked.json']
    const verified = zhengyin('verify', 'licence.pdf', '--trust', 'trust', '--offline', '--json', ...asked)
    const report = JSON.parse(verified.stdout)
    expect(report).toMatchObject({ question: { inForceAt: then, scannedStatement: 'https://example.org/' } })
    const { replay, ...replayed } = JSON.parse(zhengyin('replay', 'asked.json', '--json').stdout)
    expect(replayed).toEqual(report)
    expect(replay).toMatchObject({ same: true })
  })
})

describe('the public check', () => {
  it.each([
    ['html', 'text/html', '真实有效'],
    ['xml', 'application/xml', 'total-passed'],
    ['pdf', 'application/pdf', '%PDF-1.7'],
  ])('answers as %s', (format, type, told) => {
    const { status, headers, text } = answers[format]!
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining(type)])
    expect(text).toContain(told)
  })
})
