// A template retired in the middle of a batch: what was prepared with it is made, nothing more is, and the rest follows the next version.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCsv, transportHeader, transportLicence, transportRow } from '../../support/batch-rows.ts'
import { engines } from '../../support/engines.ts'
import { type BatchDesk, openDesk } from './batch-desk.ts'

const ROWS = 70
const path = `/api/templates/${transportLicence}`

describe.each(engines)('a batch on $name whose template is retired meanwhile', ({ open }) => {
  let desk: BatchDesk
  let beforeSealing: () => Promise<void> = async () => undefined
  beforeAll(async () => {
    desk = await openDesk(await open(), {
      sealer: (sealer) => ({
        ...sealer,
        sealDocuments: async (caller, requests) => {
          await beforeSealing()
          return sealer.sealDocuments(caller, requests)
        },
      }),
    })
  })
  afterAll(() => desk?.close())

  const opened = async () => (await desk.ask('GET', `${path}/draft`, { by: 'editor' })).json
  const step = async (what: string, definitionDigest: string) => {
    const { status, json } = await desk.ask('POST', `${path}/${what}`, { by: 'reviewer', body: { definitionDigest } })
    expect([what, status, json.code]).toEqual([what, 200, undefined])
  }
  const versions = async () =>
    desk.house.database.query<{ version: number; state: string; licences: number }>(
      `select template_version as version, state, count(*)::integer as licences from licence.licences
       group by 1, 2 order by 1`,
      [],
    )

  it('keeps what was prepared, stops before the next rows with a code, and mints them by the version that follows', async () => {
    const rows = Array.from({ length: ROWS }, (_, index) => transportRow(index))
    const { batchId } = await desk.takeChecked(toCsv([transportHeader, ...rows]), transportLicence)
    const { definition, definitionDigest } = await opened()
    let isRetired = false
    beforeSealing = async () => {
      if (isRetired) return
      isRetired = true
      await step('retirements', definitionDigest)
    }
    await desk.start(batchId)
    const paused = await desk.until(batchId, 'paused', 'done')
    expect(['TEMPLATE_RETIRED', 'TEMPLATE_NOT_PUBLISHED']).toContain(paused.note)
    expect(paused).toMatchObject({ state: 'paused', counts: { refused: 0 } })
    const { issued } = paused.counts
    expect(issued).toBeGreaterThan(0)
    expect(issued).toBeLessThan(ROWS)
    expect(await versions()).toEqual([{ version: 1, state: 'in force', licences: issued }])

    expect((await desk.ask('POST', `/api/batches/${batchId}/resumptions`)).status).toBe(200)
    expect(await desk.until(batchId, 'paused', 'done')).toMatchObject({
      state: 'paused',
      counts: { issued, refused: 0 },
    })

    const replaces = (await opened()).definitionDigest
    const drawn = await desk.ask('PUT', `${path}/draft`, { by: 'editor', body: { definition, replaces } })
    await step('reviews', drawn.json.definitionDigest)
    await step('publications', drawn.json.definitionDigest)
    // A chunk that met a template retired is left alone for ten seconds.
    desk.house.clock.advance(11_000)
    await desk.ask('POST', `/api/batches/${batchId}/resumptions`)
    expect(await desk.until(batchId, 'done')).toMatchObject({ counts: { issued: ROWS, refused: 0 } })
    expect(await versions()).toEqual([
      { version: 1, state: 'in force', licences: issued },
      { version: 2, state: 'in force', licences: ROWS - issued },
    ])
  })
})
