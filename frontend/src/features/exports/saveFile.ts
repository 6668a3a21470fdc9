import { reportSignedOut } from '@/api/client'
import { networkProblem, toProblemError } from '@/api/problem'

/** So much is kept in memory; the browser may put a Blob on the disk. */
const FLUSH_BYTES = 16 * 1024 * 1024

/** `attachment; filename="x.csv"` → `x.csv`. */
export function fileNameOf(disposition: string | null, otherwise: string): string {
  return /filename="?([^";]+)"?/.exec(disposition ?? '')?.[1] ?? otherwise
}

export interface Received {
  blob: Blob
  name: string
}

/** Fetch a file, telling how many bytes have come. Rejects with a ProblemError, or as AbortError. */
export async function fetchFile(
  url: string,
  otherwise: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Received> {
  let response: Response
  try {
    response = await fetch(url, { signal, credentials: 'same-origin' })
  } catch (error) {
    if (signal.aborted) throw error
    throw networkProblem()
  }
  if (!response.ok || !response.body) {
    if (response.status === 401) reportSignedOut()
    throw toProblemError(await response.json().catch(() => null), response.status)
  }
  const name = fileNameOf(response.headers.get('Content-Disposition'), otherwise)
  const type = response.headers.get('Content-Type') ?? 'application/octet-stream'
  const reader = response.body.getReader()
  let blob = new Blob([], { type })
  let pending: Uint8Array<ArrayBuffer>[] = []
  let pendingBytes = 0
  let total = 0
  const flush = () => {
    blob = new Blob([blob, ...pending], { type })
    pending = []
    pendingBytes = 0
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      pending.push(value)
      pendingBytes += value.byteLength
      total += value.byteLength
      onBytes(total)
      if (pendingBytes >= FLUSH_BYTES) flush()
    }
  } catch (error) {
    if (signal.aborted) throw error
    throw networkProblem()
  }
  flush()
  return { blob, name }
}

/** Have the browser save it as a download. */
export function saveFile({ blob, name }: Received): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // Not at once: the browser may not have begun yet.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
