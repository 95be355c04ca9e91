import type { Queryable } from '../../platform/index.ts'

/** That a sealed document that is kept was handed to somebody, or removed by them. */
export interface DocumentAccess {
  readonly documentId: string
  readonly what: 'read' | 'removed'
  readonly callerId: string
  readonly callerName: string | null
  readonly at: Date
}

export async function insertDocumentAccess(db: Queryable, access: DocumentAccess): Promise<void> {
  await db.query(
    'insert into seal.document_accesses (document_id, what, caller_id, caller_name, at) values ($1, $2, $3, $4, $5)',
    [access.documentId, access.what, access.callerId, access.callerName, access.at],
  )
}

/** Those of a document, newest first, 200 at most. */
export const listDocumentAccesses = (db: Queryable, documentId: string): Promise<DocumentAccess[]> =>
  db.query<DocumentAccess>(
    `select document_id as "documentId", what, caller_id as "callerId", caller_name as "callerName", at
     from seal.document_accesses where document_id = $1 order by access_id desc limit 200`,
    [documentId],
  )
