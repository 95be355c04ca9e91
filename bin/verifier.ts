// `npm run start:verifier`: the public check alone. No key, no database: what it keeps, it keeps in memory for minutes.
import { join } from 'node:path'
import { x509 } from '../pki/index.ts'
import { type App, createApp, createMetrics, listen } from '../platform/http/index.ts'
import {
  createLog,
  loadVerifierConfig,
  packageRoot,
  privateAddresses,
  systemClock,
  systemIds,
} from '../platform/index.ts'
import { createFonts } from '../templates/index.ts'
import { createPassedOnListRoutes, createTrustMaterialRoutes, createVerifierRoutes } from '../verifier/http/index.ts'
import { anchorsByPurpose, createPolicySource, type TrustRoots } from '../verifier/index.ts'
import { CommandError } from './errors.ts'
import { describeFailure } from './failure.ts'
import { createJudgePool } from './judge-pool.ts'
import { openRemoteTrust } from './remote-trust.ts'
import { createReportWriters } from './report-writers.ts'

const REFRESH_EVERY_MS = 15_000
const LISTS_WITHIN_MS = 3000
const signals = ['SIGINT', 'SIGTERM'] as const
const pages = [
  { path: '/', file: 'verify.html' },
  { path: '/verify', file: 'verify.html' },
  { path: '/q/{statement+}', file: 'verify.html' },
]

async function start(): Promise<void> {
  const config = loadVerifierConfig()
  const log = createLog({ level: config.logLevel })
  const trust = await openRemoteTrust({ ...config, privateAddresses: privateAddresses(), clock: systemClock, log })
  if (config.isProduction) refuseTestRoots(trust.roots())
  const judge = config.workers > 0 ? createJudgePool(config.workers) : undefined
  const verifier = createVerifierRoutes({
    policy: createPolicySource(() => anchorsByPurpose(trust.roots()), trust.demands()),
    source: trust.source,
    byDigest: trust.byDigest,
    ...(judge && { judge }),
    // No key here: receipts come from the house.
    writers: createReportWriters(createFonts(), undefined),
    clock: systemClock,
    ids: systemIds,
    log,
    limits: { jobs: { keptMs: config.resultsKeptMinutes * 60_000 } },
  })
  const statusListAddresses = async () => trust.statusListAddresses()
  const material = createTrustMaterialRoutes({
    roots: trust.roots,
    crls: () => trust.source.crls(AbortSignal.timeout(LISTS_WITHIN_MS)),
    statusListAddresses,
    clock: systemClock,
  })
  const lists = createPassedOnListRoutes({ source: trust.source, statusListAddresses })
  const app: App = createApp({
    ...config,
    routeSets: [verifier, material, lists],
    ids: systemIds,
    log,
    metrics: createMetrics({ process: true }),
    readiness: { trust: () => trust.checkReady() },
    pages: { folder: join(packageRoot, 'web', 'dist'), entries: pages },
    api: { title: 'Zhengyin 证印', version: '0.1.0' },
  })
  const listening = await listen(app, config)
  if (!config.isProduction) process.stdout.write(`\n  Zhengyin 证印, the public check: ${listening.url}/verify\n\n`)
  const refreshing = setInterval(() => {
    trust.refresh().catch((error: unknown) => log.error('the roots and lists could not be read again', { error }))
  }, REFRESH_EVERY_MS)

  const stop = async () => {
    log.info('stopping')
    clearInterval(refreshing)
    await listening.stop()
    verifier.close()
    await judge?.close()
  }
  const stopOnce = () => {
    for (const signal of signals) process.off(signal, stopOnce)
    stop().catch(fail)
  }
  for (const signal of signals) process.once(signal, stopOnce)
}

function refuseTestRoots({ anchors, sealAnchors = [], stampAnchors = [] }: TrustRoots): void {
  for (const anchor of [...anchors, ...sealAnchors, ...stampAnchors]) {
    const { text } = x509.parseCertificate(anchor).subject
    if (/\bTEST\b/.test(text))
      throw new CommandError('TEST_ROOT_IN_PRODUCTION', `production believes no demonstration: ${text}`)
  }
}

function fail(error: unknown): void {
  console.error(describeFailure(error))
  process.exit(1)
}

await start().catch(fail)
