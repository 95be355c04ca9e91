// Batches that tell rows apart by holder and batches that tell them apart by all that they say, over the same holders.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { creditCodeOf, toCsv, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const byHolder = { uniqueBy: 'holder' }
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => transportRow(from + index))
const file = (cells: readonly (readonly string[])[]) => toCsv([transportHeader, ...cells])
/** Another licence for the same holders: at another address. */
const elsewhere = (cells: readonly (readonly string[])[]) => cells.map((row) => row.with(2, '云汀市新区大道 1 号'))

describe.each(engines)('batches by holder and by row on $name', ({ open }) => {
  let desk: BatchDesk
  beforeAll(async () => {
    desk = await openDesk(await open())
  })
  afterAll(() => desk.close())

  const take = (cells: readonly (readonly string[])[], map = {}) => desk.takeChecked(file(cells), transportLicence, map)
  const mint = async (cells: readonly (readonly string[])[], map = {}) => {
    const { batchId } = await take(cells, map)
    await desk.start(batchId)
    return desk.until(batchId, 'done')
  }
  const licencesOf = async (number: number): Promise<number> => {
    const body = { holderCode: creditCodeOf(number) }
    return (await desk.ask('POST', '/api/licences/searches', { body })).json.items.length
  }

  it('make a table’s licences once, whichever of the two came first', async () => {
    await mint(rows(0, 3), byHolder)
    expect(await take(rows(0, 3))).toMatchObject({ counts: { valid: 0, duplicate: 3 } })
    await mint(rows(10, 13))
    expect(await take(rows(10, 13), byHolder)).toMatchObject({ counts: { valid: 0, duplicate: 3 } })
  })

  it('make a table’s licences once when both are minted at the same time', async () => {
    const both = [await take(rows(100, 112), byHolder), await take(rows(100, 112).reverse())]
    expect(both.map(({ counts }) => counts.valid)).toEqual([12, 12])
    await Promise.all(both.map(({ batchId }) => desk.start(batchId)))
    const ended = await Promise.all(both.map(({ batchId }) => desk.until(batchId, 'done')))
    expect(ended[0].counts.issued + ended[1].counts.issued).toBe(12)
    for (let number = 100; number < 112; number++) expect([number, await licencesOf(number)]).toEqual([number, 1])
  })

  it('let a holder have several licences that differ by row, and none more by holder', async () => {
    const some = rows(200, 202)
    expect(await mint([...some, ...elsewhere(some)])).toMatchObject({ counts: { issued: 4 } })
    const third = some.map((row) => row.with(4, '货物专用运输（罐式）'))
    expect(await take(third, byHolder)).toMatchObject({ counts: { valid: 0, duplicate: 2 } })
    expect(await mint(third)).toMatchObject({ counts: { issued: 2 } })
    expect(await licencesOf(200)).toBe(3)
  })

  it('let rows that say something else add to what a batch by holder made', async () => {
    await mint(rows(300, 302), byHolder)
    expect(await mint(elsewhere(rows(300, 302)))).toMatchObject({ counts: { issued: 2 } })
  })

  it('leave no claim behind of a row that gives way after its check, and the row is made once the other ended', async () => {
    const first = await take(rows(400, 401))
    const second = await take(rows(400, 401), byHolder)
    await desk.start(first.batchId)
    await desk.until(first.batchId, 'done')
    await desk.start(second.batchId)
    expect(await desk.until(second.batchId, 'done')).toMatchObject({ counts: { issued: 0, claimed: 1 } })
    const claims = await desk.house.database.query('select 1 from licence.batch_claims where batch_id = $1', [
      second.batchId,
    ])
    expect(claims).toEqual([])
    const post = (batchId: string, act: string, body?: object, by: 'clerk' | 'reviewer' = 'clerk') =>
      desk.ask('POST', `/api/batches/${batchId}/${act}`, { by, ...(body && { body }) })
    await post(first.batchId, 'rollbacks', { reason: '数据有误' }, 'reviewer')
    await desk.until(first.batchId, 'rolled-back')
    await post(second.batchId, 'retries', {})
    expect(await desk.until(second.batchId, 'done')).toMatchObject({ counts: { issued: 1, claimed: 0 } })
  })
})
