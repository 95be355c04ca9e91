// What a batch says of its holders is kept under a data key of its own.
import type { Queryable } from '../../../platform/index.ts'
import { LicenceError } from '../../errors.ts'
import { fileBlobs, pictureBlobs } from '../../store/batch-files.ts'
import type { BatchFile } from '../../store/batch-scans.ts'
import type { Deps } from '../deps.ts'
import { type ContentBox, createBox, keyedHash, openBox } from '../sealed-content.ts'
import type { ReadRow } from './read-row.ts'

const PIECE = 4 << 20
/** Who reads holds so many pieces of a file. */
const PUT_TOGETHER = 8

export interface RowFault {
  /** From 0; null for the whole row. */
  readonly column: number | null
  readonly code: string
  readonly zh: string
  readonly en: string
}

export interface BatchBox {
  sealRow(row: number, cells: ReadRow['cells']): Uint8Array
  openRow(row: number, sealed: Uint8Array): ReadRow['cells']
  sealFaults(row: number, faults: readonly RowFault[]): Uint8Array
  openFaults(row: number, sealed: Uint8Array): readonly RowFault[]
  sealBytes(place: string, bytes: Uint8Array): Uint8Array
  openBytes(place: string, sealed: Uint8Array): Uint8Array
}

const scopeOf = (batchId: string) => `batch:${batchId}`

export function createBatchBox(deps: Deps, batchId: string): { box: BatchBox; wrapped: Uint8Array } {
  const { box, wrapped } = createBox(deps, scopeOf(batchId))
  return { box: boxOver(box), wrapped }
}

/** @throws LicenceError BATCH_FORGOTTEN when its data key was destroyed */
export function openBatchBox(
  deps: Deps,
  { batchId, wrappedDataKey }: { readonly batchId: string; readonly wrappedDataKey: Uint8Array | null },
): BatchBox {
  if (!wrappedDataKey)
    throw new LicenceError('BATCH_FORGOTTEN', 'what this batch said of its holders is no longer kept')
  return boxOver(openBox(deps, { identifier: scopeOf(batchId), wrappedDataKey }))
}

/** The place stands within what is sealed, so that no row can be passed off as another. */
function boxOver(box: ContentBox): BatchBox {
  const open = (row: number, sealed: Uint8Array): unknown => {
    const [place, value] = JSON.parse(Buffer.from(box.open('data', sealed)).toString()) as [number, unknown]
    if (place !== row) throw damaged()
    return value
  }
  const seal = (row: number, value: unknown) => box.seal('data', Buffer.from(JSON.stringify([row, value])))
  return {
    sealRow: seal,
    openRow: (row, sealed) => open(row, sealed) as ReadRow['cells'],
    sealFaults: (row, faults) => seal(-row, faults),
    openFaults: (row, sealed) => open(-row, sealed) as readonly RowFault[],
    sealBytes: (place, bytes) => box.seal('document', Buffer.concat([Buffer.from(`${place}\n`), bytes])),
    openBytes: (place, sealed) => {
      const opened = box.open('document', sealed)
      const head = Buffer.from(`${place}\n`)
      if (!head.equals(opened.subarray(0, head.length))) throw damaged()
      return opened.subarray(head.length)
    },
  }
}

const damaged = () => new LicenceError('LICENCE_CONTENT_DAMAGED', 'a stored part of a batch is not where it belongs')

/** Puts a file sealed piece by piece; answers the pieces' blobs. `part` names it within the batch. */
export async function putFile(deps: Deps, box: BatchBox, part: string, bytes: Uint8Array): Promise<string[]> {
  const blobs: string[] = []
  const count = Math.max(1, Math.ceil(bytes.length / PIECE))
  for (let first = 0; first < count; first += PUT_TOGETHER) {
    const some = Array.from({ length: Math.min(PUT_TOGETHER, count - first) }, (_, offset) => {
      const piece = first + offset
      return box.sealBytes(`file:${part}:${piece}`, bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
    })
    blobs.push(...(await deps.blobs.putMany(some)))
  }
  return blobs
}

/** The files of a batch in their order, one after the other. */
export async function* openFiles(deps: Deps, box: BatchBox, batchId: string): AsyncGenerator<Uint8Array> {
  const pieces = await fileBlobs(deps.database, batchId)
  for (const own of Map.groupBy(pieces, ({ file }) => file).values()) {
    const opened: Uint8Array[] = []
    for (const { piece, part, blob } of own)
      opened.push(box.openBytes(`file:${part}:${piece}`, await deps.blobs.get(blob)))
    yield Buffer.concat(opened)
  }
}

/** File names as people type them in a table: without folders, in one form and case. */
export const plainName = (name: string): string => fold(name.split(/[\\/]/).at(-1)!)
const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase()

export const pictureMac = (deps: Deps, batchId: string, name: string): Uint8Array =>
  keyedHash(deps, 'batch-picture', `${batchId}\n${plainName(name)}`)

/** By what a row tells of the beginning of its files' names. */
export const beginningMac = (deps: Deps, batchId: string, beginning: string): Uint8Array =>
  keyedHash(deps, 'batch-picture-beginning', `${batchId}\n${fold(beginning)}`)

/** The number of a page behind a name: 甲-2, 甲_02, 甲 2, 甲(2). */
const PAGE = /(?:[-_ ]\d{1,3}|\s?\(\d{1,3}\))$/

const stemOf = (name: string): string => plainName(name).replace(/\.[^.]*$/, '')

/** What a file's name begins with: all before its ending, and that without the number of a page; null where there is none. */
export function beginningsOf(deps: Deps, batchId: string, name: string) {
  const stem = stemOf(name)
  const page = stem.replace(PAGE, '')
  return {
    stemMac: beginningMac(deps, batchId, stem),
    pageMac: page === stem || page === '' ? null : beginningMac(deps, batchId, page),
  }
}

/** The number of the page behind a file's name; 0 where there is none. */
export const pageNumber = (name: string): number => Number(/\d+/.exec(PAGE.exec(stemOf(name))?.[0] ?? '')?.[0] ?? 0)

/** Where in a box the name of a file is sealed. */
export const namePlace = (mac: Uint8Array): string => `picture-name:${Buffer.from(mac).toString('hex')}`

/** Where in a box a picture is sealed. */
export const picturePlace = (mac: Uint8Array): string => `picture:${Buffer.from(mac).toString('hex')}`

/** A file of a ZIP as it was in it. */
export const openBatchFile = async (deps: Deps, box: BatchBox, { mac, blob }: BatchFile): Promise<Uint8Array> =>
  box.openBytes(picturePlace(mac), await deps.blobs.get(blob))

/** The pictures of rows, in base64 by the name that the row gives; those that are not there are left out. */
export async function readPictures(
  deps: Deps,
  db: Queryable,
  box: BatchBox,
  batchId: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  if (names.length === 0) return found
  const macs = names.map((name) => ({ name, mac: pictureMac(deps, batchId, name) }))
  const blobs = await pictureBlobs(
    db,
    batchId,
    macs.map(({ mac }) => mac),
  )
  for (const { name, mac } of macs) {
    const blob = blobs.get(Buffer.from(mac).toString('hex'))
    if (blob !== undefined)
      found.set(name, Buffer.from(box.openBytes(picturePlace(mac), await deps.blobs.get(blob))).toString('base64'))
  }
  return found
}
