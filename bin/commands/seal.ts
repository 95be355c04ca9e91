// `seal`: certificates of seals from an authority outside: whom to trust, request out, certificate in, what is in use.
import { createHash } from 'node:crypto'
import { access, writeFile } from 'node:fs/promises'
import { ca, x509 } from '../../pki/index.ts'
import { type Config, createLog, loadConfig, systemClock, systemIds } from '../../platform/index.ts'
import { isEnded, type Seal } from '../../seal-service/index.ts'
import { shown } from '../../verifier/index.ts'
import { callerPath } from '../caller-path.ts'
import { askYes, type Prompts } from '../ceremony/prompts.ts'
import { CommandError } from '../errors.ts'
import { trustFolderOf, writeTrustFolder } from '../trust-folder.ts'
import { type House, openHouse } from '../wire.ts'
import { readCertificateFile, readCertificateFiles } from './certificate-files.ts'

interface OfDepartment {
  readonly department: string
  /** The seal's name; the department's own when left out. */
  readonly name?: string
}

const tell = (facts: Record<string, unknown>): void => console.log(JSON.stringify(facts))

async function withHouse(work: (house: House, config: Config) => Promise<void>): Promise<void> {
  const config = loadConfig()
  const house = await openHouse({ ...config, clock: systemClock, ids: systemIds, log: createLog({ level: 'warn' }) })
  try {
    await work(house, config)
  } finally {
    await house.close()
  }
}

/** What changed is in the trust list and the trust folder at once. */
async function publish(house: House, { dataDir }: Config): Promise<void> {
  await house.licences.publishLists()
  await writeTrustFolder(trustFolderOf(dataDir), await house.trustMaterial())
}

/** One line for each seal of a department: its state, key and certificate in use. */
export async function listSeals({ department }: { readonly department: string }): Promise<void> {
  await withHouse(async (house) => {
    await findDepartment(house, department)
    const certificates = await house.seals.certificates(department)
    for (const { id, name, state, keyName } of await house.seals.seals(department)) {
      const inUse = certificates.find(({ sealId }) => sealId === id)
      tell({ seal: id, name, state, key: keyName, ...(inUse && describe(inUse.source, inUse.certificate)) })
    }
  })
}

function describe(source: string, der: Uint8Array): Record<string, unknown> {
  const { issuer, serialNumberHex, notBefore, notAfter } = x509.parseCertificate(der)
  return {
    certificate: source,
    issuer: issuer.text,
    serialNumber: serialNumberHex,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  }
}

/** Writes the request for a seal's certificate, the first or the next. */
export async function requestCertificate(
  options: OfDepartment & { readonly out: string; readonly newKey?: true; readonly by: string },
): Promise<void> {
  const { out, newKey, by } = options
  await expectFree(out)
  await withHouse(async (house) => {
    const { seal, organisation } = await findSeal(house, options)
    const order = { sealId: seal.id, organisation, newKey: newKey === true, callerId: by }
    const { csr, keyName } = await house.seals.requestCertificate(order)
    await writeFile(callerPath(out), x509.encodePem(csr, 'CERTIFICATE REQUEST'), { flag: 'wx' })
    const { subject, subjectPublicKeyInfo } = ca.parseCsr(csr)
    const fingerprint = createHash('sha256').update(subjectPublicKeyInfo).digest('hex')
    tell({ seal: seal.id, key: keyName, subject: subject.text, publicKeySha256: fingerprint, file: out })
  })
}

async function expectFree(path: string): Promise<void> {
  const isThere = await access(callerPath(path)).then(
    () => true,
    () => false,
  )
  if (isThere) throw new CommandError('FILE_EXISTS', `${path} is there already`)
}

async function findDepartment(house: House, code: string) {
  const department = await house.directory.department(code)
  if (!department) throw new CommandError('DEPARTMENT_NOT_NAMED', `there is no department ${code}`)
  return department
}

async function findSeal(house: House, options: OfDepartment): Promise<{ seal: Seal; organisation: string }> {
  const department = await findDepartment(house, options.department)
  const name = options.name ?? department.name.zh
  const named = (await house.seals.seals(options.department)).filter((one) => one.name === name)
  // The name of a seal that has ended is free again.
  const seal = named.find(({ state }) => !isEnded(state)) ?? named[0]
  if (seal === undefined) throw new CommandError('SEAL_NOT_NAMED', `the department has no seal called ${name}`)
  return { seal, organisation: department.name.zh }
}

/** Takes the certificate that the authority gave into use, and tells what is worth knowing of it. */
export async function importCertificate(files: readonly string[], { by }: { readonly by: string }): Promise<void> {
  const certificates = await readCertificateFiles(files)
  await withHouse(async (house, config) => {
    const taken = await house.seals.importCertificate({ certificates, callerId: by })
    for (const { severity, text } of taken.remarks) process.stderr.write(`${severity} ${text}\n`)
    const { id, state, keyName } = taken.seal
    tell({ seal: id, state, key: keyName, isNew: taken.isNew, ...describe('outside', taken.certificate) })
    await publish(house, config)
  })
}

/** A new key and certificate of the house's own authority for a department's seal, or a new statement key. */
export async function renew(
  options: OfDepartment & { readonly statementKey?: true; readonly by: string },
): Promise<void> {
  await withHouse(async (house, config) => {
    if (options.statementKey) {
      const { code, name } = await findDepartment(house, options.department)
      const { kid, keyName, certificate } = await house.seals.renewStatementKey({ code, name: name.zh }, options.by)
      tell({ statementKey: kid, key: keyName, ...describe('own', certificate) })
    } else {
      const { seal, organisation } = await findSeal(house, options)
      const { id, state, keyName } = await house.seals.renewSeal({
        sealId: seal.id,
        organisation,
        callerId: options.by,
      })
      const inUse = (await house.seals.certificates(options.department)).find(({ sealId }) => sealId === id)!
      tell({ seal: id, state, key: keyName, ...describe('own', inUse.certificate) })
    }
    await publish(house, config)
  })
}

/** Trusts an authority outside, once whoever types has compared its fingerprint. */
export async function trustAuthority(prompts: Prompts, file: string, { by }: { readonly by: string }): Promise<void> {
  const certificate = await readCertificateFile(file)
  const { subject, notAfter } = readAuthority(file, certificate)
  const sha256 = createHash('sha256').update(certificate).digest('hex')
  prompts.tell(
    shown(subject.text),
    `until ${notAfter.toISOString()}`,
    `SHA-256 ${sha256}`,
    'Compare this fingerprint with one that came another way: seals that lead to it will be believed.',
  )
  await expectYes(prompts, 'trust it')
  await withHouse(async (house, config) => {
    const isNew = await house.seals.trustAuthority(certificate, by)
    tell({ authority: subject.text, sha256, isTrusted: true, isNew })
    await publish(house, config)
  })
}

/** Ends trust in an authority outside: what leads to it is believed no longer. */
export async function distrustAuthority(
  prompts: Prompts,
  file: string,
  { by }: { readonly by: string },
): Promise<void> {
  const certificate = await readCertificateFile(file)
  const { subject } = readAuthority(file, certificate)
  prompts.tell(shown(subject.text), 'Every licence whose seal leads to it is believed no longer by this installation.')
  await expectYes(prompts, 'end trust in it')
  await withHouse(async (house, config) => {
    const isEnded = await house.seals.distrustAuthority(certificate, by)
    const sha256 = createHash('sha256').update(certificate).digest('hex')
    tell({ authority: subject.text, sha256, isTrusted: false, isNew: isEnded })
    await publish(house, config)
  })
}

function readAuthority(file: string, certificate: Uint8Array): x509.Certificate {
  try {
    return x509.parseCertificate(certificate)
  } catch (cause) {
    throw new CommandError('FILE_UNREADABLE', `${file}: this is no certificate`, { cause })
  }
}

async function expectYes(prompts: Prompts, what: string): Promise<void> {
  if (!(await askYes(prompts, what))) throw new CommandError('ANSWER_REFUSED', '未作更改 nothing was changed')
}
