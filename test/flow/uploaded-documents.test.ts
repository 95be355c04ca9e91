// A notice that is no licence: uploaded, sealed over its edges and at a text, and accepted by the public check of the same house.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePdf } from '../pades/documents.ts'
import { type RunningHouse, startHouse } from '../support/running-house.ts'

let running: RunningHouse
let sealId: string
beforeAll(async () => {
  running = await startHouse()
  sealId = (await running.call('/api/seals', { key: running.issuers.market })).json.items[0].id
})
afterAll(() => running?.close())

const order = encodeURIComponent(
  JSON.stringify({ places: [{ at: 'text', text: 'Page 3', occurrence: 'last', up: 40, right: 60 }, { at: 'edge' }] }),
)
const upload = async (changed: object = {}) =>
  running.call(`/api/seals/${sealId}/documents?order=${order}`, {
    key: running.issuers.market,
    once: crypto.randomUUID(),
    bytes: await makePdf({ pages: 3 }),
    headers: { 'content-type': 'application/pdf' },
    ...changed,
  })

it('seals nothing for who has no leave for documents', async () => {
  expect((await upload()).json).toMatchObject({ status: 403, code: 'SEAL_NOT_AUTHORISED' })
  expect((await upload({ key: running.viewers.market })).json).toMatchObject({ code: 'PERMISSION_DENIED' })
})

it('seals a document that the public check then accepts', async () => {
  await running.house.database.query(
    `insert into seal.authorisations (seal_id, grantee_kind, grantee, purposes, runs_from, needs_second_person, granted_at, granted_by)
     values ($1, 'role', 'issuer', array['documents'], $2, false, $2, 'test')`,
    [sealId, new Date(running.clock.now().getTime() - 1000)],
  )
  const sealed = await upload()
  expect([sealed.status, sealed.headers.get('seal-level')]).toEqual([201, 'B-LT'])
  const checked = await running.call('/api/verifications', {
    bytes: sealed.bytes,
    headers: { 'content-type': 'application/pdf' },
  })
  expect(checked.json).toMatchObject({
    verdict: 'accepted',
    indication: 'TOTAL-PASSED',
    documentChangedAfterSeal: false,
    signatures: [{ level: 'B-LT', byteRange: 'ok' }],
  })
})

it('seals a batch in the background', async () => {
  const form = new FormData()
  form.append('order', decodeURIComponent(order))
  for (let i = 0; i < 3; i++) form.append('document', new Blob([(await makePdf({ pages: 3 })) as BlobPart]), `${i}.pdf`)
  const headers = { authorization: `Bearer ${running.issuers.market}`, 'idempotency-key': 'batch' }
  const taken = await fetch(`${running.url}/api/seals/${sealId}/documents`, { method: 'POST', headers, body: form })
  expect(taken.status).toBe(202)
  await running.house.seals.documents.sealWaiting()
  const done = await running.call(taken.headers.get('location')!, { key: running.issuers.market })
  expect(done.json).toMatchObject({ state: 'done', total: 3, sealed: 3 })
  const content = await running.call(done.json.documents[1].content, { key: running.issuers.market })
  expect(content.headers.get('content-type')).toBe('application/pdf')
})
