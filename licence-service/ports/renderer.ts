import type { CompiledTemplate, LicenceDefinition, RenderInput, TemplateError } from '../../templates/index.ts'

/** What one licence's pages are drawn from, by the version of the template that its data name. */
export interface PageToRender extends RenderInput {
  readonly typeCode: string
}

export type RenderedPage =
  | {
      readonly ok: true
      readonly pdf: Uint8Array
      /** SHA-256 of `pdf`, hexadecimal. */
      readonly unsignedDigest: string
      readonly sealCentre: { readonly page: number; readonly x: number; readonly y: number }
    }
  | { readonly ok: false; readonly error: TemplateError }

/** Where the versions that pages name are found. `compiled` serves this thread alone. */
export interface VersionSource {
  version(
    typeCode: string,
    templateVersion: number,
  ): { readonly definition: LicenceDefinition; readonly compiled: CompiledTemplate } | undefined
}

/** Draws pages, here or in another thread: an outcome for each, in order. Same input, same bytes. Every version named is there. */
export type Renderer = (pages: readonly PageToRender[], templates: VersionSource) => Promise<readonly RenderedPage[]>
