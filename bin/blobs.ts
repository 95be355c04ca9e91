import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blobs, type Clock, createBlobs, createS3Blobs, PlatformError, type S3Config } from '../platform/index.ts'

/** Where the files of a kind lie: in the store that is configured, under their kind's name, else in a folder of the data folder. */
export async function openBlobs(
  s3: S3Config | undefined,
  dataDir: string,
  kind: 'documents' | 'seal-files',
  clock: Clock,
): Promise<Blobs> {
  if (!s3) return createBlobs({ folder: join(dataDir, kind) })
  const { url, region, keyFile } = s3
  return createS3Blobs({ url: `${url}/${kind}`, region, credentials: await readKey(keyFile), clock })
}

/** A file for its owner's eyes, as all secrets. Throws CONFIG_INVALID. */
async function readKey(path: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    if (typeof accessKeyId === 'string' && accessKeyId && typeof secretAccessKey === 'string' && secretAccessKey)
      return { accessKeyId, secretAccessKey }
    throw new TypeError('a text is missing')
  } catch (cause) {
    throw new PlatformError(
      'CONFIG_INVALID',
      'BLOBS_S3_KEY_FILE: expected a JSON file with the texts accessKeyId and secretAccessKey',
      { cause: cause instanceof SyntaxError ? undefined : cause },
    )
  }
}
