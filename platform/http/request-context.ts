import { AsyncLocalStorage } from 'node:async_hooks'

/** What is known of the request being answered, for log lines, problems and metrics. */
export interface RequestContext {
  readonly id: string
  /** Template of the matched route; the path itself may hold a secret and is never kept. */
  route: string
  /** Code of the problem it ended in. */
  code?: string
  principalId?: string
}

/** What is known of a request at its end. */
export interface RequestRecord {
  readonly method: string
  readonly route: string
  readonly status: string
  readonly ms: number
  readonly requestId: string
  readonly code?: string | undefined
  readonly principalId?: string | undefined
}

const storage = new AsyncLocalStorage<RequestContext>()

export const currentRequest = (): RequestContext | undefined => storage.getStore()

export const runInRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)
