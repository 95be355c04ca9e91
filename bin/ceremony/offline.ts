// The acts of the offline root. Everything is made in memory; files appear at the end, or never in a dry run.
import { collectShares, makeSharedKey, type SharedKey } from '../../key-store/index.ts'
import { type ca, x509 } from '../../pki/index.ts'
import {
  beginCeremony,
  type Ceremony,
  type CeremonyKind,
  type CeremonyOptions,
  faultOfRootName,
  type RequestSet,
  type RootFolder,
  readPublished,
  readRequestSet,
  readRootFolder,
  revocationReasons,
} from '../../pki-service/index.ts'
import { systemClock, systemIds } from '../../platform/index.ts'
import { readCallerFile } from '../caller-path.ts'
import { CommandError } from '../errors.ts'
import { addFiles, expectEmpty, readFolder } from './folders.ts'
import { type Attendance, askAttendance, askNewHolders, askShares, type NewHolders, type OpenedRoot } from './people.ts'
import { askYes, type Prompts } from './prompts.ts'
import { toolName } from './tool-name.ts'

interface DryRun {
  readonly dryRun?: true
}

/** Makes a root: key, shares, certificate, answers to the first requests, revocation list. */
export async function makeRoot(
  prompts: Prompts,
  { requests, out, shares, dryRun }: { requests: string; out: string; shares: string } & DryRun,
): Promise<void> {
  const begunAt = systemClock.now()
  await expectEmpty(out)
  await expectEmpty(shares)
  const taken = await readFolder(requests)
  const set = await readRequestSet(taken, begunAt)
  showRequests(prompts, set)
  const organisation = await prompts.ask('组织名称 Organisation', {
    check: (text) => faultOfRootName('organisation', text),
  })
  const commonName = await prompts.ask('根证书名称 Name of the root', {
    byDefault: `${organisation} Root CA`,
    check: (text) => faultOfRootName('commonName', text),
  })
  const country = await prompts.ask('国家代码 Country', { byDefault: 'CN', check: isCountry })
  const attendance = await askAttendance(prompts)
  const holders = await askNewHolders(prompts)
  await confirm(prompts, `make the root "${commonName}" and sign ${set.requests.length} requests`)

  const sharedKey = makeSharedKey()
  try {
    const sheets = await shareAndProve(prompts, sharedKey, holders)
    const ceremony = begin('root', attendance, holders.names, set.root, sharedKey, {
      number: 1,
      begunAt,
      rehearsal: dryRun === true,
      sharing: { threshold: holders.threshold, count: holders.names.length },
    })
    ceremony.take(taken)
    ceremony.note(
      `key ${sharedKey.keyId} made; ${sheets.length} shares made, and any ${holders.threshold} of them proved to open it`,
    )
    const root = await ceremony.makeRoot({ country, organisation, commonName })
    await ceremony.sign(set, root, [])
    await ceremony.publishList(root, null, [])
    const made = await ceremony.finish(root)
    // The shares first: a root whose certificate is out without them would be lost.
    await keepSheets(prompts, sheetFiles(sheets, holders, commonName, sharedKey.keyId), shares, dryRun)
    await conclude(prompts, made, out, dryRun)
  } finally {
    sharedKey.destroy()
  }
}

/** Opens the root for further acts on its folder, and adds what they make. */
export async function workWithRoot(
  prompts: Prompts,
  kind: CeremonyKind,
  { root, dryRun }: { root: string } & DryRun,
  summary: string,
  act: (ceremony: Ceremony, folder: RootFolder, opened: OpenedRoot) => Promise<void>,
): Promise<void> {
  const begunAt = systemClock.now()
  const folder = await readRootFolder(await readFolder(root))
  prompts.tell(
    `根 Root: ${folder.certificate.subject.text}, key ${folder.keyId}, ${folder.transcripts.length} ceremonies so far`,
  )
  const attendance = await askAttendance(prompts)
  const opened = await askShares(prompts, folder.keyId)
  try {
    await confirm(prompts, summary)
    const names = opened.holders.map(({ name }) => name)
    const ceremony = begin(kind, attendance, names, folder.transcripts[0]!.root, opened.sharedKey, {
      number: folder.transcripts.length + 1,
      begunAt,
      rehearsal: dryRun === true,
      sharing: opened.sharing,
    })
    ceremony.note(`key ${folder.keyId} opened with ${names.length} of ${opened.sharing.count} shares`)
    await act(ceremony, folder, opened)
    await conclude(prompts, await ceremony.finish(folder.certificate), root, dryRun)
  } finally {
    opened.sharedKey.destroy()
  }
}

/** Signs further requests; a fresh revocation list comes with every ceremony. */
export async function signRequests(
  prompts: Prompts,
  options: { root: string; requests: string } & DryRun,
): Promise<void> {
  const taken = await readFolder(options.requests)
  const set = await readRequestSet(taken, systemClock.now())
  showRequests(prompts, set)
  await workWithRoot(prompts, 'sign', options, `sign ${set.requests.length} requests`, async (ceremony, folder) => {
    ceremony.take(taken)
    await ceremony.sign(set, folder.certificate, folder.issued)
    await ceremony.publishList(folder.certificate, folder.crl, [])
  })
}

/** Revokes certificates of the root by the names of their files. */
export async function revoke(
  prompts: Prompts,
  options: { root: string; names: readonly string[]; reason: string } & DryRun,
): Promise<void> {
  const reason = revocationReasons.find((known) => known === options.reason)
  if (reason === undefined) {
    throw new CommandError('ANSWER_REFUSED', `--reason: expected one of ${revocationReasons.join(', ')}`)
  }
  const summary = `revoke ${options.names.join(', ')} for ever (${reason})`
  await workWithRoot(prompts, 'revoke', options, summary, async (ceremony, folder) => {
    const revoked = options.names.map((name) => {
      const issue = folder.issued.find(({ file }) => file === name || file === `${name}.cer`)
      if (issue === undefined) throw new CommandError('FILE_UNREADABLE', `${name} is no certificate of this root`)
      return { certificate: issue.certificate, reason }
    })
    await ceremony.publishList(folder.certificate, folder.crl, revoked)
  })
}

/** Certifies another city's CA, for the names that the agreement gives it. */
export async function crossCertify(
  prompts: Prompts,
  options: { root: string; certificate: string; name: string; permit: readonly string[] } & DryRun,
): Promise<void> {
  const bytes = await readCallerFile(options.certificate)
  const [der] = bytes[0] === 0x30 ? [new Uint8Array(bytes)] : x509.decodePem(bytes.toString('latin1'))
  if (der === undefined) throw new CommandError('FILE_UNREADABLE', `${options.certificate} holds no certificate`)
  const other = x509.parseCertificate(der)
  const permitted = options.permit.map(parsePermit)
  prompts.tell(`交叉认证 Cross-certification of ${other.subject.text}`, ...options.permit.map((text) => `  ${text}`))
  const summary = `certify ${other.subject.text} within these names`
  await workWithRoot(prompts, 'cross', options, summary, async (ceremony, folder) => {
    const [address] = folder.issued[0]?.certificate.cRLDistributionPoints?.[0]?.names ?? []
    const baseUrl = address?.startsWith('uri:') ? new URL(address.slice('uri:'.length)).origin : undefined
    if (baseUrl === undefined)
      throw new CommandError('FILE_UNREADABLE', 'no certificate of this root says where its list is')
    ceremony.take(new Map([[`cross-${options.name}-request.cer`, der]]))
    const root = folder.transcripts[0]!.root
    const request = { name: options.name, certificate: other, baseUrl, root, permitted }
    await ceremony.crossCertify(request, folder.certificate, folder.issued)
    await ceremony.publishList(folder.certificate, folder.crl, [])
  })
}

/** `dns:example.org`, `email:example.org`, `directory:C=CN/O=Name`: what stands below is permitted. Throws ANSWER_REFUSED. */
export function parsePermit(text: string): ca.ConstraintName {
  const [, kind, value] = /^(dns|email|directory):(.+)$/.exec(text) ?? []
  if (kind === 'dns' || kind === 'email') return { kind, value: value! }
  const entries = (value ?? '').split('/').map(splitEntry)
  if (kind !== 'directory' || entries.some(([type, word]) => !type || !word)) {
    throw new CommandError('ANSWER_REFUSED', `--permit ${text}: expected dns:…, email:… or directory:C=CN/O=…`)
  }
  return { kind: 'directory', value: x509.encodeName(entries) }
}

/** `O=A=B` is the organisation `A=B`. */
function splitEntry(part: string): [type: string, value: string] {
  const at = part.indexOf('=')
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]
}

/** A fresh revocation list and nothing else. */
export async function publishList(prompts: Prompts, options: { root: string } & DryRun): Promise<void> {
  await workWithRoot(prompts, 'crl', options, 'publish a new revocation list', (ceremony, folder) =>
    ceremony.publishList(folder.certificate, folder.crl, []),
  )
}

/** New shares for new holders; the old ones are to be destroyed by those who hold them. */
export async function changeShares(
  prompts: Prompts,
  options: { root: string; shares: string } & DryRun,
): Promise<void> {
  await expectEmpty(options.shares)
  await workWithRoot(prompts, 'shares', options, 'make new shares', async (ceremony, folder, { sharedKey }) => {
    const holders = await askNewHolders(prompts)
    const sheets = await shareAndProve(prompts, sharedKey, holders)
    ceremony.note(
      `${sheets.length} new shares made for ${holders.names.join(', ')}, and any ${holders.threshold} of them proved to open the key; the earlier shares are to be destroyed`,
    )
    await ceremony.publishList(folder.certificate, folder.crl, [])
    const name = folder.certificate.subject.attributes.at(-1)?.value ?? ''
    await keepSheets(prompts, sheetFiles(sheets, holders, name, sharedKey.keyId), options.shares, options.dryRun)
  })
}

/** A lost folder again, from what was published of it and from the shares. */
export async function restoreRoot(
  prompts: Prompts,
  { from, out, root: name, dryRun }: { from: string; out: string; root: string } & DryRun,
): Promise<void> {
  const begunAt = systemClock.now()
  await expectEmpty(out)
  const files = await readFolder(from)
  const published = await readPublished(files)
  prompts.tell(
    `根 Root: ${published.certificate.subject.text}, key ${published.keyId}`,
    `  ${published.issued.length} certificates, revocation list ${published.crl.cRLNumber}`,
  )
  const attendance = await askAttendance(prompts)
  const opened = await askShares(prompts, published.keyId)
  try {
    await confirm(prompts, 'write the folder of this root anew')
    const names = opened.holders.map((holder) => holder.name)
    const ceremony = begin('restore', attendance, names, name, opened.sharedKey, {
      number: 1,
      begunAt,
      rehearsal: dryRun === true,
      sharing: opened.sharing,
    })
    ceremony.note(
      `key ${published.keyId} opened with ${names.length} of ${opened.sharing.count} shares: it is the key of the root certificate`,
    )
    ceremony.keep(published)
    await ceremony.publishList(published.certificate, published.crl, [])
    await conclude(prompts, await ceremony.finish(published.certificate), out, dryRun)
  } finally {
    opened.sharedKey.destroy()
  }
}

function begin(
  kind: CeremonyKind,
  { place, people }: Attendance,
  holders: readonly string[],
  root: string,
  sharedKey: SharedKey,
  rest: Pick<CeremonyOptions, 'number' | 'begunAt' | 'rehearsal' | 'sharing'>,
): Ceremony {
  return beginCeremony({
    kind,
    clock: systemClock,
    ids: systemIds,
    tool: toolName(),
    place,
    people: [...people, ...holders.map((name) => ({ name, role: 'holder' as const }))],
    root,
    sharedKey,
    ...rest,
  })
}

const isCountry = (text: string) =>
  /^[A-Z]{2}$/.test(text) ? undefined : '要两个大写字母 expected two capital letters'

function showRequests(prompts: Prompts, { baseUrl, root, requests }: RequestSet): void {
  prompts.tell(`请求 Requests of ${baseUrl} to its ${root}; compare the keys with what the service printed:`)
  for (const { name, profile, subject, keyId } of requests)
    prompts.tell(`  ${name} (${profile}) ${subject}`, `    key ${keyId}`)
}

async function confirm(prompts: Prompts, what: string): Promise<void> {
  if (!(await askYes(prompts, what)))
    throw new CommandError(
      'CEREMONY_GIVEN_UP',
      '仪式已放弃，未写入任何文件 the ceremony was given up; nothing was written',
    )
}

/** Sheets whose worth is proved before anyone relies on them: the first and the last `threshold` of them open the key. */
async function shareAndProve(prompts: Prompts, sharedKey: SharedKey, holders: NewHolders): Promise<string[]> {
  const { threshold, passphrases } = holders
  prompts.tell('制作分片 The shares are made and tried out; this takes a while.')
  const sheets = await sharedKey.share({ threshold, passphrases })
  const all = sheets.map((_, i) => i)
  for (const places of [all.slice(0, threshold), all.slice(-threshold)]) {
    const collector = collectShares()
    for (const place of places) await collector.add(sheets[place]!, passphrases[place]!)
    collector.open().destroy()
  }
  return sheets
}

function sheetFiles(
  sheets: readonly string[],
  { names, threshold }: NewHolders,
  root: string,
  keyId: string,
): Map<string, Uint8Array> {
  const count = sheets.length
  return new Map(
    sheets.map((sheet, i) => [
      `share-${i + 1}-of-${count}.txt`,
      Buffer.from(
        [
          `根密钥分片 Share ${i + 1} of ${count} of a root key; any ${threshold} open it`,
          `根 Root  ${root}`,
          `Key  ${keyId}`,
          `持有人 Holder  ${names[i]}`,
          '',
          sheet,
        ].join('\n'),
      ),
    ]),
  )
}

async function conclude(
  prompts: Prompts,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
  dryRun: true | undefined,
): Promise<void> {
  if (dryRun) prompts.tell('演练，未写入任何文件 A dry run: nothing was written. It would have been:')
  else await addFiles(folder, files)
  for (const file of files.keys()) console.log(`${folder}/${file}`)
}

async function keepSheets(
  prompts: Prompts,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
  dryRun: true | undefined,
): Promise<void> {
  if (!dryRun) await addFiles(folder, files, 0o600)
  for (const file of files.keys()) console.log(`${folder}/${file}`)
  if (!dryRun)
    prompts.tell('请将每个分片交给其持有人，并删除此处副本 Hand each share to its holder, and leave no copy here.')
}
