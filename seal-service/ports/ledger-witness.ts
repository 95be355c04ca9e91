/**
 * Keeps the ledger's heads outside the database, so that a chain whose end was cut off together with its rows is found. Texts are
 * `ledger-head+jwt`, or canonical JSON where nobody certifies a key for heads.
 */
export interface LedgerWitness {
  /** The head as it was written last; null before the first. */
  readHead(): Promise<string | null>
  /** Replaces the head, whole and for good or not at all. */
  writeHead(head: string): Promise<void>
  /** Keeps a checkpoint for good: another one with its number stays beside it. */
  keepCheckpoint(number: number, statement: string): Promise<void>
  /** Sets the head aside as evidence: the chain contradicts it. */
  setHeadAside(): Promise<void>
}
