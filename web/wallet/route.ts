export type Route =
  | { readonly at: 'cards' | 'looks' | 'notices' | 'mine' }
  | { readonly at: 'licence'; readonly identifier: string }

export const toLicence = (identifier: string): string => `#/licences/${encodeURIComponent(identifier)}`

/** The place that an address names; the cards for anything else. */
export function parseRoute(hash: string): Route {
  const licence = /^#\/licences\/([^/]+)$/.exec(hash)?.[1]
  if (licence) {
    try {
      return { at: 'licence', identifier: decodeURIComponent(licence) }
    } catch {
      return { at: 'cards' }
    }
  }
  const place = /^#\/(looks|notices|mine)$/.exec(hash)?.[1]
  return { at: place === 'looks' || place === 'notices' || place === 'mine' ? place : 'cards' }
}
