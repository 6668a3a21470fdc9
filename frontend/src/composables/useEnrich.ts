import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@pinia/colada'
import { useI18n } from 'vue-i18n'
import { enrichProduct } from '@/api/generated'
import { keys } from '@/api/queries'
import { useInvalidate } from './useInvalidate'
import { useProblemToast } from './useProblems'

export interface EnrichOptions {
  productId: string
  engine?: string
  /** Do unchanged steps again, too. */
  force?: boolean
}

/** Start an enrichment, or join the one that is under way. */
export function useEnrich() {
  const { t, locale } = useI18n()
  const toast = useToast()
  const showProblem = useProblemToast()
  const invalidate = useInvalidate()

  return useMutation({
    mutation: async ({ productId, engine, force }: EnrichOptions) => {
      const { data } = await enrichProduct({
        path: { product_id: productId },
        body: { engine: engine ?? 'auto', force: force ?? false, ui_language: locale.value },
        throwOnError: true,
      })
      return data
    },
    onSuccess: (run, { productId }) => {
      if (run.joined) toast.add({ title: t('run.joined'), icon: 'i-lucide-git-merge', color: 'neutral' })
      void invalidate(keys.productPart(productId, 'runs'))
      void invalidate(keys.productPart(productId, 'fields'))
      void invalidate(keys.productLists)
    },
    onError: showProblem,
  })
}
