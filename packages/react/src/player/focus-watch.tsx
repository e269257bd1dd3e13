'use client'

import { type ReactNode, type RefObject, useLayoutEffect } from 'react'

interface FocusWatchProps {
  /** An element around the children that remains after the children are removed. */
  container: RefObject<HTMLElement | null>
  /** Whether the children had the keyboard focus. Set when they are removed. */
  hasFocus: RefObject<boolean>
  children: ReactNode
}

/** Records whether the children have the focus when they are removed. Layout effects are cleaned up before the elements are removed. */
export const FocusWatch = ({ container, hasFocus, children }: FocusWatchProps): ReactNode => {
  useLayoutEffect(
    () => () => {
      const focused = [document.activeElement, document.fullscreenElement]
      hasFocus.current = focused.some((element) => element !== null && container.current?.contains(element))
    },
    [container, hasFocus],
  )
  return children
}
