import { z } from 'zod'
import { publicRoute, type RouteSet } from '../../platform/http/index.ts'
import type { Clock } from '../../platform/index.ts'
import type { TrustRoots } from '../index.ts'
import { verifierProblems } from './problems.ts'

/** What whoever verifies without the server takes along; the signed lists themselves stay at their own addresses. */
export interface TrustMaterialSource {
  roots(): TrustRoots
  /** Current revocation lists below them, DER. */
  crls(): Promise<readonly Uint8Array[]>
  /** Addresses of every signed status list. */
  statusListAddresses(): Promise<readonly string[]>
  readonly clock: Clock
}

/**
 * Octets of revocation lists that everybody takes along; whoever reads this takes 16 MiB of text. Those of authorities outside come last
 * and are left out beyond it: documents that matter carry what is needed of them.
 */
const MOST_CRL_OCTETS = 8 << 20

/** Made again at most once in this time: many pages ask for the same. */
const KEPT_MS = 30_000

const answer = z.object({
  asOf: z.iso.datetime().describe('When this was true by the clock of the server'),
  anchors: z.array(z.base64()).describe('Trust anchors, DER: above everything'),
  sealAnchors: z.array(z.base64()).describe('Trust anchors above seals alone: of authorities outside'),
  stampAnchors: z.array(z.base64()).describe('Trust anchors above time stamps alone'),
  crls: z.array(z.base64()).describe('Revocation lists, DER'),
  trustList: z.string().describe('Address of the trust list'),
  statusLists: z.array(z.string()).describe('Addresses of the status lists'),
})

/** The route from which the offline page learns roots, revocation lists and where the signed lists are. Public, no login. */
export function createTrustMaterialRoutes(source: TrustMaterialSource): RouteSet {
  let made: { readonly at: number; readonly json: Promise<z.output<typeof answer>> } | undefined
  const make = async (now: Date) => {
    const [crls, statusLists] = await Promise.all([source.crls(), source.statusListAddresses()])
    const { anchors, sealAnchors = [], stampAnchors = [] } = source.roots()
    return {
      asOf: now.toISOString(),
      anchors: anchors.map(toBase64),
      sealAnchors: sealAnchors.map(toBase64),
      stampAnchors: stampAnchors.map(toBase64),
      crls: withinOctets(crls, MOST_CRL_OCTETS).map(toBase64),
      trustList: '/trust-list',
      statusLists: [...statusLists],
    }
  }
  const route = publicRoute({
    method: 'get',
    path: '/trust-material',
    permission: 'public',
    summary: 'Roots, revocation lists and addresses of the signed lists, for verifying without the server',
    tag: 'Verification',
    answers: { 200: { description: 'What an offline verifier takes along', schema: answer } },
    async handle() {
      const now = source.clock.now()
      const age = made ? now.getTime() - made.at : Number.POSITIVE_INFINITY
      if (!made || age < 0 || age >= KEPT_MS) {
        const json = make(now)
        json.catch(() => (made = undefined))
        made = { at: now.getTime(), json }
      }
      return {
        status: 200,
        json: await made.json,
        headers: { 'Cache-Control': 'no-cache', 'Access-Control-Allow-Origin': '*' },
      }
    },
  })
  return { routes: [route], problems: verifierProblems }
}

/** Each that fits beside those before it. */
function withinOctets(values: readonly Uint8Array[], most: number): Uint8Array[] {
  let left = most
  return values.filter(({ length }) => {
    if (length > left) return false
    left -= length
    return true
  })
}

const toBase64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
