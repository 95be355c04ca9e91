import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type ValidatePathOptions, validatePath } from '../../bin/commands/validate-path.ts'
import { x509 } from '../../pki/index.ts'
import { packageRoot } from '../../platform/index.ts'
import { createTestPki, testTimes } from '../fixtures/pki.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const { encodePem } = x509

describe('zhengyin validate-path', () => {
  const folder = temporaryFolder()
  const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content)

  beforeAll(async () => {
    const pki = await createTestPki({
      root: {},
      issuing: { under: 'root' },
      seal: { under: 'issuing' },
      'seal-revoked': { under: 'issuing', revokedAt: new Date('2026-05-01T00:00:00Z') },
      other: {},
    })
    const pem = (name: Parameters<typeof pki.get>[0]): string => encodePem(pki.get(name).certificate)
    write('seal.pem', `Bag Attributes\n  friendlyName: seal\n${pem('seal')}`)
    write('seal.der', pki.get('seal').certificate)
    write('revoked.pem', pem('seal-revoked'))
    write('issuing.pem', `${pem('other')}${pem('issuing')}`)
    write('root.der', pki.get('root').certificate)
    write('other.pem', pem('other'))
    const [rootList, issuingList] = await pki.crls()
    write('root.crl', rootList!)
    write('issuing.crl.pem', encodePem(issuingList!, 'X509 CRL'))
    write('empty.pem', '')
    write('junk', 'this is no certificate')
    write('damaged.pem', `-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n${pem('issuing')}`)
  })

  afterEach(() => {
    vi.restoreAllMocks()
    process.exitCode = undefined
  })

  /** The command within this process: what it prints and leaves as exit code. */
  async function ask(options: Partial<ValidatePathOptions>): Promise<{ code: unknown; answer: unknown }> {
    const printed: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
    const here = (names: readonly string[] | undefined) => names?.map((name) => join(folder, name))
    const { leaf = 'seal.pem', anchors = ['root.der'], intermediates = ['issuing.pem'], crls, ...rest } = options
    await validatePath({
      leaf: join(folder, leaf),
      anchors: here(anchors)!,
      intermediates: here(intermediates)!,
      ...(crls === undefined ? {} : { crls: here(crls)! }),
      at: testTimes.now.toISOString(),
      json: true,
      ...rest,
    })
    expect(printed.length).toBe(1)
    return { code: process.exitCode ?? 0, answer: JSON.parse(printed[0]!) }
  }
  const crls = ['root.crl', 'issuing.crl.pem']

  const accepted: readonly (readonly [string, Partial<ValidatePathOptions>])[] = [
    ['a path in PEM, DER and bundles', { crls }],
    ['a leaf in DER, revocation left out', { leaf: 'seal.der' }],
    ['a revoked leaf where revocation is left out', { leaf: 'revoked.pem' }],
    ['a bundle with nothing in it', { intermediates: ['empty.pem', 'issuing.pem'] }],
    ['a bundle with a damaged block', { intermediates: ['damaged.pem'] }],
    ['an anchor that cannot be read beside one that can', { anchors: ['junk', 'root.der'] }],
    ['a day for a time', { at: '2026-06-15' }],
  ]
  it.each(accepted)('accepts %s', async (_, options) => {
    const reason = options.crls ? 'the path holds' : 'the path holds (revocation not checked)'
    expect(await ask(options)).toEqual({ code: 0, answer: { valid: true, reason } })
  })

  const refused: readonly (readonly [string, Partial<ValidatePathOptions>, string])[] = [
    ['a revoked leaf', { leaf: 'revoked.pem', crls }, 'REVOKED'],
    ['a missing list', { crls: ['root.crl'] }, 'REVOCATION_UNKNOWN'],
    ['a list that is none', { crls: ['junk'] }, 'REVOCATION_UNKNOWN'],
    ['another anchor', { anchors: ['other.pem'] }, 'NO_CERTIFICATE'],
    ['no anchor that can be read', { anchors: ['junk'] }, 'NO_CERTIFICATE'],
    ['a leaf that is no certificate', { leaf: 'junk' }, 'CERTIFICATE_MALFORMED'],
    ['an empty leaf', { leaf: 'empty.pem' }, 'CERTIFICATE_MALFORMED'],
    ['another time', { at: '2050-01-01T00:00:00+08:00' }, 'EXPIRED'],
    ['a policy that no certificate has', { policies: ['1.2.3'], requireExplicitPolicy: true }, 'POLICY'],
  ]
  it.each(refused)('does not accept %s', async (_, options, reason) => {
    const answer = { valid: false, reason: expect.stringContaining(reason) }
    expect(await ask(options)).toEqual({ code: 1, answer })
  })

  it('cannot do with a file that is not there, nor with a time that is none', async () => {
    await expect(ask({ leaf: 'missing.pem' })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    await expect(ask({ at: '2026-02-31' })).rejects.toMatchObject({ code: 'TIME_MALFORMED' })
  })

  /** Run as npm runs it: in the package's folder, with relative paths against the caller's. */
  async function call(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const command = [join(packageRoot, 'bin', 'zhengyin.ts'), 'validate-path', ...args]
    const options = { cwd: packageRoot, env: { ...process.env, INIT_CWD: folder } }
    return run(process.execPath, command, options).then(
      (done) => ({ ...done, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    )
  }

  it('takes options as often as they come, and paths against the caller’s folder', async () => {
    const trust = ['--intermediates', 'issuing.pem', '--intermediates', 'empty.pem', '--anchors', 'root.der']
    const lists = ['--crls', 'root.crl', '--crls', 'issuing.crl.pem']
    const at = ['--at', testTimes.now.toISOString()]
    const { stdout, code } = await call('--leaf', 'revoked.pem', ...trust, ...lists, ...at, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ valid: false, reason: expect.stringContaining('REVOKED') })
  }, 30_000)

  it('ends with 2 and a sentence where the call is wrong', async () => {
    const trust = ['--leaf', 'seal.pem', '--anchors', 'root.der']
    for (const [args, said] of [
      [['--leaf', 'seal.pem'], '--anchors'],
      [[...trust, '--policies', '1.2.x'], 'object identifiers'],
      [[...trust, '--trust-everything'], 'unknown option'],
    ] as const)
      expect(await call(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(said) })
  }, 30_000)
})
