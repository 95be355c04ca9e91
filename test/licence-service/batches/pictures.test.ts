import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engines } from '../../support/engines.ts'
import { exampleOf } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'
import { makeZip } from './make-zip.ts'

const marriageCertificate = '111000000000130127201'

/** A PNG that says it has ten thousand pixels a side. */
function hugePng(): Uint8Array {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(10_000, 0)
  head.writeUInt32BE(10_000, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(9))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

describe('pictures of a batch', () => {
  let desk: BatchDesk
  beforeAll(async () => {
    desk = await openDesk(await engines[0]!.open())
  })
  afterAll(() => desk.close())

  it('come in a ZIP, named by the rows; one that is missing or huge is a fault of its row', async () => {
    const { photo, ...data } = exampleOf(marriageCertificate)
    const opened = await desk.ask('POST', '/api/batches', { body: { typeCode: marriageCertificate, title: '补录' } })
    const path = `/api/batches/${opened.json.batchId}`
    const rows = ['照片/甲.PNG', 'huge.png', 'missing.png'].map((file) => ({ ...data, photo: file }))
    await desk.ask('POST', `${path}/rows`, { body: { rows } })
    const zip = makeZip({ '甲.png': Buffer.from(String(photo), 'base64'), 'huge.png': hugePng() })
    expect((await desk.ask('POST', `${path}/attachments`, { bytes: zip })).json).toEqual({ pictures: 2 })
    await desk.ask('POST', `${path}/checks`)
    expect(await desk.until(opened.json.batchId, 'checked')).toMatchObject({ counts: { rows: 3, valid: 1, faulty: 2 } })
    const { items } = (await desk.ask('GET', `${path}/rows?state=faulty`)).json
    expect(items.map(({ lastFault }: { lastFault: string }) => lastFault)).toEqual([
      'PICTURE_TOO_MANY_PIXELS',
      'PICTURE_FILE_MISSING',
    ])
    await desk.start(opened.json.batchId)
    expect(await desk.until(opened.json.batchId, 'done')).toMatchObject({ counts: { issued: 1 } })
  })
})
