import type { PromotionCodeReason } from '@pay-to-view/react'
import { useEffect, useId, useRef, useState } from 'react'
import { promotionCodeErrors, promotionCodeRejected, setPromotionCode, usePromotionCode } from '../money/promotion-code.ts'
import type { Product } from './product.ts'

interface PromotionCodeFieldProps {
  products: readonly Product[]
  /** Why the code was rejected, or null. */
  rejection: PromotionCodeReason | null
  /** Called when the user changes the code. */
  onChange: () => void
}

/** The field for the promotion code that `buy` sends. It is collapsed behind a button; a link with a code opens it. */
export const PromotionCodeField = ({ products, rejection, onChange }: PromotionCodeFieldProps) => {
  const id = useId()
  const code = usePromotionCode()
  const [isOpen, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  /** The element that gets the focus next, because opening or closing the field removes the clicked button. */
  const nextFocus = useRef<'input' | 'button' | null>(null)
  useEffect(() => {
    if (rejection === null) return
    nextFocus.current = 'input'
    promotionCodeRejected()
  }, [rejection])
  useEffect(() => {
    if (nextFocus.current === 'input') input.current?.focus()
    if (nextFocus.current === 'button') button.current?.focus()
    nextFocus.current = null
  })
  const accepting = products.filter(({ allowPromotionCodes, onSale }) => allowPromotionCodes && onSale)
  if (accepting.length === 0)
    return code === '' ? null : (
      <p className="muted">
        The promotion code <bdi>{code}</bdi> can't be used here.{' '}
        <button type="button" className="secondary" onClick={() => setPromotionCode('')}>
          Remove<span className="visually-hidden"> the promotion code</span>
        </button>
      </p>
    )
  const change = (next: string): void => {
    setPromotionCode(next)
    if (rejection !== null) onChange()
  }
  if (!isOpen && code === '' && rejection === null) {
    const open = () => {
      nextFocus.current = 'input'
      setOpen(true)
    }
    return (
      <button ref={button} type="button" className="secondary" onClick={open}>
        Add a promotion code
      </button>
    )
  }
  const remove = () => {
    nextFocus.current = 'button'
    setOpen(false)
    change('')
  }
  return (
    <div className="promotion">
      <label htmlFor={id}>Promotion code</label>
      <div className="promotion-row">
        <input
          ref={input}
          id={id}
          value={code}
          maxLength={500}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-invalid={rejection !== null}
          aria-describedby={rejection === null ? `${id}-hint` : `${id}-error`}
          onChange={({ target }) => {
            setOpen(true)
            change(target.value)
          }}
        />
        <button type="button" className="secondary" onClick={remove}>
          Remove<span className="visually-hidden"> the promotion code</span>
        </button>
      </div>
      {rejection === null ? (
        <p id={`${id}-hint`} className="muted">
          {accepting.length < products.length && (
            <>
              Valid only for <bdi>{new Intl.ListFormat('en').format(accepting.map(({ name }) => `“${name}”`))}</bdi>.{' '}
            </>
          )}
          You'll see the discount in the checkout.
        </p>
      ) : (
        <p id={`${id}-error`} role="alert" className="error-text">
          {promotionCodeErrors[rejection]} Try another code, or remove it.
        </p>
      )}
    </div>
  )
}
