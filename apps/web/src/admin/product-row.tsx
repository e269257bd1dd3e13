import type { Outputs } from '@pay-to-view/client'
import { useMutation } from '@tanstack/react-query'
import { type ComponentProps, type FormEvent, useState } from 'react'
import { ErrorText } from '../components/notice.tsx'
import { useShop } from '../context.tsx'
import { formatAccessLength, formatMoney } from '../format.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ProductForm } from './product-form.tsx'
import { useReturnFocus } from './use-return-focus.ts'

type Product = Outputs['admin']['products']['list']['items'][number]
type Entity = Product['entities'][number]

interface ProductRowProps {
  product: Product
  entities: Entity[]
  /** Refetches everything that shows products. */
  refresh: () => Promise<void>
}

export const ProductRow = ({ product, entities, refresh }: ProductRowProps) => {
  const { client } = useShop()
  const [isEditing, setEditing] = useState(false)
  const editButton = useReturnFocus(isEditing)
  const { payToViewProductId, name, active } = product
  const [withdrawal, setWithdrawal] = useState<Withdrawal | null>(null)
  const change = useMutation({
    mutationFn: (fields: object) => client.admin.products.change.mutate({ payToViewProductId, ...fields }),
    onSuccess: async () => {
      await refresh()
      setEditing(false)
      setWithdrawal(null)
    },
  })
  const offer = useMutation({
    mutationFn: (input: { entityId: string; offered: boolean }) =>
      client.admin.products.offer.mutate({ payToViewProductId, ...input }),
    onSuccess: async () => {
      await refresh()
      setWithdrawal(null)
    },
  })
  const withdraw = (what: Withdrawal): void => {
    offer.reset()
    change.reset()
    setWithdrawal(what)
  }
  if (isEditing) {
    return (
      <ProductForm
        product={product}
        titles={product.entities.map(({ title }) => title)}
        isSaving={change.isPending}
        error={change.error}
        onCancel={() => setEditing(false)}
        onSave={(fields) => change.mutate(fields)}
      />
    )
  }
  const error = offer.error ?? change.error
  return (
    <>
      <div className="row">
        <h2 dir="auto">{name}</h2>
        <span role="status" className={`badge ${active ? 'good' : ''}`}>
          {active ? 'active' : 'archived'}
        </span>
      </div>
      <p className="muted">
        {formatMoney(product.amount, product.currency)} · {formatAccessLength(product.accessDurationDays)} ·{' '}
        <code>{payToViewProductId}</code>
      </p>
      <OfferList product={product} isPending={offer.isPending} onRemove={(entity) => withdraw({ entity })} />
      <div className="row">
        <AddOfferForm
          product={product}
          entities={entities}
          isPending={offer.isPending}
          onAdd={(entityId) => offer.mutate({ entityId, offered: true })}
        />
        <button
          ref={editButton}
          type="button"
          className="secondary"
          onClick={() => {
            change.reset()
            setEditing(true)
          }}
        >
          Edit<span className="visually-hidden"> {name}</span>
        </button>
        <button
          type="button"
          className="secondary"
          aria-disabled={change.isPending}
          onClick={() => change.isPending || (active ? withdraw('all') : change.mutate({ active: true }))}
        >
          {active ? 'Archive' : 'Unarchive'}
          <span className="visually-hidden"> {name}</span>
        </button>
      </div>
      {error && withdrawal === null && <ErrorText error={error} />}
      {withdrawal !== null && (
        <WithdrawDialog
          product={product}
          withdrawal={withdrawal}
          isPending={offer.isPending || change.isPending}
          error={error}
          onConfirm={() =>
            withdrawal === 'all'
              ? change.mutate({ active: false })
              : offer.mutate({ entityId: withdrawal.entity.entityId, offered: false })
          }
          onClose={() => setWithdrawal(null)}
        />
      )}
    </>
  )
}

/** Whether the product is withdrawn from one entity or from all of them. */
type Withdrawal = { entity: Entity } | 'all'

interface WithdrawDialogProps extends Omit<ComponentProps<typeof ConfirmDialog>, 'title' | 'action' | 'children'> {
  product: Product
  withdrawal: Withdrawal
}

const WithdrawDialog = ({ product: { name, entities }, withdrawal, ...dialog }: WithdrawDialogProps) => (
  <ConfirmDialog
    title={withdrawal === 'all' ? `Archive ${name}?` : `Remove ${name} from ${withdrawal.entity.title}?`}
    action={withdrawal === 'all' ? 'Archive' : 'Remove'}
    {...dialog}
  >
    <p>
      {withdrawal === 'all' && entities.length > 1
        ? `It is no longer sold for any of its ${entities.length} titles. `
        : 'It can no longer be bought. '}
      Users who bought it keep their access.
    </p>
  </ConfirmDialog>
)

interface OfferListProps {
  product: Product
  isPending: boolean
  onRemove: (entity: Entity) => void
}

/** The entities that the product is for sale for. */
const OfferList = ({ product, isPending, onRemove }: OfferListProps) => (
  <ul className="offers" aria-label={`Titles with ${product.name}`}>
    {product.entities.map((entity) => (
      <li key={entity.entityId}>
        {entity.title}
        <button type="button" title={`Remove from ${entity.title}`} disabled={isPending} onClick={() => onRemove(entity)}>
          <span aria-hidden="true">×</span>
          <span className="visually-hidden">
            Remove {product.name} from {entity.title}
          </span>
        </button>
      </li>
    ))}
  </ul>
)

interface AddOfferFormProps {
  product: Product
  entities: Entity[]
  isPending: boolean
  onAdd: (entityId: string) => void
}

const AddOfferForm = ({ product, entities, isPending, onAdd }: AddOfferFormProps) => {
  const available = entities.filter(({ entityId }) => !product.entities.some((offered) => offered.entityId === entityId))
  if (available.length === 0) return null
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const entityId = new FormData(event.currentTarget).get('entity')
    if (typeof entityId === 'string' && entityId !== '') onAdd(entityId)
  }
  return (
    <form className="row" onSubmit={submit}>
      <select name="entity" aria-label={`Add ${product.name} to`} defaultValue="">
        <option value="">Add to …</option>
        {available.map(({ entityId, title }) => (
          <option key={entityId} value={entityId}>
            {title}
          </option>
        ))}
      </select>
      <button type="submit" className="secondary" disabled={isPending}>
        Add
      </button>
    </form>
  )
}
