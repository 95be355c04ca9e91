import { z } from 'zod'
import { createTokenSender, publicRoute, type RouteSet, type SendToken } from '../../platform/http/index.ts'
import type { EvidenceSource } from '../index.ts'
import { VerifierError } from './errors.ts'
import { verifierProblems } from './problems.ts'

/** Signed lists that a process without a register of its own passes on; who reads them looks at their signatures. */
interface PassedOnLists {
  readonly source: Pick<EvidenceSource, 'trustList' | 'statusList'>
  /** Addresses that may be asked for: no other is. */
  statusListAddresses(): Promise<readonly string[]>
}

const PATIENCE_MS = 3000
const listParams = z.object({ id: z.string().regex(/^\d{1,10}$/) })

/** `/trust-list` and `/status-lists/{id}` on the page's own host, for it may reach no other. Public, no login. */
export function createPassedOnListRoutes({ source, statusListAddresses }: PassedOnLists): RouteSet {
  const send = createTokenSender()
  const sendFound = (list: string | null, contentType: string, asked: Parameters<SendToken>[2]) => {
    if (list === null) throw new VerifierError('VERIFICATION_REGISTER_UNAVAILABLE', 'there is no such list at hand')
    return send(list, contentType, asked)
  }
  const trustList = publicRoute({
    method: 'get',
    path: '/trust-list',
    permission: 'public',
    summary: 'The signed trust list (ETSI TS 119 602, JSON)',
    tag: 'Verification',
    answers: { 200: { description: 'The list', contentType: 'application/jwt' } },
    problems: ['VERIFICATION_REGISTER_UNAVAILABLE'],
    handle: async ({ headers }) =>
      sendFound(await source.trustList(AbortSignal.timeout(PATIENCE_MS)), 'application/jwt', headers),
  })
  const statusList = publicRoute({
    method: 'get',
    path: '/status-lists/{id}',
    permission: 'public',
    summary: 'A signed Token Status List',
    tag: 'Verification',
    params: listParams,
    answers: { 200: { description: 'The list', contentType: 'application/statuslist+jwt' } },
    problems: ['VERIFICATION_REGISTER_UNAVAILABLE'],
    async handle({ params, headers }) {
      const path = `/status-lists/${params.id}`
      const address = (await statusListAddresses()).find((known) => URL.parse(known)?.pathname === path)
      const list = address === undefined ? null : source.statusList?.(address, AbortSignal.timeout(PATIENCE_MS))
      return sendFound((await list) ?? null, 'application/statuslist+jwt', headers)
    },
  })
  return { routes: [trustList, statusList], problems: verifierProblems }
}
