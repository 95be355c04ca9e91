// SESeals and SES_Signatures of a running seal service under ofdrw and openssl, which know nothing of ours.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eseal, x509 } from '../../pki/index.ts'
import type { Principal } from '../../platform/index.ts'
import { createSealWorld, market, type SealWorld } from '../seal-service/world.ts'
import { engines } from '../support/engines.ts'
import { askOfdrw, ofdrwJudge } from '../support/ofdrw.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing, run } from '../support/tools.ts'

const layouts = ['V5', 'V4'] as const
const user: Principal = {
  id: 'oa-system',
  name: '公文系统',
  kind: 'machine',
  departmentCode: market.code,
  roles: ['seal-user'],
}

describe.skipIf(isMissing(...ofdrwJudge, 'openssl'))('ofdrw and openssl', () => {
  const folder = temporaryFolder()
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const sm3 = (data: Uint8Array | string) => createHash('sm3').update(data).digest()
  let world: SealWorld
  const seals = new Map<string, Uint8Array>()
  const signatures = new Map<string, Uint8Array>()

  beforeAll(async () => {
    world = await createSealWorld(await engines[0]!.open())
    const { database, pki, seal } = world
    await database.query(
      `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
       values ($1, 'role', 'seal-user', '{documents}', $2, false, $2, 'keeper-1')`,
      [seal.id, pki.clock.now()],
    )
    for (const layout of layouts) {
      seals.set(layout, await world.seals.eseal(seal.id, layout))
      for (const wantsTimeStamp of [false, true]) {
        const made = await world.seals.oes.sign(user, {
          sealId: seal.id,
          documentId: `${layout}-${wantsTimeStamp}`,
          dataHash: sm3(`${layout}-${wantsTimeStamp}`),
          propertyInfo: '/Doc_0/Signs/Sign_0/Signature.xml',
          layout,
          templateCode: null,
          wantsTimeStamp,
        })
        signatures.set(`${layout} ${wantsTimeStamp ? 'with' : 'without'} a time stamp`, made.signature)
      }
    }
  })
  afterAll(() => world?.close())

  it('find every seal and signature made here signed by whom it says', () => {
    const asked = [
      ...[...seals].map(([name, der]) => ({ kind: 'seal' as const, name, file: file(`${name}.esl`, der) })),
      ...[...signatures].map(([name, der]) => ({ kind: 'signature' as const, name, file: file(`${name}.dat`, der) })),
    ]
    const answers = askOfdrw(asked)
    answers.forEach((answer, at) => {
      const { name, kind } = asked[at]!
      const version = name.startsWith('V4') ? 4 : 5
      expect(answer, name).toMatchObject({
        esID: world.seal.id,
        name: market.name,
        version,
        pictureType: 'SVG',
        makerSigned: true,
      })
      if (kind === 'signature')
        expect(answer, name).toMatchObject({
          signerSigned: true,
          propertyInfo: '/Doc_0/Signs/Sign_0/Signature.xml',
          timeStamped: name.includes('with a'),
          dataHash: sm3(
            name.startsWith('V4') ? `V4-${name.includes('with a')}` : `V5-${name.includes('with a')}`,
          ).toString('hex'),
        })
    })
  })

  it('find none of them signed once any one octet is another', () => {
    const der = signatures.get('V5 without a time stamp')!
    const places = Array.from({ length: 60 }, (_, at) => Math.floor((at * der.length) / 60) + (at % 7)).filter(
      (place) => place < der.length,
    )
    const answers = askOfdrw(
      places.map((place) => {
        const changed = Uint8Array.from(der)
        changed[place]! ^= 0x01
        return { kind: 'signature' as const, file: file(`changed-${place}.dat`, changed) }
      }),
    )
    const passed = answers.filter(({ makerSigned, signerSigned }) => makerSigned === true && signerSigned === true)
    expect(passed).toEqual([])
  })

  it('takes the SM2 values of maker and signer under the usual identifier', () => {
    const verifies = (certificate: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean => {
      const spki = Buffer.from(x509.parseCertificate(certificate).subjectPublicKeyInfo).toString('base64')
      const pem = `-----BEGIN PUBLIC KEY-----\n${spki.replace(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`
      const { status } = run('openssl', [
        ...['pkeyutl', '-verify', '-pubin', '-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'],
        ...['-inkey', file('key.pem', pem), '-in', file('data', data), '-sigfile', file('value', signature)],
      ])
      return status === 0
    }
    for (const [name, der] of signatures) {
      const { seal, certificate, signedBytes, signature } = eseal.parseSignature(der)
      expect(verifies(certificate, signedBytes, signature), name).toBe(true)
      expect(verifies(seal.makerCertificate, seal.signedBytes, seal.signature), name).toBe(true)
      expect(verifies(certificate, signedBytes.subarray(1), signature), name).toBe(false)
    }
  })
})
