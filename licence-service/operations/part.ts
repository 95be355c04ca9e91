import type { Route } from '../../platform/http/index.ts'
import type { Principal } from '../../platform/index.ts'
import type { Deps } from './deps.ts'
import type { IssueRequest } from './issue-licences.ts'
import type { IssueOutcome } from './issue-outcome.ts'

/** Work that comes back by itself: never twice at once in a process, tried again when it failed. */
export interface Job {
  /** What it does, for the log. */
  readonly what: string
  readonly everyMs: number
  /** Whether worker processes do it too; they do nothing else by themselves. */
  readonly inWorkers?: true
  work(stopping: AbortSignal): Promise<unknown>
}

/** One of the parts that the service is joined from: its routes, its repeated work. */
export interface Part {
  readonly routes: readonly Route[]
  readonly jobs?: readonly Job[]
  /** After the schema is there, before anything is served or repeated. */
  start?(): Promise<void>
  /** After everything under way has ended. */
  stop?(): Promise<void>
}

/** What a part asks of the service around it. */
export interface Within {
  /** Issues, tracked by the service, so that closing waits for it. */
  issue(caller: Principal, requests: readonly IssueRequest[]): Promise<IssueOutcome[]>
  /** The same for what nobody waits for. */
  issueInBatch(caller: Principal, requests: readonly IssueRequest[]): Promise<IssueOutcome[]>
  /** Whether somebody waits for a licence at this moment. */
  isBusy(): boolean
}

export type CreatePart = (deps: Deps, within: Within) => Part
