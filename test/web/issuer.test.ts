import { describe, expect, it } from 'vitest'
import { sixCharacters, tokenOf } from '../../web/holder/holder-link.ts'
import { publicCheckAddress } from '../../web/issuer/licences.ts'
import { checkPicture, fromBase64, pictureKind, toBase64 } from '../../web/issuer/picture-check.ts'
import {
  parseRoute,
  toBatch,
  toEditType,
  toFollow,
  toForm,
  toLicence,
  toTemplate,
  toType,
} from '../../web/issuer/route.ts'

describe('publicCheckAddress', () => {
  it('opens at the statement’s host by the scheme of the page', () => {
    const verification = 'HTTPS://LOCALHOST:8080/Q/ABC'
    expect(publicCheckAddress(verification, { protocol: 'http:' })).toBe('http://localhost:8080/Q/ABC')
    expect(publicCheckAddress(verification, { protocol: 'https:' })).toBe('https://localhost:8080/Q/ABC')
  })
})

describe('parseRoute', () => {
  it('reads back every address that the desk makes', () => {
    const identifier = '1.2.156.3005.2.11100000MB0143028R001.11330199MB3301255M.ABC.001.X'
    expect(parseRoute(toForm('A B/C'))).toEqual({ at: 'form', typeCode: 'A B/C' })
    expect(parseRoute(toLicence(identifier))).toEqual({ at: 'licence', identifier, isFresh: false })
    expect(parseRoute(`${toLicence(identifier)}/issued`)).toEqual({ at: 'licence', identifier, isFresh: true })
    expect(parseRoute(toFollow(identifier, 'renew'))).toEqual({ at: 'follow', identifier, action: 'renew' })
    expect(parseRoute(`${toLicence(identifier)}/revoke`)).toEqual({ at: 'licence', identifier, isFresh: false })
    expect(parseRoute(toBatch('b 1'))).toEqual({ at: 'batch', id: 'b 1' })
    expect(parseRoute(toType('T/1'))).toEqual({ at: 'type', typeCode: 'T/1' })
    expect(parseRoute(toEditType('T/1'))).toEqual({ at: 'edit-type', typeCode: 'T/1' })
    expect(parseRoute(toTemplate('T/1'))).toEqual({ at: 'template', typeCode: 'T/1' })
    expect(parseRoute('#/new')).toEqual({ at: 'types' })
  })

  it('opens the work desk for anything else', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/constructor']) expect(parseRoute(hash)).toEqual({ at: 'home' })
    for (const at of ['licences', 'batches', 'catalogue']) expect(parseRoute(`#/${at}/`)).toEqual({ at })
  })
})

describe('pictureKind', () => {
  it('knows JPEG and PNG by their bytes and nothing else', () => {
    expect(pictureKind(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe('image/jpeg')
    expect(pictureKind(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0))).toBe('image/png')
    expect(pictureKind(new TextEncoder().encode('<svg xmlns='))).toBeUndefined()
    expect(pictureKind(new Uint8Array())).toBeUndefined()
  })
})

describe('checkPicture', () => {
  const rule = { minSide: 200, maxSide: 2000, maxBytes: 500_000 }

  it('says which of size and sides is wrong', () => {
    expect(checkPicture(rule, { bytes: 50_000_000, width: 300, height: 300 })?.values).toEqual({
      size: '47.7 MB',
      limit: '488 KB',
    })
    expect(checkPicture(rule, { bytes: 1000, width: 100, height: 300 })?.values).toMatchObject({
      width: 100,
      height: 300,
    })
    expect(checkPicture(rule, { bytes: 1000, width: 300, height: 2001 })).toBeDefined()
    expect(checkPicture(rule, { bytes: 500_000, width: 200, height: 2000 })).toBeUndefined()
  })
})

describe('toBase64 and fromBase64', () => {
  it('carry a picture larger than one call’s arguments there and back', () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 31) & 255)
    expect(fromBase64(toBase64(bytes))).toEqual(bytes)
  })

  it('give no bytes for what is no base64', () => {
    expect(fromBase64('***')).toEqual(new Uint8Array())
  })
})

describe('sixCharacters', () => {
  it('takes small and full-width letters and spaces as people type them', () => {
    expect(sixCharacters(' 01 23 4x ')).toBe('01234X')
    expect(sixCharacters('０１２３４ｘ')).toBe('01234X')
  })

  it('refuses anything but six letters or digits', () => {
    for (const text of ['', '12345', '1234567', '12345*', '一二三四五六']) expect(sixCharacters(text)).toBeUndefined()
  })
})

describe('tokenOf', () => {
  it('reads the token of a holder’s address', () => {
    expect([tokenOf('/h/abc_-1'), tokenOf('/h/abc/'), tokenOf('/verify')]).toEqual(['abc_-1', 'abc', ''])
  })
})
