/** A department of the administration; `code` is its unified social credit code (GB 32100). */
export interface Department {
  readonly code: string
  readonly name: { readonly zh: string; readonly en: string }
  /** GB/T 2260, six digits. */
  readonly areaCode: string
  readonly parentCode: string | null
}
