// Rows that fail for a reason that nobody foresaw: they are told, and the others go on.
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transportData, transportLicence } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { exampleOf } from '../../support/service.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'
import { makeZip } from './make-zip.ts'

const marriageCertificate = '111000000000130127201'
/** A text at which the fonts of this house break down. */
const BREAKS = '崩'

describe('rows of a batch that nobody foresaw', () => {
  let desk: BatchDesk
  let isLost: (blob: string) => boolean = () => false
  beforeAll(async () => {
    desk = await openDesk(await engines[0]!.open(), {
      fonts: (fonts) => ({
        ...fonts,
        missingGlyphs: (text, face) => {
          if (text.includes(BREAKS)) throw new RangeError('no such table')
          return fonts.missingGlyphs(text, face)
        },
      }),
      blobs: (blobs) => ({
        ...blobs,
        get: async (blob) => {
          if (isLost(blob)) throw new Error('cannot be read')
          return blobs.get(blob)
        },
      }),
    })
  })
  afterAll(() => desk.close())

  const open = async (typeCode: string, rows: readonly object[]) => {
    const { batchId } = (await desk.ask('POST', '/api/batches', { body: { typeCode, title: '补录' } })).json
    await desk.ask('POST', `/api/batches/${batchId}/rows`, { body: { rows } })
    return batchId as string
  }
  const faultsOf = async (batchId: string) =>
    (await desk.ask('GET', `/api/batches/${batchId}/rows?state=faulty`)).json.items.map(
      ({ row, lastFault }: { row: number; lastFault: string }) => [row, lastFault],
    )

  it.each([
    ['beside good ones', [transportData(1), { ...transportData(2), operator: `${BREAKS}公司` }], 1],
    ['alone', [{ ...transportData(3), operator: `${BREAKS}公司` }], 0],
  ])('are told as not understood at once, %s', async (_, rows, valid) => {
    const batchId = await open(transportLicence, rows)
    await desk.ask('POST', `/api/batches/${batchId}/checks`)
    expect(await desk.until(batchId, 'checked')).toMatchObject({ counts: { valid, faulty: 1 } })
    expect((await faultsOf(batchId)).map(([, code]: [number, string]) => code)).toEqual(['ROW_NOT_UNDERSTOOD'])
  })

  it('are told only after several attempts where a file cannot be read, which may come back', async () => {
    const { photo, ...data } = exampleOf(marriageCertificate)
    const rows = ['a.png', 'b.png'].map((file) => ({ ...data, photo: file }))
    const batchId = await open(marriageCertificate, rows)
    const picture = Buffer.from(String(photo), 'base64')
    await desk.ask('POST', `/api/batches/${batchId}/attachments`, {
      bytes: makeZip({ 'a.png': picture, 'b.png': picture }),
    })
    const sql = 'select blob from licence.batch_pictures where batch_id = $1 limit 1'
    const [{ blob: lost }] = (await desk.house.database.query(sql, [batchId])) as [{ blob: string }]
    let tries = 0
    isLost = (blob) => {
      if (blob === lost) tries += 1
      return blob === lost
    }
    await desk.ask('POST', `/api/batches/${batchId}/checks`)
    const state = async () => (await desk.ask('GET', `/api/batches/${batchId}`)).json.state
    for (let round = 0; round < 200 && (await state()) !== 'checked'; round++) {
      await delay(40)
      desk.house.clock.advance(2_000)
    }
    expect(await state()).toBe('checked')
    expect(tries).toBe(5)
    expect((await faultsOf(batchId)).map(([, code]: [number, string]) => code)).toEqual(['ROW_NOT_UNDERSTOOD'])
  })
})
