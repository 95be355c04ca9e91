// What page and worker say to each other. Everything is copied, nothing shared.
import type { LiveStatus, Question } from '../../../verifier/index.ts'
import type { VerificationReport } from '../../kit/api-types.ts'
import type { ListFacts } from './lists.ts'

interface Asked {
  readonly live: LiveStatus | null
  /** What is asked beside. */
  readonly question: Question
}

export type Task =
  | ({ readonly kind: 'document'; readonly file: Blob; readonly name: string } & Asked)
  | ({ readonly kind: 'statement'; readonly text: string } & Asked)
  /** Renews the kept lists where there is a network, and tells what is kept. */
  | { readonly kind: 'lists' }

export interface Answers {
  readonly document: VerificationReport
  readonly statement: VerificationReport
  readonly lists: ListFacts | null
}

/** How far a task is. */
export type Phase = 'lists' | 'reading' | 'checking'

export interface Request {
  readonly id: number
  /** What the device's clock shows. */
  readonly at: Date
  readonly task: Task
}

export type Reply =
  | { readonly id: number; readonly phase: Phase }
  | { readonly id: number; readonly answer: Answers[Task['kind']]; readonly lists: ListFacts | null }
  | { readonly id: number; readonly error: string }
