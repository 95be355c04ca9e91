// Names of a PKI's own entities through their generations. The table of authority.ts knows the first ones; later generations carry a number.

/** Purposes an issuing CA may have; each stands under the root. */
export const issuingAuthorities = ['seal-ca', 'statement-ca', 'time-stamp-ca', 'list-ca'] as const
export type IssuingAuthority = (typeof issuingAuthorities)[number]

/** The chain of SM2 keys, beside the other and under a root of its own: China's seals stand in it. */
export const sm2Authorities = ['sm2-root', 'sm2-seal-ca'] as const
export type Sm2Authority = (typeof sm2Authorities)[number]

/** An authority or its responder, taken apart: `seal-ca-2-ocsp-3` is the third responder of the second seal CA. */
export interface NameParts {
  readonly authority: 'root' | IssuingAuthority | Sm2Authority
  readonly generation: number
  readonly responder: number | null
}

const NAME =
  /^(root|seal-ca|statement-ca|time-stamp-ca|list-ca|sm2-root|sm2-seal-ca)(?:-([1-9]\d{0,2}))?(-ocsp(?:-([1-9]\d{0,2}))?)?$/

/** The parts of a name; undefined for what is none, `seal-ca-1` among them: the first generation has no number. */
export function parseName(text: string): NameParts | undefined {
  const [, authority, generation, responder, responderGeneration] = NAME.exec(text) ?? []
  if (authority === undefined || generation === '1' || responderGeneration === '1') return undefined
  return {
    authority: authority as NameParts['authority'],
    generation: Number(generation ?? 1),
    responder: responder === undefined ? null : Number(responderGeneration ?? 1),
  }
}

const numbered = (text: string, generation: number): string => (generation === 1 ? text : `${text}-${generation}`)

/** The reverse of `parseName`. */
export function formatName({ authority, generation, responder }: NameParts): string {
  const name = numbered(authority, generation)
  return responder === null ? name : numbered(`${name}-ocsp`, responder)
}

/** Whether a name says TEST, as everything of the demonstration does: such a root is refused in production, and by a ceremony. */
export function isTestName(text: string): boolean {
  return /\btest\b/i.test(text)
}
