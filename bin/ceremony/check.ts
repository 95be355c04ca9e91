// `ceremony check`: every signature and every digest of a root's folder, then its transcripts as text.
import { describeTranscript, readRootFolder } from '../../pki-service/index.ts'
import { readFolder } from './folders.ts'

/** Prints the transcripts; throws what is wrong with the folder. */
export async function check(folder: string): Promise<void> {
  const { certificate, keyId, issued, crl, transcripts } = await readRootFolder(await readFolder(folder))
  for (const transcript of transcripts) console.log(describeTranscript(transcript))
  console.log(
    [
      `${folder}: whole and signed`,
      `  root ${certificate.subject.text}, key ${keyId}, to ${certificate.notAfter.toISOString()}`,
      ...issued.map(
        (issue) => `  ${issue.file}: ${issue.certificate.subject.text}, to ${issue.certificate.notAfter.toISOString()}`,
      ),
      `  revocation list ${crl.cRLNumber}: ${crl.entries.size} entries, next by ${crl.nextUpdate?.toISOString()}`,
    ].join('\n'),
  )
}
