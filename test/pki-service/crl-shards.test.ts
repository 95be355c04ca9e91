import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crl, x509 } from '../../pki/index.ts'
import { engines } from '../support/engines.ts'
import { isMissing, run } from '../support/tools.ts'
import { serve } from './server.ts'
import { createPkiWorld, makeFolder, type PkiWorld } from './world.ts'

const department = { organisation: '云汀市民政局', organisationCode: '11330199MB0000001X', commonName: '云汀市民政局' }

describe.each(engines)('revocation lists in shards on $name', ({ open }) => {
  let world: PkiWorld
  let pki: PkiWorld['pki']
  let server: Awaited<ReturnType<typeof serve>>
  const seals: { certificate: Uint8Array; serial: string; url: string; chain: readonly Uint8Array[] }[] = []

  beforeAll(async () => {
    world = await createPkiWorld(await open())
    // The responder is the first certificate of its authority: of the seals, three fill shard 0 up and four each the ones after it.
    pki = world.another({ certificatesPerCrlShard: 4 })
    await pki.start()
    server = await serve(pki)
    for (let n = 0; n < 10; n++) {
      const { publicKey } = await world.keyStore.generate(`seal-${n}`, 'ec-p256')
      const { certificate, chain } = await pki.certify({ profile: 'seal', subject: department, publicKey })
      const url = /http:\/\/localhost:8080(\/pki\/crl\/[\w.-]+\.crl)/.exec(
        Buffer.from(certificate).toString('latin1'),
      )![1]!
      seals.push({ certificate, chain, url, serial: x509.parseCertificate(certificate).serialNumberHex })
    }
  })
  afterAll(async () => {
    await server.stop()
    await world.close()
  })
  const fetchList = async (url: string) => {
    const response = await fetch(server.url + url)
    expect(response.status).toBe(200)
    return crl.parseCrl(new Uint8Array(await response.arrayBuffer()))
  }
  const serialsOn = (list: crl.Crl) => [...list.entries.values()].map(({ serialNumberHex }) => serialNumberHex)

  it('gives each certificate the list of its shard for its distribution point, full ones leading to the next', () => {
    const files = seals.map(({ url }) => url.replace('/pki/crl/', ''))
    expect(files).toEqual([
      ...Array(3).fill('seal-ca.crl'),
      ...Array(4).fill('seal-ca.1.crl'),
      ...Array(3).fill('seal-ca.2.crl'),
    ])
  })

  it('has published the list that a certificate names before anybody has the certificate', async () => {
    for (const { url } of seals) expect((await fetchList(url)).cRLNumber).toBe(1n)
  })

  it('puts a revocation on its shard and on the complete list, and on no other shard', async () => {
    for (const index of [0, 4, 8]) await pki.revokeCertificate(seals[index]!.serial, 'superseded', world.clock.now())
    expect(serialsOn(await fetchList('/pki/crl/seal-ca.crl')).sort()).toEqual(
      [0, 4, 8].map((i) => seals[i]!.serial).sort(),
    )
    expect(serialsOn(await fetchList('/pki/crl/seal-ca.1.crl'))).toEqual([seals[4]!.serial])
    expect(serialsOn(await fetchList('/pki/crl/seal-ca.2.crl'))).toEqual([seals[8]!.serial])
    await expect(pki.checkReady()).resolves.toBeUndefined()
  })

  it('numbers each list by itself, and renews each before it ends', async () => {
    const numbersOf = async () =>
      Promise.all(['', '.1', '.2'].map(async (shard) => (await fetchList(`/pki/crl/seal-ca${shard}.crl`)).cRLNumber))
    const before = await numbersOf()
    expect(before).toEqual([4n, 2n, 2n])
    await pki.refreshCrls()
    expect(await numbersOf()).toEqual(before)
    world.clock.advance(25 * 3_600_000)
    await pki.refreshCrls()
    expect(await numbersOf()).toEqual([5n, 3n, 3n])
  })

  it('serves no list that is not there', async () => {
    for (const file of [
      'seal-ca.3.crl',
      'seal-ca.0.crl',
      'seal-ca.01.crl',
      'seal-ca.1234567.crl',
      'seal-ca..crl',
      'root.1.crl',
    ]) {
      expect((await fetch(`${server.url}/pki/crl/${file}`)).status).toBe(404)
    }
  })

  it('judges a certificate by its shard alone or by the complete list, and not by the shard of others', async () => {
    const lists = {
      complete: (await fetchList('/pki/crl/seal-ca.crl')).raw,
      first: (await fetchList('/pki/crl/seal-ca.1.crl')).raw,
      second: (await fetchList('/pki/crl/seal-ca.2.crl')).raw,
    }
    const rootList = (await pki.crls())[0]!
    const judge = async (index: number, list: Uint8Array) => {
      const { valid, reason } = await x509.validatePath({
        leaf: seals[index]!.certificate,
        intermediates: pki.caCertificates(),
        anchors: pki.anchors(),
        crls: [rootList, list],
        at: world.clock.now(),
      })
      return valid ? 'valid' : reason
    }
    expect(await judge(5, lists.first)).toBe('valid')
    expect(await judge(5, lists.complete)).toBe('valid')
    expect(await judge(4, lists.first)).toBe('REVOKED')
    expect(await judge(4, lists.complete)).toBe('REVOKED')
    expect(await judge(4, lists.second)).toBe('REVOCATION_UNKNOWN')
    expect(await judge(0, lists.complete)).toBe('REVOKED')
  })

  it.skipIf(isMissing('openssl'))('satisfies openssl, certificate and shard together', async () => {
    const folder = makeFolder()
    const pem = (name: string, label: 'CERTIFICATE' | 'X509 CRL', ders: readonly Uint8Array[]) => {
      writeFileSync(join(folder, name), ders.map((der) => x509.encodePem(der, label)).join(''))
      return join(folder, name)
    }
    const [lists, shard] = await Promise.all([pki.crls(), fetchList('/pki/crl/seal-ca.1.crl')])
    const crls = pem('crls.pem', 'X509 CRL', [lists[0]!, shard.raw])
    const verify = (index: number) =>
      run('openssl', [
        ...['verify', '-x509_strict', '-crl_check_all', '-extended_crl'],
        ...['-attime', String(Math.floor(world.clock.now().getTime() / 1000)), '-CRLfile', crls],
        ...['-CAfile', pem('root.pem', 'CERTIFICATE', pki.anchors())],
        ...['-untrusted', pem('chain.pem', 'CERTIFICATE', seals[index]!.chain)],
        pem('leaf.pem', 'CERTIFICATE', [seals[index]!.certificate]),
      ]).output
    expect(verify(5)).toContain('OK')
    expect(verify(4)).toContain('certificate revoked')
    expect(verify(8)).toMatch(/error .*CRL/)
  })
})
