/** The token of `Authorization: Bearer …` (RFC 6750 §2.1), undefined without one. */
export function readBearer(header: string | undefined): string | undefined {
  return /^Bearer +([\w~+/.-]+=*) *$/i.exec(header ?? '')?.[1]
}
