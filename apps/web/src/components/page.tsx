import { type ReactNode, useEffect, useRef } from 'react'

/** Whether the user has navigated since the page load. After a page load, the focus stays at the start of the page, before the skip link. */
let hasNavigated = false
for (const event of ['pushState', 'replaceState', 'popstate'])
  window.addEventListener(event, () => {
    hasNavigated = true
  })

/** A page with its heading. The heading gets the focus on navigation, so screen readers announce the new page. */
export const Page = ({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) => {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Silent House`
    if (!hasNavigated) return
    heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [title])
  return (
    <>
      <h1 ref={heading} tabIndex={-1} dir="auto">
        {title}
      </h1>
      {lead && (
        <p className="lead" dir="auto">
          {lead}
        </p>
      )}
      {children}
    </>
  )
}
