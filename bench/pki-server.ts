// The PKI's addresses in a process of their own, as `npm start` serves them; the bench asks it from outside.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyStore } from '../key-store/index.ts'
import { createPkiService } from '../pki-service/index.ts'
import { createApp, createMetrics, listen } from '../platform/http/index.ts'
import { createLog, openDatabase, systemClock, systemIds } from '../platform/index.ts'

/** What the bench is told once the server listens. */
export interface PkiServerReady {
  readonly port: number
  /** Seals and their CA, base64 of DER. */
  readonly seals: readonly string[]
  readonly issuer: string
}

const SEALS = 200

const [databaseUrl] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-pki-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const database = await openDatabase(databaseUrl ? { url: databaseUrl } : { memory: true })
const keyStore = await createKeyStore({ folder, passphrase: Buffer.from(systemIds.bytes(32)).toString('base64') })
const common = { clock: systemClock, ids: systemIds, log: createLog({ level: 'error' }), metrics: createMetrics() }
const baseUrl = 'http://localhost:8080'
const pki = createPkiService({ ...common, database, keyStore, baseUrl })
await pki.start()

const subject = {
  organisation: '云汀市市场监督管理局',
  organisationCode: '11330199MB0000001X',
  commonName: '云汀市市场监督管理局',
}
const seals: string[] = []
let issuer = ''
for (let n = 0; n < SEALS; n++) {
  const { publicKey } = await keyStore.generate(`seal-${n}`, 'ec-p256')
  const { certificate, chain } = await pki.certify({ profile: 'seal', subject, publicKey })
  seals.push(Buffer.from(certificate).toString('base64'))
  issuer = Buffer.from(chain[0] as Uint8Array).toString('base64')
}

const app = createApp({ ...common, routeSets: [pki.routes], baseUrl, isProduction: true })
const listening = await listen(app, { host: '127.0.0.1', port: 0 })
const answers = setInterval(() => pki.refreshAnswers(), 10_000)

process.on('message', async (message) => {
  if (message === 'cpu') process.send?.(process.cpuUsage())
  if (message !== 'stop') return
  clearInterval(answers)
  await listening.stop()
  await pki.close()
  keyStore.close()
  await database.close()
  process.disconnect()
})
process.send?.({ port: listening.port, seals, issuer } satisfies PkiServerReady)
