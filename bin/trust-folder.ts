// The trust folder: what a verifier needs offline — roots (*.pem; seal-root-*.pem above seals alone, stamp-root-*.pem above time stamps
// alone), CRLs (*.crl), trust-list.jwt and status-list-*.jwt; others/NAME/ the same of another city, with the operator's pin.json.
// `demo` writes one, the server keeps one in its data folder, `verify --trust` reads one.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrustRoots } from '../verifier/index.ts'
import { type Others, readOthers } from './other-trust-lists.ts'
import { derBlocks } from './pem.ts'
import { indexStatusLists } from './status-lists.ts'
import { unlessMissing } from './unless-missing.ts'

/** Where a data folder keeps the trust folder of its own house, for a command line beside a running server. */
export const trustFolderOf = (dataDir: string): string => join(dataDir, 'trust')

export interface TrustMaterial extends TrustRoots {
  /** DER. */
  readonly crls: readonly Uint8Array[]
  /** Compact JWS. */
  readonly trustList: string | null
  /** Signed status lists by their address. */
  readonly statusLists: ReadonlyMap<string, string>
  /** Trust lists of others, under the operator's pins. */
  readonly others?: Others
}

const pem = (der: Uint8Array) => {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g) as string[]
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/**
 * Reads a trust folder; a folder that is not there gives empty material, under which nothing can be accepted.
 * @throws CommandError TRUST_PINS_INVALID
 */
export async function readTrustFolder(folder: string): Promise<TrustMaterial> {
  const names = (await unlessMissing(readdir(folder))) ?? []
  const read = async (wanted: RegExp) =>
    Promise.all(
      names.filter((name) => wanted.test(name)).map(async (name) => new Uint8Array(await readFile(join(folder, name)))),
    )
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8').trim()
  const statusLists = await indexStatusLists((await read(/^status-list-.*\.jwt$/)).map(text))
  const [trustList] = await read(/^trust-list\.jwt$/)
  const others = await readOthers(folder)
  return {
    anchors: (await read(/^(?!(?:seal|stamp)-root-).*\.(pem|cer|crt)$/)).flatMap(derBlocks),
    sealAnchors: (await read(/^seal-root-.*\.(pem|cer|crt)$/)).flatMap(derBlocks),
    stampAnchors: (await read(/^stamp-root-.*\.(pem|cer|crt)$/)).flatMap(derBlocks),
    crls: (await read(/\.crl$/)).flatMap(derBlocks),
    trustList: trustList ? text(trustList) : null,
    statusLists,
    ...((others.lists.length > 0 || others.divisions) && { others }),
  }
}

const OWN_NAMES = /^((seal-|stamp-)?root-\d+\.pem|ca-\d+\.crl|trust-list\.jwt|status-list-.*\.jwt)$/

/**
 * Writes a trust folder, each file at once (a reader sees the old one or the new one), and removes what it wrote before and is no longer
 * in it. Files of other names are somebody else's.
 */
export async function writeTrustFolder(folder: string, material: TrustMaterial): Promise<void> {
  await mkdir(folder, { recursive: true })
  const files = new Map<string, Uint8Array | string>()
  const addRoots = (name: string, roots: readonly Uint8Array[]) => {
    for (const [i, root] of roots.entries()) files.set(`${name}-${i + 1}.pem`, pem(root))
  }
  addRoots('root', material.anchors)
  addRoots('seal-root', material.sealAnchors ?? [])
  addRoots('stamp-root', material.stampAnchors ?? [])
  for (const [i, crl] of material.crls.entries()) files.set(`ca-${i + 1}.crl`, crl)
  if (material.trustList !== null) files.set('trust-list.jwt', material.trustList)
  for (const [address, list] of material.statusLists) files.set(`status-list-${address.split('/').at(-1)}.jwt`, list)
  for (const [name, content] of files) {
    await writeFile(join(folder, `.${name}.new`), content)
    await rename(join(folder, `.${name}.new`), join(folder, name))
  }
  const stale = (await readdir(folder)).filter((name) => OWN_NAMES.test(name) && !files.has(name))
  for (const name of stale) await rm(join(folder, name))
}
