import { setTimeout as wait } from 'node:timers/promises'
import { eseal, x509 } from '../../../pki/index.ts'
import { type Clock, type Database, type Log, PlatformError } from '../../../platform/index.ts'
import {
  type DeactivationKind,
  type Filing,
  type FilingFacts,
  type FilingTask,
  filingFields,
  filingWaitMs,
  formatRecordNumber,
  REFUSED_WAIT_MS,
} from '../../domain/filing.ts'
import { SealError } from '../../errors.ts'
import type { NationalStatusSystem } from '../../ports/national-status-system.ts'
import type { FilingRecord, SealPublisher } from '../../ports/seal-publisher.ts'
import {
  countWaitingFilings,
  type FilingOrder,
  findFilingRow,
  insertFilingOrder,
  leaseFilingOrders,
  listFilingOrders,
  postponeFilingOrder,
  settleFilingOrder,
} from '../../store/filing-orders.ts'

/** What filing needs of the service. */
export interface FilingDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log?: Log
  /** Left out: the house files with itself. */
  readonly statusSystem?: NationalStatusSystem
  /** Who makes the seals (制章点). */
  readonly makerName: string
}

export interface FilingDesk extends SealPublisher {
  /** Tells what is due, until nothing more is; safe in several processes at once. */
  fileDue(): Promise<{ readonly filed: number; readonly failed: number }>
  /** How many filings wait, and since when the oldest. */
  waiting(): Promise<{ readonly count: number; readonly oldest: Date | null }>
}

/** Longer than any attempt lasts: who does not come back within it is gone. */
const LEASE_MS = 60_000
const AT_ONCE = 8
/** A renewal is told with its new SESeal, which follows within moments; one that is not made by then keeps nothing waiting. */
const ATTEMPTS_WITHOUT_ESEAL = 4
/** What another process has begun to tell is waited for a few seconds: mostly it is done by then. */
const WAIT_MS = 50
const MOST_WAITS = 100

/**
 * Files seals (备案) with the publisher by a queue on record: what was ordered is told until it is done, of each seal in the order in which
 * it happened, over restarts. Renewals and deactivations are ordered by the seal's own events, in their transaction.
 */
export function createFilingDesk(deps: FilingDeps): FilingDesk {
  const { database, clock } = deps

  const lease = (sealId?: string) => {
    const at = clock.now()
    const until = new Date(at.getTime() + LEASE_MS)
    return leaseFilingOrders(database, { at, until, most: AT_ONCE, ...(sealId !== undefined && { sealId }) })
  }

  /** Works off what waits of one seal until the wanted filing is done, or one before it fails. */
  const hasten = async (sealId: string, isWanted: (order: FilingOrder) => boolean): Promise<FilingRecord> => {
    for (let waits = 0; ; ) {
      const wanted = (await listFilingOrders(database, sealId)).filter(isWanted)
      const done = wanted.find(({ state }) => state === 'filed')
      const isOpen = wanted.some(({ state }) => state === 'waiting')
      if (done !== undefined && !isOpen) return { recordNumber: done.recordNumber!, at: done.filedAt! }
      const [order] = await lease(sealId)
      if (order === undefined) {
        if (++waits > MOST_WAITS) throw pending('another process is telling the publisher')
        await wait(WAIT_MS)
        continue
      }
      const fault = await attempt(deps, order)
      if (fault !== null) throw fault
    }
  }

  const file = async (sealId: string, task: FilingTask, kind: DeactivationKind | null): Promise<FilingRecord> => {
    const isWanted = (order: FilingOrder) => order.task === task && order.kind === kind
    const known = (await listFilingOrders(database, sealId)).some(isWanted)
    if (!known) await insertFilingOrder(database, { sealId, task, kind }, 'asked', clock.now())
    return hasten(sealId, isWanted)
  }

  return {
    release: ({ id }) => file(id, 'release', null),
    renew: ({ id }) => file(id, 'renew', null),
    deactivate: ({ id }, kind) => file(id, 'deactivate', kind),
    async fileDue() {
      const count = { filed: 0, failed: 0 }
      for (;;) {
        const orders = await lease()
        if (orders.length === 0) return count
        const faults = await Promise.all(orders.map((order) => attempt(deps, order)))
        for (const fault of faults) fault === null ? count.filed++ : count.failed++
      }
    },
    waiting: () => countWaitingFilings(database),
  }
}

const pending = (why: string, cause?: unknown): SealError =>
  new SealError('SEAL_FILING_PENDING', `${why}; the filing is on record and is tried again by itself`, {
    ...(cause !== undefined && { cause }),
    retryAfterSeconds: 60,
  })

/** One attempt at a leased filing: null when it is done, else why not. What fails otherwise than by the publisher's doing is thrown. */
async function attempt(deps: FilingDeps, order: FilingOrder): Promise<Error | null> {
  const { database, clock, log } = deps
  try {
    const filing = await toFiling(deps, order)
    const sent = deps.statusSystem
      ? await deps.statusSystem.send(filing)
      : Object.fromEntries(filingFields(filing, 'house'))
    const at = clock.now()
    await settleFilingOrder(database, order.id, {
      publisher: deps.statusSystem ? 'national' : 'house',
      recordNumber: formatRecordNumber(order.sealId, order.id, at),
      sent,
      at,
    })
    return null
  } catch (error) {
    const isRefused = error instanceof SealError && error.code === 'SEAL_FILING_REFUSED'
    const isOutage = error instanceof PlatformError && error.code === 'UPSTREAM_UNAVAILABLE'
    const isEarly = error instanceof SealError && error.code === 'SEAL_FILING_PENDING'
    if (!isRefused && !isOutage && !isEarly) throw error
    const waitMs = isRefused ? REFUSED_WAIT_MS : filingWaitMs(order.attempts - 1)
    await postponeFilingOrder(database, order.id, error.code, new Date(clock.now().getTime() + waitMs))
    log?.warn('the publisher did not take a filing; it is tried again', {
      sealId: order.sealId,
      task: order.task,
      code: error.code,
      attempts: order.attempts,
    })
    return isRefused || isEarly ? error : pending('the publisher gives no answer', error)
  }
}

async function toFiling(deps: FilingDeps, order: FilingOrder): Promise<Filing> {
  const facts = await readFacts(deps, order)
  const { task, kind, reason, orderedAt, effectiveAt } = order
  if (kind === null) return { task, facts }
  return {
    task,
    facts,
    end: { kind, reason: reason ?? '', appliedAt: orderedAt, effectiveAt: effectiveAt ?? orderedAt },
  }
}

/** Throws `SEAL_FILING_PENDING` before a renewed seal's SESeal, and `SEAL_NOT_MADE`: without a certificate there is nothing to file. */
async function readFacts(
  { database, makerName }: FilingDeps,
  { sealId, task, attempts }: FilingOrder,
): Promise<FilingFacts> {
  const row = await findFilingRow(database, sealId)
  if (row === undefined) throw new SealError('SEAL_NOT_MADE', `seal ${sealId} has no certificate yet`)
  if (task === 'renew' && row.isEsealBehind && attempts <= ATTEMPTS_WITHOUT_ESEAL)
    throw pending('the SESeal of the renewed seal is being made')
  const certificate = row.esealCertificate ?? row.certificate
  const { notBefore, notAfter } = x509.parseCertificate(certificate)
  const { validUntil, eseal: der } = row
  return {
    sealId,
    name: row.name,
    departmentCode: row.departmentCode,
    kindCode: row.kindCode,
    replaces: row.replaces,
    createdAt: row.createdAt,
    makerName,
    certificate,
    certStart: notBefore,
    certEnd: notAfter,
    validEnd: validUntil !== null && validUntil < notAfter ? validUntil : notAfter,
    makerSignature: der === null ? new Uint8Array() : eseal.parseSeal(der).signature,
  }
}
