// A licensed authority as openssl makes it: root, issuing CA, certificates for requests, lists and OCSP answers from a web server.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { run } from './tools.ts'

export interface OpensslAuthority {
  readonly root: string
  readonly issuing: string
  /** Signs a request and gives the path of the certificate; `extensions`: `seal`, or `wrong`, which makes an authority of it. */
  sign(csr: string, name: string, extensions?: 'seal' | 'wrong'): string
  /** A certificate of the root for the public key of another one. */
  crossCertify(publicKey: string, subject: string): string
  readonly asked: string[]
  close(): Promise<void>
}

export async function openOpensslAuthority(folder: string): Promise<OpensslAuthority> {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]): string => {
    const { status, output } = run('openssl', args)
    if (status !== 0) throw new Error(output)
    return output
  }
  const asked: string[] = []
  let requests = 0
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    asked.push(request.url!)
    if (request.url === '/ocsp') {
      const [query, answer] = [at(`query-${++requests}`), at(`answer-${requests}`)]
      writeFileSync(query, Buffer.concat(parts))
      const signer = ['-rsigner', at('issuing.pem'), '-rkey', at('issuing.key')]
      const index = ['-index', at('index.txt'), '-CA', at('issuing.pem')]
      openssl('ocsp', ...index, ...signer, '-reqin', query, '-respout', answer, '-ndays', '1')
      response.end(readFileSync(answer))
      return
    }
    const name = request.url === '/root.crl' ? 'root' : 'issuing'
    openssl('ca', '-gencrl', '-config', at('ca.cnf'), '-name', name, '-crldays', '7', '-out', at(`${name}.crl`))
    openssl('crl', '-in', at(`${name}.crl`), '-outform', 'DER', '-out', at(`${name}.crl.der`))
    response.end(readFileSync(at(`${name}.crl.der`)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const section = (name: string, lines: readonly string[]) => [`[${name}]`, ...lines, ''].join('\n')
  const identifiers = ['subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid']
  const ofCa = (name: string) => [
    `database=${at(name === 'root' ? 'root-index.txt' : 'index.txt')}`,
    `certificate=${at(`${name}.pem`)}`,
    `private_key=${at(`${name}.key`)}`,
    `crlnumber=${at(`${name}.number`)}`,
    'default_md=sha256',
    'crl_extensions=list',
  ]
  writeFileSync(
    at('ca.cnf'),
    [
      section('req', ['distinguished_name=dn', 'prompt=no', 'string_mask=utf8only']),
      section('dn', ['C=CN']),
      section('root', ofCa('root')),
      section('issuing', ofCa('issuing')),
      section('list', ['authorityKeyIdentifier=keyid']),
      section('anchor', [
        'basicConstraints=critical,CA:TRUE',
        'keyUsage=critical,keyCertSign,cRLSign',
        identifiers[0]!,
      ]),
      section('authority', [
        'basicConstraints=critical,CA:TRUE,pathlen:0',
        'keyUsage=critical,keyCertSign,cRLSign,digitalSignature',
        ...identifiers,
        `crlDistributionPoints=URI:${url}/root.crl`,
      ]),
      section('seal', [
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature,nonRepudiation',
        ...identifiers,
        `authorityInfoAccess=OCSP;URI:${url}/ocsp`,
        `crlDistributionPoints=URI:ldap://127.0.0.1/x,URI:${url}/issuing.crl`,
      ]),
      section('cross', [
        'basicConstraints=critical,CA:TRUE,pathlen:1',
        'keyUsage=critical,keyCertSign,cRLSign',
        ...identifiers,
        `crlDistributionPoints=URI:${url}/root.crl`,
      ]),
      section('wrong', [
        'basicConstraints=critical,CA:TRUE',
        'keyUsage=critical,keyCertSign',
        ...identifiers,
        `crlDistributionPoints=URI:${url}/issuing.crl`,
      ]),
    ].join('\n'),
  )
  for (const name of ['root', 'issuing']) {
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', at(`${name}.key`))
    writeFileSync(at(`${name}.number`), '01\n')
    writeFileSync(at(name === 'root' ? 'root-index.txt' : 'index.txt'), '')
    const config = ['-config', at('ca.cnf'), '-utf8', '-subj', `/C=CN/O=国家电子认证/CN=National ${name} CA`]
    const key = ['-new', '-key', at(`${name}.key`)]
    if (name === 'root')
      openssl('req', '-x509', ...key, ...config, '-days', '3650', '-extensions', 'anchor', '-out', at('root.pem'))
    else openssl('req', ...key, ...config, '-out', at('issuing.csr'))
  }
  const issue = (csr: string, out: string, issuer: string, extensions: string, days: string) =>
    openssl(
      ...['x509', '-req', '-in', csr, '-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`), '-CAcreateserial'],
      ...['-days', days, '-extfile', at('ca.cnf'), '-extensions', extensions, '-out', out],
    )
  issue(at('issuing.csr'), at('issuing.pem'), 'root', 'authority', '1825')
  return {
    root: at('root.pem'),
    issuing: at('issuing.pem'),
    asked,
    sign(csr, name, extensions = 'seal') {
      const out = at(`${name}.pem`)
      issue(csr, out, 'issuing', extensions, '365')
      const serial = /serial=(\w+)/.exec(openssl('x509', '-in', out, '-noout', '-serial'))![1]!
      writeFileSync(at('index.txt'), `V\t400101000000Z\t\t${serial}\tunknown\t/CN=${name}\n`, { flag: 'a' })
      return out
    },
    crossCertify(publicKey, subject) {
      openssl(
        ...['x509', '-new', '-force_pubkey', publicKey, '-subj', subject, '-days', '1000'],
        ...['-CA', at('root.pem'), '-CAkey', at('root.key'), '-CAcreateserial'],
        ...['-extfile', at('ca.cnf'), '-extensions', 'cross', '-out', at('cross.pem')],
      )
      return at('cross.pem')
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
