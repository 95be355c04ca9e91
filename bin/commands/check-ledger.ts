// `check-ledger`: recomputes the ledger of uses from its rows and names what does not fit. Exit 0 iff nothing is wrong.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, loadConfig, openDatabase } from '../../platform/index.ts'
import { checkLedger, hasLedger, type LedgerFault, type LedgerReport } from '../../seal-service/index.ts'
import { shown } from '../../verifier/index.ts'
import { callerPath } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { ledgerFolderOf, readLedgerFolder } from '../ledger-folder.ts'
import { readTrustFolder, trustFolderOf } from '../trust-folder.ts'

export interface CheckLedgerOptions {
  readonly json?: true
  readonly trust?: string
  readonly heads?: string
}

/**
 * Reads the database alone, and beside it roots and heads from the data folder or from where they were carried: a server on PostgreSQL
 * may go on meanwhile. Throws LEDGER_ABSENT, TRUST_FOLDER_EMPTY, DATA_FOLDER_IN_USE.
 */
export async function checkLedgerOf({ json, trust, heads }: CheckLedgerOptions): Promise<void> {
  const { dataDir, databaseUrl } = loadConfig()
  const { anchors } = await readTrustFolder(trust === undefined ? trustFolderOf(dataDir) : callerPath(trust))
  const witness = await readLedgerFolder(heads === undefined ? ledgerFolderOf(dataDir) : callerPath(heads))
  const isSigned = [witness.head, ...witness.checkpoints].some((text) => text !== null && !text.startsWith('{'))
  if (anchors.length === 0 && isSigned)
    throw new CommandError('TRUST_FOLDER_EMPTY', 'no root is known by which signed heads could be judged: name --trust')
  const database = await openExisting(dataDir, databaseUrl)
  try {
    if (!(await hasLedger(database)))
      throw new CommandError('LEDGER_ABSENT', 'this database holds no ledger: start the house once')
    const report = await checkLedger(database, {
      trust: anchors.length === 0 ? null : { anchors },
      witness,
      ...(!json && process.stderr.isTTY && { onProgress: tellProgress }),
    })
    if (!report.sound) process.exitCode = 1
    console.log(json ? JSON.stringify(report) : linesOf(report).join('\n'))
  } finally {
    await database.close()
  }
}

/** A check makes no database. */
async function openExisting(dataDir: string, url: string | undefined): Promise<Database> {
  if (url !== undefined) return openDatabase({ url, maxConnections: 1 })
  const folder = join(dataDir, 'database')
  if (!existsSync(folder)) throw new CommandError('LEDGER_ABSENT', `there is no database in ${dataDir}`)
  return openDatabase({ folder })
}

function tellProgress(sequence: number): void {
  process.stderr.write(`\r  ${sequence} `)
}

function linesOf({ sound, links, checkpoints, head, waiting, faultCount, faults }: LedgerReport): string[] {
  const { signed, unsigned, timeStamped } = checkpoints
  return [
    sound ? '台账完好 the ledger is sound' : `台账有误 ${faultCount} faults in the ledger`,
    `  链 links: ${links}; 待链 waiting: ${waiting}`,
    `  检查点 checkpoints: ${signed} signed, ${unsigned} not signed, ${timeStamped} time-stamped`,
    ...(head === null
      ? links === 0
        ? []
        : ['  没有链尾凭证 nobody bears witness of the end: a cut there would not be found']
      : [headLine(head)]),
    ...faults.map(faultLine),
    ...(faultCount > faults.length ? [`  … ${faultCount - faults.length}`] : []),
  ]
}

function headLine({ sequence, signed, outside }: NonNullable<LedgerReport['head']>): string {
  const by = signed ? '已签名 signed' : '未签名：无可用证书 not signed: no certificate could be had'
  const where = outside ? '存于数据库外 kept outside the database' : '仅存于数据库内 in the database alone'
  return `  链尾 head: ${sequence}; ${by}; ${where}`
}

function faultLine({ code, sequence, table, key, detail }: LedgerFault): string {
  const place = [sequence === undefined ? '' : `#${sequence}`, table ?? '', key === undefined ? '' : shown(key)]
  return `  ${[code, ...place.filter(Boolean)].join(' ')}: ${shown(detail)}`
}
