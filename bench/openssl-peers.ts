// What OpenSSL brings for the same work: a small OCSP responder, and a command that makes one time stamp.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { Load } from './http-load.ts'
import { httpRequest } from './http-load.ts'

export interface OpensslPeers {
  /** Questions for the responder, with or without a nonce; answered one connection after the other, which is all that it can. */
  ocspLoad(withNonce: boolean): Load
  /** Makes time stamps for so many seconds, one process each, two at once; answers how many a second. */
  stampRate(seconds: number): Promise<number>
  stop(): void
}

const ANSWERS_WITHIN_MS = 10_000

/** Starts the peers with keys of P-256, or answers `undefined` where `openssl` is not installed. */
export async function startOpensslPeers(): Promise<OpensslPeers | undefined> {
  if (spawnSync('openssl', ['version']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-openssl-'))
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`)
  }
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-x509']
  const below = ['-CA', 'ca.pem', '-CAkey', 'ca.key']
  const use = (text: string) => ['-addext', `extendedKeyUsage=${text}`, '-addext', 'basicConstraints=critical,CA:FALSE']
  openssl('req', ...newKey, '-subj', '/CN=Bench CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl(
    'req',
    ...newKey,
    ...below,
    '-subj',
    '/CN=Responder',
    ...use('OCSPSigning'),
    '-keyout',
    'r.key',
    '-out',
    'r.pem',
  )
  openssl(
    'req',
    ...newKey,
    ...below,
    '-subj',
    '/CN=TSA',
    ...use('critical,timeStamping'),
    '-keyout',
    'tsa.key',
    '-out',
    'tsa.pem',
  )
  writeFileSync(join(folder, 'index.txt'), 'V\t401231235959Z\t\t1001\tunknown\t/CN=Seal\n')
  writeFileSync(join(folder, 'data'), 'a licence')
  writeFileSync(join(folder, 'serial'), '01\n')
  writeFileSync(
    join(folder, 'tsa.cnf'),
    '[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ndefault_policy = 1.2.3.4\ndigests = sha256\naccuracy = secs:1\nsigner_digest = sha256\ness_cert_id_alg = sha256\n',
  )
  openssl('ocsp', '-issuer', 'ca.pem', '-serial', '0x1001', '-no_nonce', '-reqout', 'plain.der')
  openssl('ocsp', '-issuer', 'ca.pem', '-serial', '0x1001', '-nonce', '-reqout', 'nonce.der')
  openssl('ts', '-query', '-data', 'data', '-sha256', '-cert', '-out', 'query.tsq')
  const port = await freePort()
  const responder = spawn(
    'openssl',
    [
      'ocsp',
      '-index',
      'index.txt',
      '-CA',
      'ca.pem',
      '-rsigner',
      'r.pem',
      '-rkey',
      'r.key',
      '-port',
      String(port),
      '-ndays',
      '1',
    ],
    { cwd: folder, stdio: 'ignore' },
  )
  const read = (file: string) => readFileSync(join(folder, file))
  await untilListening(port, read('plain.der'))
  const questionIn = (file: string) => httpRequest('POST', '/', { type: 'application/ocsp-request', bytes: read(file) })
  const questions = { plain: questionIn('plain.der'), nonce: questionIn('nonce.der') }
  return {
    ocspLoad: (withNonce) => ({
      host: '127.0.0.1',
      port,
      connections: 1,
      requests: [withNonce ? questions.nonce : questions.plain],
    }),
    async stampRate(seconds) {
      const begin = performance.now()
      let made = 0
      const work = async () => {
        while (performance.now() - begin < seconds * 1000) {
          const args = [
            'ts',
            '-reply',
            '-config',
            'tsa.cnf',
            '-queryfile',
            'query.tsq',
            '-signer',
            'tsa.pem',
            '-inkey',
            'tsa.key',
            '-out',
            'reply.tsr',
          ]
          const child = spawn('openssl', args, { cwd: folder, stdio: 'ignore' })
          const [code] = await once(child, 'exit')
          if (code !== 0) throw new Error('openssl ts failed')
          made++
        }
      }
      await Promise.all([work(), work()])
      return (made * 1000) / (performance.now() - begin)
    },
    stop() {
      stop(responder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const stop = (child: ChildProcess) => child.kill('SIGKILL')

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Asks a proper question: the responder ends itself at anything else. */
async function untilListening(port: number, body: Uint8Array): Promise<void> {
  for (const begin = performance.now(); performance.now() - begin < ANSWERS_WITHIN_MS; await wait(50)) {
    const request = { method: 'POST', headers: { 'Content-Type': 'application/ocsp-request' }, body: Buffer.from(body) }
    const isThere = await fetch(`http://127.0.0.1:${port}/`, request).then(
      () => true,
      () => false,
    )
    if (isThere) return
  }
  throw new Error('the responder of openssl does not listen')
}
