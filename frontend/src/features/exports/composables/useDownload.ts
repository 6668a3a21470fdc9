import { useToast } from '@nuxt/ui/composables'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { createExport, type ExportRead, type ExportRequest } from '@/api/generated'
import { toProblemError, type ProblemError } from '@/api/problem'
import { useInvalidate } from '@/composables/useInvalidate'
import { exportKeys } from '../queries'
import { fetchFile, saveFile } from '../saveFile'

/** One export on its way to this computer. The file is written while it is fetched, so its size is not known before. */
export function useDownload(history: () => readonly ExportRead[]) {
  const { t } = useI18n()
  const toast = useToast()
  const invalidate = useInvalidate()
  const current = shallowRef<ExportRead | null>(null)
  const preparing = ref(false)
  const bytes = ref(0)
  const problem = shallowRef<ProblemError | null>(null)
  let controller = new AbortController()

  /** By the newest finished file of the same kind; null where there is none to go by. */
  const expectedBytes = computed(() => {
    if (!current.value) return null
    const like = history().find(
      ({ format, size_bytes, products }) => format === current.value?.format && size_bytes && products,
    )
    return like?.size_bytes && like.products ? (like.size_bytes / like.products) * current.value.product_count : null
  })
  /** 0-1; stays below 1 until all of it is there. */
  const share = computed(() => (expectedBytes.value ? Math.min(0.99, bytes.value / expectedBytes.value) : null))

  async function fetchAgain(wanted: ExportRead): Promise<void> {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    current.value = wanted
    bytes.value = 0
    problem.value = null
    try {
      const file = await fetchFile(`/api/v1/exports/${wanted.id}/file`, wanted.name, (n) => (bytes.value = n), signal)
      saveFile(file)
      toast.add({ title: t('exports.download.done', { name: file.name }), icon: 'i-lucide-check', color: 'success' })
    } catch (error) {
      if (!signal.aborted) problem.value = toProblemError(error)
    } finally {
      if (!signal.aborted) current.value = null
      void invalidate(exportKeys.list)
    }
  }

  async function start(request: ExportRequest): Promise<void> {
    preparing.value = true
    problem.value = null
    try {
      const { data } = await createExport({ body: request, throwOnError: true })
      void invalidate(exportKeys.list)
      void fetchAgain(data)
    } catch (error) {
      problem.value = toProblemError(error)
    } finally {
      preparing.value = false
    }
  }

  function cancel(): void {
    controller.abort()
    current.value = null
  }

  onScopeDispose(() => controller.abort())

  return { current, preparing, bytes, share, problem, start, fetchAgain, cancel }
}
