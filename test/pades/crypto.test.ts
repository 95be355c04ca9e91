import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptCbc, encryptCbc } from '../../pades/crypto/aes.ts'
import { md5 } from '../../pades/crypto/md5.ts'
import { rc4 } from '../../pades/crypto/rc4.ts'
import { sha256, sha384, sha512 } from '../../pades/crypto/sha2.ts'

// The reader's own primitives, for encrypted documents, against those of OpenSSL.

const lengths = [0, 1, 3, 55, 56, 57, 63, 64, 65, 111, 112, 113, 119, 127, 128, 129, 255, 1_000, 70_001]

describe('the digests of the reader', () => {
  for (const [name, digest] of Object.entries({ md5, sha256, sha384, sha512 })) {
    it(`are those of ${name}, at every length around a block`, () => {
      for (const length of lengths) {
        const message = randomBytes(length)
        expect(Buffer.from(digest(message)).toString('hex'), String(length)).toBe(
          createHash(name).update(message).digest('hex'),
        )
      }
    })
  }
})

describe('the ciphers of the reader', () => {
  it.each([16, 32])('are AES in CBC with keys of %i octets', (keyLength) => {
    for (const blocks of [0, 1, 2, 17, 300]) {
      const [key, iv, plain] = [randomBytes(keyLength), randomBytes(16), randomBytes(blocks * 16)]
      const cipher = createCipheriv(`aes-${keyLength * 8}-cbc`, key, iv).setAutoPadding(false)
      const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
      expect(Buffer.from(encryptCbc(key, iv, plain)).equals(encrypted)).toBe(true)
      expect(Buffer.from(decryptCbc(key, iv, encrypted)).equals(plain)).toBe(true)
    }
  })

  it('are RC4 by the vectors of RFC 6229 and the first that was published', () => {
    const text = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
    expect(text(rc4(Buffer.from('Key'), Buffer.from('Plaintext')))).toBe('bbf316e8d940af0ad3')
    expect(text(rc4(Buffer.from('0102030405', 'hex'), new Uint8Array(16)))).toBe('b2396305f03dc027ccc3524a0a1118a8')
  })
})
