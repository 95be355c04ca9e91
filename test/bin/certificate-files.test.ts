import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCertificateFile, readCertificateFiles } from '../../bin/commands/certificate-files.ts'
import { cms, x509 } from '../../pki/index.ts'
import { createTestPki } from '../fixtures/pki.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'

const pki = await createTestPki({ root: {}, ca: { under: 'root' }, seal: { under: 'ca' } })
const { certificate, chain, key } = pki.get('seal')
const [issuing, root] = chain as [Uint8Array, Uint8Array]
const folder = temporaryFolder()

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`

/** A PKCS #7 with the certificate and the one above it. */
const signer = cms.compileSigner({ certificate, chain: [issuing], signatureAlgorithm: key.signatureAlgorithm })
const digest = new Uint8Array(32)
const packed = signer.assemble(digest, await key.sign(signer.attributesToSign(digest)))

const refuse = (path: string) => rejectsWithCode(readCertificateFiles([path]), 'FILE_UNREADABLE')

describe('files with certificates', () => {
  it('are PEM, DER or PKCS #7, several in one and one after the other', async () => {
    const bundle = file('bundle.pem', `${x509.encodePem(certificate)}junk\n${x509.encodePem(root)}`)
    expect(await readCertificateFiles([bundle])).toEqual([certificate, root])
    expect(await readCertificateFile(file('one.cer', certificate))).toEqual(certificate)
    for (const content of [packed, pem('PKCS7', packed), pem('CMS', packed)]) {
      const found = await readCertificateFiles([file('packed.p7b', content), bundle])
      expect(found).toHaveLength(4)
      for (const der of [certificate, issuing, root]) expect(found).toContainEqual(der)
    }
    const mixed = file('mixed.pem', pem('PKCS7', packed) + pem('PKCS7', packed) + x509.encodePem(root))
    expect(await readCertificateFiles([mixed])).toHaveLength(5)
    await rejectsWithCode(readCertificateFile(bundle), 'FILE_UNREADABLE')
  })

  it('are refused when they hold none, or what is none in the place of one', async () => {
    await refuse(file('empty', ''))
    await refuse(file('text', 'no certificate'))
    await refuse(file('one-octet.cer', Uint8Array.of(0x31)))
    await refuse(file('not-packed.p7b', pem('PKCS7', certificate)))
    await refuse(file('empty.p7b', pem('PKCS7', new Uint8Array(0))))
    await refuse(file('damaged.pem', '-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n'))
    await refuse(file('cut.p7b', packed.subarray(0, -10)))
    await refuse(folder)
    await refuse(join(folder, 'missing'))
  })

  it('end no process: neither deep nor long ones, nor what never ends', async () => {
    // A ContentInfo whose content opens constructed octet strings of indefinite length, one in another.
    const oid = Uint8Array.of(0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2)
    const deep = new Uint8Array(900_000).map((_, at) => (at % 2 === 0 ? 0x24 : 0x80))
    await refuse(file('deep.p7b', Buffer.concat([Uint8Array.of(0x30, 0x80), oid, Uint8Array.of(0xa0, 0x80), deep])))
    const many = new Uint8Array(200_000).map((_, at) => (at % 2 === 0 ? 0x05 : 0x00))
    await refuse(file('many.p7b', Buffer.concat([Uint8Array.of(0x30, 0x80), oid, Uint8Array.of(0xa0, 0x80), many])))
    await refuse(file('long.pem', `${x509.encodePem(certificate)}${' '.repeat(1 << 20)}`))
    await refuse(file('begins.pem', '-----BEGIN PKCS7-----\n'.repeat(40_000)))
    await refuse('/dev/zero')
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const writer = import('node:fs/promises').then(({ writeFile }) => writeFile(pipe, x509.encodePem(root)))
    expect(await readCertificateFile(pipe)).toEqual(root)
    await writer
  })
})
