import { reportSignedOut } from '@/api/client'
import { networkProblem, toProblemError } from '@/api/problem'

export interface FileUpload<T> {
  answer: Promise<T>
  abort: () => void
}

/** Send a form with a file. fetch can't tell how much has been sent; XMLHttpRequest can. */
export function sendFile<T>(url: string, form: FormData, onProgress: (share: number) => void): FileUpload<T> {
  const request = new XMLHttpRequest()
  const answer = new Promise<T>((resolve, reject) => {
    request.open('POST', url)
    request.responseType = 'json'
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    })
    request.addEventListener('error', () => reject(networkProblem()))
    request.addEventListener('abort', () => reject(new DOMException('The upload was cancelled', 'AbortError')))
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as T)
      else {
        if (request.status === 401) reportSignedOut()
        reject(toProblemError(request.response, request.status))
      }
    })
    request.send(form)
  })
  return { answer, abort: () => request.abort() }
}
