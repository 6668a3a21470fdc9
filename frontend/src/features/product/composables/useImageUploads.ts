import { computed, ref, type Ref } from 'vue'
import { reportSignedOut } from '@/api/client'
import { networkProblem, toProblemError, type ProblemError } from '@/api/problem'

export const ACCEPTED_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/gif',
]
export const MAX_BYTES = 20 * 1024 * 1024

export interface Upload {
  id: number
  name: string
  /** 0-1 */
  progress: number
  problem: ProblemError | null
}

type Send = (url: string, file: File, onProgress: (share: number) => void) => Promise<void>

/** fetch can't tell how much has been sent; XMLHttpRequest can. */
const send: Send = (url, file, onProgress) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('image', file)
    request.open('POST', url)
    request.responseType = 'json'
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    request.addEventListener('error', () => reject(networkProblem()))
    request.addEventListener('abort', () => reject(networkProblem()))
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else {
        if (request.status === 401) reportSignedOut()
        reject(toProblemError(request.response, request.status))
      }
    })
    request.send(form)
  })

/** Photos on their way to a product: one after the other, each with its own progress and its own error. */
export function useImageUploads(productId: Ref<string>, onUploaded: () => void, transport: Send = send) {
  const uploads = ref<Upload[]>([])
  const busy = computed(() => uploads.value.some(({ problem }) => problem === null))
  let queue: Promise<void> = Promise.resolve()
  let nextId = 1

  function refusal(file: File): ProblemError | null {
    // Some systems give no type for HEIC: the server looks at the bytes anyway.
    if (file.type !== '' && !file.type.startsWith('image/')) {
      return toProblemError({ type: '/problems/not-an-image', title: 'Not an image that we can read', status: 415 })
    }
    if (file.size > MAX_BYTES) {
      return toProblemError({ type: '/problems/image-too-large', title: 'The image is too large', status: 413 })
    }
    return null
  }

  async function upload(entry: Upload, file: File): Promise<void> {
    const change = (changes: Partial<Upload>) => {
      uploads.value = uploads.value.map((each) => (each.id === entry.id ? { ...each, ...changes } : each))
    }
    try {
      await transport(`/api/v1/products/${productId.value}/images`, file, (progress) => change({ progress }))
      dismiss(entry.id)
      onUploaded()
    } catch (error) {
      change({ problem: toProblemError(error) })
    }
  }

  function add(files: Iterable<File>): Promise<void> {
    for (const file of files) {
      const entry: Upload = { id: nextId++, name: file.name, progress: 0, problem: refusal(file) }
      uploads.value = [...uploads.value, entry]
      if (entry.problem === null) queue = queue.then(() => upload(entry, file))
    }
    return queue
  }

  function dismiss(id: number): void {
    uploads.value = uploads.value.filter((each) => each.id !== id)
  }

  return { uploads, busy, add, dismiss }
}
