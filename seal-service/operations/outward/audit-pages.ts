import { createHash, timingSafeEqual } from 'node:crypto'
import type { KeyStore, OutwardKey } from '../../../key-store/index.ts'
import type { Clock, Database } from '../../../platform/index.ts'
import { digestEntry, type EntryRow, toHex } from '../../domain/ledger.ts'
import { SealError } from '../../errors.ts'
import type { AuditSource } from '../../ports/audit-source.ts'
import type { Departments } from '../../ports/departments.ts'
import { findOwners, type LinkedRow, listLinkedRows } from '../../store/audit.ts'
import { fixTextForms, readEntries, readKeys } from '../../store/ledger.ts'
import type { OutwardCaller } from './webhooks.ts'

export interface AuditDeps {
  readonly database: Database
  readonly clock: Clock
  readonly keyStore: KeyStore
  readonly departments: Departments
  readonly outwardKey: OutwardKey
  /** Whose page it is. */
  readonly baseUrl: string
  readonly sources: readonly AuditSource[]
}

/** A signed page and where the next one begins. */
export interface AuditPage {
  /** Compact JWS (RFC 7515). */
  readonly jws: string
  readonly next: string
}

/** `typ` of a page's JWS. */
const PAGE_TYPE = 'seal-audit-page+jws'

/** Links that one page looks at, however few of them it may show. */
const MOST_LOOKED_AT = 5_000
const LOOKED_AT_ONCE = 1_000

/** Where a reader stands: opaque to him, and good for nobody else. */
interface Position {
  readonly department: string
  readonly ledger: string
  readonly others: Readonly<Record<string, string>>
  /** SHA-256 of the payload of the page before; null on the first. */
  readonly previous: string | null
}

/**
 * The next page for the city's supervision (电子监察): what the ledger has linked, and what other rooms recorded, of departments in the
 * caller's range, in one order for ever. Each page names the digest of the one before it. Throws `AUDIT_POSITION_UNKNOWN` for an `after`
 * that this house did not give this department.
 */
export async function readAuditPage(
  deps: AuditDeps,
  caller: OutwardCaller,
  { after, most }: { readonly after: string | undefined; readonly most: number },
): Promise<AuditPage> {
  const position = openPosition(deps, caller.departmentCode, after)
  const codes = await deps.departments.codesWithin(caller.departmentCode)
  const ledger = await readLedger(deps.database, BigInt(position.ledger), new Set(codes), most)
  const others = await Promise.all(
    deps.sources.map(async (source) => ({
      name: source.name,
      records: await source.read(codes, BigInt(position.others[source.name] ?? 0), most),
    })),
  )
  const payload = JSON.stringify({
    issuer: deps.baseUrl,
    department: caller.departmentCode,
    issuedAt: deps.clock.now().toISOString(),
    after: { ledger: position.ledger, ...position.others },
    previous: position.previous,
    isLast: ledger.isLast && others.every(({ records }) => records.length < most),
    ledger: ledger.shown,
    ...Object.fromEntries(others.map(({ name, records }) => [name, records.map(toShown)])),
  })
  const next: Position = {
    department: caller.departmentCode,
    ledger: ledger.upTo.toString(),
    others: Object.fromEntries(
      others.map(({ name, records }) => [
        name,
        (records.at(-1)?.sequence ?? BigInt(position.others[name] ?? 0)).toString(),
      ]),
    ),
    previous: createHash('sha256').update(payload).digest('hex'),
  }
  return { jws: await deps.outwardKey.sign(PAGE_TYPE, payload), next: sealPosition(deps, next) }
}

const toShown = ({ sequence, at, departmentCode, record }: Awaited<ReturnType<AuditSource['read']>>[number]) => ({
  sequence: sequence.toString(),
  at: at.toISOString(),
  departmentCode,
  record,
})

interface ShownLink {
  readonly sequence: string
  readonly table: string
  readonly key: unknown
  /** The row; null where it is gone. */
  readonly row: EntryRow | null
  /** Whether the row is as it was when it was linked. */
  readonly isIntact: boolean
  readonly entryDigest: string
  readonly linkDigest: string
  readonly linkedAt: string
}

async function readLedger(
  database: Database,
  after: bigint,
  codes: ReadonlySet<string>,
  most: number,
): Promise<{ readonly shown: ShownLink[]; readonly upTo: bigint; readonly isLast: boolean }> {
  const shown: ShownLink[] = []
  let upTo = after
  for (let looked = 0; looked < MOST_LOOKED_AT; ) {
    const links = await listLinkedRows(database, upTo, LOOKED_AT_ONCE)
    if (links.length === 0) return { shown, upTo, isLast: true }
    for (const { link, row } of await withRows(database, links, codes)) {
      if (shown.length === most) return { shown, upTo, isLast: false }
      if (row !== null) shown.push(toShownLink(link, row.entry))
      upTo = link.sequence
    }
    looked += links.length
  }
  return { shown, upTo, isLast: false }
}

function toShownLink(link: LinkedRow, entry: EntryRow | undefined): ShownLink {
  const digest = digestEntry(link.table, entry)
  return {
    sequence: link.sequence.toString(),
    table: link.table,
    key: JSON.parse(link.key),
    row: entry ?? null,
    isIntact: entry !== undefined && Buffer.compare(digest, link.entryDigest) === 0,
    entryDigest: toHex(link.entryDigest),
    linkDigest: toHex(link.linkDigest),
    linkedAt: link.linkedAt.toISOString(),
  }
}

/** Each link with its row, null where that is nothing of these departments. A row that is gone is everybody's concern. */
async function withRows(
  database: Database,
  links: readonly LinkedRow[],
  codes: ReadonlySet<string>,
): Promise<readonly { readonly link: LinkedRow; readonly row: { readonly entry: EntryRow | undefined } | null }[]> {
  const entries = await readRows(database, links)
  const found = [...entries.values()]
  const owners = await findOwners(
    database,
    found.flatMap((entry) => entry['seal_id'] ?? []),
    found.flatMap((entry) => entry['kid'] ?? []),
  )
  const isConcerned = (entry: EntryRow): boolean => {
    const { seal_id: sealId = '', kid = '' } = entry
    const concerned = [entry['department_code'], entry['caller_department'], owners.get(sealId), owners.get(kid)]
    return concerned.some((code) => code !== undefined && codes.has(code))
  }
  return links.map((link) => {
    const entry = entries.get(`${link.table} ${link.key}`)
    return { link, row: entry === undefined || isConcerned(entry) ? { entry } : null }
  })
}

function readRows(database: Database, links: readonly LinkedRow[]): Promise<ReadonlyMap<string, EntryRow>> {
  const byTable = Map.groupBy(links, ({ table }) => table)
  return database.transaction(async (tx) => {
    await fixTextForms(tx)
    const keys = await readKeys(tx, [...byTable.keys()])
    const rows = new Map<string, EntryRow>()
    for (const [table, members] of byTable) {
      const columns = keys.get(table)
      if (columns === undefined) continue
      const entries = await readEntries(
        tx,
        table,
        columns,
        members.map(({ key }) => key),
      )
      for (const [key, entry] of entries) rows.set(`${table} ${key}`, entry)
    }
    return rows
  })
}

const MAC_KEY = 'audit-position'

function sealPosition({ keyStore }: AuditDeps, position: Position): string {
  const text = Buffer.from(JSON.stringify(position))
  return `${text.toString('base64url')}.${Buffer.from(keyStore.macKey(MAC_KEY).mac(text)).toString('base64url')}`
}

function openPosition({ keyStore }: AuditDeps, department: string, after: string | undefined): Position {
  if (after === undefined) return { department, ledger: '0', others: {}, previous: null }
  const [text, mac] = after.split('.').map((part) => Buffer.from(part, 'base64url'))
  const isOurs = text !== undefined && mac?.length === 32 && timingSafeEqual(mac, keyStore.macKey(MAC_KEY).mac(text))
  const position = isOurs ? (JSON.parse(text.toString('utf8')) as Position) : undefined
  if (position?.department === department) return position
  throw new SealError('AUDIT_POSITION_UNKNOWN', 'this position was not given to your department by this house')
}
