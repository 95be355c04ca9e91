// A seal certified by an authority outside, which openssl plays, from the command line: the lines of keys-and-ceremony.md about it.
import { execFile } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSignedPdf } from '../../pades/read/index.ts'
import { cms, ocsp } from '../../pki/index.ts'
import { packageRoot } from '../../platform/package-root.ts'
import { type OpensslAuthority, openOpensslAuthority } from '../support/openssl-authority.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'

const department = '11330199MB3301255M'
const type = '11100000MB0143028R001'
const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

/** The authority's web server answers meanwhile. */
function zhengyin(args: readonly string[], ...answers: string[]) {
  const { BASE_URL: _base, NODE_ENV: _mode, DATABASE_URL: _database, DATA_DIR: _data, ...inherited } = process.env
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['bin/zhengyin.ts', ...args],
      { cwd: packageRoot, env: { ...inherited, INIT_CWD: folder }, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    )
    child.stdin!.end(answers.map((answer) => `${answer}\n`).join(''))
  })
}
const seal = (act: string, args: readonly string[], ...answers: string[]) =>
  zhengyin(['seal', act, ...args, '--by', '王管理员'], ...answers)
const issue = (out: string) =>
  zhengyin(['issue', '--department', department, '--type', type, '--data', 'licence.json', '--out', out])

describe.skipIf(isMissing('openssl'))('zhengyin seal', () => {
  let authority: OpensslAuthority
  beforeAll(async () => {
    authority = await openOpensslAuthority(temporaryFolder())
    const plan = {
      code: department,
      name: { zh: '云汀市市场监督管理局', en: 'Yunting Administration for Market Regulation' },
      areaCode: '330199',
      types: [type],
      seal: { certificate: 'outside' },
    }
    writeFileSync(at('departments.json'), JSON.stringify({ departments: [plan] }))
  }, 60_000)
  afterAll(() => authority.close())

  it('leads from a request that openssl verifies to a seal that waits', async () => {
    const set = await zhengyin(['set-up', 'departments.json'])
    expect(set.stdout).toContain('seal 33019900000001 云汀市市场监督管理局 (waiting)')
    const asked = await seal('request', ['--department', department, '--out', 'seal.csr'])
    expect(asked.stderr).toBe('')
    expect(JSON.parse(asked.stdout)).toMatchObject({ seal: '33019900000001', key: 'seal-33019900000001' })
    const verified = run('openssl', ['req', '-in', at('seal.csr'), '-verify', '-noout', '-subject', '-nameopt', 'utf8'])
    expect(verified.output).toContain('verify OK')
    expect(verified.output).toContain(`organizationIdentifier=NTRCN-${department}`)
    expect(verified.output).toContain('O=云汀市市场监督管理局')
    const again = await seal('request', ['--department', department, '--out', 'seal.csr'])
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('FILE_EXISTS')])
    const nobody = await zhengyin(['seal', 'list', '--department', '11330199MB3301400C'])
    expect([nobody.status, nobody.stderr]).toEqual([2, expect.stringContaining('DEPARTMENT_NOT_NAMED')])
    writeFileSync(at('licence.json'), (await zhengyin(['example', type])).stdout)
    expect((await issue('early.pdf')).stderr).toContain('SEAL_CERTIFICATE_AWAITED')
  }, 120_000)

  it('refuses what the authority gave before it is trusted, an authority’s certificate, and half a file', async () => {
    const certificate = authority.sign(at('seal.csr'), 'first')
    const untrusted = await seal('import', [certificate, authority.issuing])
    expect([untrusted.status, untrusted.stderr]).toEqual([
      2,
      expect.stringContaining('/path: NO_CERTIFICATE_CHAIN_FOUND'),
    ])
    const unsure = await seal('trust', [authority.root], 'no')
    expect([unsure.status, unsure.stderr]).toEqual([2, expect.stringContaining('ANSWER_REFUSED')])
    const trusted = await seal('trust', [authority.root], 'yes')
    const { output } = run('openssl', ['x509', '-in', authority.root, '-noout', '-fingerprint', '-sha256'])
    const fingerprint = output.trim().split('=')[1]!.replaceAll(':', '').toLowerCase()
    expect(trusted.stderr).toContain(`SHA-256 ${fingerprint}`)
    expect(JSON.parse(trusted.stdout)).toMatchObject({ sha256: fingerprint, isTrusted: true, isNew: true })
    const wrong = authority.sign(at('seal.csr'), 'wrong', 'wrong')
    const asAuthority = await seal('import', [wrong, authority.issuing])
    expect([asAuthority.status, asAuthority.stderr]).toEqual([2, expect.stringContaining('SEAL_CERTIFICATE_REFUSED')])
    writeFileSync(at('half.pem'), readFileSync(certificate, 'latin1').slice(0, 300))
    const half = await seal('import', ['half.pem'])
    expect([half.status, half.stderr]).toEqual([2, expect.stringContaining('FILE_UNREADABLE')])
  }, 120_000)

  it('takes the certificate into use, and licences sealed with it verify under that authority alone', async () => {
    const parts = [join(authority.root, '..', 'first.pem'), authority.issuing].flatMap((path) => ['-certfile', path])
    expect(run('openssl', ['crl2pkcs7', '-nocrl', ...parts, '-out', at('answer.p7b')]).status).toBe(0)
    const taken = await seal('import', ['answer.p7b'])
    expect(taken.status).toBe(0)
    expect(JSON.parse(taken.stdout)).toMatchObject({ state: 'active', isNew: true, certificate: 'outside' })
    expect(taken.stderr).toMatch(/^warning /m)
    expect(taken.stderr).not.toContain('revocation is not known')
    expect(JSON.parse((await seal('import', ['answer.p7b'])).stdout)).toMatchObject({ isNew: false })
    const listed = await zhengyin(['seal', 'list', '--department', department])
    expect(JSON.parse(listed.stdout)).toMatchObject({ state: 'active', issuer: expect.stringContaining('National') })

    const minted = await issue('licence.pdf')
    expect(minted.stderr).toBe('')
    const verified = await zhengyin(['verify', 'licence.pdf', '--offline', '--json'])
    expect(JSON.parse(verified.stdout)).toMatchObject({
      verdict: 'accepted',
      signatures: [{ level: 'B-LTA' }, { type: 'document-time-stamp' }],
    })
    cpSync(at('data/trust'), at('without'), { recursive: true })
    rmSync(at('without/seal-root-1.pem'))
    const without = await zhengyin(['verify', 'licence.pdf', '--offline', '--json', '--trust', 'without'])
    expect(JSON.parse(without.stdout)).toMatchObject({
      verdict: 'undecided',
      signatures: [{ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }, {}],
    })
  }, 120_000)

  it('carries the authority’s chain, its OCSP answer and its list, and openssl verifies the seal', async () => {
    const read = readSignedPdf(new Uint8Array(readFileSync(at('licence.pdf'))))
    if (!read.ok) throw new Error(read.detail)
    const [signature] = read.signatures
    writeFileSync(at('seal.cms'), signature!.contents!)
    writeFileSync(at('signed'), signature!.signedBytes())
    const judged = run('openssl', [
      ...['cms', '-verify', '-inform', 'DER', '-in', at('seal.cms'), '-content', at('signed'), '-binary'],
      ...['-CAfile', authority.root, '-purpose', 'any', '-out', at('out')],
    ])
    expect(judged.output).toContain('CMS Verification successful')
    const { certificates } = cms.parseSignedData(signature!.contents!)
    expect(certificates).toHaveLength(3)
    const { crls, ocsps } = read.validationData()!
    expect(crls).toHaveLength(1)
    const serials = ocsps.flatMap((der) => ocsp.parseResponse(der).single.map(({ certId }) => certId.serialNumberHex))
    const { output } = run('openssl', ['x509', '-in', join(authority.root, '..', 'first.pem'), '-noout', '-serial'])
    expect(serials).toContain(output.trim().split('=')[1]!.toLowerCase())
    expect(authority.asked).toContain('/ocsp')
  })

  it('renews with a new key by the same path', async () => {
    const asked = await seal('request', ['--department', department, '--out', 'next.csr', '--new-key'])
    expect(JSON.parse(asked.stdout)).toMatchObject({ key: 'seal-33019900000001-2' })
    const next = authority.sign(at('next.csr'), 'second')
    const taken = await seal('import', [next, authority.issuing])
    expect(JSON.parse(taken.stdout)).toMatchObject({ isNew: true, key: 'seal-33019900000001-2' })
    expect((await issue('renewed.pdf')).stderr).toBe('')
    for (const name of ['renewed.pdf', 'licence.pdf'])
      expect((await zhengyin(['verify', name, '--offline'])).status).toBe(0)
  }, 120_000)

  it('takes what another city certified of our root, and says where it is published', async () => {
    run('openssl', ['x509', '-in', at('data/trust/root-1.pem'), '-pubkey', '-noout', '-out', at('root.pub')])
    const cross = authority.crossCertify(at('root.pub'), '/C=CN/O=Zhengyin TEST/CN=Zhengyin TEST Root CA')
    const bring = (...args: string[]) => zhengyin(['ceremony', 'import-cross', cross, ...args])
    const stranger = await bring('--name', 'national', '--anchor', authority.issuing)
    expect([stranger.status, stranger.stderr]).toEqual([2, expect.stringContaining('PKI_IMPORT_REFUSED')])
    const taken = await bring('--name', 'national', '--anchor', authority.root)
    expect([taken.status, taken.stdout]).toEqual([
      0,
      expect.stringMatching(/^imported root-by-national of .*\n.*\/pki\/ca\/root-by-national\.cer\n$/),
    ])
    const again = await bring('--name', 'national')
    expect(again.stdout).toMatch(/^known root-by-national/)
    expect(again.stderr).toContain('--anchor')
  }, 120_000)
})
