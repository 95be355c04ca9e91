// Asks the page's own server for roots, revocation lists and signed lists. Nothing about a document is ever sent.
import type { OfferedLists } from './accept-lists.ts'

const LARGEST_ANSWER = 16 << 20
const MOST_STATUS_LISTS = 256

interface Material {
  readonly asOf: string
  readonly anchors: readonly string[]
  readonly sealAnchors: readonly string[]
  readonly stampAnchors: readonly string[]
  readonly crls: readonly string[]
  readonly trustList: string
  readonly statusLists: readonly string[]
}

/**
 * What the server offers now, unverified. A status list keeps the address under which it is signed, but is fetched from the page's own
 * host: the page may reach no other.
 * @throws where there is no network, or the answer is not understood
 */
export async function fetchLists(origin: string, signal: AbortSignal): Promise<OfferedLists> {
  const get = async (path: string) => {
    // No redirects: an answer of another place is no answer.
    const response = await fetch(new URL(path, origin), { signal, cache: 'no-cache', redirect: 'error' })
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    const text = await response.text()
    if (text.length > LARGEST_ANSWER) throw new Error(`${path} is too large`)
    return text
  }
  const material = JSON.parse(await get('/trust-material')) as Material
  const addresses = material.statusLists.slice(0, MOST_STATUS_LISTS)
  const [trustList, ...lists] = await Promise.all([
    get('/trust-list'),
    ...addresses.map((address) => get(new URL(address).pathname).catch(() => null)),
  ])
  const asOf = new Date(material.asOf)
  if (Number.isNaN(asOf.getTime())) throw new Error('the server named no time')
  const statusLists = addresses.flatMap((address, i) => {
    const text = lists[i]
    return text ? [[address, text.trim()] as const] : []
  })
  return {
    roots: {
      anchors: material.anchors.map(fromBase64),
      sealAnchors: material.sealAnchors.map(fromBase64),
      stampAnchors: material.stampAnchors.map(fromBase64),
    },
    crls: material.crls.map(fromBase64),
    trustList: trustList!.trim(),
    statusLists: new Map(statusLists),
    asOf,
  }
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
