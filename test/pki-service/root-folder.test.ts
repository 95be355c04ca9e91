// The folder of an offline root: what it proves of itself, and to openssl.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ca, crl, x509 } from '../../pki/index.ts'
import { checkTranscript } from '../../pki-service/ceremony/transcript.ts'
import { readPublished, readRootFolder } from '../../pki-service/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { rejectsWithCode } from '../support/throws-with-code.ts'
import { isMissing, run } from '../support/tools.ts'
import { type Folder, makeOfflineRoot, type OfflineRoot, requestsOf, revokeIn, signSet } from './ceremony-world.ts'
import { createHandClock } from './world.ts'

const clock = createHandClock()
const world = { clock } as Parameters<typeof makeOfflineRoot>[0]

let root: OfflineRoot
beforeAll(async () => {
  root = await makeOfflineRoot(
    world,
    await requestsOf({ 'seal-ca': 'Yunting Seal CA', 'root-ocsp': 'Yunting Root OCSP Responder' }),
  )
  await signSet(root, world, await requestsOf({ 'statement-ca': 'Yunting Statement CA' }))
  await revokeIn(root, 'root-ocsp.cer')
})

describe('the folder of a root', () => {
  const changed = (more: Record<string, Uint8Array | null>): Folder => {
    const files = new Map(root.folder)
    for (const [name, bytes] of Object.entries(more)) {
      if (bytes === null) files.delete(name)
      else files.set(name, bytes)
    }
    return files
  }
  const flipped = (name: string, at: number): Uint8Array => {
    const bytes = Uint8Array.from(root.folder.get(name)!)
    bytes[at < 0 ? bytes.length + at : at]! ^= 1
    return bytes
  }

  it('is refused when a transcript was changed, its text says otherwise, or its signature is missing or of another root', async () => {
    const other = await makeOfflineRoot(world, await requestsOf({ 'seal-ca': 'Yunting Seal CA' }))
    const text = Buffer.from(root.folder.get('transcript-001.json')!).toString().replace('Li Lei', 'Li Wei')
    for (const more of [
      { 'transcript-001.json': Buffer.from(text) },
      { 'transcript-001.txt': Buffer.from('nobody was there') },
      { 'transcript-001.txt': null },
      { 'transcript-001.p7s': null },
      { 'transcript-001.p7s': Buffer.from('no signature') },
      { 'transcript-001.p7s': other.folder.get('transcript-001.p7s')! },
      { 'transcript-001.p7s': flipped('transcript-001.p7s', -3) },
      { 'transcript-001.p7s': root.folder.get('transcript-002.p7s')! },
    ]) {
      await rejectsWithCode(readRootFolder(changed(more)), 'CEREMONY_TRANSCRIPT_WRONG')
    }
  })

  it('is refused when anything made is changed, missing, or stands in no transcript', async () => {
    const stray = await makeOfflineRoot(world, await requestsOf({ 'list-ca': 'Yunting List CA' }))
    for (const more of [
      { 'crl-001.crl': null },
      { 'seal-ca.cer': null },
      { 'seal-ca.cer': flipped('seal-ca.cer', -3) },
      { 'root.cer': stray.folder.get('root.cer')! },
      { 'list-ca.cer': stray.folder.get('list-ca.cer')! },
      { 'crl-900.crl': stray.folder.get('crl-001.crl')! },
      { 'transcript-001.json': null, 'transcript-001.txt': null, 'transcript-001.p7s': null },
      { 'root.cer': null },
    ]) {
      await expect(readRootFolder(changed(more))).rejects.toMatchObject({
        code: expect.stringMatching(/^CEREMONY_(FOLDER_DAMAGED|TRANSCRIPT_WRONG)$/),
      })
    }
    // Signed by the root, and yet in no transcript: made outside any ceremony.
    const { certificate } = await readRootFolder(root.folder)
    const secret = await ca.issueCrl({
      ...{ issuer: { certificate: certificate.raw }, key: root.sharedKey.key, entries: [], crlNumber: 99 },
      ...{ thisUpdate: clock.now(), nextUpdate: new Date(clock.now().getTime() + 86_400_000) },
    })
    await rejectsWithCode(readRootFolder(changed({ 'crl-099.crl': secret })), 'CEREMONY_FOLDER_DAMAGED')
  })

  it('gives what was published to whoever rebuilds it, whatever its list is called', async () => {
    const { crl: list } = await readRootFolder(root.folder)
    const found = new Map([...root.folder].filter(([name]) => name.endsWith('.cer')))
    const published = await readPublished(found.set('found.crl', list.raw))
    expect(published.crl.cRLNumber).toBe(list.cRLNumber)
    expect(published.keyId).toBe(root.sharedKey.keyId)
    await rejectsWithCode(
      readPublished(new Map([['root.cer', root.folder.get('root.cer')!]])),
      'CEREMONY_FOLDER_DAMAGED',
    )
  })

  it('checks one transcript alone, and none under the number of another', async () => {
    const certificate = root.folder.get('root.cer')!
    expect((await checkTranscript(root.folder, 2, certificate)).kind).toBe('sign')
    const swapped = changed({
      'transcript-001.json': root.folder.get('transcript-002.json')!,
      'transcript-001.txt': root.folder.get('transcript-002.txt')!,
      'transcript-001.p7s': root.folder.get('transcript-002.p7s')!,
    })
    await rejectsWithCode(checkTranscript(swapped, 1, certificate), 'CEREMONY_TRANSCRIPT_WRONG')
  })
})

describe('openssl', () => {
  const folder = temporaryFolder()

  it.skipIf(isMissing('openssl'))('verifies transcripts, certificates and lists of a root', async () => {
    const own = await makeOfflineRoot(world, await requestsOf({ 'seal-ca': 'Yunting Seal CA' }))
    const path = (name: string) => join(folder, name)
    for (const [name, bytes] of own.folder) writeFileSync(path(name), bytes)
    writeFileSync(path('root.pem'), x509.encodePem(own.folder.get('root.cer')!))
    writeFileSync(path('seal-ca.pem'), x509.encodePem(own.folder.get('seal-ca.cer')!))
    writeFileSync(path('crl.pem'), x509.encodePem(crl.parseCrl(own.folder.get('crl-001.crl')!).raw, 'X509 CRL'))
    const at = String(Math.floor(clock.now().getTime() / 1000) + 5)
    const verified = run('openssl', [
      ...[
        'cms',
        '-verify',
        '-inform',
        'DER',
        '-in',
        path('transcript-001.p7s'),
        '-content',
        path('transcript-001.json'),
      ],
      ...['-binary', '-CAfile', path('root.pem'), '-purpose', 'any', '-attime', at, '-out', '/dev/null'],
    ])
    expect(verified.output).toContain('CMS Verification successful')
    const judged = run('openssl', [
      ...[
        'verify',
        '-x509_strict',
        '-crl_check',
        '-attime',
        at,
        '-CAfile',
        path('root.pem'),
        '-CRLfile',
        path('crl.pem'),
      ],
      path('seal-ca.pem'),
    ])
    expect(judged.output).toContain('OK')
  })
})
