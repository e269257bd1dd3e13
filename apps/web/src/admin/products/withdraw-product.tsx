import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useShop } from '../../context.tsx'
import { useRefreshCatalog } from '../catalog/refresh-catalog.ts'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { CatalogError } from '../fields/form-errors.tsx'
import type { Product } from './product-draft.ts'
import { countText } from './product-form.tsx'

/** Withdraws a product from sale, or puts it back on sale. */
export const WithdrawProduct = ({ product, offerCount }: { product: Product; offerCount: number }) => {
  const { client } = useShop()
  const refresh = useRefreshCatalog()
  const [isConfirming, setConfirming] = useState(false)
  const change = useMutation({
    mutationFn: (status: Product['status']) => client.admin.products.put.mutate({ ...product, status }),
    onSuccess: async () => {
      await refresh()
      setConfirming(false)
    },
  })
  const isActive = product.status === 'active'
  return (
    <section aria-labelledby="withdraw">
      <h2 id="withdraw">{isActive ? 'Withdraw from sale' : 'Put on sale again'}</h2>
      <button
        type="button"
        className="secondary"
        aria-disabled={change.isPending}
        onClick={() => {
          if (change.isPending) return
          change.reset()
          if (isActive) setConfirming(true)
          else change.mutate('active')
        }}
      >
        {isActive ? 'Withdraw…' : 'Put on sale'}
      </button>
      {!isConfirming && change.isError && <CatalogError error={change.error} />}
      {isConfirming && (
        <ConfirmDialog
          title={`Withdraw ${product.name}?`}
          action="Withdraw"
          isPending={change.isPending}
          error={change.error}
          onConfirm={() => change.mutate('withdrawn')}
          onClose={() => setConfirming(false)}
        >
          <p>
            {offerCount > 1
              ? `It will no longer be sold for any of its ${countText(offerCount)}. `
              : 'It will no longer be sold. '}
            Users who bought it keep their access.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
