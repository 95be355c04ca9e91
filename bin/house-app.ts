// The one web application of a house: every service's routes, the public check, the pages.
import { join } from 'node:path'
import { SESSION_COOKIE } from '../directory/index.ts'
import { type App, createApp, type Metrics } from '../platform/http/index.ts'
import { type Clock, type Ids, type Log, packageRoot } from '../platform/index.ts'
import { createTrustMaterialRoutes, createVerifierRoutes } from '../verifier/http/index.ts'
import { anchorsByPurpose, createPolicySource } from '../verifier/index.ts'
import { digestLookupOfHouse } from './digest-lookup.ts'
import { evidenceOfHouse } from './evidence.ts'
import type { OtherCities } from './other-cities.ts'
import { createReportWriters } from './report-writers.ts'
import type { House } from './wire.ts'

export interface HouseAppOptions {
  readonly baseUrl: string
  readonly isProduction: boolean
  readonly trustedProxies: number
  /** How long the results of batches wait to be fetched. */
  readonly resultsKeptMinutes?: number
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly metrics?: Metrics
  /** Left out: no trust list but the house's own counts, and nothing is remembered. */
  readonly cities?: OtherCities
}

const pages = [
  { path: '/', file: 'index.html' },
  { path: '/verify', file: 'verify.html' },
  { path: '/q/{statement+}', file: 'verify.html' },
  { path: '/issue', file: 'issue.html' },
  { path: '/seals', file: 'seals.html' },
  { path: '/h/{token}', file: 'holder.html' },
  { path: '/wallet', file: 'wallet.html' },
]

export function createHouseApp(house: House, options: HouseAppOptions): App {
  const { clock, ids, log, metrics, baseUrl, isProduction, trustedProxies, resultsKeptMinutes, cities } = options
  const verifier = createVerifierRoutes({
    policy: createPolicySource(() => anchorsByPurpose(house.roots()), cities?.demands()),
    source: evidenceOfHouse(house, baseUrl, cities?.outside),
    byDigest: digestLookupOfHouse(house),
    ...(house.judge && { judge: house.judge }),
    writers: createReportWriters(house.fonts, house.receipts),
    authority: house.directory,
    clock,
    ids,
    log,
    ...(resultsKeptMinutes && { limits: { jobs: { keptMs: resultsKeptMinutes * 60_000 } } }),
  })
  const material = createTrustMaterialRoutes({
    roots: house.roots,
    crls: house.crls,
    statusListAddresses: async () => [...(await house.licences.statusLists()).keys()],
    clock,
  })
  const app = createApp({
    routeSets: [
      house.directory.routes,
      house.licences.routes,
      house.sharing.routes,
      house.seals.routes,
      house.pki.routes,
      verifier,
      material,
    ],
    authority: house.directory,
    ids,
    log,
    baseUrl,
    isProduction,
    ...(metrics && { metrics }),
    readiness: { database: () => house.database.query('select 1'), crls: () => house.pki.checkReady() },
    pages: { folder: join(packageRoot, 'web', 'dist'), entries: pages, notFound: 'not-found.html' },
    api: { title: 'Zhengyin 证印', version: '0.1.0', sessionCookie: SESSION_COOKIE },
    trustedProxies,
  })
  return {
    handler: app.handler,
    beginStopping() {
      verifier.close()
      app.beginStopping()
    },
  }
}
