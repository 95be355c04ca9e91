// The acts of the online service around a ceremony: requests out, certificates in. No other service is opened.
import { type NextEntity, openPkiIntake, type PkiIntake } from '../../pki-service/index.ts'
import { type Database, loadConfig, openDatabase, systemClock, systemIds } from '../../platform/index.ts'
import { type KeyInUse, listKeysInUse } from '../../seal-service/index.ts'
import { shown } from '../../verifier/index.ts'
import { readCertificateFile } from '../commands/certificate-files.ts'
import { databaseLocationOf } from '../database.ts'
import { CommandError } from '../errors.ts'
import { openKeyStore } from '../key-stores.ts'
import { addFiles, expectEmpty, readFolder } from './folders.ts'

/** Opens database and keys of the PKI alone, by the settings of the service. */
async function withIntake<T>(work: (intake: PkiIntake, database: Database) => Promise<T>): Promise<T> {
  const config = loadConfig()
  const database = await openDatabase(databaseLocationOf(config))
  try {
    const keyStore = await openKeyStore('pki', { ...config, clock: systemClock })
    try {
      const { baseUrl } = config
      return await work(
        await openPkiIntake({ database, keyStore, clock: systemClock, ids: systemIds, baseUrl }),
        database,
      )
    } finally {
      keyStore.close()
    }
  } finally {
    await database.close()
  }
}

const NEXT: readonly NextEntity[] = ['root', 'root-ocsp', 'seal-ca', 'statement-ca', 'time-stamp-ca', 'list-ca']

/** Makes keys and requests, and prints what the offline machine will show. */
export async function request(options: {
  out: string
  organisation: string
  prefix: string
  next?: readonly string[]
}): Promise<void> {
  const { out, organisation, prefix } = options
  await expectEmpty(out)
  const next = options.next?.map((name) => NEXT.find((known) => known === name) ?? refuseNext(name))
  const { files, keys } = await withIntake((intake) =>
    intake.makeRequests({ organisation, prefix, ...(next && { next }) }),
  )
  await addFiles(out, files)
  for (const { name, subject, keyId } of keys) console.log(`${name}  ${subject}\n  key ${keyId}`)
}

function refuseNext(name: string): never {
  throw new CommandError('ANSWER_REFUSED', `--next ${name}: expected some of ${NEXT.join(', ')}`)
}

/** Takes what a ceremony made into use, and prints what was new, and every key in use that is under a revoked authority, new or not. */
export async function take(folder: string, { outside }: { outside?: true }): Promise<void> {
  const files = await readFolder(folder)
  const { report, toRenew } = await withIntake(async (intake, database) => ({
    report: outside ? await intake.importOutside(files) : await intake.importRoot(files),
    toRenew: await listToRenew(intake, await listKeysInUse(database)),
  }))
  const { root, added, revoked, listNumber } = report
  for (const name of added) console.log(`imported ${name}`)
  for (const name of revoked) console.log(`revoked ${name}`)
  for (const key of toRenew) console.log(`must be renewed: ${renewalArguments(key)}`)
  console.log(`revocation list ${listNumber} of ${root}`)
  if (toRenew.length > 0)
    process.stderr.write(
      '这些印章和声明密钥的签发机构已吊销，印章更新前不能制证：用 seal renew，见 docs/operations/keys-and-ceremony.md\n' +
        'The authority above these was revoked; no seal of them mints until it is renewed: seal renew, see docs/operations/keys-and-ceremony.md\n',
    )
}

async function listToRenew(intake: PkiIntake, keys: readonly KeyInUse[]): Promise<KeyInUse[]> {
  const stranded = new Set(await intake.stranded(keys.map(({ certificate }) => certificate)))
  return keys.filter(({ certificate }) => stranded.has(certificate))
}

/** As `seal renew` takes it. The name is somebody's text, and the line is one that people copy into a shell. */
export const renewalArguments = ({ departmentCode, seal }: KeyInUse): string =>
  seal === null
    ? `--department ${departmentCode} --statement-key`
    : `--department ${departmentCode} --name '${shown(seal.name).replaceAll("'", `'\\''`)}' (${seal.id})`

/** Takes a cross certificate that another city gave our root, and prints where it is published. */
export async function takeCross(
  file: string,
  { name, anchor }: { readonly name: string; readonly anchor?: string },
): Promise<void> {
  const certificate = await readCertificateFile(file)
  const issuer = anchor === undefined ? undefined : await readCertificateFile(anchor)
  const taken = await withIntake((intake) =>
    intake.importCross({ name, certificate, ...(issuer && { anchor: issuer }) }),
  )
  for (const remark of taken.remarks) process.stderr.write(`${remark}\n`)
  if (issuer === undefined)
    process.stderr.write('warning: nobody looked whether its issuer gave it: name the issuer with --anchor\n')
  const { baseUrl } = loadConfig()
  console.log(`${taken.isNew ? 'imported' : 'known'} ${taken.name} of ${taken.issuer}`)
  console.log(`until ${taken.notAfter.toISOString()}, published as ${baseUrl}/pki/ca/${taken.name}.cer`)
}
