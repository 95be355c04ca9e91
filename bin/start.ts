// `npm start`: everything in one process. Order: settings → lock, database, keys, services → what was left half done → listen.
import { join } from 'node:path'
import { createLog, loadConfig, packageRoot, systemClock, systemIds } from '../platform/index.ts'
import { createApp, createMetrics, listen } from '../platform/http/index.ts'
import { createVerifierRoutes } from '../verifier/http/index.ts'
import { describeFailure } from './failure.ts'
import { evidenceSourcesOf } from './evidence.ts'
import { makeDemonstration, mintExamples } from './demonstration.ts'
import { writeTrustFolder } from './trust-folder.ts'
import { openHouse } from './wire.ts'

const TRUST_EVERY_MS = 60_000
const CRLS_EVERY_MS = 3_600_000

async function start(): Promise<void> {
  const config = loadConfig()
  const log = createLog({ level: config.logLevel })
  const metrics = createMetrics({ process: true })
  const house = await openHouse({ ...config, clock: systemClock, ids: systemIds, log, metrics })
  if (!config.isProduction) await makeDemonstration(house)

  const app = createApp({
    routeSets: [
      house.directory.routes,
      house.licences.routes,
      house.seals.routes,
      house.pki.routes,
      createVerifierRoutes({ sources: evidenceSourcesOf(house), clock: systemClock }),
    ],
    authority: house.directory,
    ids: systemIds,
    log,
    baseUrl: config.baseUrl,
    isProduction: config.isProduction,
    metrics,
    readiness: { database: () => house.database.query('select 1'), crls: () => house.pki.checkReady() },
    pages: {
      folder: join(packageRoot, 'web', 'dist'),
      entries: [
        { path: '/', file: 'index.html' },
        { path: '/verify', file: 'verify.html' },
        { path: '/q/{statement+}', file: 'verify.html' },
        { path: '/issue', file: 'issue.html' },
        { path: '/h/{token}', file: 'holder.html' },
      ],
    },
    api: { title: 'Zhengyin 证印', version: '0.1.0' },
  })
  const listening = await listen(app, { host: config.host, port: config.port })
}

await start().catch((error: unknown) => {
  console.error(describeFailure(error))
  process.exitCode = 1
})
