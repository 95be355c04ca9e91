// What the real HTTP door does with bad data, photos and bodies: a coded problem (RFC 9457) with every fault at its place, nothing on
// record, nothing of a holder in the answer or the log.
import { request } from 'node:http'
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingRecorded,
  expectProblem,
  expectQuietLog,
  faultsOf,
  holderData,
  mint,
  newKey,
} from '../support/desk-checks.ts'
import {
  businessLicence,
  exampleOf,
  marriageCertificate,
  type RunningHouse,
  type Send,
  startHouse,
  typeCodeOf,
} from '../support/running-house.ts'

let running: RunningHouse
beforeAll(async () => {
  running = await startHouse()
})
afterAll(() => running?.close())

const call = (path: string, options?: Send) => running.call(path, options)
const mintBytes = (bytes: Uint8Array | string, options: Send = {}) =>
  call('/api/licences', { key: running.issuers.civil, once: newKey(), bytes, ...options })

const withWrongCheck = (text: string) => text.slice(0, -1) + (text.endsWith('1') ? '2' : '1')

describe('data of a licence', () => {
  it('are refused for every fault at once, each at its place', async () => {
    await expectNothingRecorded(running, async () => {
      const reply = await mint(
        running,
        holderData({
          firstIdNumber: '110101199002301234',
          secondIdNumber: withWrongCheck('330199199608224489'),
          firstBornOn: '2025-02-29',
          secondBornOn: '2999-01-01',
          secondSex: 'other',
          firstName: '程'.repeat(25),
          secondName: '',
          firstNationality: 5,
          photo: 'aGVsbG8=',
          colour: 'red',
          'a/b~c': 1,
        }),
      )
      expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
      expect(faultsOf(reply)).toEqual([
        '/data/a~1b~0c FIELD_UNKNOWN',
        '/data/colour FIELD_UNKNOWN',
        '/data/firstBornOn DATE_INVALID',
        '/data/firstIdNumber IDENTITY_NUMBER_INVALID',
        '/data/firstName TEXT_TOO_LONG',
        '/data/firstNationality FIELD_OF_WRONG_KIND',
        '/data/photo PICTURE_NOT_SUPPORTED',
        '/data/secondBornOn DATE_IN_FUTURE',
        '/data/secondIdNumber IDENTITY_NUMBER_INVALID',
        '/data/secondName FIELD_REQUIRED',
        '/data/secondSex CHOICE_UNKNOWN',
      ])
    })
  })

  it('are refused in a preview for the same reasons', async () => {
    const reply = await call('/api/licences/previews', {
      key: running.issuers.civil,
      body: { typeCode: marriageCertificate, data: holderData({ firstIdNumber: '330199199506143711' }) },
    })
    expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
    expect(faultsOf(reply)).toEqual(['/data/firstIdNumber IDENTITY_NUMBER_INVALID'])
  })

  it.each([
    [
      'a credit code with a wrong check character',
      { creditCode: '91330199MA7E4K2Q43' },
      'creditCode CREDIT_CODE_INVALID',
    ],
    ['a credit code of 17', { creditCode: '91330199MA7E4K2Q4' }, 'creditCode CREDIT_CODE_INVALID'],
    ['a term that ends before it begins', { termUntil: '2019-03-17' }, 'termUntil DATE_ORDER'],
    ['30 February', { establishedOn: '2019-02-30' }, 'establishedOn DATE_INVALID'],
    ['a month 13', { establishedOn: '2019-13-01' }, 'establishedOn DATE_INVALID'],
    ['the year 0', { establishedOn: '0000-01-01' }, 'establishedOn DATE_INVALID'],
    ['a date as a number', { establishedOn: 20190318 }, 'establishedOn FIELD_OF_WRONG_KIND'],
    ['money below nothing', { registeredCapital: '-1' }, 'registeredCapital NUMBER_INVALID'],
    [
      'money with a comma in hundredths of hundredths',
      { registeredCapital: '1.001' },
      'registeredCapital NUMBER_INVALID',
    ],
    ['a long text where a line belongs', { name: '字'.repeat(81) }, 'name TEXT_TOO_LONG'],
    ['a line break in a name', { name: '云汀市青梧\n有限公司' }, 'name CHARACTER_NOT_ALLOWED'],
    ['a control character', { name: '云汀市\u0007公司' }, 'name CHARACTER_NOT_ALLOWED'],
    ['a mark that turns writing round', { name: '云汀市\u202e司公' }, 'name CHARACTER_NOT_ALLOWED'],
    ['an isolate that hides text', { address: '云汀\u2067市\u2069' }, 'address CHARACTER_NOT_ALLOWED'],
    ['a character without width', { name: '云汀\u200b市' }, 'name CHARACTER_NOT_ALLOWED'],
    ['a private character', { name: '云汀\ue000市' }, 'name CHARACTER_NOT_ALLOWED'],
    ['a scope of 4,001 characters', { scope: '字'.repeat(4001) }, 'scope TEXT_TOO_LONG'],
    ['an object where a text belongs', { name: { toString: '云汀' } }, 'name FIELD_OF_WRONG_KIND'],
  ])('are refused for %s', async (_what, changes, expected) => {
    await expectNothingRecorded(running, async () => {
      const reply = await mint(running, holderData(changes, businessLicence), { typeCode: businessLicence })
      expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
      expect(faultsOf(reply)).toEqual([`/data/${expected}`])
    })
  })

  it('are refused for a character without a glyph, which is named', async () => {
    const reply = await mint(running, holderData({ name: '云汀市\u{1f600}有限公司' }, businessLicence), {
      typeCode: businessLicence,
    })
    expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
    expect(faultsOf(reply)).toEqual(['/data/name GLYPH_MISSING'])
    expect(reply.json.errors[0].detail.zh).toContain('\u{1f600}（U+1F600）')
    expect(reply.json.errors[0].detail.en).toContain('U+1F600')
  })

  it('are refused where a text cannot fit its place even at its smallest', async () => {
    const scope = 'W'.repeat(4000)
    const reply = await mint(
      running,
      holderData({ scope: Array(4000).fill('字').join('\n').slice(0, 4000) }, businessLicence),
      {
        typeCode: businessLicence,
      },
    )
    expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
    expect(faultsOf(reply)).toEqual(['/data/scope TEXT_DOES_NOT_FIT'])
    const long = await mint(running, holderData({ scope }, businessLicence), { typeCode: businessLicence })
    expect([201, 422]).toContain(long.status)
  })

  it('are refused for faults in rows of a table, and too many rows', async () => {
    const typeCode = typeCodeOf('不动产权证书')
    const [row] = exampleOf(typeCode)['rooms'] as Record<string, unknown>[]
    const rooms = [row, { ...row, area: 'wide', extra: 1 }, 'row', { ...row, unit: '' }]
    const reply = await mint(running, holderData({ rooms }, typeCode), { typeCode })
    expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
    expect(faultsOf(reply)).toEqual([
      '/data/rooms/1/area NUMBER_INVALID',
      '/data/rooms/1/extra FIELD_UNKNOWN',
      '/data/rooms/2 FIELD_OF_WRONG_KIND',
      '/data/rooms/3/unit FIELD_REQUIRED',
    ])
    const many = await mint(running, holderData({ rooms: Array(1000).fill(row) }, typeCode), { typeCode })
    expect(faultsOf(many)).toEqual(['/data/rooms TOO_MANY_ROWS'])
  })

  it('are refused when they are no object', async () => {
    for (const data of [[], 'text', 7, null, undefined])
      expectProblem(await mint(running, data), 422, 'REQUEST_INVALID')
  })
})

/** Three bytes of nothing a pixel, whatever the header says. */
function png(width: number, height: number, rows: Uint8Array = new Uint8Array(height * (3 * width + 1))): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ])
}

const jpegHead = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 1, 44, 1, 44, 1, 1, 17, 0]

describe('a photo', () => {
  const example = () => Buffer.from(exampleOf(marriageCertificate)['photo'] as string, 'base64')
  it.each<[string, () => Buffer | string, string]>([
    ['that is no picture', () => Buffer.from('MZ this program cannot be run'), 'PICTURE_NOT_SUPPORTED'],
    ['that is a PDF', () => Buffer.from('%PDF-1.7\n'), 'PICTURE_NOT_SUPPORTED'],
    ['that is SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'PICTURE_NOT_SUPPORTED'],
    ['that is no base64', () => '!!!', 'PICTURE_NOT_SUPPORTED'],
    ['that is a PNG cut off', () => example().subarray(0, -20), 'PICTURE_DAMAGED'],
    ['that is a PNG with a changed byte', () => Buffer.from(example()).fill(0xaa, 3000, 3001), 'PICTURE_DAMAGED'],
    ['that is a JPEG cut off', () => Buffer.from(jpegHead), 'PICTURE_DAMAGED'],
    ['that is a JPEG without an image', () => Buffer.from([...jpegHead, 0xff, 0xd9]), 'PICTURE_DAMAGED'],
    ['that is tiny', () => png(10, 10), 'PICTURE_TOO_SMALL'],
    ['of a billion pixels in a few bytes', () => png(30_000, 30_000, new Uint8Array(100)), 'PICTURE_TOO_MANY_PIXELS'],
    ['with fewer rows than it says', () => png(300, 300, new Uint8Array(300 * 901 - 1)), 'PICTURE_DAMAGED'],
    ['with more rows than it says', () => png(300, 300, new Uint8Array(1 << 24)), 'PICTURE_DAMAGED'],
    ['of 3 MB', () => Buffer.concat([example(), Buffer.alloc(3 << 20)]), 'PICTURE_TOO_LARGE'],
  ])('%s is refused', async (_what, make, code) => {
    const photo = make()
    const reply = await mint(
      running,
      holderData({ photo: typeof photo === 'string' ? photo : photo.toString('base64') }),
    )
    expectProblem(reply, 422, 'LICENCE_DATA_INVALID')
    expect(faultsOf(reply)).toEqual([`/data/photo ${code}`])
  })

  it('of 50 MB is refused before it is decoded, and held nowhere', async () => {
    const body = Buffer.from(
      JSON.stringify({ typeCode: marriageCertificate, data: holderData({ photo: 'A'.repeat(67_000_000) }) }),
    )
    const before = process.memoryUsage().rss
    await expectNothingRecorded(running, async () => {
      for (let round = 0; round < 3; round++) {
        const replies = await Promise.all([postInPieces(body, true), postInPieces(body, false)])
        for (const { status, code } of replies)
          expect({ status, code }).toEqual({ status: 413, code: 'REQUEST_BODY_TOO_LARGE' })
      }
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
  }, 60_000)

  it('compressed into a bomb is refused at the limit', async () => {
    const reply = await mintBytes(gzipSync(Buffer.alloc(64 << 20, ' ')), { headers: { 'content-encoding': 'gzip' } })
    expectProblem(reply, 413, 'REQUEST_BODY_TOO_LARGE')
    expectProblem(await mintBytes('{}', { headers: { 'content-encoding': 'gzip' } }), 400, 'REQUEST_MALFORMED')
    expectProblem(
      await mintBytes('{}', { headers: { 'content-encoding': 'lzma' } }),
      415,
      'REQUEST_MEDIA_TYPE_UNSUPPORTED',
    )
  })
})

/** A body sent while the answer may already be on its way; with its length told or in chunks. */
function postInPieces(body: Buffer, hasLength: boolean): Promise<{ status: number | undefined; code: unknown }> {
  return new Promise((resolve, reject) => {
    const posting = request(`${running.url}/api/licences`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${running.issuers.civil}`,
        'content-type': 'application/json',
        'idempotency-key': newKey(),
        ...(hasLength && { 'content-length': body.length }),
      },
    })
    posting.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece
      })
      response.on('end', () => {
        resolve({ status: response.statusCode, code: JSON.parse(text).code })
        posting.destroy()
      })
    })
    posting.on('error', (error) => reject(error))
    let at = 0
    const push = () => {
      while (at < body.length && !posting.destroyed) {
        const from = at
        at += 65_536
        if (!posting.write(body.subarray(from, at))) {
          posting.once('drain', push)
          return
        }
      }
      if (!posting.destroyed) posting.end()
    }
    push()
  })
}

describe('a body', () => {
  it.each<[string, Uint8Array | string]>([
    ['is empty text', ' '],
    ['is cut off', '{"typeCode":"'],
    ['is JavaScript', "{typeCode:'x'}"],
    ['has a comment', '{}//'],
    ['is UTF-16', Buffer.from('{"typeCode":"x"}', 'utf16le')],
    ['is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['has NaN', '{"data":NaN}'],
    ['ends in rubbish', '{"typeCode":"x"} rubbish'],
    ['is five million closing brackets', ']'.repeat(5_000_000)],
  ])('that %s is no JSON', async (_what, bytes) => {
    await expectNothingRecorded(running, async () =>
      expectProblem(await mintBytes(bytes), 400, 'REQUEST_BODY_NOT_JSON'),
    )
  })

  it('nested without end is refused, however deep', async () => {
    for (const depth of [29, 31, 40, 63, 65, 10_000, 5_000_000]) {
      const deep = `{"typeCode":"${marriageCertificate}","data":{"firstName":${'['.repeat(depth)}${']'.repeat(depth)}}}`
      const reply = await mintBytes(deep)
      expect({ depth, status: reply.status }).toEqual({ depth, status: 422 })
      expectProblem(reply, 422, 'REQUEST_INVALID')
    }
  }, 60_000)

  it('of millions of small values is refused without reading each', async () => {
    for (const data of [
      `[${'[],'.repeat(4_000_000)}0]`,
      `{${Array.from({ length: 500_000 }, (_, n) => `"f${n}":1`).join(',')}}`,
    ])
      expectProblem(
        await mintBytes(`{"typeCode":"${marriageCertificate}","data":{"firstName":${data}}}`),
        422,
        'REQUEST_INVALID',
      )
  }, 60_000)

  it('with a member twice is refused, since two readers would see two requests', async () => {
    const reply = await mintBytes(
      `{"typeCode":"x","data":{"a\\"":"\\\\","name":"林","rows":[{},{"n":1,"\\u006e":2}]},"typeCode":"${businessLicence}"}`,
    )
    expectProblem(reply, 422, 'REQUEST_INVALID')
    expect(faultsOf(reply)).toEqual(['/data/rows/1/n MEMBER_TWICE', '/typeCode MEMBER_TWICE'])
    const many = await mintBytes(`{"typeCode":"x","data":{${'"a":1,'.repeat(1_000_000)}"b":1}}`)
    expectProblem(many, 422, 'REQUEST_INVALID')
    expect(many.text.length).toBeLessThan(50_000)
  })

  it('with half a surrogate pair, NUL or a number beyond numbers is refused at its place', async () => {
    const reply = await mintBytes(
      '{"typeCode":"x","data":{"a":"\\ud800","b":["\\u0000"],"c\\udc00":1,"d":1e999,"e":-1e999}}',
    )
    expectProblem(reply, 422, 'REQUEST_INVALID')
    expect(((reply.json.errors ?? []) as { code: string }[]).map(({ code }) => code).sort()).toEqual([
      'NUMBER_OUT_OF_RANGE',
      'NUMBER_OUT_OF_RANGE',
      'TEXT_NOT_UNICODE',
      'TEXT_NOT_UNICODE',
      'TEXT_NOT_UNICODE',
    ])
  })

  it('with __proto__ or constructor is an unknown member like any other, and changes nothing', async () => {
    const proto = await mintBytes(`{"typeCode":"${marriageCertificate}","data":{"__proto__":{"admin":true}}}`)
    expectProblem(proto, 422, 'REQUEST_INVALID')
    expect(faultsOf(proto)).toEqual(['/data/__proto__ UNKNOWN_MEMBER'])
    const top = await mintBytes(`{"typeCode":"${marriageCertificate}","data":{},"__proto__":{}}`)
    expect(faultsOf(top)).toEqual(['/__proto__ UNKNOWN_MEMBER'])
    const inherited = await mint(
      running,
      holderData({ constructor: { prototype: { admin: true } }, hasOwnProperty: 1 }),
    )
    expect(faultsOf(inherited)).toEqual(['/data/constructor FIELD_UNKNOWN', '/data/hasOwnProperty FIELD_UNKNOWN'])
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('of another shape is refused with all its faults', async () => {
    const reply = await mintBytes('{"typeCode":5,"level":["B-B"],"extra":1,"more":2}')
    expectProblem(reply, 422, 'REQUEST_INVALID')
    expect(faultsOf(reply)).toEqual([
      '/data MISSING',
      '/extra UNKNOWN_MEMBER',
      '/level INVALID_TYPE',
      '/more UNKNOWN_MEMBER',
      '/typeCode INVALID_TYPE',
    ])
  })

  it('of another media type, or of none, is refused', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ])
      expectProblem(await mintBytes('{}', { headers: { 'content-type': type } }), 415, 'REQUEST_MEDIA_TYPE_UNSUPPORTED')
    expectProblem(
      await call('/api/licences', { method: 'POST', key: running.issuers.civil, once: newKey() }),
      422,
      'REQUEST_INVALID',
    )
  })

  it('asks for a level that there is not, a type that is not known or not ours: each refused with its own code', async () => {
    const key = running.issuers.civil
    const body = { typeCode: marriageCertificate, data: exampleOf(marriageCertificate) }
    const post = (changes: object) => call('/api/licences', { key, once: newKey(), body: { ...body, ...changes } })
    expectProblem(await post({ level: 'B-X' }), 422, 'LEVEL_NOT_AVAILABLE')
    expectProblem(await post({ typeCode: '11100000MB0143028R999' }), 422, 'LICENCE_TYPE_UNKNOWN')
    expectProblem(await post({ typeCode: '__proto__' }), 422, 'LICENCE_TYPE_UNKNOWN')
    expectProblem(await post({ typeCode: businessLicence }), 403, 'LICENCE_TYPE_NOT_ASSIGNED')
    const refused = await call('/api/licences/previews', { key, body: { ...body, typeCode: 'constructor' } })
    expectProblem(refused, 422, 'LICENCE_TYPE_UNKNOWN')
  })
})

it('leaves no personal data, no key and no failure of ours in the log', () => expectQuietLog(running))
