import { createOutwardKey, type OutwardKey } from '../../../key-store/index.ts'
import type { Metrics } from '../../../platform/http/index.ts'
import { createEventSender, type Principal } from '../../../platform/index.ts'
import type { Workshop } from '../../dependencies.ts'
import { countOpenWarnings } from '../../store/warnings.ts'
import { countDeliveries } from '../../store/webhooks.ts'
import { type AuditPage, readAuditPage } from './audit-pages.ts'
import { exportFiling, type FilingExport } from './export-filing.ts'
import type { FilingDesk } from './file-seals.ts'
import { handleWarning, readSupervision, readWarnings, setSupervision } from './handle-warnings.ts'
import { forgetOld, relayEvents } from './relay-events.ts'
import { supervise } from './supervise.ts'
import { listGivenUp, listSubscriptions, type OutwardCaller, replay, subscribe, unsubscribe } from './webhooks.ts'

/** What leaves the house about seals, and what the supervision sees. */
export interface OutwardDesk {
  /** Tells the publisher what is due. To be called every few seconds. */
  fileDue(): Promise<void>
  /** Sends events that are due to those who subscribed. To be called every second. */
  relay(): Promise<void>
  /** Raises and closes warnings. To be called every minute. */
  supervise(): Promise<void>
  /** Forgets deliveries of long ago. To be called every hour. */
  forget(): Promise<void>
  /** Resolves when no round runs. */
  settled(): Promise<void>
  /** Keys with which events and audit pages are signed. */
  jwks: OutwardKey['jwks']
  subscribe(caller: OutwardCaller, wish: Parameters<typeof subscribe>[2]): ReturnType<typeof subscribe>
  subscriptions(caller: OutwardCaller): ReturnType<typeof listSubscriptions>
  unsubscribe(caller: OutwardCaller, id: string): Promise<void>
  replay(caller: OutwardCaller, id: string, fromPosition: bigint): Promise<void>
  givenUp(caller: OutwardCaller, id: string): ReturnType<typeof listGivenUp>
  warnings(caller: OutwardCaller, query: Parameters<typeof readWarnings>[2]): ReturnType<typeof readWarnings>
  handleWarning(caller: OutwardCaller, id: bigint, act: Parameters<typeof handleWarning>[3]): Promise<void>
  supervision(caller: OutwardCaller, departmentCode: string): ReturnType<typeof readSupervision>
  setSupervision(
    caller: OutwardCaller,
    departmentCode: string,
    changed: Parameters<typeof setSupervision>[3],
  ): ReturnType<typeof setSupervision>
  auditPage(caller: OutwardCaller, from: Parameters<typeof readAuditPage>[2]): Promise<AuditPage>
  filing(principal: Principal, asked: Parameters<typeof exportFiling>[2]): Promise<FilingExport>
}

/** Joins the operations; nothing happens before a call. */
export function createOutwardDesk(shop: Workshop, publisher: FilingDesk): OutwardDesk {
  const { privateAddresses = 'refuse', metrics } = shop
  const outwardKey = createOutwardKey(shop)
  const deps = {
    ...shop,
    outwardKey,
    sendEvent: createEventSender(privateAddresses),
    mayPlain: privateAddresses !== 'refuse',
    sources: shop.auditSources ?? [],
  }
  const figures = metrics && createFigures(metrics)
  const rounds = createRounds()
  return {
    fileDue: rounds.of('filings', async () => {
      const { filed, failed } = await publisher.fileDue()
      const { count, oldest } = await publisher.waiting()
      const age = oldest === null ? 0 : (shop.clock.now().getTime() - oldest.getTime()) / 1000
      figures?.filings({ filed, failed, waiting: count, age })
    }),
    relay: rounds.of('events', async () => {
      const round = await relayEvents(deps)
      figures?.events(round)
    }),
    supervise: rounds.of('supervision', async () => {
      await supervise(deps)
      if (!figures) return
      figures.warnings(await countOpenWarnings(shop.database))
      figures.deliveries(await countDeliveries(shop.database))
    }),
    forget: rounds.of('forgetting', () => forgetOld(shop)),
    settled: () => rounds.settled(),
    jwks: () => outwardKey.jwks(),
    subscribe: (caller, wish) => subscribe(deps, caller, wish),
    subscriptions: (caller) => listSubscriptions(deps, caller),
    unsubscribe: (caller, id) => unsubscribe(deps, caller, id),
    replay: (caller, id, fromPosition) => replay(deps, caller, id, fromPosition),
    givenUp: (caller, id) => listGivenUp(deps, caller, id),
    warnings: (caller, query) => readWarnings(deps, caller, query),
    handleWarning: (caller, id, act) => handleWarning(deps, caller, id, act),
    supervision: (caller, departmentCode) => readSupervision(deps, caller, departmentCode),
    setSupervision: (caller, departmentCode, changed) => setSupervision(deps, caller, departmentCode, changed),
    auditPage: (caller, from) => readAuditPage(deps, caller, from),
    filing: (principal, asked) => exportFiling(shop, principal, asked),
  }
}

/** Rounds of which each kind runs once at a time: asked for while it runs it is that one, so that a slow network piles up nothing. */
function createRounds() {
  const running = new Map<string, Promise<void>>()
  return {
    of(kind: string, work: () => Promise<void>): () => Promise<void> {
      return () => {
        const begun = running.get(kind) ?? work().finally(() => running.delete(kind))
        running.set(kind, begun)
        return begun
      }
    },
    settled: async () => void (await Promise.allSettled(running.values())),
  }
}

function createFigures(metrics: Metrics) {
  const filingsTotal = metrics.counter('seal_filings_total', 'Filings told to the publisher', ['outcome'])
  const filingsWaiting = metrics.gauge('seal_filings_waiting', 'Filings that the publisher has not taken')
  const filingsAge = metrics.gauge('seal_filings_oldest_seconds', 'How long the oldest waiting filing waits')
  const eventsTotal = metrics.counter('seal_events_total', 'Deliveries of events', ['outcome'])
  const eventsWaiting = metrics.gauge('seal_events_waiting', 'Deliveries of events that wait')
  const eventsDead = metrics.gauge('seal_events_given_up', 'Deliveries of events that were given up')
  const warnings = metrics.gauge('seal_warnings_open', 'Warnings that are not closed', ['rule'])
  const rules = new Set<string>()
  return {
    filings(round: { filed: number; failed: number; waiting: number; age: number }) {
      filingsTotal.inc({ outcome: 'filed' }, round.filed)
      filingsTotal.inc({ outcome: 'failed' }, round.failed)
      filingsWaiting.set(round.waiting)
      filingsAge.set(round.age)
    },
    events(round: { delivered: number; failed: number; dead: number }) {
      eventsTotal.inc({ outcome: 'delivered' }, round.delivered)
      eventsTotal.inc({ outcome: 'failed' }, round.failed)
      eventsTotal.inc({ outcome: 'given up' }, round.dead)
    },
    deliveries(count: { waiting: number; dead: number }) {
      eventsWaiting.set(count.waiting)
      eventsDead.set(count.dead)
    },
    warnings(open: readonly { readonly rule: string; readonly count: number }[]) {
      for (const rule of rules) warnings.set(0, { rule })
      for (const { rule, count } of open) {
        rules.add(rule)
        warnings.set(count, { rule })
      }
    },
  }
}
