import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyKind } from './key-store.ts'

const makePair = promisify(generateKeyPair)

/** A fresh private key in memory. */
export async function generatePrivateKey(kind: KeyKind): Promise<KeyObject> {
  if (kind === 'ec-p256') return (await makePair('ec', { namedCurve: 'P-256' })).privateKey
  if (kind === 'sm2') {
    const { privateKey } = await makePair('ec', { namedCurve: 'SM2' })
    // A key fresh from the generator would sign ECDSA; read back from PKCS #8 it is an SM2 key.
    return createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  }
  return (await makePair('rsa', { modulusLength: kind === 'rsa-2048' ? 2048 : 3072 })).privateKey
}
