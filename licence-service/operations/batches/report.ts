// What is wrong, as the spreadsheet it came in: the reason stands beside its cell.
import type { CellValue } from 'hucre'
import type { Principal } from '../../../platform/index.ts'
import { listRows } from '../../store/batch-rows.ts'
import { unusedFiles } from '../../store/batch-scans.ts'
import type { BatchRow } from '../../store/batches.ts'
import { recordAudit } from '../../store/register.ts'
import type { Deps } from '../deps.ts'
import { type BatchBox, namePlace, openBatchBox, type RowFault } from './batch-box.ts'
import { type RowReasonCode, rowReasonWords } from './fault-words.ts'
import { targetsOf } from './mapping.ts'
import type { ReadRow } from './read-row.ts'
import { batchOf } from './take-batch.ts'

const words = {
  zh: {
    sheet: '检查结果',
    row: '行号',
    state: '结果',
    reason: '原因',
    beside: (name: string) => `${name} 的问题`,
    file: '文件',
    unused: '压缩包中的文件没有对应的行',
  },
  en: {
    sheet: 'Report',
    row: 'Row',
    state: 'Result',
    reason: 'Reason',
    beside: (name: string) => `Fault of ${name}`,
    file: 'File',
    unused: 'No row names this file of the archive.',
  },
}
const stateWords = {
  zh: { faulty: '有误', duplicate: '重复', claimed: '让与另一批次', refused: '未签发', dead: '多次失败' },
  en: {
    faulty: 'at fault',
    duplicate: 'duplicate',
    claimed: 'another batch has it',
    refused: 'refused',
    dead: 'failed',
  },
} as const
type Language = keyof typeof words
type FaultState = keyof (typeof stateWords)['zh']
const STATES: readonly FaultState[] = ['faulty', 'duplicate', 'claimed', 'refused', 'dead']
const PAGE = 1000

/**
 * Every row that is not minted and why, and behind them the files that no row names, as XLSX; who reads it is on record before the first of them is opened. What begins like a formula is a text cell, as all of it is.
 * @throws LicenceError BATCH_NOT_FOUND, BATCH_FORGOTTEN
 */
export async function writeReport(
  deps: Deps,
  caller: Principal,
  batchId: string,
  language: Language,
): Promise<AsyncIterable<Uint8Array>> {
  const batch = await batchOf(deps, caller, batchId)
  const box = openBatchBox(deps, batch)
  const said = words[language]
  const template = deps.templates.current(batch.typeCode)
  const names =
    batch.kind === 'jsonl' && template
      ? [...targetsOf(template.definition).keys()].filter((name) => !name.includes('.'))
      : batch.columns
  await recordAudit(deps.database, caller, deps.clock.now(), [{ action: 'read batch report', identifier: batchId }])
  // A large library that few requests need.
  const { writeXlsxStream } = await import('hucre')
  async function* rows(): AsyncGenerator<CellValue[]> {
    yield [said.row, said.state, said.reason, ...names.flatMap((name) => [name, said.beside(name)])]
    for (let after = 0; ; ) {
      const page = await listRows(deps.database, batchId, { after, states: STATES, limit: PAGE })
      for (const row of page) {
        const faults = row.sealedFaults ? box.openFaults(row.row, row.sealedFaults) : []
        const cells = row.sealedRow ? textsOf(box.openRow(row.row, row.sealedRow), names) : []
        const beside = (column: number | null) =>
          wordsOf(
            faults.filter((one) => one.column === column),
            language,
          )
        const reason = beside(null) || (faults.length === 0 ? reasonOf(row.lastFault, language) : '')
        const besides = names.flatMap((_, index) => [cells[index] ?? '', beside(index)])
        yield [row.row, stateWords[language][row.state as FaultState], reason, ...besides]
      }
      if (page.length < PAGE) break
      after = page.at(-1)!.row
    }
    for await (const name of unusedNames(deps, batch, box)) yield ['', said.file, said.unused, name]
  }
  return pull(writeXlsxStream(rows(), { name: said.sheet, freezePane: { rows: 1, columns: 1 } }))
}

/** Files of the ZIPs that no row names, as they are called. */
async function* unusedNames(deps: Deps, { batchId }: BatchRow, box: BatchBox): AsyncGenerator<string> {
  for (let after: Uint8Array = new Uint8Array(); ; ) {
    const page = await unusedFiles(deps.database, batchId, after, PAGE)
    for (const { mac, sealedName } of page)
      if (sealedName) yield Buffer.from(box.openBytes(namePlace(mac), sealedName)).toString()
    if (page.length < PAGE) return
    after = page.at(-1)!.mac
  }
}

const wordsOf = (faults: readonly RowFault[], language: Language): string =>
  [...new Set(faults.map((fault) => fault[language]))].join('；')

function reasonOf(code: string | null, language: Language): string {
  if (code === null) return ''
  return code in rowReasonWords ? rowReasonWords[code as RowReasonCode][language] : code
}

function textsOf(cells: ReadRow['cells'], names: readonly string[]): readonly string[] {
  if (Array.isArray(cells)) return cells as readonly string[]
  const object = cells as Readonly<Record<string, unknown>>
  return names.map((name) => {
    // A row may lack what other rows have, and a column may be called `constructor`.
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
    return text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text
  })
}

async function* pull(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value
  } finally {
    await reader.cancel()
  }
}
