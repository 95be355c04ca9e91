// What is mutated: our own licences at every level with what judges them, other people's files, and the small structures inside.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PDFDocument } from '@cantoo/pdf-lib'
import { readTrustFolder, writeTrustFolder } from '../../bin/trust-folder.ts'
import { readSignedPdf } from '../../pades/read/index.ts'
import { openDatabase } from '../../platform/index.ts'
import { listTemplates } from '../../templates/index.ts'
import { type Evidence, findSubject, type ValidationPolicy } from '../../verifier/index.ts'
import { judgedAt, makeLongTermDocuments } from '../fixtures/long-term-documents.ts'
import { clerk, exampleOf, openHouse } from '../support/service.ts'

/** By what a document is judged: as our house would, as a house with a past, or by nobody's trust. */
export type WorldName = 'own' | 'past' | 'foreign'

export interface World {
  readonly evidence: Evidence
  readonly policy: ValidationPolicy
  readonly at: Date
}

/** A document, text or structure as it was before anything was changed. */
export interface Seed {
  /** Its path in the corpus. */
  readonly name: string
  readonly bytes: Uint8Array
}

export interface Corpus {
  readonly worlds: Readonly<Record<WorldName, World>>
  readonly documents: Readonly<Record<WorldName, readonly Seed[]>>
  /** Texts of QR codes. */
  readonly statements: readonly Seed[]
}

const levels = ['B-B', 'B-T', 'B-LT', 'B-LTA'] as const

/**
 * Mints and writes a corpus: licences of every level, a revoked one, documents of a house with a past. Keys are new each time, so keep the
 * folder to see the same mutants again.
 *
 * @param types how many licence types
 */
export async function makeCorpus(folder: string, types: number): Promise<void> {
  await mkdir(join(folder, 'own'), { recursive: true })
  await mkdir(join(folder, 'past'), { recursive: true })
  const house = await openHouse(await openDatabase({ memory: true }))
  try {
    const mint = async (typeCode: string, level: string, name: string) => {
      const request = { key: name, typeCode, data: exampleOf(typeCode), level }
      const [outcome] = await house.licences.issueLicences(clerk, [request])
      if (!outcome?.ok) throw new Error(`${name} was not issued`, { cause: outcome?.error })
      const { identifier } = outcome.licence
      const pdf = new Uint8Array(await house.licences.readDocument(clerk, identifier))
      await writeFile(join(folder, 'own', `${name}.pdf`), pdf)
      await writeFile(join(folder, 'own', `${name}.qr`), findSubject(pdf).statementText ?? '')
      return identifier
    }
    const chosen = listTemplates().slice(0, types)
    for (const level of levels)
      for (const { typeCode, name } of chosen)
        await mint(typeCode, level, `${level}-${name.en.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`)
    const revoked = await mint(chosen[0]!.typeCode, 'B-LT', 'revoked')
    await house.licences.revoke(clerk, { identifier: revoked, reason: '吊销' })
    await house.licences.publishLists()
    await writeTrustFolder(join(folder, 'own', 'trust'), {
      anchors: house.pki.anchors(),
      crls: await house.pki.crls(),
      trustList: await house.licences.trustList(),
      statusLists: await house.licences.statusLists(),
    })
    await writeFile(join(folder, 'own', 'at'), house.clock.now().toISOString())
  } finally {
    await house.close()
  }
  await makePast(join(folder, 'past'))
}

async function makePast(folder: string): Promise<void> {
  const plain = await PDFDocument.create({ updateMetadata: false })
  plain.addPage([595, 842])
  const { house, documents } = await makeLongTermDocuments(await plain.save({ useObjectStreams: false }))
  for (const [name, { bytes }] of Object.entries(documents))
    await writeFile(join(folder, `${name.replaceAll(' ', '-')}.pdf`), bytes)
  const material = { anchors: [house.root], crls: await house.crls(judgedAt), trustList: null, statusLists: new Map() }
  await writeTrustFolder(join(folder, 'trust'), material)
  await writeFile(join(folder, 'at'), judgedAt.toISOString())
}

const others = fileURLToPath(new URL('../../../shared/corpora/', import.meta.url))

async function readFolder(folder: string, prefix: string, ending: RegExp): Promise<Seed[]> {
  const names = await readdir(folder).catch(() => [] as string[])
  return Promise.all(
    names
      .filter((name) => ending.test(name))
      .sort()
      .map(async (name) => ({ name: `${prefix}/${name}`, bytes: new Uint8Array(await readFile(join(folder, name))) })),
  )
}

/** Other people's files whose names end so, from every suite; none where the suites are missing. */
export async function readOthers(ending: RegExp, suite = /./): Promise<Seed[]> {
  const suites = (await readdir(others).catch(() => [] as string[])).filter((name) => suite.test(name)).sort()
  return (await Promise.all(suites.map((name) => readFolder(join(others, name), name, ending)))).flat()
}

async function readWorld(folder: string, policy: Partial<ValidationPolicy>): Promise<World> {
  const { anchors, ...material } = await readTrustFolder(join(folder, 'trust'))
  const at = new Date(await readFile(join(folder, 'at'), 'utf8'))
  return { evidence: { ...material, live: null }, policy: { trustAnchors: anchors, ...policy }, at }
}

/** The greatest of other people's documents that is mutated: time is better spent on many. */
const MOST_BYTES = 1 << 20

export async function readCorpus(folder: string): Promise<Corpus> {
  const own = await readFolder(join(folder, 'own'), 'own', /\.pdf$/)
  const foreign = (await readOthers(/\.pdf$/i)).filter(({ bytes }) => bytes.length <= MOST_BYTES)
  const nobody = { crls: [], trustList: null, statusLists: new Map<string, string>(), live: null }
  return {
    worlds: {
      own: await readWorld(join(folder, 'own'), {}),
      past: await readWorld(join(folder, 'past'), { trustList: 'skipped' }),
      foreign: { evidence: nobody, policy: { trustAnchors: [] }, at: new Date('2026-11-21T08:00:00Z') },
    },
    documents: { own, past: await readFolder(join(folder, 'past'), 'past', /\.pdf$/), foreign },
    statements: await readFolder(join(folder, 'own'), 'own', /\.qr$/),
  }
}

/** The CMS values, certificates, answers and lists inside documents, as seeds of their own. */
export function structuresOf(documents: readonly Seed[]): Record<'cms' | 'certificates' | 'ocsps' | 'crls', Seed[]> {
  const found: Record<'cms' | 'certificates' | 'ocsps' | 'crls', Seed[]> = {
    cms: [],
    certificates: [],
    ocsps: [],
    crls: [],
  }
  for (const { name, bytes } of documents) {
    const pdf = readSignedPdf(bytes)
    if (!pdf.ok) continue
    const add = (kind: keyof typeof found, list: readonly Uint8Array[]) => {
      for (const [index, der] of list.slice(0, 8).entries())
        found[kind].push({ name: `${name}#${kind}${index}`, bytes: der })
    }
    add(
      'cms',
      pdf.signatures.flatMap(({ contents }) => contents ?? []),
    )
    const data = pdf.validationData()
    if (!data) continue
    add('certificates', data.certificates)
    add('ocsps', data.ocsps)
    add('crls', data.crls)
  }
  return found
}
