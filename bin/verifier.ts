// `npm run start:verifier`: the public check alone. No database, no key but one for receipts where it is given: what it keeps, it keeps in
// memory for minutes.
import { join } from 'node:path'
import { x509 } from '../pki/index.ts'
import { type App, createApp, createMetrics, listen } from '../platform/http/index.ts'
import {
  createLog,
  type Log,
  loadVerifierConfig,
  packageRoot,
  privateAddresses,
  systemClock,
  systemIds,
  type VerifierConfig,
} from '../platform/index.ts'
import { createHttpTimestamper } from '../seal-service/index.ts'
import { createFonts } from '../templates/index.ts'
import { createPassedOnListRoutes, createTrustMaterialRoutes, createVerifierRoutes } from '../verifier/http/index.ts'
import { anchorsByPurpose, createPolicySource, type TrustRoots } from '../verifier/index.ts'
import { CommandError } from './errors.ts'
import { describeFailure } from './failure.ts'
import { asPortRefusal } from './free-port.ts'
import { createJudgePool } from './judge-pool.ts'
import { openRemoteTrust } from './remote-trust.ts'
import { createReportWriters } from './report-writers.ts'
import { openVerifierReceipts } from './verifier-receipts.ts'

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
  const receipts = await openReceipts(config, trust.roots(), log)
  const verifier = createVerifierRoutes({
    policy: createPolicySource(() => anchorsByPurpose(trust.roots()), trust.demands()),
    source: trust.source,
    byDigest: trust.byDigest,
    ...(judge && { judge }),
    writers: createReportWriters(createFonts(), receipts),
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
    pages: { folder: join(packageRoot, 'web', 'dist'), entries: pages, notFound: 'not-found.html' },
    api: { title: 'Zhengyin 证印', version: '0.1.0' },
  })
  const listening = await listen(app, config).catch((error: unknown) => {
    throw asPortRefusal(error, config)
  })
  log.info('listening', { host: listening.host, port: listening.port })
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
    await receipts?.close()
  }
  const stopOnce = () => {
    for (const signal of signals) process.off(signal, stopOnce)
    stop().catch(fail)
  }
  for (const signal of signals) process.once(signal, stopOnce)
}

async function openReceipts({ receiptKey, tsaUrl }: VerifierConfig, roots: TrustRoots, log: Log) {
  if (!receiptKey) return undefined
  const { trustAnchors, listAnchors = trustAnchors } = anchorsByPurpose(roots)
  return openVerifierReceipts({
    keyFile: receiptKey.file,
    passphraseFile: receiptKey.passphraseFile,
    anchors: listAnchors,
    ...(tsaUrl && { timestamper: createHttpTimestamper({ url: tsaUrl, bytes: systemIds.bytes }) }),
    ids: systemIds,
    clock: systemClock,
    log,
  })
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
