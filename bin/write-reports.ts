// A report in the forms a caller of the command line asked for, each in a file of its own that was not there before.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createFonts } from '../templates/index.ts'
import { type BundleMaterial, SOFTWARE, writeBundle } from '../verifier/bundle/index.ts'
import { type AnyReport, type ReportFacts, renderReportHtml, renderReportXml } from '../verifier/formats/index.ts'
import { renderReportPdf } from '../verifier/http/index.ts'
import { callerPath } from './caller-path.ts'
import { CommandError } from './errors.ts'

export interface ReportFiles {
  readonly bundle?: string
  readonly html?: string
  readonly pdf?: string
  readonly xml?: string
}

/** Whether any file is asked for. */
export const asksForFiles = ({ bundle, html, pdf, xml }: ReportFiles): boolean =>
  [bundle, html, pdf, xml].some((name) => name !== undefined)

/** Nothing is judged for files that could not be written. Throws FILE_EXISTS. */
export function expectFree({ bundle, html, pdf, xml }: ReportFiles): void {
  for (const name of [bundle, html, pdf, xml])
    if (name !== undefined && existsSync(callerPath(name))) throw isThere(name)
}

/** SHA-256, lower-case hex. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Writes what is asked for. Throws FILE_EXISTS: evidence is never overwritten; FILE_UNWRITABLE where its folder is missing. */
export async function writeReports(
  report: AnyReport,
  files: ReportFiles,
  { facts = {}, material }: { readonly facts?: ReportFacts; readonly material?: BundleMaterial },
): Promise<void> {
  const all: ReportFacts = { software: SOFTWARE, ...facts }
  if (files.html !== undefined) await writeNew(files.html, renderReportHtml(report, all))
  if (files.xml !== undefined) await writeNew(files.xml, renderReportXml(report, all))
  if (files.pdf !== undefined) await writeNew(files.pdf, renderReportPdf(report, all, createFonts()))
  if (files.bundle !== undefined && material) await writeNew(files.bundle, await writeBundle(material))
}

async function writeNew(name: string, content: Uint8Array | string): Promise<void> {
  try {
    await writeFile(callerPath(name), content, { flag: 'wx' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    if (exists) throw isThere(name, cause)
    throw new CommandError('FILE_UNWRITABLE', `${name} cannot be written`, { cause })
  }
}

const isThere = (name: string, cause?: unknown): CommandError =>
  new CommandError('FILE_EXISTS', `${name} is there already, and nothing is overwritten: name another file`, { cause })
