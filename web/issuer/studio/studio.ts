import { callApi, fetchFile } from '../../kit/api.ts'
import type { Text } from '../../kit/language.ts'
import { withSession } from '../../kit/session.ts'
import type { Definition } from './template.ts'

/** The studio's part of the API. Errors as `callApi`. */

export interface OpenedTemplate {
  readonly definition: Definition
  readonly definitionDigest: string | null
  readonly state: string
  readonly templateVersion: number
}

export interface TemplateVersion {
  readonly templateVersion: number
  readonly state: string
  readonly definitionDigest: string
  readonly origin: string
  readonly drawnAt: string
  readonly publishedAt: string | null
}

export interface OverflowReport {
  readonly samples: readonly string[]
  readonly overflows: readonly { readonly sample: string; readonly where: string; readonly what: Text }[]
}

const at = (typeCode: string): string => `/api/templates/${encodeURIComponent(typeCode)}`

export const openTemplate = (typeCode: string): Promise<OpenedTemplate> =>
  withSession(() => callApi(`${at(typeCode)}/draft`))

/** `replaces` is the digest of what was opened: nobody's work is overwritten unseen. */
export const saveTemplate = (definition: Definition, replaces: string | null): Promise<TemplateVersion> =>
  withSession(() => callApi(`${at(definition.typeCode)}/draft`, { method: 'PUT', body: { definition, replaces } }))

export const drawPreview = (definition: Definition, signal: AbortSignal): Promise<Blob> =>
  withSession(() => fetchFile(`${at(definition.typeCode)}/previews`, { method: 'POST', body: { definition }, signal }))

export const findOverflows = (definition: Definition): Promise<OverflowReport> =>
  withSession(() => callApi(`${at(definition.typeCode)}/overflows`, { method: 'POST', body: { definition } }))

export const listVersions = (typeCode: string): Promise<{ readonly versions: readonly TemplateVersion[] }> =>
  withSession(() => callApi(`${at(typeCode)}/versions`))

export const readVersion = (typeCode: string, version: number): Promise<{ readonly definition: Definition }> =>
  withSession(() => callApi(`${at(typeCode)}/versions/${version}`))

export const readSample = (typeCode: string, version: number): Promise<Blob> =>
  withSession(() => fetchFile(`${at(typeCode)}/versions/${version}/sample`))

export type Step = 'reviews' | 'publications' | 'retirements'
export const takeStep = (typeCode: string, step: Step, body: object): Promise<TemplateVersion> =>
  withSession(() => callApi(`${at(typeCode)}/${step}`, { method: 'POST', body }))

/** A specimen that counts, or is proposed to. */
interface GoldenRevision {
  readonly revision: number
  readonly specimenDigest: string
  readonly reason: string
  readonly proposedBy: string
  readonly drawnAt: string
  readonly decidedBy: string | null
  readonly decidedAt: string | null
}

/** How the version in force stands to what it must look like. */
export interface Golden {
  readonly templateVersion: number
  readonly state: 'none' | 'unchecked' | 'same' | 'differs' | 'failed'
  readonly approved: GoldenRevision | null
  readonly proposed: GoldenRevision | null
  readonly checkedAt: string | null
  readonly differences: readonly { readonly page: number | null; readonly what: string }[]
}

export const readGolden = (typeCode: string): Promise<Golden> => withSession(() => callApi(`${at(typeCode)}/golden`))

export const readGoldenSpecimen = (typeCode: string, which: 'approved' | 'proposed' | 'present'): Promise<Blob> =>
  withSession(() => fetchFile(`${at(typeCode)}/golden/${which}`))

export const actOnGolden = (
  typeCode: string,
  act: 'checks' | 'proposals' | 'approvals' | 'refusals',
  body: object,
): Promise<Golden> => withSession(() => callApi(`${at(typeCode)}/golden/${act}`, { method: 'POST', body }))
