import { TrustServiceError } from '../platform/index.ts'

export type CommandErrorCode = 'FILE_UNREADABLE' | 'DATA_FILE_NOT_JSON' | 'TRUST_FOLDER_EMPTY' | 'TIME_MALFORMED'

/** A call of the command line that cannot be carried out: exit code 2. */
export class CommandError extends TrustServiceError<CommandErrorCode> {}
