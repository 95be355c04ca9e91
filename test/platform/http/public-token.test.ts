import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createTokenSender } from '../../../platform/http/index.ts'

const token = `eyJ.${'trust'.repeat(400)}.sig`
const ask = (accepted?: string) =>
  createTokenSender()(token, 'application/jwt', accepted === undefined ? {} : { 'accept-encoding': accepted })

describe('createTokenSender', () => {
  it('packs the token for whoever takes gzip, and says so', () => {
    for (const accepted of ['gzip', 'br, gzip;q=0.5', 'deflate, GZIP', 'x-gzip', 'gzip; q=1.0']) {
      const answer = ask(accepted)
      expect([accepted, answer.headers?.['Content-Encoding']]).toEqual([accepted, 'gzip'])
      expect(gunzipSync(answer.bytes as Uint8Array).toString()).toBe(token)
      expect((answer.bytes as Uint8Array).length).toBeLessThan(token.length / 4)
    }
  })

  it('sends it as it is to everybody else, caches told either way that it depends', () => {
    for (const accepted of [undefined, '', 'br', 'gzip;q=0', 'gzip;q=0.0', 'gzipped', '*;q=0']) {
      const answer = ask(accepted)
      expect([accepted, answer.headers?.['Content-Encoding']]).toEqual([accepted, undefined])
      expect(Buffer.from(answer.bytes as Uint8Array).toString()).toBe(token)
      expect(answer.headers?.['Vary']).toBe('Accept-Encoding')
    }
  })

  it('packs a list once, however often it is asked for, and the next one anew', () => {
    const send = createTokenSender()
    const gzip = { 'accept-encoding': 'gzip' }
    const bytesOf = (text: string) => send(text, 'application/jwt', gzip).bytes
    expect(bytesOf(token)).toBe(bytesOf(token))
    expect(gunzipSync(bytesOf('another') as Uint8Array).toString()).toBe('another')
  })
})
