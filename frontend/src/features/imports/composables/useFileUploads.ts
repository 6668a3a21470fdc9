import { onScopeDispose, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ImportPreview, PhotoArchiveRead } from '@/api/generated'
import { toProblemError, type ProblemError } from '@/api/problem'
import { kindOf } from '../fileKinds'
import { sendFile } from '../sendFile'

export interface Upload {
  id: number
  name: string
  /** 0-1 */
  progress: number
  problem: ProblemError | null
}

interface Received {
  onTable: (preview: ImportPreview) => void
  onPhotos: (archive: PhotoArchiveRead) => void
}

/** Tables and ZIPs of photos on their way to the server, each with its own progress and its own error. */
export function useFileUploads({ onTable, onPhotos }: Received) {
  const { locale } = useI18n()
  const uploads = ref<Upload[]>([])
  const running = new Map<number, () => void>()
  let nextId = 1

  function change(id: number, changes: Partial<Upload>): void {
    uploads.value = uploads.value.map((each) => (each.id === id ? { ...each, ...changes } : each))
  }

  async function send(id: number, file: File): Promise<void> {
    const form = new FormData()
    const onProgress = (progress: number) => change(id, { progress })
    try {
      if (kindOf(file.name) === 'photos') {
        form.append('archive', file)
        // Only looked through at first: what goes where is seen before anything is added.
        const upload = sendFile<PhotoArchiveRead>('/api/v1/photo-archives?dry_run=true', form, onProgress)
        running.set(id, upload.abort)
        onPhotos(await upload.answer)
      } else {
        form.append('language', locale.value)
        form.append('file', file)
        const upload = sendFile<ImportPreview>('/api/v1/imports', form, onProgress)
        running.set(id, upload.abort)
        onTable(await upload.answer)
      }
      dismiss(id)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return
      change(id, { problem: toProblemError(error) })
    } finally {
      running.delete(id)
    }
  }

  function add(files: readonly File[]): void {
    for (const file of files) {
      const id = nextId++
      uploads.value = [...uploads.value, { id, name: file.name, progress: 0, problem: null }]
      void send(id, file)
    }
  }

  function dismiss(id: number): void {
    running.get(id)?.()
    uploads.value = uploads.value.filter((each) => each.id !== id)
  }

  onScopeDispose(() => running.forEach((abort) => abort()))

  return { uploads, add, dismiss }
}
