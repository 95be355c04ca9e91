import type { Answer, Route } from '../../platform/http/index.ts'
import { PlatformError, type Principal } from '../../platform/index.ts'
import {
  cancelBatch,
  checkBatch,
  mapBatch,
  pauseBatch,
  resumeBatch,
  retryRows,
  rollBackBatch,
  startBatch,
} from '../operations/batches/control-batch.ts'
import { MOST_FILE_BYTES } from '../operations/batches/open-source.ts'
import { MOST_ZIP_BYTES } from '../operations/batches/read-pictures.ts'
import { writeReport } from '../operations/batches/report.ts'
import {
  decideSamples,
  drawSamples,
  listSampleScans,
  previewSample,
  readSampleScan,
  samplesOf,
} from '../operations/batches/samples.ts'
import { addPictures, addRows, batchOf, mappingsFor, takeBatch } from '../operations/batches/take-batch.ts'
import { listBatches, listBatchRows, viewBatch } from '../operations/batches/view-batch.ts'
import type { Deps } from '../operations/deps.ts'
import type { BatchRow } from '../store/batches.ts'
import { json, pdf, scanFile } from './answers.ts'
import * as schemas from './batch-schemas.ts'
import { defineRoute } from './permissions.ts'

const tag = 'Batches'
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const tableTypes = [XLSX, 'text/csv', 'application/x-ndjson', 'application/jsonl', 'application/octet-stream']
const batchAnswers = (status: 200 | 201, description: string) => ({
  [status]: { description, schema: schemas.batchAnswer },
})
const found = ['BATCH_NOT_FOUND', 'LICENCE_TYPE_NOT_ASSIGNED', 'BATCH_STATE_REFUSED', 'BATCH_FORGOTTEN']

/** Batches of the own department: take, map, check, sample, mint, and take back. */
export function batchRoutes(deps: Deps): Route[] {
  const view = async (status: number, batch: BatchRow): Promise<Answer> => json(status, await viewBatch(deps, batch))
  return [...intakeRoutes(deps, view), ...actRoutes(deps, view), ...sampleRoutes(deps, view), ...readRoutes(deps, view)]
}

type View = (status: number, batch: BatchRow) => Promise<Answer>

const intakeRoutes = (deps: Deps, view: View): Route[] => [
  defineRoute({
    method: 'post',
    path: '/api/batches',
    permission: 'batches:run',
    summary: 'Takes a table (XLSX, CSV, JSON Lines), or opens a batch whose rows come through the API',
    tag,
    idempotent: true,
    query: schemas.uploadQuery,
    body: schemas.openBody,
    rawBody: { mediaTypes: tableTypes, maxBytes: MOST_FILE_BYTES },
    answers: batchAnswers(201, 'The batch, with the names of its columns'),
    problems: [
      'BATCH_FILE_INVALID',
      'LICENCE_TYPE_UNKNOWN',
      'LICENCE_TYPE_NOT_ASSIGNED',
      'LICENCE_BODY_MISSING',
      'IDEMPOTENCY_KEY_REUSED',
    ],
    handle: async ({ principal, query, body, bytes, idempotency }) => {
      const { typeCode, title } = body ?? query
      if (typeCode === undefined || title === undefined) throw missing(typeCode === undefined ? 'typeCode' : 'title')
      return view(201, await takeBatch(deps, principal, { key: idempotency!.key, typeCode, title, file: bytes }))
    },
  }),
  defineRoute({
    method: 'post',
    path: '/api/batches/{batchId}/rows',
    permission: 'batches:run',
    summary: 'Adds rows as JSON objects, by the names of the fields',
    tag,
    idempotent: true,
    params: schemas.batchParams,
    body: schemas.rowsBody,
    maxBodyBytes: 16 << 20,
    answers: batchAnswers(201, 'The batch'),
    problems: [...found, 'BATCH_FILE_INVALID', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ principal, params: { batchId }, body: { rows }, idempotency }) =>
      view(201, await addRows(deps, principal, { batchId, key: idempotency!.key, rows })),
  }),
  defineRoute({
    method: 'post',
    path: '/api/batches/{batchId}/attachments',
    permission: 'batches:run',
    summary: 'Takes a ZIP of photos and scans (JPEG, PNG, PDF) that rows name by their files',
    tag,
    idempotent: true,
    params: schemas.batchParams,
    rawBody: { mediaTypes: ['application/zip', 'application/octet-stream'], maxBytes: MOST_ZIP_BYTES },
    answers: { 201: { description: 'How many files it held', schema: schemas.picturesAnswer } },
    problems: [...found, 'BATCH_FILE_INVALID'],
    handle: async ({ principal, params, bytes }) =>
      json(201, { pictures: await addPictures(deps, principal, params.batchId, bytes!) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/mappings',
    permission: 'batches:run',
    summary: 'What the columns become by themselves, and what the department used before',
    tag,
    params: schemas.batchParams,
    answers: { 200: { description: 'Mappings', schema: schemas.mappingsAnswer } },
    problems: ['BATCH_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      json(200, await mappingsFor(deps, await batchOf(deps, principal, params.batchId))),
  }),
  defineRoute({
    method: 'put',
    path: '/api/batches/{batchId}/mapping',
    permission: 'batches:run',
    summary: 'Says which column becomes which field',
    tag,
    params: schemas.batchParams,
    body: schemas.mappingBody,
    answers: batchAnswers(200, 'The batch'),
    problems: [...found, 'BATCH_MAPPING_INVALID', 'BATCH_FILE_INVALID'],
    handle: async ({ principal, params, body }) => view(200, await mapBatch(deps, principal, params.batchId, body)),
  }),
]

const missing = (name: string) =>
  new PlatformError('REQUEST_INVALID', `1 fault(s) in the request`, {
    faults: [{ pointer: `/query/${name}`, code: 'MISSING', detail: 'required beside a file' }],
  })

/** An act without anything to say but itself. */
interface PlainAct {
  readonly path: string
  readonly summary: string
  readonly problems?: readonly string[]
  readonly act: (deps: Deps, caller: Principal, batchId: string) => Promise<BatchRow>
}

const plainActs: readonly PlainAct[] = [
  { path: 'checks', summary: 'Reads and checks every row', act: checkBatch },
  { path: 'starts', summary: 'Mints the good rows, in the name of whoever asks', act: startBatch },
  { path: 'pauses', summary: 'Stops after the groups under way', act: pauseBatch },
  { path: 'resumptions', summary: 'Goes on, in the name of whoever asks', act: resumeBatch },
  { path: 'cancellations', summary: 'Mints nothing more; what was issued stays', act: cancelBatch },
]

/** What the routes of acts on a batch have in common. */
const actOnBatch = (path: string) =>
  ({
    method: 'post',
    path: `/api/batches/{batchId}/${path}`,
    tag,
    params: schemas.batchParams,
    answers: batchAnswers(200, 'The batch'),
  }) as const

const actRoutes = (deps: Deps, view: View): Route[] => [
  ...plainActs.map(({ path, summary, act }) =>
    defineRoute({
      ...actOnBatch(path),
      permission: 'batches:run',
      summary,
      problems: found,
      handle: async ({ principal, params }) => view(200, await act(deps, principal, params.batchId)),
    }),
  ),
  defineRoute({
    ...actOnBatch('retries'),
    permission: 'batches:run',
    summary: 'Tries rows again that were refused or failed: all of them, or those named',
    body: schemas.retryBody,
    problems: [...found, 'BATCH_NOTHING_TO_RETRY'],
    handle: async ({ principal, params, body }) =>
      view(200, await retryRows(deps, principal, params.batchId, body.rows)),
  }),
  defineRoute({
    ...actOnBatch('rollbacks'),
    permission: 'licences:review',
    summary: 'Cancels every licence of the batch as issued in error; by another person, with a security key',
    body: schemas.rollbackBody,
    problems: [...found, 'BATCH_SAME_PERSON', 'STEP_UP_REQUIRED'],
    handle: async ({ principal, params, body }) =>
      view(200, await rollBackBatch(deps, principal, params.batchId, body.reason)),
  }),
]

const sampleRoutes = (deps: Deps, view: View): Route[] => [
  defineRoute({
    ...actOnBatch('samples'),
    permission: 'batches:run',
    summary: 'Draws rows by chance for a second person to look at',
    body: schemas.sampleBody,
    problems: [...found, 'BATCH_NOTHING_VALID'],
    handle: async ({ principal, params, body }) =>
      view(200, await drawSamples(deps, principal, params.batchId, body.count)),
  }),
  defineRoute({
    ...actOnBatch('samples/approvals'),
    permission: 'licences:review',
    summary: 'The second person approves the samples, having looked at each, or refuses them',
    body: schemas.decisionBody,
    problems: [...found, 'BATCH_SAME_PERSON', 'BATCH_SAMPLES_UNSEEN'],
    handle: async ({ principal, params, body }) =>
      view(200, await decideSamples(deps, principal, params.batchId, body.decision)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/samples',
    permission: 'licences:read',
    summary: 'The rows drawn, and who looked at them',
    tag,
    params: schemas.batchParams,
    answers: { 200: { description: 'Samples', schema: schemas.samplesAnswer } },
    problems: ['BATCH_NOT_FOUND'],
    handle: async ({ principal, params }) => json(200, { items: await samplesOf(deps, principal, params.batchId) }),
  }),
  defineRoute({
    method: 'post',
    path: '/api/batches/{batchId}/samples/{row}/previews',
    permission: 'licences:review',
    summary: 'A sample as the licence it would become; the look is on record',
    tag,
    params: schemas.sampleParams,
    answers: { 200: { description: 'The specimen', contentType: 'application/pdf' } },
    problems: ['BATCH_NOT_FOUND', 'BATCH_ROW_NOT_FOUND', 'BATCH_FORGOTTEN', 'LICENCE_DATA_INVALID'],
    handle: async ({ principal, params }) => pdf(await previewSample(deps, principal, params.batchId, params.row)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/samples/{row}/scans',
    permission: 'licences:review',
    summary: 'The scans of the paper behind a sample',
    tag,
    params: schemas.sampleParams,
    answers: { 200: { description: 'The scans, in order', schema: schemas.sampleScansAnswer } },
    problems: ['BATCH_NOT_FOUND', 'BATCH_ROW_NOT_FOUND', 'BATCH_FORGOTTEN'],
    handle: async ({ principal, params }) =>
      json(200, { items: await listSampleScans(deps, principal, params.batchId, params.row) }),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/samples/{row}/scans/{place}',
    permission: 'licences:review',
    summary: 'One of them as it was in its ZIP; the look is on record',
    tag,
    params: schemas.sampleScanParams,
    answers: { 200: { description: 'The file', contentType: 'application/octet-stream' } },
    problems: ['BATCH_NOT_FOUND', 'BATCH_ROW_NOT_FOUND', 'BATCH_FORGOTTEN', 'SCAN_NOT_FOUND'],
    handle: async ({ principal, params }) =>
      scanFile(await readSampleScan(deps, principal, params), `${params.row}-${params.place}`),
  }),
]

const readRoutes = (deps: Deps, view: View): Route[] => [
  defineRoute({
    method: 'get',
    path: '/api/batches',
    permission: 'licences:read',
    summary: 'Lists the batches that the department has in hand, newest first',
    tag,
    query: schemas.listQuery,
    answers: { 200: { description: 'A page of the list', schema: schemas.listAnswer } },
    problems: ['LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, query }) => json(200, await listBatches(deps, principal, query)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}',
    permission: 'licences:read',
    summary: 'A batch with its counts, its pace and what is left',
    tag,
    params: schemas.batchParams,
    answers: batchAnswers(200, 'The batch'),
    problems: ['BATCH_NOT_FOUND'],
    handle: async ({ principal, params }) => view(200, await batchOf(deps, principal, params.batchId)),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/rows',
    permission: 'licences:read',
    summary: 'Rows by their numbers, with the codes of their faults; nothing that they say',
    tag,
    params: schemas.batchParams,
    query: schemas.rowsQuery,
    answers: { 200: { description: 'A page of the rows', schema: schemas.rowsAnswer } },
    problems: ['BATCH_NOT_FOUND', 'LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, params, query: { state, ...page } }) =>
      json(200, await listBatchRows(deps, principal, params.batchId, { ...page, states: state ? [state] : null })),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/dead-letters',
    permission: 'licences:read',
    summary: 'Rows that came to nothing in minting, and why',
    tag,
    params: schemas.batchParams,
    query: schemas.pageQuery,
    answers: { 200: { description: 'A page of the rows', schema: schemas.rowsAnswer } },
    problems: ['BATCH_NOT_FOUND', 'LICENCE_CURSOR_INVALID'],
    handle: async ({ principal, params, query }) =>
      json(
        200,
        await listBatchRows(deps, principal, params.batchId, { ...query, states: ['refused', 'dead', 'claimed'] }),
      ),
  }),
  defineRoute({
    method: 'get',
    path: '/api/batches/{batchId}/report.xlsx',
    permission: 'batches:run',
    summary: 'Every row that is not minted, as a spreadsheet with the reason beside its cell',
    tag,
    params: schemas.batchParams,
    query: schemas.reportQuery,
    answers: { 200: { description: 'The report', contentType: XLSX } },
    problems: ['BATCH_NOT_FOUND', 'BATCH_FORGOTTEN'],
    handle: async ({ principal, params: { batchId }, query: { language } }) => ({
      status: 200,
      stream: await writeReport(deps, principal, batchId, language),
      contentType: XLSX,
      headers: { 'Cache-Control': 'no-store', 'Content-Disposition': `attachment; filename="${batchId}.xlsx"` },
    }),
  }),
]
