import { useToast } from '@nuxt/ui/composables'
import { useI18n } from 'vue-i18n'
import { approveListings, undoBulk, type BulkApproved } from '@/api/generated'
import { fetchProductPage, keys, type ProductFilters } from '@/api/queries'
import { useFormat } from '@/composables/useFormat'
import { useInvalidate } from '@/composables/useInvalidate'
import { useProblemToast } from '@/composables/useProblems'
import { approvableFilter, approvalOf, MAX_APPROVED_BY_ID, MAX_IDS, type ApprovalResult } from '../bulk'
import { inChunks, type Selection } from '../selection'

const MOST_ON_A_PAGE = 200

/** Approve the texts of the selected products that are checked and fully supported. */
export function useBulkApprove() {
  const { t } = useI18n()
  const format = useFormat()
  const toast = useToast()
  const invalidate = useInvalidate()
  const showProblem = useProblemToast()

  async function idsOf(selection: Selection, filters: ProductFilters): Promise<string[]> {
    if (!selection.all) return [...selection.ids]
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof fetchProductPage>> = await fetchProductPage(filters, cursor, MOST_ON_A_PAGE)
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.next_cursor ?? null
    } while (cursor !== null && ids.length < MAX_APPROVED_BY_ID)
    return ids
  }

  async function send(
    selection: Selection,
    filters: ProductFilters,
    options: { allowSupplierText: boolean; dryRun: boolean },
  ): Promise<ApprovalResult> {
    const flags = { allow_supplier_text: options.allowSupplierText, dry_run: options.dryRun }
    const filter = selection.all ? approvableFilter(filters) : null
    const which = filter
      ? [{ filter }]
      : inChunks(await idsOf(selection, filters), MAX_IDS).map((product_ids) => ({ product_ids }))
    const answers: BulkApproved[] = []
    for (const each of which) {
      answers.push((await approveListings({ body: { ...each, ...flags }, throwOnError: true })).data)
    }
    return approvalOf(answers)
  }

  function tell(result: ApprovalResult): void {
    toast.add({
      title: t('products.approve.done', { n: format.number(result.approved) }, result.approved),
      icon: 'i-lucide-circle-check',
      color: 'success',
      duration: 12_000,
      actions: result.bulkIds.length
        ? [
            {
              label: t('common.undo'),
              icon: 'i-lucide-undo-2',
              color: 'neutral',
              variant: 'outline',
              onClick: () => void undo(result.bulkIds),
            },
          ]
        : [],
    })
    void invalidate(keys.products)
  }

  async function undo(bulkIds: readonly string[]): Promise<void> {
    try {
      let undone = 0
      for (const id of bulkIds) undone += (await undoBulk({ body: { bulk_id: id }, throwOnError: true })).data.undone
      toast.add({
        title: t('products.approve.undone', { n: format.number(undone) }, undone),
        icon: 'i-lucide-undo-2',
        color: 'success',
      })
    } catch (error) {
      showProblem(error)
    }
    void invalidate(keys.products)
  }

  return { send, tell }
}
