import { useToast } from '@nuxt/ui/composables'
import { useMutation } from '@pinia/colada'
import { useI18n } from 'vue-i18n'
import { editProducts, undoBulkEdit, type BulkChanges, type BulkOutcome, type ProductListItem } from '@/api/generated'
import { catalogueFilter, keys, type ProductFilters } from '@/api/queries'
import { useFormat } from '@/composables/useFormat'
import { useInvalidate } from '@/composables/useInvalidate'
import { useProblemToast } from '@/composables/useProblems'
import { MAX_IDS, resultOf, withChanges, type BulkResult } from '../bulk'
import { inChunks, isSelected, type Selection } from '../selection'

export interface BulkEdit {
  selection: Selection
  filters: ProductFilters
  action: 'change' | 'delete' | 'restore'
  changes?: BulkChanges
  /** The name that goes with `assignee_id`. */
  assignee?: string | null
}

type Patch = (change: (item: ProductListItem) => ProductListItem | null) => () => void

/** Edits of many products: shown at once, taken back where the server refuses, and undone from the toast. */
export function useBulkEdit(patch: Patch) {
  const { t } = useI18n()
  const format = useFormat()
  const toast = useToast()
  const invalidate = useInvalidate()
  const showProblem = useProblemToast()

  function show({ selection, action, changes, assignee }: BulkEdit): () => void {
    return patch((item) => {
      if (!isSelected(selection, item.id)) return item
      return action === 'change' ? withChanges(item, changes ?? {}, assignee ?? null) : null
    })
  }

  async function send({ selection, filters, action, changes }: BulkEdit, done: BulkOutcome[]): Promise<void> {
    const what = { action, changes: action === 'change' ? changes : undefined }
    const which = selection.all
      ? [{ filter: catalogueFilter(filters) }]
      : inChunks([...selection.ids], MAX_IDS).map((ids) => ({ ids }))
    for (const each of which) done.push((await editProducts({ body: { ...each, ...what }, throwOnError: true })).data)
  }

  function tell(result: BulkResult, action: BulkEdit['action']): void {
    const skipped = [...result.skipped].map(([reason, n]) =>
      t(`products.bulk.skipped.${reason}`, { n: format.number(n) }, n),
    )
    toast.add({
      title: t(`products.bulk.done.${action}`, { n: format.number(result.changed) }, result.changed),
      description: skipped.join(' ') || undefined,
      icon: action === 'delete' ? 'i-lucide-trash-2' : 'i-lucide-check',
      color: skipped.length ? 'warning' : 'success',
      duration: result.undo.length ? 12_000 : 6_000,
      actions: result.undo.length
        ? [
            {
              label: t('common.undo'),
              icon: 'i-lucide-undo-2',
              color: 'neutral',
              variant: 'outline',
              onClick: () => void undo(result.undo),
            },
          ]
        : [],
    })
  }

  async function undo(ids: readonly string[]): Promise<void> {
    try {
      const outcomes = []
      for (const id of ids) {
        outcomes.push((await undoBulkEdit({ path: { bulk_edit_id: id }, throwOnError: true })).data)
      }
      const { changed } = resultOf(outcomes)
      toast.add({
        title: t('products.bulk.undone', { n: format.number(changed) }, changed),
        icon: 'i-lucide-undo-2',
        color: 'success',
      })
    } catch (error) {
      showProblem(error)
    }
    void invalidate(keys.products)
  }

  return useMutation({
    mutation: async (edit: BulkEdit) => {
      const rollBack = show(edit)
      const done: BulkOutcome[] = []
      try {
        await send(edit, done)
      } catch (error) {
        rollBack()
        // Of several requests some may have been done: they are told, and can be undone.
        if (done.length) tell(resultOf(done), edit.action)
        throw error
      }
      return resultOf(done)
    },
    onSuccess: (result, { action }) => tell(result, action),
    onError: showProblem,
    onSettled: () => void invalidate(keys.products),
  })
}
