import type { RenderInput, TemplateError } from '../../templates/index.ts'

/** What one licence's pages are drawn from. */
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

/** Draws pages with the templates as published, here or in another thread: an outcome for each, in order. Same input, same bytes. */
export type Renderer = (pages: readonly PageToRender[]) => Promise<readonly RenderedPage[]>
